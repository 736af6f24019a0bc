/* A file's bytes and its lines. Offsets live everywhere; lines and columns only where something is printed. */
#ifndef OAKUM_SOURCE_H
#define OAKUM_SOURCE_H

#include <oakum/base.h>

/* The lines of one text. Made when the first position is printed, not before: most files have nothing to say. */
struct oak_source {
    oak_str text;
    size_t *line_starts; /* byte offsets, ascending; line_starts[0] == 0 */
    size_t line_count;
    size_t *chars_before; /* where lines are very long: characters before each block of the text; else NULL */
};

struct oak_position {
    size_t line;         /* 1-based */
    size_t column_chars; /* 1-based, in Unicode characters; a BOM has no column */
};

void oak_source_init(struct oak_arena *arena, oak_str text, struct oak_source *out);
struct oak_position oak_source_position(const struct oak_source *source, size_t offset);
oak_str oak_source_line(const struct oak_source *source, size_t line); /* without byte order mark and line break */

#endif
