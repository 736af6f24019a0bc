/* What is done about the request of a branch: opened once, kept up to date, left to people when they take over. */
#include "forge/pull.h"

#include <inttypes.h>
#include <stdlib.h>

static const oak_span nowhere = { 0, 0 };

const char *oak_pull_outcome_name(enum oak_pull_outcome outcome)
{
    static const char *const names[OAK_PULL_OUTCOMES] = { "none",    "opened",   "reopened", "updated", "unchanged",
                                                          "foreign", "declined", "closed" };
    return names[outcome];
}

/* ---- a session ---- */

static bool open_http(struct oak_forge *forge, const struct oak_forge_options *options, struct oak_error *err)
{
    enum { MAX_API_HEADERS = sizeof forge->dialect->headers / sizeof forge->dialect->headers[0] };
    const char *headers[MAX_API_HEADERS + 1] = { NULL };
    for (size_t i = 0; i < MAX_API_HEADERS; i++)
        headers[i] = forge->dialect->headers[i];
    const struct oak_http_options http = { .base = oak_forge_api(&forge->arena, &forge->place), .headers = headers,
                                           .auth_format = forge->dialect->auth_format, .token = &forge->token,
                                           .is_http = forge->place.is_http,
                                           .max_wait_s = options->max_wait_s > 0 ? options->max_wait_s : 120,
                                           .mutation_gap_ms = forge->dialect->mutation_gap_ms,
                                           .next_mutation_ms = options->pace != NULL ? &options->pace->next_ms : NULL };
    return oak_http_open(&http, &forge->http, err);
}

static void copy_place(struct oak_forge *forge, const struct oak_forge_place *place)
{
    forge->place = *place;
    forge->place.origin = oak_arena_str(&forge->arena, place->origin);
    forge->place.host = oak_arena_str(&forge->arena, place->host);
    forge->place.owner = oak_arena_str(&forge->arena, place->owner);
    forge->place.repo = oak_arena_str(&forge->arena, place->repo);
}

bool oak_forge_open(const struct oak_forge_place *place, const struct oak_forge_options *options, struct oak_forge **out,
                    struct oak_error *err)
{
    if (place->is_http && !options->allow_loopback_http)
        return oak_fail(err, OAK_USAGE, nowhere, "http is not encrypted: expected https:// (--loopback-http is for tests)");
    struct oak_forge *const forge = calloc(1, sizeof *forge);
    if (forge == NULL)
        return oak_fail(err, OAK_AGAIN, nowhere, "out of memory");
    oak_arena_init(&forge->arena);
    copy_place(forge, place);
    forge->dialect = oak_dialect_of(place->kind);
    if (!oak_token_find(&forge->place, options, &forge->token, err) || !open_http(forge, options, err)) {
        oak_forge_free(forge);
        return false;
    }
    *out = forge;
    return true;
}

void oak_forge_free(struct oak_forge *forge)
{
    if (forge == NULL)
        return;
    oak_http_free(forge->http);
    oak_secret_wipe(&forge->token);
    oak_arena_free(&forge->arena);
    free(forge);
}

oak_str oak_forge_token(const struct oak_forge *forge)
{
    return (oak_str){ forge->token.ptr, forge->token.len };
}

const char *oak_forge_push_user(const struct oak_forge *forge)
{
    return forge->dialect->push_user;
}

oak_str oak_forge_scrub(struct oak_arena *arena, const struct oak_forge *forge, oak_str text)
{
    return oak_scrub(arena, &forge->token, text);
}

/* ---- which one? ---- */

/* The oldest that is open; NULL: none is. */
static const struct oak_pull *find_open(const oak_pulls *pulls)
{
    for (size_t i = 0; i < pulls->count; i++)
        if (pulls->items[i].state == OAK_PULL_IS_OPEN)
            return &pulls->items[i];
    return NULL;
}

/* The newest, if somebody closed it without merging; oakum's own closing is no refusal. */
static const struct oak_pull *find_declined(const oak_pulls *pulls)
{
    const struct oak_pull *const last = pulls->count > 0 ? &pulls->items[pulls->count - 1] : NULL;
    return last != NULL && last->state == OAK_PULL_IS_CLOSED && !last->mark.is_closed ? last : NULL;
}

static void report(struct oak_pull_result *out, enum oak_pull_outcome outcome, const struct oak_pull *pull)
{
    out->outcome = outcome;
    out->number = pull->number;
    out->url = pull->url;
}

/* ---- changes ---- */

/* The draft mark of a title stays as a person left it. */
static size_t prefix_len(const struct oak_dialect *d, oak_str title)
{
    if (d->draft_prefix == NULL)
        return 0;
    const oak_str prefix = oak_str_from(d->draft_prefix);
    return oak_str_starts(title, prefix) ? prefix.len : 0;
}

/* The title that it should have; ptr NULL: as it is. A title that is not the one we wrote is a person's. */
static oak_str new_title(struct oak_arena *arena, const struct oak_forge *forge, const struct oak_pull *pull, oak_str wanted)
{
    const size_t skip = prefix_len(forge->dialect, pull->title);
    const oak_str bare = { pull->title.ptr + skip, pull->title.len - skip };
    if (oak_str_eq(bare, wanted) || !oak_str_eq(oak_mark_digest(arena, bare), pull->mark.title))
        return (oak_str){ NULL, 0 };
    return oak_arena_printf(arena, "%.*s%.*s", (int)skip, pull->title.ptr, (int)wanted.len, wanted.ptr);
}

static bool update(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                   const struct oak_pull *pull, struct oak_pull_result *out, struct oak_error *err)
{
    const struct oak_marked marked = { .title = wish->title, .text = wish->body };
    report(out, OAK_PULL_FOREIGN, pull);
    if (!pull->mark.is_there || !pull->mark.has_end)
        return true;
    struct oak_pull_edit edit = { .title = new_title(arena, forge, pull, wish->title) };
    out->outcome = OAK_PULL_UNCHANGED;
    if (!pull->mark.is_closed && oak_str_eq(pull->mark.digest, oak_mark_digest(arena, wish->body)) &&
        edit.title.ptr == NULL)
        return true;
    edit.body = oak_mark_replace(arena, pull->body, &marked);
    out->outcome = OAK_PULL_UPDATED;
    return oak_pull_edit(arena, forge, pull->number, &edit, err);
}

/* Closes it, marks it as closed by oakum, and says why. */
static bool close_pull(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull *pull, oak_str why,
                       struct oak_pull_result *out, struct oak_error *err)
{
    const struct oak_pull_edit edit = { .body = oak_mark_close(arena, pull->body), .state = forge->dialect->close_value };
    struct oak_error unsaid;
    if (!oak_pull_edit(arena, forge, pull->number, &edit, err))
        return false;
    if (!oak_pull_comment(arena, forge, pull->number, why, &unsaid))
        oak_pull_note(arena, out, "the comment is not written", &unsaid);
    return true;
}

/* Two runs at the same time may both have opened one. The later of them sees both; the oldest stays. */
static void close_duplicates(struct oak_arena *arena, struct oak_forge *forge, const oak_pulls *pulls,
                             const struct oak_pull *keep, struct oak_pull_result *out)
{
    struct oak_error err;
    for (size_t i = 0; i < pulls->count; i++) {
        const struct oak_pull *const p = &pulls->items[i];
        if (p == keep || p->state != OAK_PULL_IS_OPEN || !p->mark.is_there)
            continue;
        const oak_str why = oak_arena_printf(arena, "The same as %" PRIu64 ", which was opened first.", keep->number);
        if (!close_pull(arena, forge, p, why, out, &err))
            oak_pull_note(arena, out, "a second request of the same branch is still open", &err);
    }
}

/* ---- propose ---- */

/* There is one now, from this run or another: looks which, and brings it up to date. */
static bool settle(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                   struct oak_pull_result *out, bool *found, struct oak_error *err)
{
    oak_pulls pulls;
    if (!oak_pulls_list(arena, forge, wish, &pulls, err))
        return false;
    const struct oak_pull *const keep = find_open(&pulls);
    *found = keep != NULL;
    if (keep == NULL)
        return true;
    close_duplicates(arena, forge, &pulls, keep, out);
    return update(arena, forge, wish, keep, out, err);
}

/* After an answer of success: only duplicates are of interest, and no failure takes back what is there. */
static void settle_created(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                           const struct oak_pull *pull, struct oak_pull_result *out)
{
    oak_pulls pulls;
    struct oak_error err;
    report(out, OAK_PULL_OPENED, pull);
    if (!oak_pulls_list(arena, forge, wish, &pulls, &err)) {
        oak_pull_note(arena, out, "whether it is the only one is not known", &err);
        return;
    }
    const struct oak_pull *const keep = find_open(&pulls);
    if (keep == NULL)
        return;
    close_duplicates(arena, forge, &pulls, keep, out);
    report(out, keep->number == pull->number ? OAK_PULL_OPENED : OAK_PULL_UNCHANGED, keep);
}

static bool create(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                   struct oak_pull_result *out, struct oak_error *err)
{
    struct oak_pull pull;
    enum oak_create_end end;
    struct oak_error why = { .kind = OAK_FORGE };
    if (!oak_pull_create(arena, forge, wish, &pull, &end, &why)) {
        *err = why;
        return false;
    }
    if (end == OAK_CREATED) {
        settle_created(arena, forge, wish, &pull, out);
    } else {
        bool found = false;
        if (!settle(arena, forge, wish, out, &found, err))
            return false;
        if (!found) {
            *err = why;
            return false;
        }
        /* The answer was lost, and the request is there: this run, or one beside it, opened it. */
        if (end == OAK_CREATE_UNKNOWN && out->outcome == OAK_PULL_UNCHANGED)
            out->outcome = OAK_PULL_OPENED;
    }
    if (out->outcome == OAK_PULL_OPENED)
        oak_pull_decorate(arena, forge, wish, out);
    return true;
}

/* False: the forge does not open it again, since its branch was remade meanwhile; a new one is opened instead. */
static bool reopen(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                   const struct oak_pull *pull, struct oak_pull_result *out)
{
    struct oak_error err;
    const struct oak_pull_edit edit = { .state = forge->dialect->reopen_value };
    if (!oak_pull_edit(arena, forge, pull->number, &edit, &err))
        return false;
    if (!update(arena, forge, wish, pull, out, &err))
        oak_pull_note(arena, out, "its text is the old one", &err);
    report(out, OAK_PULL_REOPENED, pull);
    return true;
}

bool oak_forge_propose(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                       struct oak_pull_result *out, struct oak_error *err)
{
    oak_pulls pulls;
    *out = (struct oak_pull_result){ .outcome = OAK_PULL_NONE };
    if (!oak_pulls_list(arena, forge, wish, &pulls, err))
        return false;
    const struct oak_pull *const open = find_open(&pulls), *const declined = find_declined(&pulls);
    if (open != NULL) {
        close_duplicates(arena, forge, &pulls, open, out);
        return update(arena, forge, wish, open, out, err);
    }
    if (declined != NULL && !wish->reopen) {
        report(out, OAK_PULL_DECLINED, declined);
        return true;
    }
    if (declined != NULL && reopen(arena, forge, wish, declined, out))
        return true;
    return create(arena, forge, wish, out, err);
}

bool oak_forge_look(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                    struct oak_pull_result *out, struct oak_error *err)
{
    oak_pulls pulls;
    *out = (struct oak_pull_result){ .outcome = OAK_PULL_NONE };
    if (!oak_pulls_list(arena, forge, wish, &pulls, err))
        return false;
    const struct oak_pull *const open = find_open(&pulls), *const declined = find_declined(&pulls);
    if (open != NULL)
        report(out, open->mark.is_there ? OAK_PULL_UNCHANGED : OAK_PULL_FOREIGN, open);
    else if (declined != NULL && !wish->reopen)
        report(out, OAK_PULL_DECLINED, declined);
    return true;
}

bool oak_forge_withdraw(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                        struct oak_pull_result *out, struct oak_error *err)
{
    oak_pulls pulls;
    *out = (struct oak_pull_result){ .outcome = OAK_PULL_NONE };
    if (!oak_pulls_list(arena, forge, wish, &pulls, err))
        return false;
    const struct oak_pull *const open = find_open(&pulls);
    if (open == NULL)
        return true;
    report(out, OAK_PULL_FOREIGN, open);
    if (!open->mark.is_there)
        return true;
    out->outcome = OAK_PULL_CLOSED;
    return close_pull(arena, forge, open, wish->body, out, err);
}
