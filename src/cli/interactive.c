/* Questions and answers on a terminal, line by line: nothing is set that would have to be set back. Who asks what, and what an
 * answer means, is in engine/ask.c. */
#include "cli/interactive.h"

#include "output/question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- is there anybody? ---- */

/* A pipe or a file on standard input is somebody's choice, as for 'git add -p'; /dev/null, as machines have it, is not. */
static bool can_answer(void)
{
    struct stat status;
    if (isatty(STDIN_FILENO))
        return true;
    return fstat(STDIN_FILENO, &status) == 0 &&
           (S_ISFIFO(status.st_mode) || S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode));
}

static bool reads_stdin(const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(paths[i], "-") == 0)
            return true;
    return false;
}

const char *oak_dialogue_obstacle(const struct oak_command_line *line, const struct oak_run *run)
{
    if (reads_stdin(line->paths.items, line->paths.count) || reads_stdin(line->files.items, line->files.count))
        return "-i reads the answers from standard input, so that cannot be the manifest, too";
    if (line->format->add_file != NULL)
        return "-i asks a person: it does not go with a --format other than text";
    if (run->gathers)
        return "-i does not go with --enforce auto, which looks at all files first: label the namespaces in a second run";
    return can_answer() ? NULL : "-i asks, and standard input is no terminal: answer there, or pipe the answers in";
}

void oak_dialogue_init(struct oak_dialogue *d, struct oak_arena *arena, const struct oak_terminal *terminal)
{
    *d = (struct oak_dialogue){ .stance = { .arena = arena }, .look = terminal->out, .is_echoed = !isatty(STDIN_FILENO) };
}

/* ---- talking ---- */

static void say(const struct oak_buf *out)
{
    if (out->len > 0)
        fwrite(out->ptr, 1, out->len, stdout);
    fflush(stdout);
}

/* One line, trimmed; false at the end of all answers, and if nobody can have seen the question. */
static bool listen(struct oak_dialogue *d, struct oak_arena *arena, oak_str *out)
{
    char *line = NULL;
    size_t size = 0;
    const ssize_t len = d->has_ended || ferror(stdout) ? -1 : getline(&line, &size, stdin);
    d->has_ended = len < 0;
    *out = len < 0 ? OAK_STR("") : oak_str_trim(oak_arena_str(arena, (oak_str){ line, (size_t)len }));
    free(line);
    if (d->has_ended)
        fputs("\n", stdout);
    else if (d->is_echoed)
        printf("%.*s\n", (int)out->len, out->ptr);
    return !d->has_ended;
}

static bool ask(struct oak_dialogue *d, struct oak_arena *arena, const char *question, oak_str *out)
{
    fputs(question, stdout);
    fflush(stdout);
    return listen(d, arena, out);
}

/* ---- one file ---- */

struct talk {
    struct oak_dialogue *dialogue;
    struct oak_arena *arena;
    oak_str path;
    struct oak_asking asking;
};

static void start_page(const struct talk *t, struct oak_buf *out)
{
    oak_buf_init(out, t->arena);
    out->look = t->dialogue->look;
}

static void add_help(struct oak_buf *out, const struct oak_question *q, oak_str answer)
{
    if (answer.len > 0 && !oak_str_eq(answer, OAK_STR("?")))
        oak_buf_add(out, OAK_STR("that is no answer here; these are:\n"));
    oak_text_keys(out, q);
}

enum { MAX_WRONG = 20 };

/* The answer, one of the letters that fit the question; explanations are given on the way. */
static char read_key(struct talk *t)
{
    const struct oak_question *const q = &t->asking.question;
    for (unsigned wrong = 0;; wrong++) {
        struct oak_buf out;
        oak_str answer;
        start_page(t, &out);
        oak_text_prompt(&out, q);
        say(&out);
        /* Nobody reads the help at the other end of a pipe: what only says what is no answer is no talk. */
        if (!listen(t->dialogue, t->arena, &answer) || (t->dialogue->is_echoed && wrong == MAX_WRONG))
            return 'q';
        out.len = 0;
        const char key = answer.len == 1 ? answer.ptr[0] : '?';
        if (key != 'e' && key != '?' && oak_key_is_for(key, q))
            return key;
        if (key == 'y' && !q->can_fix) /* yes, go on */
            return 'n';
        if (key == 'e')
            oak_text_question_at_length(&out, q);
        else
            add_help(&out, q, answer);
        say(&out);
    }
}

static bool read_day(struct talk *t, oak_day *out)
{
    oak_str answer;
    *out = 0;
    while (ask(t->dialogue, t->arena, "until when, as 2027-01-31 (nothing: for good)? ", &answer)) {
        if (answer.len == 0 || oak_day_parse(answer, out))
            return true;
        puts("a day is written as 2027-01-31");
    }
    return false;
}

/* False: the question stays. */
static bool exempt(struct talk *t)
{
    oak_str reason;
    oak_day until;
    size_t also;
    struct oak_annotated done;
    struct oak_error err;
    if (!ask(t->dialogue, t->arena, "the reason (nothing: back to the question)? ", &reason) || reason.len == 0 ||
        !read_day(t, &until))
        return false;
    if (!oak_asking_exempt(&t->asking, reason, until, &done, &also, &err)) {
        printf("no exemption: %s\n", err.text);
        return false;
    }
    printf("line %zu: %.*s\n", done.line, (int)done.comment.len, done.comment.ptr);
    if (also > 0)
        printf("it is about %zu more finding%s\n", also, also == 1 ? "" : "s");
    return true;
}

static void take_answer(struct talk *t)
{
    struct oak_buf out;
    const oak_str text = t->asking.file.text;
    char key = read_key(t);
    while (key == 'i') {
        if (exempt(t))
            return;
        key = t->dialogue->has_ended ? 'q' : read_key(t);
    }
    oak_asking_answer(&t->asking, key);
    if (key == 'q' || key == 's')
        return;
    start_page(t, &out);
    oak_text_fallen(&out, t->path, text, &t->asking.fallen);
    say(&out);
}

static void tell_broken(struct talk *t, const struct oak_result *result)
{
    struct oak_buf out;
    start_page(t, &out);
    for (size_t i = 0; i < result->findings.count; i++) {
        const struct oak_finding *const f = &result->findings.items[i];
        if (f->outcome == OAK_FIXED || !oak_asking_accepted(&t->asking, f))
            continue;
        oak_buf_addf(&out, "accepted, and not done: ");
        oak_text_visible(&out, f->subject);
        oak_buf_addf(&out, " [%.*s]: ", (int)f->rule->patch->id.len, f->rule->patch->id.ptr);
        oak_text_visible(&out, f->reason);
        oak_buf_add(&out, OAK_STR("\n"));
    }
    say(&out);
}

static bool has_questions(const struct oak_result *result)
{
    for (size_t i = 0; i < result->findings.count; i++)
        if (result->findings.items[i].outcome != OAK_OPEN && result->findings.items[i].outcome != OAK_IGNORED)
            return !result->failed;
    return false;
}

bool oak_dialogue_file(struct oak_dialogue *d, struct oak_arena *arena, const struct oak_run *run, oak_str path,
                       struct oak_file *file, struct oak_result *result)
{
    struct talk t = { .dialogue = d, .arena = arena, .path = path };
    const struct oak_result unasked = *result;
    if (!has_questions(result))
        return false;
    oak_asking_init(&t.asking, arena, run, *file, &d->stance);
    while (oak_asking_next(&t.asking)) {
        struct oak_buf out;
        start_page(&t, &out);
        oak_text_question(&out, path, t.asking.file.text, &t.asking.question);
        say(&out);
        if (t.asking.question.is_told_only)
            oak_asking_answer(&t.asking, 'n');
        else
            take_answer(&t);
    }
    oak_asking_finish(&t.asking, result);
    tell_broken(&t, result);
    /* Which exemptions are needed is what all findings tell, accepted or not. */
    result->uses = unasked.uses;
    if (t.asking.file.text.ptr == file->text.ptr)
        result->notes = unasked.notes;
    file->text = t.asking.file.text;
    oak_asking_free(&t.asking);
    return true;
}

void oak_dialogue_close(const struct oak_dialogue *d, const struct oak_totals *totals, struct oak_buf *out)
{
    oak_text_counts(out, totals, OAK_VIEW_FIX);
    oak_buf_add(out, d->stance.is_over ? OAK_STR("; stopped: no other file was looked at\n") : OAK_STR("\n"));
}
