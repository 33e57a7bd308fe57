/* What the worker asks for: /status/request.json. */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct request {
    unsigned long long repo_index;
    unsigned long long attempt;
    unsigned long long pid;
    char *repo_name;
    char *started_at;
    /* Paths relative to /repo. */
    char **files;
    size_t file_count;
};

/* Reads it; false if there is none, or it is broken. What it holds lives until the program ends. */
bool request_read(struct request *request);

#endif
