/* The summary of a step in GitHub Actions. */
#include "cli/step.h"

#include "files/files.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_SUMMARY = 1024 * 1024 }; /* GitHub drops a summary that is larger, with all that is in it */

void oak_step_summary(struct oak_arena *arena, const struct oak_format *format, const struct oak_page *page)
{
    const char *const path = getenv("GITHUB_STEP_SUMMARY");
    struct oak_error err;
    struct oak_buf out;
    if (path == NULL || *path == '\0')
        return;
    oak_buf_init(&out, arena);
    format->add_summary(&out, page);
    if (!oak_file_append(path, oak_buf_str(&out), MAX_SUMMARY, &err))
        fprintf(stderr, "oakum: GITHUB_STEP_SUMMARY: %s\n", err.text);
}
