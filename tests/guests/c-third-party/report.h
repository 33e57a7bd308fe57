/* What the host reads: /status/repo_N.json and /status/report.jsonl. */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "request.h"

struct report {
    FILE *out;
    /* For the footer. */
    size_t files;
    size_t packages;
    size_t problems;
};

/* Begins report.jsonl. */
bool report_begin(struct report *report, const char *scanner);

/* Reads a manifest and writes what it names. `path` is relative to /repo. */
void report_manifest(struct report *report, const char *path);

/* Ends it; false if something of it could not be written. */
bool report_end(struct report *report);

/* Replaces repo_N.json as a whole, as its readers expect. `filename` may be NULL. */
bool status_write(const struct request *request, const struct report *report, const char *state, size_t current,
                  const char *filename);

#endif
