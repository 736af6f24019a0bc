/* How text looks to a person before a terminal: colour and width.
 *
 * A buffer carries the look of the stream that its text goes to; one without a look gets plain bytes, and all of this costs it a
 * test for NULL. Colours are those of the 16 that read well on light and on dark, so no yellow and no blue: what is bad red, what
 * is good green, what waits for a person magenta; bold is what one copies, places and ids.
 *
 * The escapes are written here and nowhere else. Bytes of a manifest, patch or name pass oak_text_visible() on their way
 * out, which lets no escape through. */
#ifndef OAK_OUTPUT_LOOK_H
#define OAK_OUTPUT_LOOK_H

#include <oakum/engine.h>

struct oak_look {
    bool has_colour;
    unsigned width; /* columns; 0: lines may be as long as they are */
};

enum oak_ink {
    OAK_INK_PLAIN, OAK_INK_BOLD, OAK_INK_FAINT,
    OAK_INK_BAD, OAK_INK_GOOD, OAK_INK_PERSON, OAK_INK_NOTE, /* bold words */
    OAK_INK_OLD, OAK_INK_NEW, OAK_INK_HUNK, /* of a diff, as git has them */
    OAK_INKS
};
enum oak_ink oak_ink_of(enum oak_outcome outcome);

void oak_ink_start(struct oak_buf *out, enum oak_ink ink);
void oak_ink_end(struct oak_buf *out, enum oak_ink ink);
void oak_ink_add(struct oak_buf *out, enum oak_ink ink, oak_str text); /* made visible */

/* Somebody looks at it: then control bytes are shown even where a program would want them, as in a diff. */
bool oak_is_looked_at(const struct oak_buf *out);
size_t oak_columns(const struct oak_buf *out); /* SIZE_MAX: no limit */

/* Text in lines that fit: it starts in `column`, lines that follow are indented. Without a width it stays one line, for grep. */
void oak_text_flow(struct oak_buf *out, size_t column, const char *indent, oak_str text);

#endif
