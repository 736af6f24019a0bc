/* migrate-psp: reads all files, hands them to the migration, prints what it found, writes the labels if asked to. Unlike a
 * run of the other commands it needs all files at once: a binding in one says where a policy of another applies. */
#include "cli/migrate.h"

#include "cli/inputs.h"
#include "cli/program.h"
#include "cli/run.h"
#include "cli/stdout.h"
#include "engine/migrate.h"

#include <stdio.h>
#include <unistd.h>

/* What the migration does not know of its files. */
struct origin {
    oak_file_path real; /* no path: standard input */
    struct oak_file_stamp stamp;
    const struct oak_result *result; /* NULL: not a file with namespaces */
    bool has_failed;
};

struct task {
    struct oak_arena *arena;
    const struct oak_command_line *line;
    struct oak_migration migration;
    OAK_LIST(struct origin) origins; /* by file */
    struct oak_desk desk;
    struct oak_buf talk;
    size_t file_count, changed, errors;
};

static void fail(struct task *t, const char *path, oak_str text, const struct oak_error *err)
{
    oak_text_error(&t->talk, oak_str_from(path), text, err);
    t->errors += err->kind != OAK_TEMPLATE;
}

/* ---- reading ---- */

static void read_input(struct task *t, struct oak_arena *scratch, const struct oak_input *input)
{
    struct origin origin = { .real = { input->real, input->given_len } };
    struct oak_error err;
    oak_str text = { "", 0 };
    const bool is_read = input->real == NULL
                             ? oak_stream_read(scratch, STDIN_FILENO, OAK_MAX_FILE, &text, &err)
                             : oak_desk_look(&t->desk, scratch, origin.real, OAK_MAX_FILE, &text, &origin.stamp, &err);
    if (!is_read) {
        fail(t, input->path, (oak_str){ "", 0 }, &err);
        return;
    }
    t->file_count++;
    if (!oak_migration_matters(scratch, &t->migration, text))
        return;
    if (origin.real.path != NULL)
        origin.real.path = oak_arena_cstr(t->arena, oak_str_from(origin.real.path));
    *oak_push(t->arena, &t->origins) = origin;
    oak_migration_add(&t->migration, oak_arena_str(t->arena, oak_str_from(input->path)), oak_arena_str(t->arena, text));
}

static void read_all(struct task *t)
{
    struct oak_inputs inputs = { .arena = t->arena, .line = t->line };
    struct oak_input input;
    struct oak_arena scratch;
    struct oak_error err;
    enum oak_input_result found;
    oak_arena_init(&scratch);
    oak_inputs_init(&inputs);
    while ((found = oak_inputs_next(&inputs, &scratch, &input, &err)) != OAK_INPUT_END) {
        if (found == OAK_INPUT_ERROR)
            fail(t, input.path, (oak_str){ "", 0 }, &err);
        else
            read_input(t, &scratch, &input);
        oak_arena_reset(&scratch);
    }
    oak_inputs_free(&inputs);
    oak_arena_free(&scratch);
}

/* ---- labels ---- */

static void write_file(struct task *t, size_t file, struct oak_result *result)
{
    struct origin *const o = &t->origins.items[file];
    struct oak_error err;
    if (o->real.path == NULL)
        oak_fail(&err, OAK_USAGE, (oak_span){ 0, 0 }, "standard input can't be rewritten: give the file");
    else if (oak_desk_replace(&t->desk, o->real, &o->stamp, result->text, &err))
        return;
    fail(t, oak_arena_cstr(t->arena, t->migration.files.items[file].path), (oak_str){ "", 0 }, &err);
    o->has_failed = true;
}

static void label_file(struct task *t, size_t file)
{
    const struct oak_migration_file *const f = &t->migration.files.items[file];
    struct oak_result *const result = oak_arena_alloc(t->arena, sizeof *result);
    if (!f->has_namespace || t->migration.label_run.active.count == 0)
        return;
    oak_migration_label(t->arena, &t->migration, file, result);
    if (result->failed && result->error.kind == OAK_INTERNAL)
        fail(t, oak_arena_cstr(t->arena, f->path), f->text, &result->error);
    if (result->edits.count > 0 && t->line->is_writing)
        write_file(t, file, result);
    t->changed += result->edits.count > 0 && !t->origins.items[file].has_failed;
    t->origins.items[file].result = t->origins.items[file].has_failed ? NULL : result;
}

/* ---- the answer ---- */

static void add_changes(struct task *t, struct oak_buf *out)
{
    for (size_t i = 0; i < t->origins.count; i++) {
        const struct oak_result *const result = t->origins.items[i].result;
        if (result == NULL)
            continue;
        const struct oak_report report = { .path = t->migration.files.items[i].path,
                                           .text = t->migration.files.items[i].text, .result = result,
                                           .view = t->line->is_writing ? OAK_VIEW_FIX : OAK_VIEW_DIFF };
        if (oak_command_line_is_json(t->line))
            oak_json_line(out, &report);
        else if (!t->line->is_writing)
            oak_diff(out, &report);
    }
}

static void render(struct task *t, struct oak_buf *out)
{
    const struct oak_result **const results = oak_arena_alloc(t->arena, (t->origins.count + 1) * sizeof *results);
    for (size_t i = 0; i < t->origins.count; i++)
        results[i] = t->origins.items[i].result;
    const struct oak_migration_report report = { &t->migration, results, t->line->is_writing };
    if (oak_command_line_is_json(t->line))
        oak_json_migration(out, &report);
    else
        oak_text_migration(out, &report);
    if (t->changed > 0 && !oak_command_line_is_json(t->line) && !t->line->is_writing)
        oak_buf_add(out, OAK_STR("\n"));
    add_changes(t, out);
}

static void sum_up(struct task *t)
{
    const struct oak_migration *const m = &t->migration;
    size_t minor = 0;
    for (size_t i = 0; i < m->refusals.count; i++) {
        const struct oak_migration_file *const f = &m->files.items[m->refusals.items[i].file];
        if (!m->refusals.items[i].is_minor)
            fail(t, oak_arena_cstr(t->arena, f->path), f->text, &m->refusals.items[i].error);
        minor += m->refusals.items[i].is_minor;
    }
    oak_buf_addf(&t->talk, "%zu polic%s in %zu file%s", m->policies.count, m->policies.count == 1 ? "y" : "ies",
                 t->file_count, t->file_count == 1 ? "" : "s");
    if (t->changed > 0)
        oak_buf_addf(&t->talk, t->line->is_writing ? "; %zu file%s rewritten" : "; --write would rewrite %zu file%s",
                     t->changed, t->changed == 1 ? "" : "s");
    if (minor > 0)
        oak_buf_addf(&t->talk, "; %zu other document%s could not be read: 'oakum check' says why", minor,
                     minor == 1 ? "" : "s");
    if (t->errors > 0)
        oak_buf_addf(&t->talk, "; %zu error%s", t->errors, t->errors == 1 ? "" : "s");
    oak_buf_add(&t->talk, OAK_STR("\n"));
}

/* A policy is work that is left, until it is gone. */
static int exit_status(const struct task *t, bool is_printed)
{
    if (t->errors > 0 || !is_printed)
        return OAK_EXIT_FAILED;
    const bool is_left = t->migration.policies.count + t->migration.refusals.count > 0;
    return is_left && !t->line->exit_zero ? OAK_EXIT_FINDINGS : OAK_EXIT_CLEAN;
}

int oak_migrate_psp(struct oak_arena *arena, const struct oak_patches *patches, const struct oak_command_line *line,
                    const struct oak_terminal *terminal)
{
    struct task t = { .arena = arena, .line = line };
    struct oak_migration_options options = line->migration;
    struct oak_error err;
    struct oak_buf out;
    options.kube_minor = line->options.kube_minor;
    oak_buf_init(&t.talk, arena);
    oak_buf_init(&out, arena);
    t.talk.look = terminal->err;
    if (!oak_command_line_is_json(line))
        out.look = terminal->out;
    if (!oak_migration_init(arena, patches, &options, &t.migration, &err)) {
        oak_program_say(line->program, "", err.text);
        return OAK_EXIT_FAILED;
    }
    oak_desk_init(&t.desk);
    read_all(&t);
    if (!oak_migration_finish(&t.migration, &err))
        fail(&t, "migrate-psp", (oak_str){ "", 0 }, &err);
    for (size_t i = 0; i < t.origins.count; i++)
        label_file(&t, i);
    oak_desk_free(&t.desk);
    render(&t, &out);
    sum_up(&t);
    struct oak_stdout answer = { .is_lost = false };
    oak_stdout_print(&answer, oak_buf_str(&out));
    oak_stdout_flush(&answer);
    const bool is_printed = oak_stdout_close(&answer, line->program);
    fwrite(t.talk.ptr, 1, t.talk.len, stderr);
    return exit_status(&t, is_printed);
}
