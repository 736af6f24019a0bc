/* Escapes and lines that fit. Knows nothing of terminals: cli finds out what the streams are. */
#include "output/look.h"

#include "output/output.h"

static const char *const codes[OAK_INKS] = {
    [OAK_INK_BOLD] = "1",     [OAK_INK_FAINT] = "2",
    [OAK_INK_BAD] = "1;31",   [OAK_INK_GOOD] = "1;32", [OAK_INK_PERSON] = "1;35", [OAK_INK_NOTE] = "1;36",
    [OAK_INK_OLD] = "31",     [OAK_INK_NEW] = "32",    [OAK_INK_HUNK] = "36",
};

enum oak_ink oak_ink_of(enum oak_outcome outcome)
{
    static const enum oak_ink inks[OAK_OUTCOMES] = {
        [OAK_FIXED] = OAK_INK_GOOD,    [OAK_OPEN] = OAK_INK_BAD,      [OAK_HELD] = OAK_INK_PERSON,
        [OAK_MANUAL] = OAK_INK_PERSON, [OAK_IGNORED] = OAK_INK_FAINT, [OAK_REFUSED] = OAK_INK_PERSON,
    };
    return inks[outcome];
}

static bool has_colour(const struct oak_buf *out, enum oak_ink ink)
{
    return out->look != NULL && out->look->has_colour && codes[ink] != NULL;
}

void oak_ink_start(struct oak_buf *out, enum oak_ink ink)
{
    if (has_colour(out, ink))
        oak_buf_addf(out, "\033[%sm", codes[ink]);
}

void oak_ink_end(struct oak_buf *out, enum oak_ink ink)
{
    if (has_colour(out, ink))
        oak_buf_add(out, OAK_STR("\033[m"));
}

void oak_ink_add(struct oak_buf *out, enum oak_ink ink, oak_str text)
{
    if (text.len == 0)
        return;
    oak_ink_start(out, ink);
    oak_text_visible(out, text);
    oak_ink_end(out, ink);
}

bool oak_is_looked_at(const struct oak_buf *out)
{
    return out->look != NULL;
}

size_t oak_columns(const struct oak_buf *out)
{
    return out->look != NULL && out->look->width > 0 ? out->look->width : SIZE_MAX;
}

void oak_text_flow(struct oak_buf *out, size_t column, const char *indent, oak_str text)
{
    const size_t width = oak_columns(out), start = oak_str_from(indent).len;
    bool is_first = true;
    if (width == SIZE_MAX) {
        oak_text_visible(out, text);
        return;
    }
    while (text.len > 0) {
        oak_str word;
        oak_str_cut(text, ' ', &word, &text);
        const size_t len = oak_text_columns(word);
        if (column + !is_first + len > width && column > start) {
            oak_buf_addf(out, "\n%s", indent);
            column = start;
        } else if (!is_first) {
            oak_buf_add(out, OAK_STR(" "));
            column++;
        }
        oak_text_visible(out, word);
        column += len;
        is_first = false;
    }
}
