/* A scanner in another language than ours: a plain C program for wasm32-wasip1.
 *
 * It knows one format, which is made up: `third-party.txt` anywhere in a repository, and every file of the folder
 * `third-party` in its root. A line is a name, a version and perhaps a licence. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "report.h"
#include "request.h"

static bool is_manifest(const char *path) {
    const char *slash = strrchr(path, '/');
    return strcmp(slash == NULL ? path : slash + 1, "third-party.txt") == 0;
}

/* The request names every file there is; a program may look into folders itself, too. */
static void scan_folder(struct report *report) {
    DIR *folder = opendir("/repo/third-party");
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[4096];
        int length = snprintf(path, sizeof path, "third-party/%s", entry->d_name);
        bool is_ours = entry->d_type == DT_REG && strcmp(entry->d_name, "third-party.txt") != 0;
        if (is_ours && length > 0 && (size_t)length < sizeof path)
            report_manifest(report, path);
    }
    closedir(folder);
}

static int give_up(const char *why) {
    fprintf(stderr, "%s\n", why);
    return 1;
}

int main(void) {
    struct request request;
    struct report report;
    if (!request_read(&request))
        return give_up("request.json cannot be read");
    if (!report_begin(&report, "third-party 1"))
        return give_up("report.jsonl cannot be written");
    time_t written = 0;
    for (size_t index = 0; index < request.file_count; index++) {
        /* Whoever waits for a sign of life sees one a second. */
        if (time(NULL) != written) {
            written = time(NULL);
            if (!status_write(&request, &report, "scanning", index, request.files[index]))
                return give_up("the status file cannot be written");
        }
        if (is_manifest(request.files[index]))
            report_manifest(&report, request.files[index]);
    }
    scan_folder(&report);
    if (!report_end(&report))
        return give_up("report.jsonl cannot be written");
    if (!status_write(&request, &report, "completed", request.file_count, NULL))
        return give_up("the status file cannot be written");
    return 0;
}
