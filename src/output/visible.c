/* Which characters would hide something from a reader, and how they are spelt instead. */
#include "output/visible.h"

/* The length of the UTF-8 sequence at `i`, and its character; 0 if there is none. */
static size_t decode(oak_str text, size_t i, uint32_t *out)
{
    const unsigned char first = (unsigned char)text.ptr[i];
    const size_t len = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3
                       : first >= 0xF0 && first < 0xF5 ? 4 : 0;
    if (len == 0 || len > text.len - i)
        return 0;
    uint32_t c = len == 1 ? first : first & (0x7Fu >> len);
    for (size_t k = 1; k < len; k++) {
        const unsigned char next = (unsigned char)text.ptr[i + k];
        if ((next & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (next & 0x3F);
    }
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    *out = c;
    return c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? 0 : len;
}

/* Controls, and what reorders, joins or has no width. */
static bool is_hidden(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        { 0, 0x1F },          { 0x7F, 0xA0 },       { 0xAD, 0xAD },       { 0x34F, 0x34F },    { 0x61C, 0x61C },
        { 0x115F, 0x1160 },   { 0x17B4, 0x17B5 },   { 0x180B, 0x180F },   { 0x2000, 0x200F },  { 0x2028, 0x202F },
        { 0x205F, 0x206F },   { 0x3000, 0x3000 },   { 0x3164, 0x3164 },   { 0xFE00, 0xFE0F },  { 0xFEFF, 0xFEFF },
        { 0xFFA0, 0xFFA0 },   { 0xFFF0, 0xFFFF },   { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF },
    };
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (c >= hidden[i].first && c <= hidden[i].last)
            return true;
    return false;
}

struct oak_glyph oak_glyph_at(oak_str text, size_t at)
{
    uint32_t code = 0;
    const size_t len = decode(text, at, &code);
    if (len == 0)
        return (struct oak_glyph){ .code = (unsigned char)text.ptr[at], .len = 1, .is_hidden = true, .is_byte = true };
    return (struct oak_glyph){ .code = code, .len = len, .is_hidden = is_hidden(code) };
}

void oak_glyph_spell(struct oak_buf *out, struct oak_glyph glyph)
{
    oak_buf_addf(out, glyph.is_byte ? "\\x%02X" : "\\u{%X}", (unsigned)glyph.code);
}
