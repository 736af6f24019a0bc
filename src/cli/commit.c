/* From a base to a branch: rewrite the tree, make the commits, move the branch; again if somebody was faster. */
#include "cli/commit.h"

#include "cli/later.h"
#include "cli/message.h"
#include "cli/signals.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const oak_span nowhere = { 0, 0 };

enum { MAX_TRIES = 60 };

/* What is done to get the tree of one commit. */
struct step {
    const struct oak_run *run;
    struct oak_base from;
    oak_str folder; /* only files of this folder; ptr NULL: any */
};

struct work {
    struct oak_arena *arena; /* of the caller: what the outcome points to */
    struct oak_arena tries;  /* of one try */
    struct oak_repository *repository;
    const struct oak_run *run;
    const struct oak_commit_options *options;
    struct oak_commit_outcome *out;
    struct oak_identity author, committer;
    struct oak_base base;
    bool *is_path_met;
    OAK_LIST(oak_str) changed; /* paths, sorted when the first pass has ended */
    struct oak_later later;    /* files that are visited twice */

    /* of the step in progress */
    const struct step *step;
    struct oak_totals *totals;
    bool is_first_pass;  /* the one that is told and counted */
    bool is_second_visit; /* its end: of the files that waited for all others */
};

/* ---- which files ---- */

static oak_str folder_of(oak_str path)
{
    while (path.len > 0 && path.ptr[path.len - 1] != '/')
        path.len--;
    return path;
}

/* A configuration is no manifest, though it may name kinds. */
static bool is_manifest_name(oak_str path)
{
    const oak_str name = oak_str_span(path, (oak_span){ folder_of(path).len, path.len });
    if (oak_str_eq(name, OAK_STR(".oakum.yaml")))
        return false;
    return oak_walk_wants(name);
}

/* "./a/b/" is a/b; "." is everything. */
static oak_str plain_path(const char *given)
{
    oak_str path = oak_str_from(given);
    while (oak_str_starts(path, OAK_STR("./")) || oak_str_starts(path, OAK_STR("/")))
        path = oak_str_span(path, (oak_span){ path.ptr[0] == '/' ? 1 : 2, path.len });
    while (oak_str_ends(path, OAK_STR("/")))
        path.len--;
    return oak_str_eq(path, OAK_STR(".")) ? OAK_STR("") : path;
}

static bool is_below(oak_str path, oak_str folder)
{
    return folder.len == 0 || (oak_str_starts(path, folder) && (path.len == folder.len || path.ptr[folder.len] == '/'));
}

static bool is_asked_for(struct work *w, oak_str path)
{
    bool is = w->options->path_count == 0;
    for (size_t i = 0; i < w->options->path_count; i++)
        if (is_below(path, plain_path(w->options->paths[i])))
            is = w->is_path_met[i] = true;
    return is;
}

/* What the second visit of a file has to go by; NULL: it is visited once, or not decided yet. */
static const struct oak_late *find_late(const struct work *w, oak_str path)
{
    for (size_t i = 0; w->later.is_second && i < w->later.files.count; i++)
        if (oak_str_eq(oak_str_from(w->later.files.items[i].path), path))
            return &w->later.files.items[i];
    return NULL;
}

static bool has_changed(const struct work *w, oak_str path)
{
    const size_t at = oak_str_lower_bound(w->changed.items, w->changed.count, sizeof *w->changed.items, 0, path);
    return at < w->changed.count && oak_str_eq(w->changed.items[at], path);
}

static bool wants(void *context, oak_str path)
{
    struct work *const w = context;
    if (w->is_second_visit)
        return find_late(w, path) != NULL;
    if (w->is_first_pass)
        return is_asked_for(w, path) && is_manifest_name(path);
    return has_changed(w, path) && (w->step->folder.ptr == NULL || oak_str_eq(folder_of(path), w->step->folder));
}

/* ---- one file ---- */

static void gather(struct work *w, oak_str path, const struct oak_result *result, bool waits)
{
    if (w->run->gathers)
        oak_later_add(&w->later, &(struct oak_late){ .path = oak_arena_cstr(&w->tries, path) }, &result->facts, waits);
    for (size_t i = 0; i < result->met.count; i++)
        oak_facts_add_met(&w->later.facts, result->met.items[i]);
}

static void tell(struct work *w, const struct oak_report *report)
{
    if (w->totals != NULL)
        oak_totals_add(w->totals, w->run->patches, report);
    if (w->is_first_pass && w->options->see != NULL)
        w->options->see(w->options->context, report);
}

static bool rewrite(void *context, struct oak_arena *arena, oak_str path, oak_str text, oak_str *out)
{
    struct work *const w = context;
    struct oak_result result;
    const struct oak_late *const late = find_late(w, path);
    const struct oak_run run = oak_later_run(w->step->run, late);
    oak_pass_file(arena, &run, (struct oak_file){ path, text }, &result);
    if (w->is_first_pass && late == NULL) {
        const bool waits = oak_later_must_wait(arena, w->run, path, text, &result);
        gather(w, path, &result, waits);
        if (waits)
            return false;
    }
    tell(w, &(struct oak_report){ .path = path, .text = text, .result = &result, .view = OAK_VIEW_FIX,
                                  .verdicts = late != NULL ? late->verdicts : NULL,
                                  .verdict_count = late != NULL ? late->verdict_count : 0 });
    if (result.failed || result.edits.count == 0)
        return false;
    if (w->is_first_pass)
        *oak_push(&w->tries, &w->changed) = oak_arena_str(&w->tries, path);
    *out = result.text;
    return true;
}

/* Nobody knows what such a file holds: no label may rely on it. */
static void gather_unread(struct work *w, oak_str path, oak_str why)
{
    struct oak_error err;
    struct oak_result result = { .text = { "", 0 } };
    oak_fail(&err, OAK_IO, nowhere, "%.*s", (int)why.len, why.ptr);
    oak_facts_of_failure(&w->tries, &err, &result.facts);
    gather(w, path, &result, false);
}

static void pass_over(void *context, oak_str path, oak_str why)
{
    struct work *const w = context;
    if (!w->is_first_pass || w->is_second_visit)
        return;
    gather_unread(w, path, why);
    w->out->passed_over++;
    if (w->options->passed_over != NULL)
        w->options->passed_over(w->options->context, path, why);
}

static bool rewrite_tree(struct work *w, const struct step *step, struct oak_totals *totals, oak_object_id *tree,
                         struct oak_error *err)
{
    const struct oak_rewriter rewriter = { .context = w, .max_bytes = OAK_MAX_FILE, .wants = wants, .rewrite = rewrite,
                                           .pass_over = pass_over };
    w->step = step;
    w->totals = totals;
    return oak_tree_rewrite(w->repository, &step->from, &rewriter, tree, err);
}

static int compare_paths(const void *left, const void *right)
{
    return oak_str_cmp(*(const oak_str *)left, *(const oak_str *)right);
}

/* All files once, and again those that had to wait for the others. */
static bool rewrite_all(struct work *w, oak_object_id *tree, struct oak_error *err)
{
    const struct step all = { .run = w->run, .from = w->out->base };
    struct step rest = all;
    w->is_first_pass = true;
    bool ok = rewrite_tree(w, &all, &w->out->totals, tree, err);
    if (ok && oak_later_start(&w->later)) {
        w->is_second_visit = true;
        rest.from.tree = *tree;
        ok = rewrite_tree(w, &rest, &w->out->totals, tree, err);
    }
    w->is_first_pass = w->is_second_visit = false;
    if (w->changed.count > 0)
        qsort(w->changed.items, w->changed.count, sizeof *w->changed.items, compare_paths);
    w->out->facts = w->later.facts;
    return ok;
}

/* ---- the commits ---- */

static bool add_commit(struct work *w, struct oak_message *message, oak_object_id tree, oak_object_id *tip,
                       struct oak_error *err)
{
    message->base_tree = w->out->base.tree;
    message->digest = w->out->digest;
    message->signoff = w->options->signoff ? &w->committer : NULL;
    w->out->message = oak_message_print(w->arena, message);
    const struct oak_new_commit commit = { .tree = tree, .parent = *tip, .message = w->out->message, .author = w->author,
                                           .committer = w->committer, .signing = w->options->signing };
    w->out->commit_count++;
    return oak_commit_write(&w->tries, w->repository, &commit, tip, err);
}

static struct oak_message whole_message(const struct work *w)
{
    return (struct oak_message){ .run = w->run, .totals = &w->out->totals, .tells_left = true,
                                 .paths = w->changed.items, .path_count = w->changed.count };
}

/* A run in which the patches behind number `last` sleep. */
static bool make_partial_run(struct work *w, size_t last, struct oak_run *out, struct oak_error *err)
{
    const struct oak_patches *const patches = w->run->patches;
    struct oak_options *const options = oak_arena_alloc(&w->tries, sizeof *options);
    *options = *w->run->options;
    oak_str *const ids = oak_arena_alloc(&w->tries, (options->ignore_count + patches->items.count) * sizeof *ids);
    if (options->ignore_count > 0)
        memcpy(ids, options->ignore, options->ignore_count * sizeof *ids);
    for (size_t i = last + 1; i < patches->items.count; i++)
        ids[options->ignore_count++] = patches->items.items[i]->id;
    options->ignore = ids;
    return oak_run_init(&w->tries, patches, options, out, err);
}

static size_t fixed_by(const struct work *w, size_t patch)
{
    return w->out->totals.by_patch[patch * OAK_OUTCOMES + OAK_FIXED];
}

/* What `now` has fixed and `before` had not: by the patch of the step, and by those whose fix had to wait for it. */
static void subtract(struct oak_arena *arena, const struct oak_patches *patches, const struct oak_totals *const *now_and_before,
                     struct oak_totals *out)
{
    oak_totals_init(arena, patches, out);
    for (size_t i = 0; i < patches->items.count; i++) {
        const size_t at = i * OAK_OUTCOMES + OAK_FIXED;
        const size_t now = now_and_before[0]->by_patch[at], before = now_and_before[1]->by_patch[at];
        out->by_patch[at] = now > before ? now - before : 0;
        out->by_outcome[OAK_FIXED] += out->by_patch[at];
    }
}

/* The last commit says what is left. */
static void add_left(struct oak_totals *totals, const struct oak_totals *all, size_t patch_count)
{
    totals->templates = all->templates;
    for (size_t i = 0; i < patch_count * OAK_OUTCOMES; i++)
        if (i % OAK_OUTCOMES != OAK_FIXED)
            totals->by_patch[i] = all->by_patch[i];
}

/* The tree with the fixes of the patches up to number `i`, and what they fixed. */
static bool make_partial_tree(struct work *w, size_t i, struct oak_totals *totals, oak_object_id *tree,
                              struct oak_error *err)
{
    struct oak_run run;
    const struct step step = { .run = &run, .from = w->out->base };
    oak_totals_init(&w->tries, w->run->patches, totals);
    return make_partial_run(w, i, &run, err) && rewrite_tree(w, &step, totals, tree, err);
}

/* A commit for each patch, in the order of their ids: its tree is the base with the fixes of all patches so far. The last
 * tree is the one that a single commit would have. */
static bool commit_by_patch(struct work *w, oak_object_id last_tree, oak_object_id *tip, struct oak_error *err)
{
    const struct oak_patches *const patches = w->run->patches;
    struct oak_totals before, now, delta;
    oak_object_id tree = w->out->base.tree, next = tree;
    size_t last = patches->items.count;
    oak_totals_init(&w->tries, patches, &before);
    while (last > 0 && fixed_by(w, last - 1) == 0)
        last--;
    for (size_t i = 0; i < last; i++) {
        if (fixed_by(w, i) == 0)
            continue;
        if (i + 1 == last) {
            now = w->out->totals;
            next = last_tree;
        } else if (!make_partial_tree(w, i, &now, &next, err)) {
            return false;
        }
        if (oak_object_id_eq(next, tree))
            continue;
        subtract(&w->tries, patches, (const struct oak_totals *[]){ &now, &before }, &delta);
        if (i + 1 == last)
            add_left(&delta, &w->out->totals, patches->items.count);
        struct oak_message message = whole_message(w);
        message.totals = &delta;
        message.area = patches->items.items[i];
        message.tells_left = i + 1 == last;
        if (!add_commit(w, &message, next, tip, err))
            return false;
        tree = next;
        before = now;
    }
    return true;
}

static int compare_folders(const void *left, const void *right)
{
    const oak_str *const a = left, *const b = right;
    const int order = oak_str_cmp(folder_of(*a), folder_of(*b));
    return order != 0 ? order : oak_str_cmp(*a, *b);
}

static bool commit_by_folder(struct work *w, oak_object_id *tip, struct oak_error *err)
{
    oak_str *const paths = oak_arena_alloc(&w->tries, w->changed.count * sizeof *paths);
    const size_t count = w->changed.count;
    struct oak_base from = w->out->base;
    memcpy(paths, w->changed.items, count * sizeof *paths);
    qsort(paths, count, sizeof *paths, compare_folders);
    size_t i = 0;
    while (i < count) {
        struct oak_totals totals;
        size_t end = i;
        const struct step step = { .run = w->run, .from = from, .folder = folder_of(paths[i]) };
        while (end < count && oak_str_eq(folder_of(paths[end]), step.folder))
            end++;
        oak_totals_init(&w->tries, w->run->patches, &totals);
        if (!rewrite_tree(w, &step, &totals, &from.tree, err))
            return false;
        struct oak_message message = { .run = w->run, .totals = &totals, .tells_left = true, .paths = paths + i,
                                       .path_count = end - i };
        if (!add_commit(w, &message, from.tree, tip, err))
            return false;
        i = end;
    }
    return true;
}

static bool add_commits(struct work *w, oak_object_id tree, oak_object_id *tip, struct oak_error *err)
{
    struct oak_message message = whole_message(w);
    switch (w->options->split) {
    case OAK_SPLIT_PATCH:
        return commit_by_patch(w, tree, tip, err);
    case OAK_SPLIT_DIRECTORY:
        return commit_by_folder(w, tip, err);
    default:
        return add_commit(w, &message, tree, tip, err);
    }
}

/* ---- the branch ---- */

/* May this branch be moved at all? Whether it holds the same already is asked later, when the tree is known. */
static bool check_branch(struct work *w, const struct oak_commit_mark *mark, struct oak_error *err)
{
    const char *const branch = w->options->branch;
    oak_object_id foreign;
    if (oak_object_id_is_none(w->out->previous))
        return true;
    if (w->options->mode == OAK_MODE_CREATE && !oak_object_id_eq(mark->digest, w->out->digest))
        return oak_fail(err, OAK_GIT, nowhere, "branch '%s' exists: --mode replace makes it anew, --mode append adds to it",
                        branch);
    if (!oak_branch_find_foreign(w->repository, w->base.commit, w->out->previous, w->committer.email, &foreign, err))
        return false;
    if (oak_object_id_is_none(foreign))
        return true;
    return oak_fail(err, OAK_GIT, nowhere, "branch '%s' is left alone: commit %.10s on it was not made by oakum as %.*s",
                    branch, foreign.hex, (int)w->committer.email.len, w->committer.email.ptr);
}

/* Does the branch hold this already? On another base, too, if that has moved in no file that is fixed: to make the branch
 * anew would only cost its readers their approvals. Then the outcome tells of the base that it stands on. */
static bool find_same(struct work *w, const struct oak_commit_mark *mark, oak_object_id tree, bool *is_same,
                      struct oak_error *err)
{
    struct oak_branch_likeness likeness;
    *is_same = false;
    if (w->options->mode == OAK_MODE_APPEND || !oak_object_id_eq(mark->digest, w->out->digest))
        return true;
    *is_same = oak_object_id_eq(mark->base_tree, w->base.tree) && oak_object_id_eq(mark->tree, tree);
    if (*is_same)
        return true;
    if (!oak_branch_compare(w->repository, w->out->previous, &w->base, tree, &likeness, err))
        return false;
    *is_same = likeness.is_alike;
    if (likeness.is_alike)
        w->out->base = likeness.stands_on;
    return true;
}

static bool move_branch(struct work *w, oak_object_id tip, struct oak_error *err)
{
    const struct oak_branch_move move = { .name = w->options->branch, .from = w->out->previous, .to = tip,
                                          .who = w->committer, .reason = "commit: by oakum" };
    if (w->options->mode == OAK_MODE_CREATE && !oak_object_id_is_none(w->out->previous))
        return oak_fail(err, OAK_GIT, nowhere, "branch '%s' exists, with something else: --mode replace makes it anew",
                        w->options->branch);
    if (!oak_branch_move(w->repository, &move, err))
        return false;
    w->out->commit = tip;
    w->out->result = OAK_COMMIT_MADE;
    return true;
}

/* What is fixed, and what the new commits stand on. */
static bool find_start(struct work *w, struct oak_commit_mark *mark, struct oak_error *err)
{
    struct oak_commit_outcome *const out = w->out;
    *mark = (struct oak_commit_mark){ .tree = { "" } };
    if (!oak_branch_find(w->repository, w->options->branch, &out->previous, err))
        return false;
    out->commit = out->previous;
    out->base = w->base;
    if (oak_object_id_is_none(out->previous))
        return true;
    return oak_commit_mark_read(w->repository, out->previous, mark, err) && check_branch(w, mark, err) &&
           (w->options->mode != OAK_MODE_APPEND || oak_base_find(w->repository, out->previous.hex, &out->base, err));
}

static bool check_paths(const struct work *w, struct oak_error *err)
{
    for (size_t i = 0; i < w->options->path_count; i++)
        if (!w->is_path_met[i])
            return oak_fail(err, OAK_USAGE, nowhere, "'%.120s' is not in the base: paths start at the root of the repository",
                            w->options->paths[i]);
    return true;
}

static bool try_once(struct work *w, struct oak_error *err)
{
    struct oak_commit_mark mark;
    oak_object_id tree, tip;
    bool is_same;
    struct oak_commit_outcome *const out = w->out;
    out->result = OAK_COMMIT_NOTHING;
    out->commit_count = out->passed_over = 0;
    w->changed.items = NULL;
    w->changed.count = w->changed.capacity = 0;
    w->later = (struct oak_later){ .facts = { .arena = w->arena } };
    oak_totals_init(w->arena, w->run->patches, &out->totals);
    if (!oak_base_find(w->repository, w->options->base, &w->base, err) || !find_start(w, &mark, err))
        return false;
    if (!rewrite_all(w, &tree, err) || !check_paths(w, err))
        return false;
    if (oak_object_id_eq(tree, out->base.tree))
        return true;
    if (!find_same(w, &mark, tree, &is_same, err))
        return false;
    if (is_same) {
        out->result = OAK_COMMIT_SAME;
        return true;
    }
    tip = out->base.commit;
    return add_commits(w, tree, &tip, err) && move_branch(w, tip, err);
}

/* Did somebody else move the branch? Anything else that may go another time, a full disk or a lock that was left behind, does not
 * go away by doing all the work once more. */
static bool was_outrun(const struct work *w)
{
    oak_object_id tip;
    struct oak_error ignored;
    return !oak_signals_want_end() && oak_branch_find(w->repository, w->options->branch, &tip, &ignored) &&
           !oak_object_id_eq(tip, w->out->previous);
}

/* Some milliseconds, other ones in each process: who lost a race must not lose the next to the same rival. */
static void wait_a_little(unsigned try)
{
    const unsigned spread = (unsigned)getpid() * 2654435761u >> 20;
    const long ms = (long)((try < 10 ? try + 1 : 10) * 5 + (spread * (try + 1)) % 40);
    const struct timespec pause = { 0, ms * 1000000 };
    nanosleep(&pause, NULL);
}

/* ---- what decides what is made ---- */

static void add_words(struct oak_buf *out, const char *name, const oak_str *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        oak_buf_addf(out, "%s %.*s\n", name, (int)words[i].len, words[i].ptr);
}

/* A digest of everything but the base that the result depends on. */
static oak_object_id make_digest(struct oak_arena *arena, const struct oak_run *run,
                                 const struct oak_commit_options *options)
{
    const struct oak_options *const o = run->options;
    const struct oak_patch *before = NULL;
    struct oak_buf out;
    oak_buf_init(&out, arena);
    oak_buf_addf(&out, "oakum %s\nprofile %d\nfix %d\nkube %u\nsplit %d\n", options->version, o->profile, o->fix,
                 o->kube_minor, options->split);
    add_words(&out, "runtime-class", &o->runtime_class, 1);
    add_words(&out, "enforce", &o->enforce, 1);
    add_words(&out, "guesses", &(oak_str){ "yes", o->guesses ? 3 : 0 }, 1);
    add_words(&out, "config", &options->config_text, 1);
    add_words(&out, "select", o->select, o->select_count);
    add_words(&out, "also", o->also, o->also_count);
    add_words(&out, "ignore", o->ignore, o->ignore_count);
    add_words(&out, "force", o->force, o->force_count);
    for (size_t i = 0; i < options->path_count; i++) {
        const oak_str path = plain_path(options->paths[i]);
        add_words(&out, "path", &path, 1);
    }
    for (size_t i = 0; i < run->active.count; i++) {
        const struct oak_patch *const patch = run->active.items[i].rule->patch;
        if (patch != before)
            add_words(&out, "patch", &patch->text, 1);
        before = patch;
    }
    return oak_text_digest(oak_buf_str(&out));
}

/* One moment for both, if the environment does not give two: an amended commit can be told from ours by its dates. */
static void share_moment(struct oak_identity *author, struct oak_identity *committer)
{
    const struct oak_identity *const from = author->is_dated ? author : committer;
    struct oak_identity *const to = author->is_dated ? committer : author;
    if (author->is_dated && committer->is_dated)
        return;
    to->time_s = from->time_s;
    to->offset_minutes = from->offset_minutes;
}

bool oak_commit_run(struct oak_arena *arena, struct oak_repository *repository, const struct oak_run *run,
                    const struct oak_commit_options *options, struct oak_commit_outcome *out, struct oak_error *err)
{
    struct work w = { .arena = arena, .repository = repository, .run = run, .options = options, .out = out };
    *out = (struct oak_commit_outcome){ .digest = make_digest(arena, run, options) };
    oak_totals_init(arena, run->patches, &out->totals);
    w.is_path_met = oak_arena_alloc(arena, options->path_count + 1);
    if (!oak_branch_check_name(options->branch, err) ||
        !oak_identity_find(arena, repository, OAK_AUTHOR, &w.author, err) ||
        !oak_identity_find(arena, repository, OAK_COMMITTER, &w.committer, err))
        return false;
    share_moment(&w.author, &w.committer);
    oak_arena_init(&w.tries);
    bool ok = try_once(&w, err);
    for (unsigned tries = 1; !ok && err->kind == OAK_AGAIN && tries < MAX_TRIES && was_outrun(&w); tries++) {
        wait_a_little(tries);
        oak_arena_reset(&w.tries);
        if (options->restart != NULL)
            options->restart(options->context);
        ok = try_once(&w, err);
    }
    oak_arena_free(&w.tries);
    return ok;
}
