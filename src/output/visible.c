/* Which characters would hide something from a reader, and how they are spelt instead. */
#include "output/visible.h"

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
    const size_t len = oak_utf8_decode(text, at, &code);
    if (len == 0)
        return (struct oak_glyph){ .code = (unsigned char)text.ptr[at], .len = 1, .is_hidden = true, .is_byte = true };
    return (struct oak_glyph){ .code = code, .len = len, .is_hidden = is_hidden(code) };
}

void oak_glyph_spell(struct oak_buf *out, struct oak_glyph glyph)
{
    oak_buf_addf(out, glyph.is_byte ? "\\x%02X" : "\\u{%X}", (unsigned)glyph.code);
}
