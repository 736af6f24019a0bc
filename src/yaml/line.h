/* Lines, and the scalars that stand on them: what plain.c reads documents with. Offsets are those of the whole text. */
#ifndef OAK_YAML_LINE_H
#define OAK_YAML_LINE_H

#include <oakum/yaml.h>

struct oak_line {
    oak_str text; /* up to where the document ends */
    size_t start;
    size_t end;   /* without its break */
    size_t next;  /* where the next one starts */
    bool is_flow; /* between brackets, where commas and brackets end a plain scalar */
};

/* Goes to the line that starts at `at`. */
void oak_line_go(struct oak_line *line, size_t at);

/* A byte of the line; behind its end, a line feed. */
char oak_line_byte(const struct oak_line *line, size_t at);

/* The first byte from `at` on that is no space. */
size_t oak_line_skip(const struct oak_line *line, size_t at);

/* Does a token end at this byte? Tabs are left to others. */
bool oak_line_is_break(char c);

/* Is there nothing on the line from `at` on but spaces, and a comment at `next`, the first byte that is no space? */
bool oak_line_is_done(const struct oak_line *line, size_t at, size_t next);

/* A scalar, plain or quoted, as far as it has been read, and what stands behind it. */
struct oak_line_scalar {
    oak_span span;
    enum oak_style style;
    bool is_open;     /* its last quote is on another line */
    bool is_verbatim; /* no escape, no line break: its value is what is written */
    size_t stop;      /* the first byte behind it that is no space */
};

/* The scalar at `at`, up to the end of the line. False: it is none of those that are known to the letter. */
OAK_MUST_CHECK bool oak_line_read(const struct oak_line *line, size_t at, struct oak_line_scalar *out);

/* The rest of a scalar in a block: the lines below that stand deeper than `column`. Then `line` is its last one. False: as above. */
OAK_MUST_CHECK bool oak_line_read_more(struct oak_line *line, size_t column, struct oak_line_scalar *scalar);

/* Does the scalar end on this line, with a `:` behind it? */
bool oak_line_is_key(const struct oak_line *line, const struct oak_line_scalar *scalar);

oak_str oak_line_decode(struct oak_arena *arena, const struct oak_line *line, const struct oak_line_scalar *scalar);

#endif
