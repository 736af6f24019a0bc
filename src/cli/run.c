/* The loop around the pure core. Workers take the next path from one queue, which walks folders as it goes; each waits its
 * turn to print, so that at most one result per worker is in memory and the order is that of the walk. */
#include "cli/run.h"

#include "cli/inputs.h"
#include "cli/interactive.h"
#include "cli/later.h"
#include "cli/program.h"
#include "cli/signals.h"
#include "cli/stdout.h"
#include "cli/step.h"
#include "cli/progress.h"
#include "cli/verbose.h"
#include "output/question.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct queue {
    pthread_mutex_t lock; /* guards everything up to `totals` */
    pthread_cond_t turn;
    struct oak_inputs inputs;
    size_t next_object; /* of `live` */
    size_t taken, printed; /* tickets */
    struct oak_totals totals;
    struct oak_later later;
    OAK_LIST(oak_str) parts; /* of a page that is written last */
    struct oak_buf passed_over; /* by the walk since the last file, for -v */
    struct oak_progress progress;
    struct oak_stdout answer;
    struct oak_uses uses;
    struct oak_arena *arena; /* of the run; used with the lock held */

    const struct oak_run *run;
    const struct oak_command_line *line;
    const struct oak_config_file *config;
    const struct oak_terminal *terminal;
    enum oak_command_view view;
    struct oak_dialogue *dialogue; /* NULL: nobody is asked. Otherwise there is one worker */
    const struct oak_live *live;
};

/* One file on its way through. */
struct job {
    struct oak_arena arena;
    struct oak_desk *desk; /* of the worker */
    size_t ticket;
    const char *path; /* as printed */
    oak_file_path real; /* as opened */
    oak_str inside;   /* seen from the folder of the configuration; empty: outside, or no file */
    struct oak_error error;
    bool has_error;
    const struct oak_live_object *live; /* NULL: a file */
    bool is_stdin; /* or another text that can't be read again */
    bool is_written;
    bool was_asked, has_new_text;
    bool waits;                  /* for what the other files tell: nothing is said or written yet */
    const struct oak_late *late; /* on its second visit; NULL: on its first */
    oak_str text;
    struct oak_result result;
    struct oak_buf out, talk;
    struct oak_buf part; /* of a page that is written last */
};

/* ---- the queue ---- */

static void fail_job(struct job *j, const struct oak_error *err)
{
    j->has_error = true;
    j->error = *err;
}

/* The next file of the command line, or object of the cluster. */
static bool take_input(struct queue *q, struct job *j)
{
    struct oak_error err;
    if (q->live != NULL) {
        if (q->next_object == q->live->objects.count)
            return false;
        j->live = &q->live->objects.items[q->next_object++];
        j->path = j->live->name;
        j->is_stdin = true;
        return true;
    }
    struct oak_input input;
    const enum oak_input_result found = oak_inputs_next(&q->inputs, &j->arena, &input, &err);
    if (found == OAK_INPUT_END)
        return false;
    j->path = input.path;
    j->real = (oak_file_path){ input.real, input.given_len };
    j->inside = input.inside;
    j->is_stdin = found == OAK_INPUT_FILE && input.real == NULL;
    if (found == OAK_INPUT_ERROR)
        fail_job(j, &err);
    return true;
}

/* The next file that is visited again. */
static bool take_late(struct queue *q, struct job *j)
{
    j->late = oak_later_next(&q->later);
    if (j->late == NULL)
        return false;
    j->path = j->late->path;
    j->real = j->late->real;
    j->is_stdin = j->late->is_stdin;
    j->ticket = q->taken++;
    return true;
}

/* Somebody said that it is enough. */
static bool is_over(const struct queue *q)
{
    return oak_signals_want_end() || (q->dialogue != NULL && q->dialogue->stance.is_over);
}

/* With the lock held. */
static bool take_job(struct queue *q, struct job *j)
{
    if (is_over(q))
        return false;
    if (q->later.is_second)
        return take_late(q, j);
    if (!take_input(q, j))
        return false;
    j->ticket = q->taken++;
    return true;
}

/* ---- one file ---- */

/* The text may have become another, with exemptions. */
static void ask(const struct queue *q, struct job *j)
{
    struct oak_file file = { j->inside, j->text };
    j->was_asked = oak_dialogue_file(q->dialogue, &j->arena, q->run, oak_str_from(j->path), &file, &j->result);
    j->has_new_text = file.text.ptr != j->text.ptr && !j->result.failed;
    j->text = file.text;
}

static void work(const struct queue *q, struct job *j)
{
    struct oak_error err;
    struct oak_file_stamp stamp;
    if (j->has_error)
        return;
    bool is_read = true;
    if (j->late != NULL && j->is_stdin)
        j->text = j->late->text;
    else if (j->live != NULL)
        j->text = j->live->text;
    else if (j->is_stdin)
        is_read = oak_stream_read(&j->arena, STDIN_FILENO, OAK_MAX_FILE, &j->text, &err);
    else if (q->view == OAK_VIEW_FIX)
        is_read = oak_desk_read(j->desk, &j->arena, j->real, OAK_MAX_FILE, &j->text, &stamp, &err);
    else
        is_read = oak_desk_look(j->desk, &j->arena, j->real, OAK_MAX_FILE, &j->text, &stamp, &err);
    if (!is_read) {
        fail_job(j, &err);
        return;
    }
    const struct oak_run run = oak_later_run(q->run, j->late);
    oak_pass_file(&j->arena, &run, (struct oak_file){ j->inside, j->text }, &j->result);
    if (j->live != NULL && j->live->owner.len > 0 && j->result.findings.count > 0)
        *oak_push(&j->arena, &j->result.notes) = (struct oak_note){ { 0, 0 }, j->live->owner };
    j->waits = j->late == NULL && oak_later_must_wait(&j->arena, q->run, oak_str_from(j->path), j->text, &j->result);
    if (q->dialogue != NULL)
        ask(q, j);
    if (q->view != OAK_VIEW_FIX || j->is_stdin || (j->result.edits.count == 0 && !j->has_new_text))
        return;
    /* Of a file that waits it must be known now whether it will be written: labels elsewhere rely on it. */
    j->is_written = j->waits ? oak_file_is_replaceable(j->real.path, &stamp, &err)
                             : oak_desk_replace(j->desk, j->real, &stamp, j->result.text, &err);
    if (!j->is_written)
        fail_job(j, &err);
}

/* stdout is the answer: the findings of check, the diff, what fix did; a filter's answer is the new text. */
static void render_text(const struct queue *q, struct job *j, struct oak_buf *answer, const struct oak_report *report)
{
    const bool is_diff = report->view == OAK_VIEW_DIFF;
    if (j->was_asked)
        oak_text_answered(answer, report->path, &j->result, j->is_written);
    else if (!q->line->wants_statistics)
        oak_text_findings(is_diff ? &j->talk : answer, report);
    if (!report->is_brief)
        oak_text_verdicts(is_diff ? &j->talk : answer, report);
    if (is_diff)
        (q->line->kube.add_change != NULL ? q->line->kube.add_change : oak_diff)(&j->out, report);
    oak_text_notes(&j->talk, report->path, j->text, &j->result.notes);
    if (!report->is_brief)
        oak_text_unread(&j->talk, report);
    if (j->has_error)
        oak_text_error(&j->talk, report->path, (oak_str){ "", 0 }, &j->error);
    else if (j->result.failed)
        oak_text_error(j->result.error.kind == OAK_TEMPLATE ? answer : &j->talk, report->path, j->text,
                       &j->result.error);
}

static bool is_filter(const struct queue *q, const struct job *j)
{
    return j->is_stdin && q->view == OAK_VIEW_FIX;
}

static void render(const struct queue *q, struct job *j)
{
    const struct oak_format *const format = q->line->format;
    if (j->has_error)
        oak_result_take_back(&j->result, OAK_STR("the file could not be written"));
    const struct oak_report report = { .path = oak_str_from(j->path), .text = j->text, .result = &j->result,
                                       .view = q->view, .io_error = j->has_error ? &j->error : NULL,
                                       .verdicts = j->late != NULL ? j->late->verdicts : NULL,
                                       .verdict_count = j->late != NULL ? j->late->verdict_count : 0,
                                       .is_brief = q->line->loudness == OAK_QUIET };
    struct oak_buf *const answer = is_filter(q, j) ? &j->talk : &j->out;
    if (format->add_page != NULL)
        format->add_file(&j->part, &report);
    else if (format->add_file != NULL)
        format->add_file(answer, &report);
    else
        render_text(q, j, answer, &report);
    /* In a log of GitHub Actions, a line may be a command: there, notes are annotations. */
    if (format->add_file != NULL && format->add_summary == NULL)
        oak_text_notes(&j->talk, report.path, j->text, &j->result.notes);
    if (q->line->loudness == OAK_VERBOSE)
        oak_verbose_file(&j->talk, &report);
    if (is_filter(q, j))
        oak_buf_add(&j->out, j->has_error ? OAK_STR("") : j->result.text);
}

/* With the lock held. */
static void count(struct queue *q, const struct job *j)
{
    const struct oak_result *const r = &j->result;
    const struct oak_report report = { .result = r, .view = q->view, .io_error = j->has_error ? &j->error : NULL };
    oak_totals_add(&q->totals, q->run->patches, &report);
    q->totals.changed += j->is_written && r->edits.count == 0;
    oak_uses_count(&q->uses, j->has_error ? NULL : r);
    for (size_t i = 0; i < r->met.count; i++)
        oak_facts_add_met(&q->later.facts, r->met.items[i]);
}

static void say(oak_str text)
{
    fwrite(text.ptr, 1, text.len, stderr);
}

/* For one that may stand where the talk goes. */
static void print(struct queue *q, oak_str text, bool is_talk)
{
    if (is_talk)
        say(text);
    else
        oak_stdout_print(&q->answer, text);
}

/* With the lock held, in order of the tickets. */
static void emit(struct queue *q, struct job *j)
{
    while (q->printed != j->ticket)
        pthread_cond_wait(&q->turn, &q->lock);
    if (q->run->gathers && j->late == NULL)
        oak_later_add(&q->later, &(struct oak_late){ .path = j->path, .real = j->real, .text = j->text,
                                                     .is_stdin = j->is_stdin }, &j->result.facts, j->waits);
    if (!j->waits)
        count(q, j);
    oak_progress_make_room(&q->progress, oak_buf_str(&j->out), oak_buf_str(&j->talk));
    oak_stdout_print(&q->answer, oak_buf_str(&j->out));
    if (j->talk.len > 0) {
        oak_stdout_flush(&q->answer);
        say(oak_buf_str(&j->talk));
    }
    if (j->part.len > 0)
        *oak_push(q->arena, &q->parts) = oak_arena_str(q->arena, oak_buf_str(&j->part));
    q->printed++;
    pthread_cond_broadcast(&q->turn);
}

/* Text for people looks as the stream it goes to; what a program reads has no look. */
static void init_bufs(const struct queue *q, struct job *j)
{
    oak_buf_init(&j->out, &j->arena);
    oak_buf_init(&j->talk, &j->arena);
    oak_buf_init(&j->part, &j->arena);
    j->talk.look = q->terminal->err;
    if (q->line->format->add_file == NULL)
        j->out.look = q->terminal->out;
}

/* What the walk passed over on its way to this file is said with it. */
static void take_passed_over(struct queue *q, struct oak_buf *talk)
{
    oak_buf_add(talk, oak_buf_str(&q->passed_over));
    q->passed_over.len = 0;
}

static void *worker(void *context)
{
    struct queue *const q = context;
    struct oak_arena arena;
    struct oak_desk desk;
    oak_arena_init(&arena);
    oak_desk_init(&desk);
    for (;;) {
        struct job j = { .arena = arena, .desk = &desk };
        pthread_mutex_lock(&q->lock);
        const bool has_job = !q->answer.is_lost && take_job(q, &j);
        if (has_job) {
            init_bufs(q, &j);
            take_passed_over(q, &j.talk);
        }
        pthread_mutex_unlock(&q->lock);
        if (!has_job)
            break;
        work(q, &j);
        if (j.has_error) {
            j.waits = false;
            oak_facts_of_failure(&j.arena, &j.error, &j.result.facts);
        }
        if (!j.waits)
            render(q, &j);
        pthread_mutex_lock(&q->lock);
        emit(q, &j);
        pthread_mutex_unlock(&q->lock);
        arena = j.arena;
        oak_arena_reset(&arena);
    }
    oak_desk_free(&desk);
    oak_arena_free(&arena);
    return NULL;
}

/* ---- all files ---- */

static void run_workers(struct queue *q)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned jobs = q->dialogue != NULL  ? 1
                    : q->line->jobs > 0 ? q->line->jobs
                    : processors > 0    ? (unsigned)processors
                                        : 1;
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
}

static int exit_status(const struct queue *q)
{
    const struct oak_totals *const t = &q->totals;
    if (t->errors > 0 || q->answer.is_lost || (q->live != NULL && q->live->is_partial))
        return OAK_EXIT_FAILED;
    return (oak_totals_left(t) > 0 || is_over(q)) && !q->line->exit_zero ? OAK_EXIT_FINDINGS : OAK_EXIT_CLEAN;
}

static bool has_filter(const struct queue *q)
{
    return q->view == OAK_VIEW_FIX && q->live == NULL && oak_inputs_have_stdin(&q->inputs);
}

/* A filter's answer is its new text: the page goes where the talk goes. */
static void print_page(struct queue *q)
{
    const struct oak_page page = { .run = q->run, .version = OAKUM_VERSION, .totals = &q->totals, .parts = q->parts.items,
                                   .part_count = q->parts.count, .view = q->view };
    struct oak_buf out;
    oak_buf_init(&out, q->arena);
    q->line->format->add_page(&out, &page);
    print(q, oak_buf_str(&out), has_filter(q));
    if (q->line->format->add_summary != NULL)
        oak_step_summary(q->arena, q->line->format, &page);
}

/* The line at the foot of the terminal. With the lock held. */
static void say_progress(void *context, struct oak_buf *line)
{
    const struct queue *const q = context;
    size_t findings = 0;
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        findings += q->totals.by_outcome[i];
    oak_buf_addf(line, "files: %zu, findings: %zu", q->totals.files, findings);
    const oak_str path = q->live == NULL         ? oak_inputs_place(&q->inputs)
                         : q->next_object > 0 ? oak_str_from(q->live->objects.items[q->next_object - 1].name)
                                              : OAK_STR("");
    size_t folder = path.len;
    while (folder > 0 && path.ptr[folder - 1] != '/')
        folder--;
    oak_buf_add(line, folder > 0 ? OAK_STR("  ") : OAK_STR(""));
    oak_text_visible(line, (oak_str){ path.ptr, folder });
}

static void print_statistics(struct queue *q)
{
    const bool is_talk = q->view == OAK_VIEW_DIFF || has_filter(q);
    struct oak_buf out;
    oak_buf_init(&out, q->arena);
    out.look = is_talk ? q->terminal->err : q->terminal->out;
    oak_text_statistics(&out, &q->totals, q->run->patches);
    if (is_talk)
        fflush(stdout);
    print(q, oak_buf_str(&out), is_talk);
}

/* The closing words. */
static void sum_up(struct queue *q, struct oak_buf *talk)
{
    take_passed_over(q, talk);
    q->uses.is_blind = q->uses.is_blind || is_over(q);
    oak_uses_tell(q->arena, &q->uses, q->run, q->config, talk);
    if (q->line->format->add_page != NULL && !q->answer.is_lost)
        print_page(q);
    if (oak_signals_want_end())
        oak_buf_addf(talk, "%s: interrupted: not all files were looked at\n", q->line->program);
    if (q->line->format->add_file != NULL)
        return;
    if (q->line->wants_statistics && !q->answer.is_lost)
        print_statistics(q);
    q->totals.are_objects = q->live != NULL;
    if (q->dialogue != NULL) {
        oak_dialogue_close(q->dialogue, &q->totals, talk);
        return;
    }
    oak_text_summary(talk, &q->totals, q->run->patches, q->view, q->line->loudness);
    if (q->line->loudness != OAK_QUIET && !oak_signals_want_end())
        oak_text_unmet(talk, q->run, &q->totals, &q->later.facts);
}

/* Everything once, and what waits for the rest a second time. */
static void visit_all(struct queue *q)
{
    /* Who is asked sees how it goes on. */
    if (q->dialogue == NULL)
        oak_progress_start(&q->progress, q->terminal, q->line->loudness,
                           (struct oak_progress_line){ &q->lock, say_progress, q });
    run_workers(q);
    if (!q->answer.is_lost && !is_over(q) && oak_later_start(&q->later))
        run_workers(q);
    oak_progress_stop(&q->progress);
}

int oak_run_files(struct oak_arena *arena, const struct oak_run *run, const struct oak_command *command)
{
    struct queue q = { .lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER, .arena = arena, .run = run,
                       .line = command->line, .config = command->config, .view = command->view,
                       .terminal = command->terminal, .live = command->live };
    struct oak_buf talk;
    struct oak_dialogue dialogue;
    oak_stdout_open();
    oak_dialogue_init(&dialogue, arena, command->terminal);
    q.dialogue = command->line->is_interactive ? &dialogue : NULL;
    oak_buf_init(&talk, arena);
    oak_buf_init(&q.passed_over, arena);
    talk.look = q.passed_over.look = q.terminal->err;
    oak_totals_init(arena, run->patches, &q.totals);
    q.later.facts.arena = arena;
    oak_uses_init(arena, &q.uses, run);
    q.inputs = (struct oak_inputs){ .arena = arena, .line = q.line, .config = q.config, .uses = &q.uses,
                                    .passed_over = q.line->loudness == OAK_VERBOSE ? &q.passed_over : NULL };
    oak_inputs_init(&q.inputs);
    /* Nobody would notice that a signal is put off while a person or a pipe is waited for. */
    if (q.view == OAK_VIEW_FIX && q.dialogue == NULL && !has_filter(&q))
        oak_signals_put_off();
    if (q.line->loudness == OAK_VERBOSE)
        oak_verbose_run(&q.passed_over, run, q.config);
    visit_all(&q);
    oak_inputs_free(&q.inputs);
    sum_up(&q, &talk);
    oak_stdout_flush(&q.answer);
    (void)oak_stdout_close(&q.answer, q.line->program);
    say(oak_program_speak(arena, q.line->program, oak_buf_str(&talk)));
    return exit_status(&q);
}
