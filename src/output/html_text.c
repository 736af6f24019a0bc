/* The only door for words that others wrote: text, never markup. */
#include "output/html.h"
#include "output/visible.h"

static const char *entity_of(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* What stands for the blank or line break at `at`; no bytes, not even of length 0: it is none. */
typedef oak_str blank_for(oak_str text, size_t at);

static oak_str one_blank(oak_str text, size_t at)
{
    const char c = text.ptr[at];
    return c == '\n' || c == '\t' || c == '\r' ? OAK_STR(" ") : (oak_str){ NULL, 0 };
}

/* A carriage return at the end of a line says nothing to a reader; anywhere else it does. */
static oak_str blank_as_is(oak_str text, size_t at)
{
    const char c = text.ptr[at];
    if (c == '\n' || c == '\t')
        return (oak_str){ text.ptr + at, 1 };
    return c == '\r' && at + 1 < text.len && text.ptr[at + 1] == '\n' ? OAK_STR("") : (oak_str){ NULL, 0 };
}

static void add_glyph(struct oak_buf *out, oak_str text, size_t at, struct oak_glyph glyph)
{
    const char *const entity = entity_of(glyph.code);
    if (glyph.is_hidden)
        oak_glyph_spell(out, glyph);
    else if (entity != NULL)
        oak_buf_add(out, oak_str_from(entity));
    else
        oak_buf_add(out, (oak_str){ text.ptr + at, glyph.len });
}

/* Most bytes are plain letters: those up to the next that is not are copied at once. */
static size_t plain_end(oak_str text, size_t at)
{
    while (at < text.len && text.ptr[at] >= 0x20 && text.ptr[at] < 0x7F && entity_of((unsigned char)text.ptr[at]) == NULL)
        at++;
    return at;
}

static void add_text(struct oak_buf *out, oak_str text, blank_for *blank)
{
    for (size_t i = 0; i < text.len;) {
        const size_t end = plain_end(text, i);
        oak_buf_add(out, oak_str_span(text, (oak_span){ i, end }));
        i = end;
        if (i == text.len)
            break;
        const struct oak_glyph glyph = oak_glyph_at(text, i);
        const oak_str instead = blank(text, i);
        if (instead.ptr != NULL)
            oak_buf_add(out, instead);
        else
            add_glyph(out, text, i, glyph);
        i += glyph.len;
    }
}

void oak_html_text(struct oak_buf *out, oak_str text)
{
    add_text(out, text, one_blank);
}

void oak_html_lines(struct oak_buf *out, oak_str text)
{
    add_text(out, text, blank_as_is);
}

void oak_html_count(struct oak_buf *out, size_t count)
{
    if (count >= 1000) {
        oak_html_count(out, count / 1000);
        oak_buf_addf(out, ",%03zu", count % 1000);
    } else {
        oak_buf_add_number(out, count);
    }
}

const char *oak_html_level(enum oak_profile level)
{
    return level == OAK_PROFILE_NONE ? "privileged" : oak_profile_name(level);
}
