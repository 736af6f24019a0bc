/* The table of formats. */
#include "output/html.h"

const struct oak_format oak_formats[] = {
    { .name = "text" },
    { .name = "json", .add_file = oak_json_line },
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
