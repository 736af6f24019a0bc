/* The loop around the pure core. Workers take the next path from one queue, which walks folders as it goes; each waits its
 * turn to print, so that at most one result per worker is in memory and the order is that of the walk. */
#include "cli/run.h"

#include "cli/inputs.h"
#include "cli/later.h"
#include "files/files.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct queue {
    pthread_mutex_t lock; /* guards everything up to `totals` */
    pthread_cond_t turn;
    struct oak_inputs inputs;
    size_t taken, printed; /* tickets */
    struct oak_totals totals;
    struct oak_later later;
    bool output_failed;

    const struct oak_run *run;
    const struct oak_command_line *line;
    enum oak_command_view view;
};

/* One file on its way through. */
struct job {
    struct oak_arena arena;
    size_t ticket;
    struct oak_found found;
    bool is_written;
    bool waits;                  /* for what the other files tell: nothing is said or written yet */
    const struct oak_late *late; /* on its second visit; NULL: on its first */
    oak_str text;
    struct oak_result result;
    struct oak_buf out, talk;
};

/* ---- the queue ---- */

static void fail_job(struct job *j, const struct oak_error *err)
{
    j->found.has_error = true;
    j->found.error = *err;
}

/* The next file that is visited again. */
static bool take_late(struct queue *q, struct job *j)
{
    j->late = oak_later_next(&q->later);
    if (j->late != NULL)
        j->found = (struct oak_found){ .path = j->late->path, .real = j->late->real, .is_stdin = j->late->is_stdin };
    return j->late != NULL;
}

/* With the lock held. */
static bool take_job(struct queue *q, struct job *j)
{
    if (!(q->later.is_second ? take_late(q, j) : oak_inputs_next(&j->arena, &q->inputs, &j->found)))
        return false;
    j->ticket = q->taken++;
    return true;
}

/* ---- one file ---- */

static bool read_job(struct job *j, struct oak_file_stamp *stamp, struct oak_error *err)
{
    if (j->late != NULL && j->found.is_stdin) {
        j->text = j->late->text;
        return true;
    }
    return j->found.is_stdin ? oak_stream_read(&j->arena, STDIN_FILENO, OAK_MAX_FILE, &j->text, err)
                             : oak_file_read(&j->arena, j->found.real, OAK_MAX_FILE, &j->text, stamp, err);
}

static void pass_job(const struct queue *q, struct job *j)
{
    struct oak_run run = *q->run;
    if (j->late != NULL) {
        run.verdicts = j->late->verdicts;
        run.verdict_count = j->late->verdict_count;
    }
    oak_pass(&j->arena, &run, j->text, &j->result);
    if (!run.gathers || j->late != NULL)
        return;
    if (j->result.failed)
        oak_facts_of_failure(&j->arena, &j->result.error, &j->result.facts);
    else
        oak_facts_of_name(&j->arena, oak_str_from(j->found.path), j->text, &j->result.facts);
    j->waits = oak_facts_has_namespace(&j->result.facts);
}

static void work(const struct queue *q, struct job *j)
{
    struct oak_error err;
    struct oak_file_stamp stamp;
    if (!j->found.has_error && !read_job(j, &stamp, &err))
        fail_job(j, &err);
    if (j->found.has_error)
        return;
    pass_job(q, j);
    if (q->view != OAK_VIEW_FIX || j->found.is_stdin || j->result.edits.count == 0)
        return;
    /* Of a file that waits it must be known now whether it will be written: labels elsewhere rely on it. */
    j->is_written = j->waits ? oak_file_is_replaceable(j->found.real, &stamp, &err)
                             : oak_file_replace(j->found.real, &stamp, j->result.text, &err);
    if (!j->is_written)
        fail_job(j, &err);
}

/* What was not written was not fixed. */
static void take_back(struct job *j)
{
    for (size_t i = 0; i < j->result.findings.count; i++)
        if (j->result.findings.items[i].outcome == OAK_FIXED) {
            j->result.findings.items[i].outcome = OAK_REFUSED;
            j->result.findings.items[i].reason = OAK_STR("the file could not be written");
        }
    j->result.edits.count = 0;
}

static void render(const struct queue *q, struct job *j)
{
    if (j->found.has_error)
        take_back(j);
    const struct oak_report report = { .path = oak_str_from(j->found.path), .text = j->text, .result = &j->result,
                                       .view = q->view, .io_error = j->found.has_error ? &j->found.error : NULL,
                                       .verdicts = j->late != NULL ? j->late->verdicts : NULL,
                                       .verdict_count = j->late != NULL ? j->late->verdict_count : 0 };
    const bool is_filter = j->found.is_stdin && q->view == OAK_VIEW_FIX;
    /* stdout is the answer: the findings of check, the diff, what fix did; a filter's answer is the new text. */
    struct oak_buf *const answer = is_filter ? &j->talk : &j->out;
    if (q->line->is_json) {
        oak_json_line(answer, &report);
    } else {
        oak_text_findings(q->view == OAK_VIEW_DIFF ? &j->talk : answer, &report);
        oak_text_verdicts(q->view == OAK_VIEW_DIFF ? &j->talk : answer, &report);
    }
    if (q->view == OAK_VIEW_DIFF && !q->line->is_json)
        oak_diff(&j->out, &report);
    if (is_filter)
        oak_buf_add(&j->out, j->found.has_error ? OAK_STR("") : j->result.text);
    if (q->line->is_json)
        return;
    if (j->found.has_error)
        oak_text_error(&j->talk, report.path, (oak_str){ "", 0 }, &j->found.error);
    else if (j->result.failed)
        oak_text_error(j->result.error.kind == OAK_TEMPLATE ? answer : &j->talk, report.path, j->text,
                       &j->result.error);
}

static size_t number_of(const struct oak_patches *patches, const struct oak_patch *patch)
{
    size_t i = 0;
    while (i < patches->items.count && patches->items.items[i] != patch)
        i++;
    return i;
}

/* With the lock held. */
static void count(struct queue *q, const struct job *j)
{
    struct oak_totals *const t = &q->totals;
    const struct oak_result *const r = &j->result;
    t->files++;
    t->manifests += r->is_manifest;
    t->changed += r->edits.count > 0;
    if (r->failed && r->error.kind == OAK_TEMPLATE)
        t->templates++;
    else
        t->errors += j->found.has_error || r->failed;
    for (size_t i = 0; i < r->findings.count; i++) {
        const struct oak_finding *const f = &r->findings.items[i];
        const bool is_written = q->view == OAK_VIEW_FIX;
        const enum oak_outcome outcome = f->outcome == OAK_FIXED && !is_written ? OAK_OPEN : f->outcome;
        t->by_outcome[outcome]++;
        t->by_patch[number_of(q->run->patches, f->rule->patch) * OAK_OUTCOMES + outcome]++;
    }
    for (size_t i = 0; i < r->met.count; i++)
        oak_facts_add_met(&q->later.facts, r->met.items[i]);
}

static bool print(FILE *to, oak_str text)
{
    return text.len == 0 || fwrite(text.ptr, 1, text.len, to) == text.len;
}

/* With the lock held, in order of the tickets. */
static void emit(struct queue *q, struct job *j)
{
    while (q->printed != j->ticket)
        pthread_cond_wait(&q->turn, &q->lock);
    if (q->run->gathers && j->late == NULL)
        oak_later_add(&q->later, &(struct oak_late){ .path = j->found.path, .real = j->found.real, .text = j->text,
                                                     .is_stdin = j->found.is_stdin }, &j->result.facts, j->waits);
    if (!j->waits)
        count(q, j);
    if (!print(stdout, oak_buf_str(&j->out)))
        q->output_failed = true;
    if (j->talk.len > 0) {
        fflush(stdout);
        print(stderr, oak_buf_str(&j->talk));
    }
    q->printed++;
    pthread_cond_broadcast(&q->turn);
}

static void *worker(void *context)
{
    struct queue *const q = context;
    struct oak_arena arena;
    oak_arena_init(&arena);
    for (;;) {
        struct job j = { .arena = arena };
        pthread_mutex_lock(&q->lock);
        const bool has_job = !q->output_failed && take_job(q, &j);
        pthread_mutex_unlock(&q->lock);
        if (!has_job)
            break;
        oak_buf_init(&j.out, &j.arena);
        oak_buf_init(&j.talk, &j.arena);
        work(q, &j);
        if (j.found.has_error) {
            j.waits = false;
            oak_facts_of_failure(&j.arena, &j.found.error, &j.result.facts);
        }
        if (!j.waits)
            render(q, &j);
        pthread_mutex_lock(&q->lock);
        emit(q, &j);
        pthread_mutex_unlock(&q->lock);
        arena = j.arena;
        oak_arena_reset(&arena);
    }
    oak_arena_free(&arena);
    return NULL;
}

/* ---- all files ---- */

static void run_workers(struct queue *q)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned jobs = q->line->jobs > 0 ? q->line->jobs : processors > 0 ? (unsigned)processors : 1;
    pthread_t threads[256];
    unsigned started = 0;
    if (jobs > 256)
        jobs = 256;
    /* One of the workers is this thread: a single job starts no other. */
    while (started + 1 < jobs && pthread_create(&threads[started], NULL, worker, q) == 0)
        started++;
    worker(q);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    oak_inputs_free(&q->inputs);
}

static void say_unmet(const struct queue *q, struct oak_buf *out)
{
    for (size_t i = 0; i < q->run->active.count; i++) {
        const struct oak_rule *const rule = q->run->active.items[i].rule;
        const size_t *const counts =
            &q->totals.by_patch[number_of(q->run->patches, rule->patch) * OAK_OUTCOMES];
        if (rule->expects_kind.len > 0 && !oak_facts_is_met(&q->later.facts, rule) && counts[OAK_FIXED] + counts[OAK_OPEN] > 0)
            oak_buf_addf(out, "%.*s: %.*s\n", (int)rule->patch->id.len, rule->patch->id.ptr,
                         (int)rule->expects_otherwise.len, rule->expects_otherwise.ptr);
    }
}

static int exit_status(const struct queue *q)
{
    const struct oak_totals *const t = &q->totals;
    size_t left = t->templates;
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        left += i == OAK_FIXED || i == OAK_IGNORED ? 0 : t->by_outcome[i];
    if (t->errors > 0 || q->output_failed)
        return OAK_EXIT_FAILED;
    return left > 0 && !q->line->exit_zero ? OAK_EXIT_FINDINGS : OAK_EXIT_CLEAN;
}

int oak_run_files(struct oak_arena *arena, const struct oak_run *run, const struct oak_command_line *line,
                  enum oak_command_view view)
{
    struct queue q = { .lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER, .run = run, .line = line,
                       .view = view };
    q.totals.by_patch = oak_arena_alloc(arena, (run->patches->items.count + 1) * OAK_OUTCOMES * sizeof(size_t));
    q.later.facts.arena = arena;
    oak_inputs_init(arena, line, &q.inputs);
    run_workers(&q);
    if (!q.output_failed && oak_later_start(&q.later))
        run_workers(&q);

    struct oak_buf talk;
    oak_buf_init(&talk, arena);
    if (!line->is_json) {
        oak_text_summary(&talk, &q.totals, run->patches, view);
        say_unmet(&q, &talk);
    }
    if (fflush(stdout) != 0)
        q.output_failed = true;
    if (q.output_failed && errno != EPIPE)
        fputs("oakum: cannot write the output\n", stderr);
    print(stderr, oak_buf_str(&talk));
    return exit_status(&q);
}
