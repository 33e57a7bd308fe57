#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "json.h"

static char *whole_file(const char *path, size_t *length) {
    struct stat about;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &about) != 0)
        return NULL;
    *length = (size_t)about.st_size;
    char *bytes = malloc(*length + 1);
    if (bytes != NULL && fread(bytes, 1, *length, file) != *length)
        bytes = NULL;
    fclose(file);
    return bytes;
}

static void read_file(struct json *json, struct request *request) {
    json_take(json, '{', true);
    while (!json->failed && !json_take(json, '}', false)) {
        char *key = json_string(json);
        json_take(json, ':', true);
        if (key != NULL && strcmp(key, "path") == 0)
            request->files[request->file_count++] = json_string(json);
        else
            json_skip(json);
        free(key);
        json_take(json, ',', false);
    }
}

static void read_files(struct json *json, struct request *request) {
    size_t room = 0;
    json_take(json, '[', true);
    while (!json->failed && !json_take(json, ']', false)) {
        if (request->file_count == room) {
            room = room == 0 ? 64 : room * 2;
            request->files = realloc(request->files, room * sizeof(char *));
            json->failed |= request->files == NULL;
        }
        if (!json->failed)
            read_file(json, request);
        json_take(json, ',', false);
    }
}

static void read_field(struct json *json, const char *key, struct request *request) {
    if (strcmp(key, "repo_index") == 0)
        request->repo_index = json_number(json);
    else if (strcmp(key, "attempt") == 0)
        request->attempt = json_number(json);
    else if (strcmp(key, "pid") == 0)
        request->pid = json_number(json);
    else if (strcmp(key, "repo_name") == 0)
        request->repo_name = json_string(json);
    else if (strcmp(key, "started_at") == 0)
        request->started_at = json_string(json);
    else if (strcmp(key, "files") == 0)
        read_files(json, request);
    else
        json_skip(json);
}

bool request_read(struct request *request) {
    memset(request, 0, sizeof *request);
    size_t length = 0;
    char *bytes = whole_file("/status/request.json", &length);
    if (bytes == NULL)
        return false;
    struct json json = {bytes, bytes + length, false};
    json_take(&json, '{', true);
    while (!json.failed && !json_take(&json, '}', false)) {
        char *key = json_string(&json);
        json_take(&json, ':', true);
        if (key != NULL)
            read_field(&json, key, request);
        free(key);
        json_take(&json, ',', false);
    }
    free(bytes);
    return !json.failed && request->repo_name != NULL && request->started_at != NULL;
}
