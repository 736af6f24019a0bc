/* Splicing: sorted, disjoint edits into one new text, its length known before the first byte moves. */
#include <oakum/base.h>

#include <assert.h>
#include <string.h>

/* Checks the contract of oak_edits_apply and computes the exact length of the result. */
static bool spliced_len(oak_str text, const struct oak_edit *edits, size_t count, size_t *out, struct oak_error *err)
{
    size_t len = text.len;
    size_t done = 0; /* end of the previous edit */

    for (size_t i = 0; i < count; i++) {
        const oak_span at = edits[i].span;
        if (at.start < done || at.end < at.start || at.end > text.len)
            return oak_fail(err, OAK_INTERNAL, at, "edit %zu overlaps its neighbour or leaves the source", i);
        len = len - (at.end - at.start) + edits[i].text.len;
        done = at.end;
    }
    *out = len;
    return true;
}

static char *put(char *to, const char *from, size_t len)
{
    if (len > 0)
        memcpy(to, from, len);
    return to + len;
}

bool oak_edits_apply(struct oak_arena *arena, oak_str text, const struct oak_edit *edits, size_t count, oak_str *out,
                     struct oak_error *err)
{
    size_t len = 0;
    if (!spliced_len(text, edits, count, &len, err))
        return false;

    char *const bytes = oak_arena_bytes(arena, len);
    char *to = bytes;
    size_t done = 0;
    for (size_t i = 0; i < count; i++) {
        to = put(to, text.ptr + done, edits[i].span.start - done);
        to = put(to, edits[i].text.ptr, edits[i].text.len);
        done = edits[i].span.end;
    }
    to = put(to, text.ptr + done, text.len - done);
    assert((size_t)(to - bytes) == len);

    *out = (oak_str){ bytes, len };
    return true;
}
