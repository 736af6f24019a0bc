/* The table of formats. */
#include "output/html.h"

const struct oak_format oak_formats[] = {
    { .name = "text" },
    { .name = "json", .add_file = oak_json_line },
    { .name = "sarif", .add_file = oak_sarif_file, .add_page = oak_sarif_page },
    { .name = "github", .add_file = oak_github_file, .add_page = oak_github_page, .add_summary = oak_digest_page },
    { .name = "markdown", .add_file = oak_digest_file, .add_page = oak_digest_page },
    { .name = "junit", .add_file = oak_junit_file, .add_page = oak_junit_page },
    { .name = "html", .wants_standings = true, .add_file = oak_html_file, .add_page = oak_html_page },
};
const size_t oak_format_count = sizeof oak_formats / sizeof *oak_formats;

const struct oak_format *oak_format_find(oak_str name)
{
    for (size_t i = 0; i < oak_format_count; i++)
        if (oak_str_eq(name, oak_str_from(oak_formats[i].name)))
            return &oak_formats[i];
    return NULL;
}
