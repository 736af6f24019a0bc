/* Values with holes: `tmp-{name}`, `net.ipv4.$1`. What stands in a hole comes from the target that is looked at. */
#include "patch/fill.h"

#include <string.h>

static const oak_str name_hole = { "{name}", 6 };

bool oak_text_has_name(oak_str text)
{
    size_t at;
    return text.len >= name_hole.len && oak_str_find(text, 0, name_hole, &at);
}

bool oak_value_has_name(const struct oak_value *value)
{
    if (oak_text_has_name(value->text))
        return true;
    for (const struct oak_value *v = value->child; v != NULL; v = v->next)
        if (oak_value_has_name(v))
            return true;
    return false;
}

bool oak_value_has_hole(const struct oak_value *value)
{
    if (oak_text_has_name(value->text) || (value->text.len > 0 && memchr(value->text.ptr, '$', value->text.len) != NULL))
        return true;
    for (const struct oak_value *v = value->child; v != NULL; v = v->next)
        if (oak_value_has_hole(v))
            return true;
    return false;
}

/* Length of the hole that starts at `at`, 0 if none does; `*out` gets what stands in it. */
static size_t hole_at(oak_str text, size_t at, const struct oak_holes *holes, oak_str *out)
{
    const oak_str rest = { text.ptr + at, text.len - at };
    if (oak_str_starts(rest, name_hole)) {
        *out = holes->name;
        return name_hole.len;
    }
    if (rest.len < 2 || rest.ptr[0] != '$' || rest.ptr[1] < '1' || rest.ptr[1] > '9' || holes->groups == NULL)
        return 0;
    *out = holes->groups[rest.ptr[1] - '0'];
    return 2;
}

oak_str oak_text_fill(struct oak_arena *arena, oak_str text, const struct oak_holes *holes)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    size_t copied = 0;
    if (text.len == 0 || (memchr(text.ptr, '{', text.len) == NULL && memchr(text.ptr, '$', text.len) == NULL))
        return text;
    for (size_t i = 0; i < text.len;) {
        oak_str filling = { "", 0 };
        const size_t len = hole_at(text, i, holes, &filling);
        if (len > 0) {
            oak_buf_add(&out, oak_str_span(text, (oak_span){ copied, i }));
            oak_buf_add(&out, filling);
            copied = i + len;
        }
        i += len > 0 ? len : 1;
    }
    if (copied == 0)
        return text;
    oak_buf_add(&out, oak_str_span(text, (oak_span){ copied, text.len }));
    return oak_buf_str(&out);
}

struct oak_value *oak_value_fill(struct oak_arena *arena, const struct oak_value *value, const struct oak_holes *holes)
{
    struct oak_value *const filled = oak_arena_alloc(arena, sizeof *filled);
    *filled = *value;
    filled->text = oak_text_fill(arena, value->text, holes);
    struct oak_value **tail = &filled->child;
    for (const struct oak_value *v = value->child; v != NULL; v = v->next) {
        *tail = oak_value_fill(arena, v, holes);
        tail = &(*tail)->next;
    }
    return filled;
}

const oak_matches *oak_matches_fill(struct oak_arena *arena, const oak_matches *matches, oak_str name)
{
    const struct oak_holes holes = { NULL, name };
    if (!matches->has_name)
        return matches;
    oak_matches *const filled = oak_arena_alloc(arena, sizeof *filled);
    filled->has_within = matches->has_within;
    for (size_t i = 0; i < matches->count; i++) {
        struct oak_match *const m = oak_push(arena, filled);
        *m = matches->items[i];
        if (m->value != NULL)
            m->value = oak_value_fill(arena, m->value, &holes);
    }
    return filled;
}
