/* Line table: byte offset → line, column, line of text. */
#include <oakum/source.h>

#include <string.h>

enum { BLOCK = 4096 }; /* bytes */

static size_t count_chars(oak_str text, size_t from, size_t to)
{
    size_t count = 0;
    for (size_t i = from; i < to; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

/* For columns in a line of a megabyte, as JSON has them: nobody counts from its start for each. */
static size_t *count_blocks(struct oak_arena *arena, oak_str text)
{
    size_t *const before = oak_arena_alloc(arena, (text.len / BLOCK + 1) * sizeof *before);
    before[0] = 0;
    for (size_t i = 1; i <= text.len / BLOCK; i++)
        before[i] = before[i - 1] + count_chars(text, (i - 1) * BLOCK, i * BLOCK);
    return before;
}

/* In parts whose count fits a byte: as many at once as a vector holds bytes. */
static size_t count_breaks(oak_str text)
{
    size_t count = 0;
    for (size_t start = 0; start < text.len; start += UINT8_MAX) {
        const size_t len = text.len - start < UINT8_MAX ? text.len - start : UINT8_MAX;
        uint8_t part = 0;
        for (size_t i = 0; i < len; i++)
            part = (uint8_t)(part + (text.ptr[start + i] == '\n'));
        count += part;
    }
    return count;
}

void oak_source_init(struct oak_arena *arena, oak_str text, struct oak_source *out)
{
    size_t *const starts = oak_list_room(arena, count_breaks(text) + 1, sizeof *starts);
    size_t count = 0, longest = 0;
    starts[count++] = 0;
    for (size_t at = 0; at < text.len;) {
        const char *const found = memchr(text.ptr + at, '\n', text.len - at);
        const size_t next = found != NULL ? (size_t)(found - text.ptr) + 1 : text.len;
        longest = next - at > longest ? next - at : longest;
        if (found != NULL)
            starts[count++] = next;
        at = next;
    }
    *out = (struct oak_source){ text, starts, count, NULL };
    if (longest > BLOCK)
        out->chars_before = count_blocks(arena, text);
}

/* Characters in [from, to). */
static size_t chars_between(const struct oak_source *source, size_t from, size_t to)
{
    const size_t first = from / BLOCK, last = to / BLOCK;
    if (source->chars_before == NULL || first == last)
        return count_chars(source->text, from, to);
    return source->chars_before[last] + count_chars(source->text, last * BLOCK, to) - source->chars_before[first] -
           count_chars(source->text, first * BLOCK, from);
}

static size_t bom_length(const struct oak_source *source)
{
    return oak_str_starts(source->text, OAK_STR("\xEF\xBB\xBF")) ? 3 : 0;
}

/* The line that holds `offset`, 0-based. */
static size_t line_index(const struct oak_source *source, size_t offset)
{
    size_t low = 0, high = source->line_count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct oak_position oak_source_position(const struct oak_source *source, size_t offset)
{
    const size_t line = line_index(source, offset);
    const size_t at = source->line_starts[line] + (line == 0 ? bom_length(source) : 0);
    const size_t end = offset < source->text.len ? offset : source->text.len;
    return (struct oak_position){ line + 1, 1 + (at < end ? chars_between(source, at, end) : 0) };
}

oak_str oak_source_line(const struct oak_source *source, size_t line)
{
    if (line == 0 || line > source->line_count)
        return (oak_str){ "", 0 };
    const size_t start = source->line_starts[line - 1] + (line == 1 ? bom_length(source) : 0);
    size_t end = line < source->line_count ? source->line_starts[line] - 1 : source->text.len;
    if (end > start && source->text.ptr[end - 1] == '\r')
        end--;
    return oak_str_span(source->text, (oak_span){ start, end });
}
