/* Requests: listed, opened, edited. What to do when is decided in propose.c. */
#include "forge/pull.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const oak_span nowhere = { 0, 0 };

enum {
    MAX_PAGES = 200,
    YOUNG_TRIES = 10,     /* a repository that was just filled has no list for about a second */
    YOUNG_WAIT_MS = 500,
    HEAD_TRIES = 4,       /* so has a branch that was just pushed no commits to open a request from */
    HEAD_WAIT_MS = 1000
};

static oak_str text_at(struct oak_arena *arena, const json_t *object, const char *key)
{
    const json_t *const value = json_object_get(object, key);
    const char *const text = json_string_value(value);
    return text != NULL ? oak_arena_str(arena, (oak_str){ text, json_string_length(value) }) : OAK_STR("");
}

/* KEY.KEY.KEY; NULL if any is missing or null. */
static const json_t *value_at(const json_t *object, const char *path)
{
    oak_str key, rest = oak_str_from(path);
    while (rest.len > 0 && object != NULL) {
        oak_str_cut(rest, '.', &key, &rest);
        object = json_object_getn(object, key.ptr, key.len);
    }
    return json_is_null(object) ? NULL : object;
}

static bool is_text_at(const json_t *object, const char *path, oak_str wanted)
{
    const json_t *const value = value_at(object, path);
    return json_is_string(value) && oak_str_eq((oak_str){ json_string_value(value), json_string_length(value) }, wanted);
}

/* A branch of the same name in somebody's fork is not ours. */
static bool is_wanted(const struct oak_dialect *d, const json_t *item, const struct oak_pull_wish *wish)
{
    const json_t *const from = value_at(item, d->source_repository), *const to = value_at(item, d->target_repository);
    return is_text_at(item, d->source_name, wish->head) && is_text_at(item, d->target_name, wish->base) &&
           json_is_integer(from) && json_is_integer(to) && json_integer_value(from) == json_integer_value(to);
}

static enum oak_pull_state state_of(const struct oak_dialect *d, const json_t *item)
{
    if ((d->merged != NULL && value_at(item, d->merged) != NULL) || is_text_at(item, "state", OAK_STR("merged")))
        return OAK_PULL_IS_MERGED;
    return is_text_at(item, "state", OAK_STR("closed")) ? OAK_PULL_IS_CLOSED : OAK_PULL_IS_OPEN;
}

static bool read_pull(struct oak_arena *arena, const struct oak_forge *forge, const json_t *item, struct oak_pull *out)
{
    const struct oak_dialect *const d = forge->dialect;
    const json_int_t number = json_integer_value(value_at(item, d->number));
    *out = (struct oak_pull){ .number = (uint64_t)number, .state = state_of(d, item), .title = text_at(arena, item, "title"),
                              .url = oak_scrub(arena, &forge->token, text_at(arena, item, d->page)),
                              .body = text_at(arena, item, d->text) };
    oak_mark_find(out->body, &out->mark);
    return number > 0;
}

/* ---- list ---- */

static bool fail_shape(struct oak_error *err)
{
    return oak_fail(err, OAK_FORGE, nowhere, "the forge's answer is not what its API promises: is it the right --forge?");
}

static void add_sorted(struct oak_arena *arena, oak_pulls *pulls, const struct oak_pull *pull)
{
    size_t i = pulls->count;
    (void)oak_push(arena, pulls);
    for (; i > 0 && pulls->items[i - 1].number > pull->number; i--)
        pulls->items[i] = pulls->items[i - 1];
    pulls->items[i] = *pull;
}

static bool add_page(struct oak_arena *arena, const struct oak_forge *forge, const struct oak_pull_wish *wish, oak_str body,
                     oak_pulls *out)
{
    json_t *const page = json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, NULL);
    bool ok = json_is_array(page);
    for (size_t i = 0; ok && i < json_array_size(page); i++) {
        const json_t *const item = json_array_get(page, i);
        struct oak_pull pull;
        ok = json_is_string(value_at(item, "state")) && value_at(item, forge->dialect->source_name) != NULL;
        if (!ok || !is_wanted(forge->dialect, item, wish))
            continue;
        ok = read_pull(arena, forge, item, &pull);
        add_sorted(arena, out, &pull);
    }
    json_decref(page);
    return ok;
}

/* What the forge says about the repository itself. */
static bool get_repository(struct oak_arena *arena, struct oak_forge *forge, struct oak_http_answer *answer,
                           struct oak_error *err)
{
    const struct oak_http_request request = { .method = "GET",
                                              .path = oak_call_path(arena, forge, forge->dialect->repository, 0) };
    if (!oak_http_send(arena, forge->http, &request, answer, err))
        return false;
    if (answer->status == 404)
        return oak_fail(err, OAK_FORGE, nowhere, "there is no repository '%.*s/%.*s' on '%.*s', or the token may not see it",
                        (int)forge->place.owner.len, forge->place.owner.ptr, (int)forge->place.repo.len,
                        forge->place.repo.ptr, (int)forge->place.host.len, forge->place.host.ptr);
    return answer->status < 300 || oak_call_refused(arena, forge, answer, err);
}

bool oak_forge_find_default_branch(struct oak_arena *arena, struct oak_forge *forge, oak_str *out, struct oak_error *err)
{
    struct oak_http_answer answer;
    if (!get_repository(arena, forge, &answer, err))
        return false;
    json_t *const root = json_loadb(answer.body.ptr, answer.body.len, 0, NULL);
    *out = text_at(arena, root, "default_branch");
    json_decref(root);
    return out->len > 0 || fail_shape(err);
}

/* Why is the list not there? True: the repository is, so it is young. */
static bool is_young(struct oak_arena *arena, struct oak_forge *forge, struct oak_error *err)
{
    struct oak_http_answer answer;
    return get_repository(arena, forge, &answer, err);
}

static bool get_first_page(struct oak_arena *arena, struct oak_forge *forge, oak_str path, struct oak_http_answer *out,
                           struct oak_error *err)
{
    const struct oak_http_request request = { .method = "GET", .path = path };
    for (unsigned tries = 0; tries < YOUNG_TRIES; tries++) {
        if (!oak_http_send(arena, forge->http, &request, out, err))
            return false;
        if (out->status < 300)
            return true;
        if (out->status != 404)
            return oak_call_refused(arena, forge, out, err);
        if (!is_young(arena, forge, err))
            return false;
        if (!oak_http_wait(forge->http, YOUNG_WAIT_MS))
            break;
    }
    return oak_fail(err, OAK_AGAIN, nowhere, "the forge does not list the requests of this repository yet");
}

bool oak_pulls_list(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish, oak_pulls *out,
                    struct oak_error *err)
{
    struct oak_http_answer answer;
    memset(out, 0, sizeof *out);
    if (!get_first_page(arena, forge, oak_call_list_path(arena, forge, wish), &answer, err))
        return false;
    for (unsigned pages = 1;; pages++) {
        if (!add_page(arena, forge, wish, answer.body, out))
            return fail_shape(err);
        if (answer.next.len == 0)
            return true;
        if (pages == MAX_PAGES)
            return oak_fail(err, OAK_FORGE, nowhere, "the forge lists more than %d pages of requests", MAX_PAGES);
        const struct oak_http_request request = { .method = "GET", .path = answer.next };
        if (!oak_call(arena, forge, &request, &answer, err))
            return false;
    }
}

/* ---- create ---- */

static json_t *text_of(oak_str text)
{
    json_t *const value = json_stringn(text.ptr, text.len);
    return value != NULL ? value : json_string("?"); /* not UTF-8 */
}

static json_t *joined(struct oak_arena *arena, const oak_str *names, size_t count)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    for (size_t i = 0; i < count; i++)
        oak_buf_addf(&out, "%s%.*s", i > 0 ? "," : "", (int)names[i].len, names[i].ptr);
    return text_of(oak_buf_str(&out));
}

static oak_str create_body(struct oak_arena *arena, const struct oak_forge *forge, const struct oak_pull_wish *wish)
{
    const struct oak_dialect *const d = forge->dialect;
    const struct oak_marked marked = { .title = wish->title, .text = wish->body };
    const char *const prefix = wish->is_draft && d->draft_prefix != NULL ? d->draft_prefix : "";
    json_t *const body = json_object();
    json_object_set_new(body, "title", text_of(oak_arena_printf(arena, "%s%.*s", prefix, (int)wish->title.len, wish->title.ptr)));
    json_object_set_new(body, d->text, text_of(oak_mark_replace(arena, (oak_str){ "", 0 }, &marked)));
    json_object_set_new(body, d->source, text_of(wish->head));
    json_object_set_new(body, d->target, text_of(wish->base));
    if (wish->is_draft && d->draft_prefix == NULL)
        json_object_set_new(body, "draft", json_true());
    /* Without an address of their own, labels come with the request. */
    if (d->labels == NULL && wish->label_count > 0)
        json_object_set_new(body, "labels", joined(arena, wish->labels, wish->label_count));
    return oak_call_body(arena, body);
}

/* GitHub: {"errors":[{"field":"head","code":"invalid"}]} while the branch that was just pushed is not everywhere yet. */
static bool is_head_unknown(oak_str text)
{
    json_t *const root = json_loadb(text.ptr, text.len, 0, NULL);
    const json_t *const errors = json_object_get(root, "errors");
    bool found = false;
    for (size_t i = 0; i < json_array_size(errors) && !found; i++)
        found = is_text_at(json_array_get(errors, i), "field", OAK_STR("head")) &&
                is_text_at(json_array_get(errors, i), "code", OAK_STR("invalid"));
    json_decref(root);
    return found;
}

static bool read_created(struct oak_arena *arena, const struct oak_forge *forge, oak_str body, struct oak_pull *out)
{
    json_t *const root = json_loadb(body.ptr, body.len, 0, NULL);
    const bool ok = json_is_object(root) && read_pull(arena, forge, root, out);
    json_decref(root);
    return ok;
}

bool oak_pull_create(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish, struct oak_pull *out,
                     enum oak_create_end *end, struct oak_error *err)
{
    const struct oak_http_request request = { .method = "POST",
                                              .path = oak_call_path(arena, forge, forge->dialect->create, 0),
                                              .body = create_body(arena, forge, wish) };
    struct oak_http_answer answer;
    *end = OAK_CREATE_UNKNOWN;
    for (unsigned tries = 0;; tries++) {
        if (!oak_http_send(arena, forge->http, &request, &answer, err))
            return true; /* it may be there: the caller looks */
        if (answer.status != 422 || !is_head_unknown(answer.body) || tries + 1 == HEAD_TRIES ||
            !oak_http_wait(forge->http, HEAD_WAIT_MS))
            break;
    }
    if (answer.status < 300) {
        *end = OAK_CREATED;
        if (read_created(arena, forge, answer.body, out))
            return true;
        *end = OAK_CREATE_UNKNOWN;
        fail_shape(err);
        return true;
    }
    oak_call_refused(arena, forge, &answer, err);
    if (answer.status != forge->dialect->exists_status)
        return false;
    *end = OAK_CREATE_EXISTS;
    return true;
}

/* ---- edit ---- */

bool oak_pull_edit(struct oak_arena *arena, struct oak_forge *forge, uint64_t number, const struct oak_pull_edit *edit,
                   struct oak_error *err)
{
    json_t *const body = json_object();
    if (edit->title.ptr != NULL)
        json_object_set_new(body, "title", text_of(edit->title));
    if (edit->body.ptr != NULL)
        json_object_set_new(body, forge->dialect->text, text_of(edit->body));
    if (edit->state != NULL)
        json_object_set_new(body, forge->dialect->close_key, json_string(edit->state));
    struct oak_http_answer answer;
    const struct oak_http_request request = { .method = forge->dialect->edit_method,
                                              .path = oak_call_path(arena, forge, forge->dialect->one, number),
                                              .body = oak_call_body(arena, body) };
    return oak_call(arena, forge, &request, &answer, err);
}

bool oak_pull_comment(struct oak_arena *arena, struct oak_forge *forge, uint64_t number, oak_str text, struct oak_error *err)
{
    json_t *const body = json_object();
    json_object_set_new(body, "body", text_of(text));
    struct oak_http_answer answer;
    const struct oak_http_request request = { .method = "POST",
                                              .path = oak_call_path(arena, forge, forge->dialect->comments, number),
                                              .body = oak_call_body(arena, body) };
    return oak_call(arena, forge, &request, &answer, err);
}

/* ---- labels and reviewers ---- */

static bool post(struct oak_arena *arena, struct oak_forge *forge, const char *address, uint64_t number, json_t *body,
                 struct oak_error *err)
{
    struct oak_http_answer answer;
    const struct oak_http_request request = { .method = "POST", .path = oak_call_path(arena, forge, address, number),
                                              .body = oak_call_body(arena, body) };
    return oak_call(arena, forge, &request, &answer, err);
}

static void add_labels(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                       struct oak_pull_result *result)
{
    struct oak_error err;
    json_t *const names = json_array();
    for (size_t i = 0; i < wish->label_count; i++)
        json_array_append_new(names, text_of(wish->labels[i]));
    if (!post(arena, forge, forge->dialect->labels, result->number, json_pack("{s:o}", "labels", names), &err))
        oak_pull_note(arena, result, "the labels are not set", &err);
}

static void add_reviewers(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                          struct oak_pull_result *result)
{
    struct oak_error err;
    json_t *const people = json_array(), *const teams = json_array();
    for (size_t i = 0; i < wish->reviewer_count; i++) {
        oak_str head, team;
        const bool is_team = oak_str_cut(wish->reviewers[i], '/', &head, &team);
        json_array_append_new(is_team ? teams : people, text_of(is_team ? team : head));
    }
    if (!post(arena, forge, forge->dialect->reviewers, result->number,
              json_pack("{s:o,s:o}", "reviewers", people, "team_reviewers", teams), &err))
        oak_pull_note(arena, result, "the reviewers are not asked", &err);
}

/* GitLab knows people by number. 0: nobody of that name. */
static json_int_t user_number(struct oak_arena *arena, struct oak_forge *forge, oak_str name, struct oak_error *err)
{
    const struct oak_slot slot = { "name", name };
    struct oak_http_answer answer;
    const struct oak_http_request request = { .method = "GET",
                                              .path = oak_dialect_fill(arena, forge->dialect->find_user, &slot, 1) };
    if (!oak_call(arena, forge, &request, &answer, err))
        return 0;
    json_t *const users = json_loadb(answer.body.ptr, answer.body.len, 0, NULL);
    const json_int_t number = json_integer_value(json_object_get(json_array_get(users, 0), "id"));
    json_decref(users);
    if (number == 0)
        oak_fail(err, OAK_FORGE, nowhere, "there is nobody called '%.*s'", (int)name.len, name.ptr);
    return number;
}

static void add_reviewers_by_number(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                                    struct oak_pull_result *result)
{
    struct oak_error err;
    json_t *const numbers = json_array();
    for (size_t i = 0; i < wish->reviewer_count; i++) {
        const json_int_t number = user_number(arena, forge, wish->reviewers[i], &err);
        if (number != 0)
            json_array_append_new(numbers, json_integer(number));
        else
            oak_pull_note(arena, result, "a reviewer is not asked", &err);
    }
    if (json_array_size(numbers) == 0) {
        json_decref(numbers);
        return;
    }
    struct oak_http_answer answer;
    const struct oak_http_request request = { .method = forge->dialect->edit_method,
                                              .path = oak_call_path(arena, forge, forge->dialect->one, result->number),
                                              .body = oak_call_body(arena, json_pack("{s:o}", "reviewer_ids", numbers)) };
    if (!oak_call(arena, forge, &request, &answer, &err))
        oak_pull_note(arena, result, "the reviewers are not asked", &err);
}

void oak_pull_decorate(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                       struct oak_pull_result *result)
{
    if (wish->label_count > 0 && forge->dialect->labels != NULL)
        add_labels(arena, forge, wish, result);
    if (wish->reviewer_count > 0 && forge->dialect->reviewers != NULL)
        add_reviewers(arena, forge, wish, result);
    else if (wish->reviewer_count > 0)
        add_reviewers_by_number(arena, forge, wish, result);
}
