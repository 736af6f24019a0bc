/* The other side: what is there, and the push. The git program does the talking, since libgit2 1.5 can neither push from a
 * shallow clone, nor run the hooks of a local server, nor read the configuration of ssh; what it says becomes our errors. */
#include "git/repository.h"
#include "git/workshop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const oak_span nowhere = { 0, 0 };

/* ---- words of the other side ---- */

static bool says(oak_str talk, const char *words)
{
    size_t at;
    return oak_str_find(talk, 0, oak_str_from(words), &at);
}

/* What may be otherwise in a minute. */
static bool is_passing(oak_str talk)
{
    static const char *const words[] = {
        "Could not resolve host", "Temporary failure in name resolution", "Connection refused", "Connection reset",
        "Connection timed out", "Operation timed out", "Failed to connect", "Network is unreachable", "early EOF",
        "unexpected disconnect", "remote end hung up", "error: 429", "error: 500", "error: 502", "error: 503", "error: 504",
        "cannot lock ref", "failed to update ref", "Unable to create",
        "find remote ref refs/heads/" /* it was there a moment ago */
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (says(talk, words[i]))
            return true;
    return false;
}

/* The token, should the other side repeat it, and whatever a terminal would obey. */
static oak_str cleaned(struct oak_arena *arena, const struct oak_remote *remote, oak_str text)
{
    struct oak_buf out;
    size_t from = 0, at;
    oak_buf_init(&out, arena);
    while (remote->token.len > 0 && oak_str_find(text, from, remote->token, &at)) {
        oak_buf_add(&out, oak_str_span(text, (oak_span){ from, at }));
        oak_buf_add(&out, OAK_STR("***"));
        from = at + remote->token.len;
    }
    oak_buf_add(&out, oak_str_span(text, (oak_span){ from, text.len }));
    return oak_git_printable(arena, oak_buf_str(&out));
}

/* What a line of git's talk says that matters: the server's words, errors, and what ssh says, which has no mark of its own. */
static oak_str matter_of(oak_str line)
{
    static const char *const heads[] = { "remote: ", "error: ", "fatal: " };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        const oak_str head = oak_str_from(heads[i]);
        if (oak_str_starts(line, head))
            return oak_str_trim(oak_str_span(line, (oak_span){ head.len, line.len }));
    }
    return oak_str_starts(line, OAK_STR("ssh: ")) || says(line, "Permission denied") || says(line, "verification failed")
               ? oak_str_trim(line)
               : OAK_STR("");
}

/* The lines that matter, "; " between them. */
static oak_str gist(struct oak_arena *arena, oak_str talk)
{
    struct oak_buf out;
    oak_str line;
    oak_buf_init(&out, arena);
    while (talk.len > 0) {
        oak_str_cut(talk, '\n', &line, &talk);
        const oak_str matter = matter_of(line);
        if (matter.len > 0 && !oak_str_starts(matter, OAK_STR("failed to push some refs")))
            oak_buf_addf(&out, "%s%.*s", out.len > 0 ? "; " : "", (int)matter.len, matter.ptr);
    }
    return oak_buf_str(&out);
}

static bool fail(struct oak_arena *arena, const struct oak_remote *remote, oak_str talk, struct oak_error *err)
{
    const oak_str words = cleaned(arena, remote, gist(arena, talk));
    return oak_fail(err, is_passing(talk) ? OAK_AGAIN : OAK_GIT, nowhere, "the remote: %.*s",
                    (int)(words.len < 220 ? words.len : 220), words.len > 0 ? words.ptr : "");
}

/* ---- addresses ---- */

static bool has_password(oak_str url)
{
    struct oak_address a;
    size_t at;
    return oak_address_split(url, &a) && oak_str_find(a.user, 0, OAK_STR(":"), &at);
}

oak_str oak_remote_shown(struct oak_arena *arena, oak_str url)
{
    struct oak_address a;
    if (!has_password(url) || !oak_address_split(url, &a))
        return url;
    const oak_str parts[] = { a.scheme, OAK_STR("***@"), a.host, a.rest };
    return oak_arena_join(arena, parts, 4);
}

static bool check_address(oak_str url, struct oak_error *err)
{
    return !has_password(url) || oak_fail(err, OAK_USAGE, nowhere, "the address of the remote holds a password: give the token "
                                          "in OAKUM_TOKEN or a file instead");
}

bool oak_remote_find_url(struct oak_arena *arena, struct oak_repository *repository, const char *name, oak_str *out,
                         struct oak_error *err)
{
    git_config *config = NULL;
    git_buf value = GIT_BUF_INIT;
    const char *const key = oak_arena_cstr(arena, oak_arena_printf(arena, "remote.%s.url", name));
    bool ok = git_repository_config_snapshot(&config, repository->git) == 0 &&
              git_config_get_string_buf(&value, config, key) == 0;
    if (ok)
        *out = oak_arena_str(arena, oak_str_from(value.ptr));
    else
        oak_fail(err, OAK_GIT, nowhere, "this repository has no remote '%.80s'", name);
    git_buf_dispose(&value);
    git_config_free(config);
    return ok && check_address(*out, err);
}

/* ---- asking ---- */

static bool parse_id(oak_str text, oak_object_id *out)
{
    git_oid id;
    if (text.len < GIT_OID_HEXSZ || git_oid_fromstrn(&id, text.ptr, GIT_OID_HEXSZ) != 0)
        return false;
    *out = oak_object_id_make(&id);
    return true;
}

/* Runs git in a workshop of its own. */
static bool run(struct oak_arena *arena, struct oak_repository *repository, const struct oak_remote *remote,
                const char *const *words, struct oak_process_result *out, struct oak_error *err)
{
    struct oak_workshop workshop;
    if (!check_address(remote->url, err) || !oak_workshop_init(arena, repository, remote, &workshop, err))
        return false;
    const bool ok = oak_workshop_run(arena, &workshop, remote, NULL, words, out, err);
    oak_workshop_free(&workshop);
    return ok;
}

bool oak_remote_find_branch(struct oak_arena *arena, const struct oak_remote *remote, const char *branch,
                            oak_object_id *tip, struct oak_error *err)
{
    struct oak_process_result result;
    const char *const words[] = { "ls-remote", "--refs", "--", oak_arena_cstr(arena, remote->url), oak_branch_full_name(arena, branch),
                                  NULL };
    *tip = (oak_object_id){ "" };
    if (!run(arena, NULL, remote, words, &result, err))
        return false;
    if (result.status != 0)
        return fail(arena, remote, result.talk, err);
    oak_str line, rest = result.out, id, name;
    while (rest.len > 0) {
        oak_str_cut(rest, '\n', &line, &rest);
        oak_str_cut(line, '\t', &id, &name);
        if (oak_str_eq(name, oak_str_from(oak_branch_full_name(arena, branch))) && !parse_id(id, tip))
            return oak_fail(err, OAK_GIT, nowhere, "the remote: its objects are not named with SHA-1");
    }
    return true;
}

/* ---- fetching ---- */

/* Is the file `shallow` of the user's repository still the one that the workshop began with? */
static bool is_shallow_as_before(struct oak_arena *arena, const struct oak_workshop *w)
{
    oak_str now = { "", 0 };
    const bool is_there = oak_workshop_read(arena, w->shallow, &now);
    return is_there == w->was_shallow && oak_str_eq(now, w->shallow_text);
}

/* Where history is cut off has changed with what was fetched; the user's repository must know, or it looks damaged. As git does it,
 * under its lock: somebody else may have fetched, too. */
static bool keep_shallow(struct oak_arena *arena, const struct oak_workshop *w, struct oak_error *err)
{
    const char *const from = oak_arena_cstr(arena, oak_arena_printf(arena, "%s/shallow", w->folder));
    const char *const lock = oak_arena_cstr(arena, oak_arena_printf(arena, "%s.lock", w->shallow));
    const bool is_cut = access(from, F_OK) == 0;
    if (!is_cut && !w->was_shallow)
        return true;
    const bool is_locked = oak_workshop_copy(is_cut ? from : "/dev/null", lock);
    const bool is_ours = is_locked && is_shallow_as_before(arena, w);
    const bool is_kept = is_ours && (is_cut ? rename(lock, w->shallow) : unlink(w->shallow)) == 0;
    if (is_locked && !(is_kept && is_cut))
        unlink(lock);
    if (is_locked && !is_ours)
        return oak_fail(err, OAK_AGAIN, nowhere, "the file 'shallow' of the repository was changed by another process at the same time");
    return is_kept || oak_fail(err, OAK_AGAIN, nowhere, "cannot write the file 'shallow' of the repository: is it locked?");
}

static bool keep_fetched(struct oak_arena *arena, struct oak_repository *repository, const char *branch,
                         oak_object_id tip, struct oak_error *err)
{
    git_oid id;
    git_reference *made = NULL;
    const char *const name = oak_arena_cstr(arena, oak_arena_printf(arena, "refs/oakum/remote/%s", branch));
    oak_object_id_parse(tip, &id);
    const int rc = git_odb_refresh(repository->odb) == 0
                       ? git_reference_create(&made, repository->git, name, &id, 1, "fetch: by oakum")
                       : -1;
    git_reference_free(made);
    return rc == 0 || oak_git_fail(err, rc == GIT_ELOCKED ? OAK_AGAIN : OAK_GIT, "cannot keep what was fetched");
}

bool oak_remote_fetch(struct oak_arena *arena, struct oak_repository *repository, const struct oak_remote *remote,
                      const char *branch, oak_object_id *tip, struct oak_error *err)
{
    struct oak_workshop w;
    struct oak_process_result result;
    oak_object_id over_there;
    if (!oak_remote_find_branch(arena, remote, branch, &over_there, err))
        return false;
    *tip = over_there;
    if (oak_object_id_is_none(over_there))
        return true;
    if (!oak_workshop_init(arena, repository, remote, &w, err))
        return false;
    /* A shallow clone stays one: enough of the branch to see whose commits are on it. */
    const char *const deep[] = { "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", oak_arena_cstr(arena, remote->url),
                                 oak_branch_full_name(arena, branch), NULL };
    const char *const cut[] = { "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=20", "--",
                                oak_arena_cstr(arena, remote->url), oak_branch_full_name(arena, branch), NULL };
    bool ok = oak_workshop_run(arena, &w, remote, NULL, w.was_shallow ? cut : deep, &result, err) &&
              (result.status == 0 || fail(arena, remote, result.talk, err)) && keep_shallow(arena, &w, err) &&
              keep_fetched(arena, repository, branch, *tip, err);
    oak_workshop_free(&w);
    return ok;
}

/* ---- pushing ---- */

/* The reason in brackets of the line that begins with `!`: "[remote rejected] (hook declined)". */
static oak_str refusal(oak_str answer)
{
    oak_str line, mark, rest, reason;
    while (answer.len > 0) {
        oak_str_cut(answer, '\n', &line, &answer);
        if (!oak_str_starts(line, OAK_STR("!\t")))
            continue;
        oak_str_cut(line, '\t', &mark, &rest);
        oak_str_cut(rest, '\t', &mark, &reason);
        return reason;
    }
    return OAK_STR("");
}

static bool fail_push(struct oak_arena *arena, const struct oak_remote *remote, const char *branch,
                      const struct oak_process_result *result, struct oak_error *err)
{
    const oak_str reason = refusal(result->out);
    if (reason.len == 0)
        return fail(arena, remote, result->talk, err);
    if (says(reason, "stale info") || says(reason, "fetch first") || says(reason, "non-fast-forward") ||
        says(reason, "cannot lock ref") || says(reason, "failed to update ref"))
        return oak_fail(err, OAK_AGAIN, nowhere, "somebody else moved branch '%s' over there", branch);
    const oak_str why = cleaned(arena, remote, reason), words = cleaned(arena, remote, gist(arena, result->talk));
    return oak_fail(err, OAK_GIT, nowhere, "the remote refuses branch '%s': %.*s%s%.*s", branch,
                    (int)(why.len < 100 ? why.len : 100), why.ptr, words.len > 0 ? ": " : "",
                    (int)(words.len < 100 ? words.len : 100), words.len > 0 ? words.ptr : "");
}

bool oak_remote_push(struct oak_arena *arena, struct oak_repository *repository, const struct oak_remote *remote,
                     const struct oak_push *push, struct oak_error *err)
{
    struct oak_process_result result;
    const char *const name = oak_branch_full_name(arena, push->branch);
    const char *const words[] = {
        "push", "--porcelain", "--no-verify", "--no-signed", "--recurse-submodules=no",
        oak_arena_cstr(arena, oak_arena_printf(arena, "--force-with-lease=%s:%s", name, push->lease.hex)), "--",
        oak_arena_cstr(arena, remote->url), oak_arena_cstr(arena, oak_arena_printf(arena, "%s:%s", push->commit.hex, name)), NULL
    };
    return run(arena, repository, remote, words, &result, err) &&
           (result.status == 0 || fail_push(arena, remote, push->branch, &result, err));
}

/* ---- copies ---- */

static bool is_bare(const char *folder)
{
    git_repository *git = NULL;
    const bool is = git_repository_open_bare(&git, folder) == 0;
    git_repository_free(git);
    return is;
}

/* Takes the name when it is whole: another process may be at the same, and this one may be killed. What stands there and is no
 * repository was left by one that was. */
static bool make_bare(struct oak_arena *arena, const char *folder, struct oak_error *err)
{
    git_repository *git = NULL;
    char *const made = (char *)oak_arena_cstr(arena, oak_arena_printf(arena, "%s.XXXXXX", folder));
    if (mkdtemp(made) == NULL)
        return oak_fail(err, OAK_GIT, nowhere, "cannot make a copy of the repository");
    bool is_made = git_repository_init(&git, made, 1) == 0;
    git_repository_free(git);
    if (is_made && rename(made, folder) != 0 && !is_bare(folder)) {
        oak_folder_remove(folder);
        is_made = rename(made, folder) == 0 || is_bare(folder);
    }
    oak_folder_remove(made); /* of what has been renamed there is nothing left */
    return is_made || oak_git_fail(err, OAK_GIT, "cannot make a copy of the repository");
}

/* HEAD points at the commit itself: no branch of ours can be the one that is checked out. */
static bool set_head(const char *folder, struct oak_error *err)
{
    git_oid id;
    git_repository *git = NULL;
    const bool ok = git_repository_open_bare(&git, folder) == 0 &&
                    git_reference_name_to_id(&id, git, "refs/remotes/origin/HEAD") == 0 &&
                    git_repository_set_head_detached(git, &id) == 0;
    git_repository_free(git);
    return ok || oak_git_fail(err, OAK_GIT, "the copy has no HEAD");
}

bool oak_remote_mirror(struct oak_arena *arena, const struct oak_remote *remote, const char *folder, struct oak_error *err)
{
    struct oak_workshop w;
    struct oak_process_result result;
    const char *const words[] = { "fetch", "--quiet", "--no-tags", "--prune", "--no-write-fetch-head", "--",
                                  oak_arena_cstr(arena, remote->url), "+refs/heads/*:refs/remotes/origin/*",
                                  "+HEAD:refs/remotes/origin/HEAD", NULL };
    if (!check_address(remote->url, err) || !oak_workshop_init(arena, NULL, remote, &w, err))
        return false;
    oak_git_start();
    const bool ok = (is_bare(folder) || make_bare(arena, folder, err)) &&
                    oak_workshop_run(arena, &w, remote, folder, words, &result, err) &&
                    (result.status == 0 || fail(arena, remote, result.talk, err)) && set_head(folder, err);
    oak_git_stop();
    oak_workshop_free(&w);
    return ok;
}
