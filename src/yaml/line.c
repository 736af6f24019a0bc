/* Lines, and the scalars that stand on them. Knows no node. */
#include "yaml/line.h"

#include "yaml/scalar.h"

#include <string.h>

char oak_line_byte(const struct oak_line *l, size_t at)
{
    return at < l->end ? l->text.ptr[at] : '\n';
}

void oak_line_go(struct oak_line *l, size_t at)
{
    const char *const found = at < l->text.len ? memchr(l->text.ptr + at, '\n', l->text.len - at) : NULL;
    l->start = at;
    l->end = found != NULL ? (size_t)(found - l->text.ptr) : l->text.len;
    l->next = found != NULL ? l->end + 1 : l->text.len;
    if (found != NULL && l->end > at && l->text.ptr[l->end - 1] == '\r')
        l->end--;
}

size_t oak_line_skip(const struct oak_line *l, size_t at)
{
    const char *const text = l->text.ptr;
    const size_t end = l->end;
    while (at < end && text[at] == ' ')
        at++;
    return at;
}

bool oak_line_is_break(char c)
{
    return c == ' ' || c == '\n';
}

bool oak_line_is_done(const struct oak_line *l, size_t at, size_t next)
{
    return next >= l->end || (l->text.ptr[next] == '#' && (next > at || next == l->start));
}

/* ---- scalars ---- */

/* Bytes at which a plain scalar could end, or is not ours. */
static const bool is_special[256] = { [':'] = true, ['#'] = true, ['\t'] = true, [','] = true,
                                      ['['] = true, [']'] = true, ['{'] = true,  ['}'] = true };

/* Bytes with which no plain scalar starts. */
static const bool is_indicator[256] = { [','] = true, ['['] = true, [']'] = true, ['{'] = true, ['}'] = true,  ['#'] = true,
                                        ['&'] = true, ['*'] = true, ['!'] = true, ['|'] = true, ['>'] = true,  ['\''] = true,
                                        ['"'] = true, ['%'] = true, ['@'] = true, ['`'] = true, ['\t'] = true, [' '] = true,
                                        ['\n'] = true };

/* May a plain scalar start here? (YAML 1.2.2, 7.3.3) */
static bool starts_plain(const struct oak_line *l, size_t at)
{
    const char c = oak_line_byte(l, at);
    const char next = oak_line_byte(l, at + 1);
    if (c == '-' || c == '?' || c == ':')
        return !oak_line_is_break(next) && next != '\t' && !is_special[(unsigned char)next];
    return !is_indicator[(unsigned char)c];
}

/* Where the plain scalar at `at` ends, blanks before its end left out; SIZE_MAX if it is not ours. `*stop` is what ends it. */
static size_t plain_end(const struct oak_line *l, size_t at, size_t *stop)
{
    const char *const text = l->text.ptr;
    const size_t end = l->end;
    size_t i = at;
    for (;; i++) {
        while (i < end && !is_special[(unsigned char)text[i]])
            i++;
        if (i >= end)
            break;
        const char c = text[i];
        if (c == '\t')
            return SIZE_MAX;
        if (c == ':' ? oak_line_is_break(oak_line_byte(l, i + 1)) : c == '#' ? text[i - 1] == ' ' : l->is_flow)
            break;
        /* `a:,` and `a:[` end a scalar in flow style for some. */
        if (c == ':' && l->is_flow && is_special[(unsigned char)oak_line_byte(l, i + 1)])
            return SIZE_MAX;
    }
    *stop = i;
    while (i > at && text[i - 1] == ' ')
        i--;
    return i;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Length of the escape behind a backslash; 0 if it is not ours. */
static size_t escape_len(const struct oak_line *l, size_t at)
{
    const char c = oak_line_byte(l, at);
    if (c != 'u')
        return c != '\n' && strchr("0abtnvfre\"/\\ N_LP", c) != NULL ? 1 : 0;
    for (size_t i = 1; i <= 4; i++)
        if (!is_hex(oak_line_byte(l, at + i)))
            return 0;
    /* Surrogates come in pairs; YAML does not say so. */
    return (oak_line_byte(l, at + 1) | 0x20) == 'd' && oak_line_byte(l, at + 2) > '7' ? 0 : 5;
}

/* Where on this line the quoted scalar ends, its last quote included; `at` is inside of it. l->end if it does not; SIZE_MAX if it
 * is not ours. */
static size_t quoted_end(const struct oak_line *l, size_t at, struct oak_line_scalar *s)
{
    const char *const text = l->text.ptr;
    const char quote = s->style == OAK_DOUBLE ? '"' : '\'';
    const size_t end = l->end;
    const char *const found = at < end ? memchr(text + at, quote, end - at) : NULL;
    const size_t first = found != NULL ? (size_t)(found - text) : end;
    /* Few hold an escape: up to the first quote there is nothing to look at, byte by byte. */
    const bool is_simple = first <= at || memchr(text + at, '\\', first - at) == NULL;
    for (size_t i = is_simple ? first : at; i < end; i++) {
        const char c = text[i];
        if (c == '\\' && quote == '"' && i + 1 < end) {
            const size_t len = escape_len(l, i + 1);
            if (len == 0)
                return SIZE_MAX;
            i += len;
            s->is_verbatim = false;
        } else if (c == quote && quote == '\'' && oak_line_byte(l, i + 1) == '\'') {
            i++;
            s->is_verbatim = false;
        } else if (c == quote) {
            s->is_open = false;
            return i + 1;
        }
    }
    return end;
}

static bool read_quoted(const struct oak_line *l, size_t at, struct oak_line_scalar *s)
{
    s->span.end = quoted_end(l, at, s);
    s->stop = s->is_open ? l->end : oak_line_skip(l, s->span.end);
    return s->span.end != SIZE_MAX;
}

bool oak_line_read(const struct oak_line *l, size_t at, struct oak_line_scalar *out)
{
    const char c = oak_line_byte(l, at);
    if (c == '"' || c == '\'') {
        *out = (struct oak_line_scalar){ { at, at }, c == '"' ? OAK_DOUBLE : OAK_SINGLE, true, true, at };
        return read_quoted(l, at + 1, out);
    }
    *out = (struct oak_line_scalar){ { at, at }, OAK_PLAIN, false, true, at };
    if (starts_plain(l, at))
        out->span.end = plain_end(l, at, &out->stop);
    return out->span.end != SIZE_MAX && out->span.end > at;
}

oak_str oak_line_decode(struct oak_arena *arena, const struct oak_line *l, const struct oak_line_scalar *s)
{
    const oak_str raw = oak_str_span(l->text, s->span);
    if (!s->is_verbatim)
        return oak_scalar_decode(arena, raw, s->style, -1);
    return s->style == OAK_PLAIN ? raw : oak_str_span(raw, (oak_span){ 1, raw.len - 1 });
}

enum { MAX_KEY = 1024 }; /* bytes; YAML says characters (7.4.2) */

bool oak_line_is_key(const struct oak_line *l, const struct oak_line_scalar *s)
{
    return !s->is_open && oak_line_byte(l, s->stop) == ':' && s->span.end - s->span.start <= MAX_KEY;
}

/* Goes on to the next line that is not blank; where its text starts. SIZE_MAX if there is none. */
static size_t next_text_line(struct oak_line *l)
{
    for (size_t first; l->next < l->text.len;) {
        oak_line_go(l, l->next);
        if ((first = oak_line_skip(l, l->start)) < l->end)
            return first;
    }
    return SIZE_MAX;
}

/* The part of an open scalar on the line whose text starts at `at`. */
static bool read_more(const struct oak_line *l, size_t at, struct oak_line_scalar *s)
{
    s->is_verbatim = false;
    if (s->is_open)
        return read_quoted(l, at, s) && oak_line_byte(l, at) != '\t';
    s->span.end = starts_plain(l, at) ? plain_end(l, at, &s->stop) : SIZE_MAX;
    return s->span.end != SIZE_MAX && oak_line_byte(l, s->stop) != ':';
}

/* Is the next line surely not deeper than `column`? Nearly always: a value is one line. */
static bool ends_here(const struct oak_line *l, size_t column)
{
    const size_t len = l->text.len - l->next;
    const char *const next = l->text.ptr + l->next;
    size_t at = 0;
    while (at < len && at <= column && next[at] == ' ')
        at++;
    return at <= column && at < len && next[at] != '\n' && next[at] != '\r';
}

bool oak_line_read_more(struct oak_line *l, size_t column, struct oak_line_scalar *s)
{
    if (!s->is_open && (s->stop < l->end || ends_here(l, column)))
        return true;
    while (s->is_open || (s->style == OAK_PLAIN && s->stop >= l->end)) {
        const struct oak_line here = *l;
        const size_t first = next_text_line(l);
        const bool is_inside = first != SIZE_MAX && first - l->start > column;
        if (!s->is_open && (!is_inside || l->text.ptr[first] == '#')) {
            *l = here;
            return true;
        }
        if (!is_inside || !read_more(l, first, s))
            return false;
    }
    return true;
}
