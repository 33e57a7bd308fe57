#include "report.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include "json.h"

/* A manifest's line, with its newline; a longer one is no entry of ours. */
enum { LINE_BYTES_MAX = 1024, PACKAGES_PER_RECORD = 500 };

bool report_begin(struct report *report, const char *scanner) {
    memset(report, 0, sizeof *report);
    report->out = fopen("/status/report.jsonl", "wb");
    if (report->out == NULL)
        return false;
    fputs("{\"header\":{\"format\":2,\"scanner\":", report->out);
    json_write(report->out, scanner);
    fputs("}}\n", report->out);
    return true;
}

/* Names, versions and licences of this format are letters, digits and some marks. */
static bool is_word(const char *text) {
    for (; *text != 0; text++)
        if (!isalnum((unsigned char)*text) && strchr("-._+:/", *text) == NULL)
            return false;
    return true;
}

static void write_purl(FILE *out, const char *name, const char *version) {
    fputs("\"pkg:generic/", out);
    for (; *name != 0; name++)
        fprintf(out, strchr("+:/", *name) == NULL ? "%c" : "%%%02X", *name);
    fputc('@', out);
    for (; *version != 0; version++)
        fprintf(out, strchr("+:/", *version) == NULL ? "%c" : "%%%02X", *version);
    fputc('"', out);
}

static void write_package(FILE *out, const char *name, const char *version, const char *license, size_t line) {
    fputs("{\"name\":", out);
    json_write(out, name);
    fputs(",\"version\":", out);
    json_write(out, version);
    fputs(",\"purl\":", out);
    write_purl(out, name, version);
    if (license != NULL) {
        fputs(",\"license\":", out);
        json_write(out, license);
    }
    fprintf(out, ",\"line\":%zu,\"relation\":\"direct\"}", line);
}

/* A record of a file: its packages, and at most one problem. Records of one file that follow each other are one. */
struct record {
    size_t packages;
    size_t bad_line;
};

static void begin_record(struct report *report, const char *path, struct record *record) {
    fputs("{\"file\":{\"path\":", report->out);
    json_write(report->out, path);
    fputs(",\"extractor\":\"third-party\",\"packages\":[", report->out);
    record->packages = 0;
}

static void end_record(struct report *report, const char *problem, size_t line) {
    fputc(']', report->out);
    if (problem != NULL) {
        fputs(",\"problems\":[{\"kind\":\"bad_entry\",", report->out);
        if (line > 0)
            fprintf(report->out, "\"line\":%zu,", line);
        fputs("\"message\":", report->out);
        json_write(report->out, problem);
        fputs("}]", report->out);
        report->problems++;
    }
    fputs("}}\n", report->out);
}

/* Name, version and perhaps a licence, with white space between; # begins a comment. */
static void read_line(struct report *report, const char *path, char *line, size_t number, struct record *record) {
    line[strcspn(line, "#\r\n")] = 0;
    char *name = strtok(line, " \t"), *version = strtok(NULL, " \t"), *license = strtok(NULL, " \t");
    if (name == NULL)
        return;
    bool is_entry = version != NULL && is_word(name) && is_word(version) && (license == NULL || is_word(license));
    if (!is_entry) {
        record->bad_line = record->bad_line == 0 ? number : record->bad_line;
        return;
    }
    if (record->packages == PACKAGES_PER_RECORD) {
        end_record(report, NULL, 0);
        begin_record(report, path, record);
    }
    if (record->packages++ > 0)
        fputc(',', report->out);
    write_package(report->out, name, version, license, number);
    report->packages++;
}

void report_manifest(struct report *report, const char *path) {
    char full[4096 + 16], line[LINE_BYTES_MAX];
    struct record record = {0, 0};
    report->files++;
    begin_record(report, path, &record);
    snprintf(full, sizeof full, "/repo/%s", path);
    FILE *file = fopen(full, "rb");
    if (file == NULL) {
        end_record(report, "it cannot be read", 0);
        return;
    }
    for (size_t number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        if (strchr(line, '\n') == NULL && !feof(file)) {
            record.bad_line = record.bad_line == 0 ? number : record.bad_line;
            for (int letter = 0; letter != '\n' && letter != EOF;)
                letter = fgetc(file);
            continue;
        }
        read_line(report, path, line, number, &record);
    }
    fclose(file);
    end_record(report, record.bad_line > 0 ? "no name and version" : NULL, record.bad_line);
}

bool report_end(struct report *report) {
    fprintf(report->out, "{\"footer\":{\"files\":%zu,\"packages\":%zu,\"problems\":%zu,\"calls\":0}}\n", report->files,
            report->packages, report->problems);
    bool is_whole = ferror(report->out) == 0;
    return fclose(report->out) == 0 && is_whole;
}

static void write_now(FILE *out, const char *key) {
    char text[32];
    time_t now = time(NULL);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    fprintf(out, ",\"%s\":\"%s\"", key, text);
}

bool status_write(const struct request *request, const struct report *report, const char *state, size_t current,
                  const char *filename) {
    char name[64], temporary[80];
    snprintf(name, sizeof name, "/status/repo_%llu.json", request->repo_index);
    snprintf(temporary, sizeof temporary, "%s.tmp", name);
    FILE *out = fopen(temporary, "wb");
    if (out == NULL)
        return false;
    size_t total = request->file_count;
    fprintf(out, "{\"repo_index\":%llu,\"attempt\":%llu,\"pid\":%llu,\"repo_name\":", request->repo_index,
            request->attempt, request->pid);
    json_write(out, request->repo_name);
    fprintf(out, ",\"status\":\"%s\",\"total_files\":%zu,\"current_file\":%zu,\"percentage\":%.1f,\"current_filename\":", state,
            total, current, total == 0 ? 0.0 : 100.0 * (double)current / (double)total);
    if (filename == NULL)
        fputs("null", out);
    else
        json_write(out, filename);
    fputs(",\"started_at\":", out);
    json_write(out, request->started_at);
    write_now(out, "last_update");
    if (strcmp(state, "completed") == 0)
        write_now(out, "completed_at");
    fprintf(out, ",\"errors\":[],\"dependencies_found\":%zu,\"api_calls_found\":0}\n", report->packages);
    bool is_whole = ferror(out) == 0;
    return fclose(out) == 0 && is_whole && rename(temporary, name) == 0;
}
