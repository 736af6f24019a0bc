/* One call of the API: addresses filled in, refusals turned into words. */
#include "forge/pull.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const oak_span nowhere = { 0, 0 };

/* Strings below `value`, joined: forges put their words into strings, lists and objects, as they like. */
static void add_words(struct oak_buf *out, json_t *value, unsigned depth)
{
    const char *key;
    json_t *item;
    size_t i;
    if (depth > 4)
        return;
    if (json_is_string(value) && out->len < 400) {
        oak_buf_add(out, out->len > 0 ? OAK_STR("; ") : OAK_STR(""));
        oak_buf_add(out, (oak_str){ json_string_value(value), json_string_length(value) });
    }
    json_array_foreach(value, i, item)
        add_words(out, item, depth + 1);
    json_object_foreach(value, key, item)
        if (strcmp(key, "documentation_url") != 0 && strcmp(key, "url") != 0 && strcmp(key, "resource") != 0)
            add_words(out, item, depth + 1);
}

static oak_str words_of(struct oak_arena *arena, const struct oak_forge *forge, oak_str body)
{
    struct oak_buf words;
    oak_buf_init(&words, arena);
    json_t *const root = json_loadb(body.ptr, body.len, 0, NULL);
    if (root != NULL)
        add_words(&words, root, 0);
    json_decref(root);
    oak_str text = oak_scrub(arena, &forge->token, oak_buf_str(&words));
    if (text.len > 150)
        text.len = 150;
    return text;
}

bool oak_call_refused(struct oak_arena *arena, const struct oak_forge *forge, const struct oak_http_answer *answer,
                      struct oak_error *err)
{
    static const struct {
        long status;
        const char *meaning;
    } meanings[] = {
        { 401, "the forge does not accept the token" },
        { 403, "the token may not do this" },
        { 404, "the forge knows no such thing, or the token may not see it" },
    };
    const char *meaning = "the forge refuses this";
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].status == answer->status)
            meaning = meanings[i].meaning;
    const oak_str words = words_of(arena, forge, answer->body);
    return oak_fail(err, OAK_FORGE, nowhere, "%s (status %ld%s%.*s)", meaning, answer->status, words.len > 0 ? ": " : "",
                    (int)words.len, words.ptr);
}

bool oak_call(struct oak_arena *arena, struct oak_forge *forge, const struct oak_http_request *request,
              struct oak_http_answer *out, struct oak_error *err)
{
    return oak_http_send(arena, forge->http, request, out, err) &&
           (out->status < 300 || oak_call_refused(arena, forge, out, err));
}

/* Of every repository, and two more. */
static oak_str fill(struct oak_arena *arena, const struct oak_forge *forge, const char *format, const struct oak_slot more[2])
{
    const struct oak_forge_place *const p = &forge->place;
    const struct oak_slot slots[] = {
        { "owner", p->owner },
        { "repo", p->repo },
        { "project", oak_arena_printf(arena, "%.*s/%.*s", (int)p->owner.len, p->owner.ptr, (int)p->repo.len, p->repo.ptr) },
        more[0],
        more[1],
    };
    return oak_dialect_fill(arena, format, slots, sizeof slots / sizeof *slots);
}

oak_str oak_call_path(struct oak_arena *arena, const struct oak_forge *forge, const char *format, uint64_t number)
{
    const struct oak_slot more[2] = { { "number", oak_arena_printf(arena, "%" PRIu64, number) }, { "", { "", 0 } } };
    return fill(arena, forge, format, more);
}

oak_str oak_call_list_path(struct oak_arena *arena, const struct oak_forge *forge, const struct oak_pull_wish *wish)
{
    const struct oak_slot more[2] = { { "head", wish->head }, { "base", wish->base } };
    return fill(arena, forge, forge->dialect->list, more);
}

oak_str oak_call_body(struct oak_arena *arena, struct json_t *object)
{
    char *const text = json_dumps(object, JSON_COMPACT);
    const oak_str body = text != NULL ? oak_arena_str(arena, oak_str_from(text)) : OAK_STR("{}");
    free(text);
    json_decref(object);
    return body;
}

void oak_pull_note(struct oak_arena *arena, struct oak_pull_result *result, const char *what, const struct oak_error *err)
{
    *oak_push(arena, &result->notes) = oak_arena_printf(arena, "%s: %s", what, err->text);
}
