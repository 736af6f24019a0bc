/* Growing text in an arena. */
#include <oakum/base.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void oak_buf_init(struct oak_buf *buf, struct oak_arena *arena)
{
    *buf = (struct oak_buf){ .arena = arena };
}

static void grow(struct oak_buf *buf, size_t extra)
{
    size_t larger = buf->capacity < 64 ? 128 : buf->capacity * 2;
    if (larger < buf->len + extra)
        larger = buf->len + extra;
    char *const moved = oak_arena_bytes(buf->arena, larger);
    if (buf->len > 0)
        memcpy(moved, buf->ptr, buf->len);
    buf->ptr = moved;
    buf->capacity = larger;
}

static char *reserve(struct oak_buf *buf, size_t extra)
{
    if (extra > buf->capacity - buf->len)
        grow(buf, extra);
    return buf->ptr + buf->len;
}

void oak_buf_add(struct oak_buf *buf, oak_str text)
{
    if (text.len == 0)
        return;
    memcpy(reserve(buf, text.len), text.ptr, text.len);
    buf->len += text.len;
}

void oak_buf_add_lower(struct oak_buf *buf, oak_str text)
{
    for (size_t i = 0; i < text.len; i++)
        oak_buf_fill(buf, text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? (char)(text.ptr[i] - 'A' + 'a') : text.ptr[i], 1);
}

void oak_buf_fill(struct oak_buf *buf, char byte, size_t count)
{
    if (count == 0)
        return;
    memset(reserve(buf, count), byte, count);
    buf->len += count;
}

void oak_buf_add_all(struct oak_buf *buf, const oak_str *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        oak_buf_add(buf, parts[i]);
}

void oak_buf_add_number(struct oak_buf *buf, size_t number)
{
    char digits[3 * sizeof number];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    oak_buf_add(buf, (oak_str){ digits + at, sizeof digits - at });
}

void oak_buf_addf(struct oak_buf *buf, const char *format, ...)
{
    enum { USUAL_LEN = 192 }; /* most texts fit: they are formatted once */
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    char *const room = reserve(buf, USUAL_LEN);
    const size_t len = (size_t)vsnprintf(room, USUAL_LEN, format, args);
    if (len >= USUAL_LEN)
        vsnprintf(reserve(buf, len + 1), len + 1, format, again);
    va_end(again);
    va_end(args);
    buf->len += len;
}

oak_str oak_buf_str(const struct oak_buf *buf)
{
    return (oak_str){ buf->ptr, buf->len };
}
