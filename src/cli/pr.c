/* Around the commit of each repository: ask the forge and take over the remote's branch before, push and open after. Glue
 * between git.h and forge.h: neither knows the other. */
#include "cli/pr.h"

#include <oakum/forge.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const oak_span nowhere = { 0, 0 };

/* What is known about one repository between before and after. */
struct state {
    struct oak_forge *forge;
    struct oak_forge_place place;
    struct oak_remote remote;
    struct oak_pull_wish wish;
    oak_object_id there; /* the tip of the branch on the remote; none: no such branch */
    oak_entries entries;
};

struct delivery {
    const struct oak_command_line *line;
    struct oak_forge_pace pace;
};

/* ---- where ---- */

static bool is_url(oak_str remote)
{
    size_t at;
    return oak_str_find(remote, 0, OAK_STR(":"), &at);
}

/* The address to push to, and whether the user said it himself. */
static bool find_url(const struct delivery *d, struct oak_visit *v, oak_str *url, bool *is_named, struct oak_error *err)
{
    const char *const given = d->line->git.remote != NULL ? d->line->git.remote : "origin";
    const oak_str name = oak_str_from(given);
    *is_named = v->repo->is_address || is_url(name);
    *url = v->repo->is_address ? v->repo->name : name;
    return *is_named || oak_remote_find_url(v->arena, v->repository, given, url, err);
}

static bool find_place(const struct delivery *d, struct oak_visit *v, oak_str url, struct oak_error *err)
{
    const struct oak_git_options *const g = &d->line->git;
    struct state *const s = v->state;
    const oak_str page = g->forge_url != NULL ? oak_str_from(g->forge_url) : url;
    return oak_forge_place_parse(v->arena, page, g->forge, &s->place, err);
}

/* The token goes along with a push over http only, and only to the host that may have it. */
static bool is_pinned(struct oak_arena *arena, const struct state *s, oak_str url)
{
    struct oak_forge_place there;
    struct oak_error none;
    return url.len > 4 && strncasecmp(url.ptr, "http", 4) == 0 && oak_forge_place_parse(arena, url, s->place.kind, &there, &none) &&
           oak_str_eq(there.origin, s->place.origin);
}

static bool open_forge(struct delivery *d, struct oak_visit *v, struct oak_error *err)
{
    const struct oak_git_options *const g = &d->line->git;
    struct state *const s = v->state;
    oak_str url;
    bool is_named;
    if (!find_url(d, v, &url, &is_named, err) || !find_place(d, v, url, err))
        return false;
    const struct oak_forge_options options = { .is_named = is_named || g->forge_url != NULL,
                                               .allow_loopback_http = g->loopback_http, .token_file = g->token_file,
                                               .pace = &d->pace };
    if (!oak_forge_open(&s->place, &options, &s->forge, err))
        return false;
    s->remote = (struct oak_remote){ .url = url };
    if (is_pinned(v->arena, s, url)) {
        s->remote.token = oak_forge_token(s->forge);
        s->remote.user = oak_str_from(oak_forge_push_user(s->forge));
    }
    return true;
}

/* Private repositories are copied into the cache with the token, too. */
static bool login(void *context, struct oak_visit *v, struct oak_remote *out, struct oak_error *err)
{
    struct state *const s = oak_arena_alloc(v->arena, sizeof *s);
    v->state = s;
    if (!open_forge(context, v, err))
        return false;
    *out = s->remote;
    return true;
}

/* The name that the base has over there. */
static bool find_base(const struct delivery *d, struct oak_visit *v, oak_str *out, struct oak_error *err)
{
    static const char *const prefixes[] = { "refs/heads/", "refs/remotes/origin/", "origin/" };
    struct state *const s = v->state;
    /* HEAD of a copy in the cache is on no branch. */
    if (d->line->git.base == NULL && v->repo->is_address)
        return oak_forge_find_default_branch(v->arena, s->forge, out, err);
    if (d->line->git.base == NULL)
        return oak_base_find_branch(v->arena, v->repository, out, err);
    *out = oak_str_from(d->line->git.base);
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (oak_str_starts(*out, oak_str_from(prefixes[i]))) {
            *out = oak_str_from(d->line->git.base + strlen(prefixes[i]));
            break;
        }
    return true;
}

/* ---- before the commit ---- */

static void say(struct oak_visit *v, const struct oak_pull_result *result, const char *words)
{
    const struct state *const s = v->state;
    struct oak_buf note;
    oak_buf_init(&note, v->arena);
    if (result->number > 0) {
        v->pull_request = oak_arena_cstr(v->arena, result->url);
        oak_buf_addf(&note, "request %s%" PRIu64 " %s: %s", s->place.kind == OAK_GITLAB ? "!" : "#", result->number, words,
                     v->pull_request);
    } else {
        oak_buf_addf(&note, "%s", words);
    }
    for (size_t i = 0; i < result->notes.count; i++)
        oak_buf_addf(&note, "\nnote: %.*s", (int)result->notes.items[i].len, result->notes.items[i].ptr);
    v->note = oak_buf_str(&note);
}

static bool take_over_branch(const struct delivery *d, struct oak_visit *v, struct oak_error *err)
{
    struct state *const s = v->state;
    struct oak_identity who;
    return oak_identity_find(v->arena, v->repository, OAK_COMMITTER, &who, err) &&
           oak_remote_fetch(v->arena, v->repository, &s->remote, d->line->git.branch, &s->there, err) &&
           oak_branch_follow(v->repository, d->line->git.branch, s->there, &who, err);
}

static bool before(void *context, struct oak_visit *v, struct oak_error *err)
{
    struct delivery *const d = context;
    const struct oak_git_options *const g = &d->line->git;
    struct oak_pull_result result;
    if (v->state == NULL)
        v->state = oak_arena_alloc(v->arena, sizeof(struct state));
    struct state *const s = v->state;
    /* One request is kept up to date: its branch is made anew when the base moves. */
    if (!g->has_mode)
        v->options->mode = OAK_MODE_REPLACE;
    s->wish = (struct oak_pull_wish){ .head = oak_str_from(g->branch), .labels = g->labels.items, .label_count = g->labels.count,
                                      .reviewers = g->reviewers.items, .reviewer_count = g->reviewers.count,
                                      .is_draft = g->is_draft, .reopen = g->reopen };
    if ((s->forge == NULL && !open_forge(d, v, err)) || !find_base(d, v, &s->wish.base, err))
        return false;
    if (oak_str_eq(s->wish.base, s->wish.head))
        return oak_fail(err, OAK_USAGE, nowhere, "--branch and the base are the same branch '%s'", g->branch);
    if (!oak_forge_look(v->arena, s->forge, &s->wish, &result, err))
        return false;
    if (result.outcome == OAK_PULL_DECLINED) {
        say(v, &result, "was closed by somebody without merging, so the branch is left alone (--reopen)");
        v->skip = true;
        return true;
    }
    return take_over_branch(d, v, err);
}

/* ---- while it is made ---- */

static void see(void *context, struct oak_visit *v, const struct oak_report *report)
{
    (void)context;
    struct state *const s = v->state;
    oak_entries_add(v->arena, &s->entries, report);
}

static void restart(void *context, struct oak_visit *v)
{
    (void)context;
    struct state *const s = v->state;
    s->entries.count = 0;
}

/* ---- after the commit ---- */

static bool push(const struct delivery *d, struct oak_visit *v, struct oak_error *err)
{
    const struct state *const s = v->state;
    const struct oak_push push = { .branch = d->line->git.branch, .commit = v->outcome->commit, .lease = s->there };
    return oak_object_id_eq(push.commit, s->there) ||
           oak_remote_push(v->arena, v->repository, &s->remote, &push, err);
}

static bool propose(struct oak_visit *v, struct oak_error *err)
{
    static const char *const words[OAK_PULL_OUTCOMES] = {
        [OAK_PULL_OPENED] = "opened", [OAK_PULL_REOPENED] = "opened again", [OAK_PULL_UPDATED] = "updated",
        [OAK_PULL_UNCHANGED] = "is up to date", [OAK_PULL_FOREIGN] = "has a person's text, which stays as it is",
        [OAK_PULL_DECLINED] = "was closed by somebody without merging, so it stays closed (--reopen)",
    };
    struct state *const s = v->state;
    struct oak_pull_result result;
    const struct oak_pull_page page = {
        .patches = v->run->patches, .totals = &v->outcome->totals, .entries = &s->entries,
        .link = oak_forge_link(v->arena, &s->place, oak_str_from(v->outcome->base.commit.hex)) };
    s->wish.title = oak_pull_title(v->arena, &page);
    s->wish.body = oak_pull_body(v->arena, &page);
    if (!oak_forge_propose(v->arena, s->forge, &s->wish, &result, err))
        return false;
    say(v, &result, words[result.outcome]);
    return true;
}

static bool withdraw(struct oak_visit *v, struct oak_error *err)
{
    struct state *const s = v->state;
    struct oak_pull_result result;
    s->wish.body = oak_pull_farewell;
    if (!oak_forge_withdraw(v->arena, s->forge, &s->wish, &result, err))
        return false;
    if (result.outcome == OAK_PULL_CLOSED)
        say(v, &result, "closed: nothing is left to fix");
    else if (result.outcome == OAK_PULL_FOREIGN)
        say(v, &result, "has a person's text and stays open, though nothing is left to fix");
    return true;
}

static bool after(void *context, struct oak_visit *v, struct oak_error *err)
{
    struct delivery *const d = context;
    if (v->outcome->result == OAK_COMMIT_NOTHING && v->options->mode != OAK_MODE_APPEND)
        return v->outcome->totals.errors > 0 || withdraw(v, err); /* a file that was not read may hold what is still to be fixed */
    if (v->outcome->result == OAK_COMMIT_NOTHING && oak_object_id_is_none(v->outcome->commit))
        return true;
    return push(d, v, err) && propose(v, err);
}

static void end(void *context, struct oak_visit *v)
{
    (void)context;
    struct state *const s = v->state;
    if (s != NULL)
        oak_forge_free(s->forge);
}

int oak_run_pr(struct oak_arena *arena, const struct oak_commit_command *command)
{
    struct delivery d = { .line = command->line };
    const struct oak_delivery delivery = { .context = &d, .login = login, .before = before, .see = see, .restart = restart, .after = after,
                                           .end = end };
    struct oak_commit_command pr = *command;
    pr.delivery = &delivery;
    return oak_run_commit(arena, &pr);
}
