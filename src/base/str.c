/* Borrowed bytes: compare, cut, trim, find. Knows no encoding. */
#include <oakum/base.h>

#include <string.h>

int oak_str_cmp(oak_str a, oak_str b)
{
    const size_t shorter = a.len < b.len ? a.len : b.len;
    const int order = shorter > 0 ? memcmp(a.ptr, b.ptr, shorter) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool oak_str_starts(oak_str text, oak_str prefix)
{
    return text.len >= prefix.len && oak_str_eq((oak_str){ text.ptr, prefix.len }, prefix);
}

bool oak_str_ends(oak_str text, oak_str suffix)
{
    return text.len >= suffix.len &&
           oak_str_eq((oak_str){ text.ptr + text.len - suffix.len, suffix.len }, suffix);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

oak_str oak_str_trim(oak_str text)
{
    while (text.len > 0 && is_space(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && is_space(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

oak_str oak_str_span(oak_str text, oak_span span)
{
    return (oak_str){ text.ptr + span.start, span.end - span.start };
}

oak_str oak_str_from(const char *terminated)
{
    return (oak_str){ terminated, strlen(terminated) };
}

size_t oak_str_lower_bound(const void *items, size_t count, size_t item_size, size_t offset, oak_str key)
{
    const char *const bytes = items;
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        oak_str have;
        memcpy(&have, bytes + middle * item_size + offset, sizeof have);
        if (oak_str_cmp(have, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum { STRIDE = 128, MAX_SHORT = 64 }; /* bytes */

/* Could something that begins with `first`, and with `last` so many bytes later, start at one of these STRIDE bytes? Written without
 * a branch: it becomes vectors. */
static bool may_start(const char *at, char first, char last, size_t later)
{
    uint8_t found = 0;
    for (size_t i = 0; i < STRIDE; i++)
        found |= (uint8_t)((at[i] == first) & (at[later + i] == last));
    return found != 0;
}

/* For a text of a line: memmem prepares for more than that. */
static const char *find_in_line(const char *text, size_t len, oak_str needle)
{
    const char *const last = text + len - needle.len;
    for (const char *c = text; c <= last && (c = memchr(c, needle.ptr[0], (size_t)(last - c) + 1)) != NULL; c++)
        if (memcmp(c, needle.ptr, needle.len) == 0)
            return c;
    return NULL;
}

bool oak_str_find(oak_str text, size_t from, oak_str needle, size_t *at)
{
    const char *found = NULL;
    if (from > text.len || needle.len > text.len - from)
        return false;
    /* Most searches find nothing, and this is several times faster than memmem, which looks where it could be something. */
    const bool is_short = needle.len > 1 && needle.len <= MAX_SHORT;
    while (is_short && text.len - from >= STRIDE + needle.len && found == NULL) {
        if (may_start(text.ptr + from, needle.ptr[0], needle.ptr[needle.len - 1], needle.len - 1))
            found = memmem(text.ptr + from, STRIDE + needle.len - 1, needle.ptr, needle.len);
        from += STRIDE;
    }
    const size_t left = text.len - from;
    if (found == NULL && left >= needle.len)
        found = is_short && left < STRIDE ? find_in_line(text.ptr + from, left, needle)
                                          : memmem(text.ptr + from, left, needle.ptr, needle.len);
    if (found == NULL)
        return false;
    *at = (size_t)(found - text.ptr);
    return true;
}

bool oak_str_cut(oak_str text, char separator, oak_str *head, oak_str *rest)
{
    const char *const found = text.len > 0 ? memchr(text.ptr, separator, text.len) : NULL;
    if (found == NULL) {
        *head = text;
        *rest = (oak_str){ text.ptr + text.len, 0 };
        return false;
    }
    const size_t at = (size_t)(found - text.ptr);
    *head = (oak_str){ text.ptr, at };
    *rest = (oak_str){ text.ptr + at + 1, text.len - at - 1 };
    return true;
}

size_t oak_utf8_decode(oak_str text, size_t i, uint32_t *out)
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
