/* As much JSON as a scanner needs: reading request.json, writing text. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What is left to read. Once something is wrong, `failed` stays true and nothing more is read. */
struct json {
    const char *at;
    const char *end;
    bool failed;
};

/* The next letter that is no white space, which is not taken; 0 at the end. */
char json_peek(struct json *json);

/* Takes this letter if it is the next; fails the document if `must` and it is not. */
bool json_take(struct json *json, char letter, bool must);

/* A string, decoded, with a NUL behind it; NULL if there is none. The caller frees it. */
char *json_string(struct json *json);

/* A whole number that is not negative. */
unsigned long long json_number(struct json *json);

/* Passes over one value, whatever it is. */
void json_skip(struct json *json);

/* Writes a string with its quotes. */
void json_write(FILE *out, const char *text);

#endif
