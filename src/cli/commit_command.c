/* One repository, or each of many in threads: commit, and tell what became of it. */
#include "cli/commit_command.h"

#include "cli/commit_config.h"
#include "cli/program.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "cli/signals.h"
#include "cli/stdout.h"
#include "cli/uses.h"
#include "cli/verbose.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What the progress shows of all repositories at work. */
struct pulse {
    atomic_size_t files, findings;
};

/* One repository on its way through. */
struct job {
    struct oak_arena arena;
    struct oak_arena scratch; /* of one file's words, before they are kept */
    size_t ticket;
    oak_str name; /* as printed; empty if it is the only one */
    bool is_json;
    struct oak_buf out, talk;
    struct oak_commit_outcome outcome;
    struct oak_error error;
    bool failed;
    struct oak_visit visit;
    const struct oak_delivery *delivery;
    struct oak_base_run base;
    struct oak_uses uses;
    struct pulse *pulse;
};

struct jobs {
    pthread_mutex_t lock; /* guards everything up to `answer` */
    pthread_cond_t turn;
    size_t taken, printed;
    int status;
    struct oak_progress progress;
    struct oak_stdout answer;

    struct pulse pulse;

    const struct oak_repos *repos;
    const struct oak_command_line *line;
    const struct oak_commit_command *command;
};

/* ---- what is said ---- */

static void see(void *context, const struct oak_report *report)
{
    struct job *const j = context;
    oak_uses_count(&j->uses, report->result);
    if (j->delivery->see != NULL)
        j->delivery->see(j->delivery->context, &j->visit, report);
    j->pulse->files++;
    j->pulse->findings += report->result->findings.count;
    if (j->is_json)
        return;
    const bool is_refused = report->result->failed && report->result->error.kind == OAK_TEMPLATE;
    const enum oak_loudness loudness = j->base.line.loudness;
    struct oak_report said = *report;
    said.is_brief = loudness == OAK_QUIET;
    struct oak_buf findings, refusal, notes;
    oak_buf_init(&findings, &j->scratch);
    oak_buf_init(&refusal, &j->scratch);
    oak_buf_init(&notes, &j->scratch);
    findings.look = j->out.look;
    notes.look = j->talk.look;
    refusal.look = is_refused ? j->out.look : j->talk.look;
    if (!j->base.line.wants_statistics)
        oak_text_findings(&findings, &said);
    if (loudness != OAK_QUIET)
        oak_text_verdicts(&findings, &said);
    oak_text_notes(&notes, report->path, report->text, &report->result->notes);
    if (loudness != OAK_QUIET)
        oak_text_unread(&notes, &said);
    if (loudness == OAK_VERBOSE)
        oak_verbose_file(&notes, &said);
    if (report->result->failed)
        oak_text_error(&refusal, report->path, report->text, &report->result->error);
    if (j->name.len > 0 && findings.len + refusal.len > 0)
        oak_buf_addf(&j->out, "%.*s:\n", (int)j->name.len, j->name.ptr);
    oak_buf_add(&j->out, oak_buf_str(&findings));
    oak_buf_add(&j->talk, oak_buf_str(&notes));
    oak_buf_add(is_refused ? &j->out : &j->talk, oak_buf_str(&refusal));
    oak_arena_reset(&j->scratch);
}

static void passed_over(void *context, oak_str path, oak_str why)
{
    struct job *const j = context;
    if (!j->is_json && j->base.line.loudness != OAK_QUIET)
        oak_verbose_passed_over(&j->talk, path, why);
}

/* What of the configuration is needed is known only of what was run. */
static void start_uses(struct job *j)
{
    const struct oak_command_line *const line = &j->base.line;
    j->uses = (struct oak_uses){ .entries = NULL };
    oak_uses_init(&j->arena, &j->uses, &j->base.run);
    for (size_t i = 0; i < line->paths.count; i++)
        oak_uses_add_folder(&j->arena, &j->uses, oak_path_join(&j->arena, OAK_STR(""), oak_str_from(line->paths.items[i])));
    if (line->paths.count == 0)
        oak_uses_add_folder(&j->arena, &j->uses, OAK_STR(""));
}

static void start(struct job *j)
{
    if (!j->is_json && j->base.line.loudness == OAK_VERBOSE)
        oak_verbose_run(&j->talk, &j->base.run, &j->base.config);
    start_uses(j);
}

static void restart(void *context)
{
    struct job *const j = context;
    j->out.len = j->talk.len = 0;
    start(j);
    if (j->delivery->restart != NULL)
        j->delivery->restart(j->delivery->context, &j->visit);
}

static const char *name_of(enum oak_commit_result result)
{
    static const char *const names[] = { "nothing", "same", "made" };
    return names[result];
}

static void tell_summary(struct job *j)
{
    const struct oak_commit_outcome *const o = &j->outcome;
    const enum oak_loudness loudness = j->base.line.loudness;
    oak_uses_tell(&j->arena, &j->uses, &j->base.run, &j->base.config, &j->talk);
    if (j->base.line.wants_statistics)
        oak_text_statistics(&j->out, &o->totals, j->base.run.patches);
    oak_text_summary(&j->talk, &o->totals, j->base.run.patches, OAK_VIEW_FIX, loudness);
    if (loudness != OAK_QUIET)
        oak_text_unmet(&j->talk, &j->base.run, &o->totals, &o->facts);
}

static void report(const struct jobs *all, struct job *j, uint64_t duration_ms)
{
    const struct oak_commit_outcome *const o = &j->outcome;
    const struct oak_commit_report r = {
        .name = j->name, .result = j->visit.skip ? "skipped" : name_of(o->result), .base = o->base.commit.hex, .branch = all->line->git.branch,
        .commit = o->commit.hex, .previous = o->previous.hex, .digest = o->digest.hex, .commits = o->commit_count,
        .passed_over = o->passed_over, .totals = &o->totals, .patches = &j->base.own, .duration_ms = duration_ms,
        .pull_request = j->visit.pull_request, .error = j->failed ? &j->error : NULL
    };
    if (j->is_json) {
        oak_json_commit(&j->out, &r);
        return;
    }
    if (!j->failed && !j->visit.skip)
        tell_summary(j);
    if (j->failed && j->name.len == 0)
        oak_buf_addf(&j->talk, "%s: %s\n", j->base.line.program, j->error.text);
    else
        oak_text_commit(j->failed ? &j->talk : &j->out, &r);
    if (!j->failed && j->visit.note.len > 0)
        oak_buf_addf(&j->out, "%.*s\n", (int)j->visit.note.len, j->visit.note.ptr);
}

/* ---- one repository ---- */

int oak_exit_of(const struct oak_error *err)
{
    return err->kind == OAK_AGAIN ? OAK_EXIT_AGAIN : err->kind == OAK_UNSAFE ? OAK_EXIT_UNSAFE : OAK_EXIT_FAILED;
}

struct oak_commit_options oak_commit_options_of(const struct oak_command_line *line, const char *version)
{
    const struct oak_git_options *const g = &line->git;
    return (struct oak_commit_options){ .base = g->base, .branch = g->branch, .mode = g->mode, .split = g->split,
                                        .signing = g->signing, .signoff = g->signoff, .paths = line->paths.items,
                                        .path_count = line->paths.count, .version = version };
}

static bool deliver(struct job *j, struct oak_commit_options *options)
{
    const struct oak_delivery *const d = j->delivery;
    j->visit.options = options;
    j->visit.run = &j->base.run;
    if (d->before != NULL && !d->before(d->context, &j->visit, &j->error))
        return false;
    if (j->visit.skip)
        return true;
    if (!oak_commit_run(&j->arena, j->visit.repository, &j->base.run, options, &j->outcome, &j->error))
        return false;
    j->visit.outcome = &j->outcome;
    return d->after == NULL || d->after(d->context, &j->visit, &j->error);
}

/* The base and what it says about the run. Who appends to the base itself starts from where it is then. */
static bool prepare(struct job *j, struct oak_commit_options *options, char *base_id)
{
    struct oak_base base;
    if (!oak_base_find(j->visit.repository, options->base, &base, &j->error) ||
        !oak_base_run_init(&j->arena, j->visit.repository, &base, &j->base, &j->error))
        return false;
    options->config_text = j->base.config.text;
    snprintf(base_id, sizeof base.commit.hex, "%s", base.commit.hex);
    if (options->mode != OAK_MODE_APPEND)
        options->base = base_id;
    start(j);
    return true;
}

static bool commit(const struct jobs *all, struct job *j, const char *folder)
{
    char base_id[sizeof(oak_object_id)];
    struct oak_commit_options options = oak_commit_options_of(all->line, all->command->version);
    options.see = see;
    options.passed_over = passed_over;
    options.restart = restart;
    options.context = j;
    const bool ok = oak_repository_open(folder, &j->visit.repository, &j->error) && prepare(j, &options, base_id) &&
                    deliver(j, &options);
    oak_repository_free(j->visit.repository);
    return ok;
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void work(const struct jobs *all, struct job *j)
{
    const struct oak_repo *const repo = &all->repos->items.items[j->ticket];
    static const struct oak_delivery none = { .context = NULL };
    const char *folder;
    const uint64_t start = now_ms();
    j->delivery = all->command->delivery != NULL ? all->command->delivery : &none;
    const bool has_name = all->line->git.repos_from != NULL || oak_command_line_is_json(all->line);
    j->name = has_name ? oak_remote_shown(&j->arena, repo->name) : OAK_STR("");
    j->is_json = oak_command_line_is_json(all->line);
    j->base.line = *all->line;
    j->base.own = *all->command->patches;
    j->base.config = *all->command->config;
    oak_totals_init(&j->arena, &j->base.own, &j->outcome.totals);
    struct oak_remote remote = { .url = repo->name };
    j->visit = (struct oak_visit){ .arena = &j->arena, .repo = repo };
    j->failed = (repo->is_address && j->delivery->login != NULL &&
                 !j->delivery->login(j->delivery->context, &j->visit, &remote, &j->error)) ||
                !oak_repo_find_folder(&j->arena, repo, &remote, &folder, &j->error) || !commit(all, j, folder);
    if (j->delivery->end != NULL)
        j->delivery->end(j->delivery->context, &j->visit);
    report(all, j, now_ms() - start);
}

static int status_of(const struct jobs *all, const struct job *j)
{
    if (j->failed)
        return oak_exit_of(&j->error);
    if (j->outcome.totals.errors > 0)
        return OAK_EXIT_FAILED;
    return oak_totals_left(&j->outcome.totals) > 0 && !all->line->exit_zero ? OAK_EXIT_FINDINGS : OAK_EXIT_CLEAN;
}

/* ---- all of them ---- */

/* With the lock held, in order of the tickets. The largest status wins: what can be tried again, then what is unsafe. */
static void emit(struct jobs *all, struct job *j)
{
    while (all->printed != j->ticket)
        pthread_cond_wait(&all->turn, &all->lock);
    const int status = status_of(all, j);
    all->status = status > all->status ? status : all->status;
    oak_progress_make_room(&all->progress, oak_buf_str(&j->out), oak_buf_str(&j->talk));
    oak_stdout_print(&all->answer, oak_buf_str(&j->out));
    oak_stdout_flush(&all->answer);
    if (j->talk.len > 0)
        fwrite(j->talk.ptr, 1, j->talk.len, stderr);
    all->printed++;
    pthread_cond_broadcast(&all->turn);
}

static void *worker(void *context)
{
    struct jobs *const all = context;
    for (;;) {
        struct job j = { .failed = false }; /* does not move: its run points into it */
        pthread_mutex_lock(&all->lock);
        const bool has_job = !all->answer.is_lost && !oak_signals_want_end() && all->taken < all->repos->items.count;
        j.ticket = has_job ? all->taken++ : 0;
        pthread_mutex_unlock(&all->lock);
        if (!has_job)
            return NULL;
        oak_arena_init(&j.arena);
        oak_arena_init(&j.scratch);
        oak_buf_init(&j.out, &j.arena);
        oak_buf_init(&j.talk, &j.arena);
        j.out.look = all->command->terminal->out;
        j.talk.look = all->command->terminal->err;
        j.pulse = &all->pulse;
        work(all, &j);
        pthread_mutex_lock(&all->lock);
        emit(all, &j);
        pthread_mutex_unlock(&all->lock);
        oak_arena_free(&j.scratch);
        oak_arena_free(&j.arena);
    }
}

static void run_workers(struct jobs *all)
{
    pthread_t threads[256];
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = all->line->jobs > 0 ? all->line->jobs : processors > 0 ? (size_t)processors : 1, started = 0;
    if (jobs > all->repos->items.count)
        jobs = all->repos->items.count;
    while (started + 1 < jobs && started < 255 && pthread_create(&threads[started], NULL, worker, all) == 0)
        started++;
    worker(all);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

/* The line at the foot of the terminal. With the lock held. */
static void say_progress(void *context, struct oak_buf *line)
{
    struct jobs *const all = context;
    if (all->repos->items.count > 1)
        oak_buf_addf(line, "repositories: %zu of %zu, ", all->printed, all->repos->items.count);
    oak_buf_addf(line, "files: %zu, findings: %zu", atomic_load(&all->pulse.files), atomic_load(&all->pulse.findings));
}

int oak_run_commit(struct oak_arena *arena, const struct oak_commit_command *command)
{
    struct oak_repos repos = { .items = { .items = NULL } };
    struct oak_error err;
    if (!oak_repos_read(arena, &command->line->git, &repos, &err)) {
        oak_program_say(command->line->program, "", err.text);
        return oak_exit_of(&err);
    }
    struct jobs all = { .lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER, .repos = &repos,
                        .line = command->line, .command = command };
    oak_git_start();
    oak_progress_start(&all.progress, command->terminal, command->line->loudness,
                       (struct oak_progress_line){ &all.lock, say_progress, &all });
    /* Who waits for the other side (pr) is not kept waiting. */
    if (command->delivery == NULL)
        oak_signals_put_off();
    run_workers(&all);
    oak_progress_stop(&all.progress);
    oak_git_stop();
    if (all.taken < repos.items.count && oak_signals_want_end())
        oak_program_say(command->line->program, "", "interrupted: not all repositories were looked at");
    return oak_stdout_close(&all.answer, command->line->program) ? all.status : OAK_EXIT_FAILED;
}
