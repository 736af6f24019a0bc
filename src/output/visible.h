/* What others wrote, one character after the other: what cannot be seen is told apart. */
#ifndef OAK_OUTPUT_VISIBLE_H
#define OAK_OUTPUT_VISIBLE_H

#include <oakum/base.h>

struct oak_glyph {
    uint32_t code;
    size_t len;     /* bytes */
    bool is_hidden; /* a control, something that reorders, joins or has no width, or no UTF-8 */
    bool is_byte;   /* no UTF-8: `code` is the byte */
};
struct oak_glyph oak_glyph_at(oak_str text, size_t at); /* `at` is inside the text */

/* \u{202E}, \xFF */
void oak_glyph_spell(struct oak_buf *out, struct oak_glyph glyph);

#endif
