/* Everything of a manifest stands in code marks: there is no other place where `@name`, `#1`, `www.` and HTML are only text
 * for all forges. What would hide or reorder text is spelt out. */
#include "output/markdown.h"
#include "output/visible.h"

#include <string.h>

enum { MAX_CODE = 200, MAX_BODY = 60000 /* GitHub takes 65,536 characters */ };

/* `text` on one line, with what cannot be seen spelt out. */
static oak_str visible(struct oak_arena *arena, oak_str text)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    for (size_t i = 0; i < text.len;) {
        const struct oak_glyph glyph = oak_glyph_at(text, i);
        if (out.len >= MAX_CODE) {
            oak_buf_add(&out, OAK_STR("…"));
            break;
        }
        if (glyph.code == '\n' || glyph.code == '\t' || glyph.code == '\r')
            oak_buf_add(&out, OAK_STR(" "));
        else if (glyph.is_hidden)
            oak_glyph_spell(&out, glyph);
        else
            oak_buf_add(&out, (oak_str){ text.ptr + i, glyph.len });
        i += glyph.len;
    }
    return oak_buf_str(&out);
}

static size_t longest_run(oak_str text, char wanted)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < text.len; i++) {
        run = text.ptr[i] == wanted ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* A span of code ends at as many marks as it began with: one more than it holds. A blank at both ends is taken away again. */
void oak_markdown_code(struct oak_buf *out, oak_str text)
{
    const oak_str seen = visible(out->arena, text);
    const size_t marks = longest_run(seen, '`') + 1;
    const bool needs_blanks =
        seen.len > 0 && (strchr("` ", seen.ptr[0]) != NULL || strchr("` ", seen.ptr[seen.len - 1]) != NULL);
    oak_buf_fill(out, '`', marks);
    oak_buf_add(out, needs_blanks ? OAK_STR(" ") : OAK_STR(""));
    oak_buf_add(out, seen.len > 0 ? seen : OAK_STR("(empty)"));
    oak_buf_add(out, needs_blanks ? OAK_STR(" ") : OAK_STR(""));
    oak_buf_fill(out, '`', marks);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits stand alone or in a version: GH-1 is an issue, abcdef1 a commit. */
static bool is_plain_at(oak_str text, size_t i)
{
    const char c = text.ptr[i], before = i > 0 ? text.ptr[i - 1] : ' ';
    if (is_digit(c))
        return is_digit(before) || strchr(" (.", before) != NULL;
    return is_letter(c) ? !is_digit(before) : c != '\0' && strchr(" ,.;:'()-/", c) != NULL;
}

static bool is_plain(oak_str text)
{
    size_t at;
    for (size_t i = 0; i < text.len; i++)
        if (!is_plain_at(text, i))
            return false;
    return text.len > 0 && !oak_str_find(text, 0, OAK_STR("//"), &at) && !oak_str_find(text, 0, OAK_STR("www."), &at);
}

void oak_markdown_plain(struct oak_buf *out, oak_str text)
{
    if (is_plain(text))
        oak_buf_add(out, text);
    else
        oak_markdown_code(out, text);
}

void oak_markdown_prose(struct oak_buf *out, oak_str text)
{
    text = oak_str_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (c == '\n' || c == '\r' || c == '\0') {
            oak_buf_add(out, OAK_STR(" "));
            continue;
        }
        if (strchr("\\`*_{}[]<>#|~!&$", c) != NULL)
            oak_buf_add(out, OAK_STR("\\"));
        oak_buf_add(out, (oak_str){ text.ptr + i, 1 });
    }
}

/* In an address everything is encoded but letters, digits, - . _ and the slashes between folders. */
static void add_encoded(struct oak_buf *out, oak_str path)
{
    for (size_t i = 0; i < path.len; i++) {
        const char c = path.ptr[i];
        if (is_letter(c) || is_digit(c) || (c != '\0' && strchr("-._/", c) != NULL))
            oak_buf_add(out, (oak_str){ path.ptr + i, 1 });
        else
            oak_buf_addf(out, "%%%02X", (unsigned char)c);
    }
}

void oak_markdown_place(struct oak_buf *out, oak_str link, oak_str path, size_t line)
{
    const oak_str place = line > 0 ? oak_arena_printf(out->arena, "%.*s:%zu", (int)path.len, path.ptr, line) : path;
    if (link.len == 0) {
        oak_markdown_code(out, place);
        return;
    }
    oak_buf_add(out, OAK_STR("["));
    oak_markdown_code(out, place);
    oak_buf_add(out, OAK_STR("]("));
    oak_buf_add(out, link);
    add_encoded(out, path);
    if (line > 0)
        oak_buf_addf(out, "#L%zu", line);
    oak_buf_add(out, OAK_STR(")"));
}

const char *oak_markdown_left(enum oak_outcome outcome)
{
    static const char *const words[OAK_OUTCOMES] = {
        [OAK_FIXED] = "**Fixed:**",
        [OAK_OPEN] = "**Not asked for:** above the chosen tier.",
        [OAK_HELD] = "**Held back:** the manifest shows that the change would break it. `--force ID` does it all the same.",
        [OAK_MANUAL] = "**For a person:** no edit can be right without knowing the workload.",
        [OAK_IGNORED] = "**Exempted:**",
        [OAK_REFUSED] = "**Refused:** the text cannot be edited with proof.",
    };
    return words[outcome];
}

oak_str oak_markdown_fit(struct oak_arena *arena, const void *page, oak_markdown_print *print)
{
    static const size_t tries[] = { 20, 5, 1, 0 };
    oak_str body = { "", 0 };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        body = print(arena, page, tries[i]);
        if (body.len <= MAX_BODY)
            return body;
    }
    body.len = MAX_BODY;
    while (body.len > 0 && body.ptr[body.len - 1] != '\n')
        body.len--;
    return body;
}
