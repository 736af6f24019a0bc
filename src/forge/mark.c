/* Which part of a request's text is oakum's. Text in, text out. */
#include "forge/pull.h"

#include <inttypes.h>

#define BEGIN "<!-- oakum:v1 "
#define END "<!-- oakum:end -->"

/* The value of `key`= in the words of a mark. */
static oak_str word_of(oak_str words, oak_str key)
{
    oak_str word;
    while (words.len > 0) {
        oak_str_cut(words, ' ', &word, &words);
        if (oak_str_starts(word, key))
            return (oak_str){ word.ptr + key.len, word.len - key.len };
    }
    return (oak_str){ "", 0 };
}

static bool has_word(oak_str words, oak_str wanted)
{
    oak_str word;
    while (words.len > 0) {
        oak_str_cut(words, ' ', &word, &words);
        if (oak_str_eq(word, wanted))
            return true;
    }
    return false;
}

void oak_mark_find(oak_str body, struct oak_mark *out)
{
    *out = (struct oak_mark){ .is_there = false };
    oak_str line, rest = body;
    while (rest.len > 0) {
        const size_t start = (size_t)(rest.ptr - body.ptr);
        oak_str_cut(rest, '\n', &line, &rest);
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        if (!out->is_there && oak_str_starts(line, OAK_STR(BEGIN))) {
            *out = (struct oak_mark){ .is_there = true, .span = { start, body.len }, .is_closed = has_word(line, OAK_STR("closed")),
                                      .digest = word_of(line, OAK_STR("digest=")), .title = word_of(line, OAK_STR("title=")) };
        } else if (out->is_there && oak_str_eq(line, OAK_STR(END))) {
            out->has_end = true;
            out->span.end = start + line.len;
            return;
        }
    }
}

/* FNV-1a: it tells texts apart, it does not guard them. */
oak_str oak_mark_digest(struct oak_arena *arena, oak_str text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 0x100000001b3u;
    return oak_arena_printf(arena, "%016" PRIx64, hash);
}

oak_str oak_mark_replace(struct oak_arena *arena, oak_str body, const struct oak_marked *with)
{
    struct oak_mark mark;
    struct oak_buf out;
    const oak_str digest = oak_mark_digest(arena, with->text), title = oak_mark_digest(arena, with->title);
    oak_mark_find(body, &mark);
    if (!mark.is_there)
        body.len = 0;
    oak_buf_init(&out, arena);
    oak_buf_add(&out, (oak_str){ body.ptr, mark.span.start });
    oak_buf_addf(&out, BEGIN "digest=%.*s title=%.*s -->\n", (int)digest.len, digest.ptr, (int)title.len, title.ptr);
    oak_buf_add(&out, with->text);
    oak_buf_add(&out, OAK_STR("\n" END));
    oak_buf_add(&out, (oak_str){ body.ptr + mark.span.end, body.len - mark.span.end });
    return oak_buf_str(&out);
}

oak_str oak_mark_close(struct oak_arena *arena, oak_str body)
{
    struct oak_mark mark;
    size_t end;
    oak_mark_find(body, &mark);
    if (!mark.is_there || mark.is_closed || !oak_str_find(body, mark.span.start, OAK_STR("-->"), &end))
        return body;
    const oak_str parts[] = { { body.ptr, end }, OAK_STR("closed "), { body.ptr + end, body.len - end } };
    return oak_arena_join(arena, parts, sizeof parts / sizeof *parts);
}
