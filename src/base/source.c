/* Line table: byte offset → line, column, line of text. */
#include <oakum/source.h>

#include <string.h>

void oak_source_init(struct oak_arena *arena, oak_str text, struct oak_source *out)
{
    OAK_LIST(size_t) starts = { 0 };
    *oak_push(arena, &starts) = 0;
    const char *at = text.ptr;
    const char *const end = text.ptr + text.len;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL)
        *oak_push(arena, &starts) = (size_t)(++at - text.ptr);
    *out = (struct oak_source){ text, starts.items, starts.count };
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
    size_t at = source->line_starts[line];
    if (at == 0 && oak_str_starts(source->text, OAK_STR("\xEF\xBB\xBF")))
        at = 3;
    size_t column_chars = 1;
    for (; at < offset && at < source->text.len; at++)
        column_chars += ((unsigned char)source->text.ptr[at] & 0xC0) != 0x80;
    return (struct oak_position){ line + 1, column_chars };
}

oak_str oak_source_line(const struct oak_source *source, size_t line)
{
    if (line == 0 || line > source->line_count)
        return (oak_str){ "", 0 };
    const size_t start = source->line_starts[line - 1];
    size_t end = line < source->line_count ? source->line_starts[line] - 1 : source->text.len;
    if (end > start && source->text.ptr[end - 1] == '\r')
        end--;
    return oak_str_span(source->text, (oak_span){ start, end });
}
