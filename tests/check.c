/* The one check for cases: a folder with input, options and what is expected, in four spellings. */
#include "check.h"

#include "cli/options.h"
#include "files/files.h"
#include "output/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum variant { PLAIN, CRLF, BOM, NO_NEWLINE, VARIANTS };
static const char *const variant_names[VARIANTS] = { "as it is", "with CRLF", "with a BOM", "without final newline" };

struct check {
    struct oak_arena arena;
    const char *folder; /* of the case */
    struct oak_patches patches;
    struct oak_command_line line;
    struct oak_config config;
    struct oak_run run;
    const char *input_name, *expected_name;
    oak_str input, expected, expected_text;
};

/* ---- files ---- */

static oak_str path_of(struct check *c, const char *name)
{
    return oak_arena_printf(&c->arena, "%s/%s", c->folder, name);
}

static const char *cstr(struct check *c, oak_str text)
{
    return oak_arena_cstr(&c->arena, text);
}

static bool exists(struct check *c, const char *name)
{
    return access(cstr(c, path_of(c, name)), F_OK) == 0;
}

static oak_str read_file(struct check *c, const char *name)
{
    struct oak_file_stamp stamp;
    struct oak_error err;
    oak_str text = { "", 0 };
    const bool is_read = oak_file_read(&c->arena, cstr(c, path_of(c, name)), OAK_MAX_FILE, &text, &stamp, &err);
    cr_assert(is_read, "%s/%s: %s", c->folder, name, err.text);
    return text;
}

/* Writes the file, or removes it if there is nothing to say. */
static void update(struct check *c, const char *name, oak_str text, bool is_wanted)
{
    const char *const path = cstr(c, path_of(c, name));
    remove(path);
    if (!is_wanted)
        return;
    FILE *const file = fopen(path, "w");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(text.ptr, 1, text.len, file), text.len);
    cr_assert_eq(fclose(file), 0);
}

/* ---- reading a case ---- */

/* What `config.yaml` beside the input says about places; it is as if the two were in one folder. Options are in `args`. */
static void read_config(struct check *c)
{
    struct oak_error err;
    if (!exists(c, "config.yaml"))
        return;
    cr_assert(oak_config_read(&c->arena, read_file(c, "config.yaml"), &c->config, &err), "%s/config.yaml: %s", c->folder,
              err.text);
    c->line.options.config = &c->config;
    c->line.options.config_name = OAK_STR("config.yaml");
}

/* The case's folder names its patch, unless it is about something else; `args` holds more options, one a line. */
static void read_options(struct check *c, const char *patch)
{
    struct oak_error err;
    const char *argv[32] = { "case" };
    int argc = 1;
    size_t from = 0;
    if (oak_patches_find(&c->patches, oak_str_from(patch), &from) != NULL)
        argv[argc++] = cstr(c, oak_arena_printf(&c->arena, "--select=%s", patch));
    oak_str line, rest = exists(c, "args") ? read_file(c, "args") : (oak_str){ "", 0 };
    while (rest.len > 0 && argc < 31) {
        oak_str_cut(rest, '\n', &line, &rest);
        if (oak_str_trim(line).len > 0)
            argv[argc++] = cstr(c, oak_str_trim(line));
    }
    char *copies[32];
    for (int i = 0; i < argc; i++)
        copies[i] = (char *)(uintptr_t)argv[i];
    copies[argc] = NULL;
    cr_assert(oak_command_line_parse(&c->arena, argc, copies, OAK_OF_FIX, &c->line, &err), "%s/args: %s", c->folder, err.text);
    read_config(c);
    cr_assert_eq(c->line.paths.count, 0, "%s/args: an option per line, none else", c->folder);
    cr_assert(oak_run_init(&c->arena, &c->patches, &c->line.options, &c->run, &err), "%s: %s", c->folder, err.text);
}

static void read_case(struct check *c, const char *patch)
{
    struct oak_error err;
    const bool is_json = exists(c, "input.json");
    c->input_name = is_json ? "input.json" : "input.yaml";
    c->expected_name = is_json ? "expected.json" : "expected.yaml";
    c->input = read_file(c, c->input_name);
    c->expected = exists(c, c->expected_name) ? read_file(c, c->expected_name) : c->input;
    c->expected_text = exists(c, "expected.txt") ? read_file(c, "expected.txt") : (oak_str){ "", 0 };
    cr_assert(oak_patches_add_builtin(&c->arena, &c->patches, &err), "%s", err.text);
    read_options(c, patch);
}

/* ---- comparing ---- */

static oak_str to_crlf(struct check *c, oak_str text)
{
    struct oak_buf out;
    oak_buf_init(&out, &c->arena);
    for (size_t i = 0; i < text.len; i++)
        oak_buf_add(&out, text.ptr[i] == '\n' ? OAK_STR("\r\n") : (oak_str){ text.ptr + i, 1 });
    return oak_buf_str(&out);
}

static oak_str spelt(struct check *c, oak_str text, enum variant variant)
{
    switch (variant) {
    case CRLF:
        return to_crlf(c, text);
    case BOM:
        return oak_arena_printf(&c->arena, "\xEF\xBB\xBF%.*s", (int)text.len, text.ptr);
    case NO_NEWLINE:
        return (oak_str){ text.ptr, text.len - oak_str_ends(text, OAK_STR("\n")) };
    default:
        return text;
    }
}

static void add_lines(struct oak_buf *out, const char *prefix, oak_str text)
{
    oak_str line;
    while (text.len > 0) {
        oak_str_cut(text, '\n', &line, &text);
        oak_buf_addf(out, "%s%.*s\n", prefix, (int)line.len, line.ptr);
    }
}

/* Drops the lines that two texts share at their start. */
static void drop_common(oak_str *a, oak_str *b)
{
    size_t at = 0, start = 0;
    for (; at < a->len && at < b->len && a->ptr[at] == b->ptr[at]; at++)
        if (a->ptr[at] == '\n')
            start = at + 1;
    *a = (oak_str){ a->ptr + start, a->len - start };
    *b = (oak_str){ b->ptr + start, b->len - start };
}

static void expect_same(struct check *c, const char *what, oak_str want, oak_str got)
{
    if (oak_str_eq(want, got))
        return;
    struct oak_buf out;
    oak_buf_init(&out, &c->arena);
    drop_common(&want, &got);
    add_lines(&out, "  -", want);
    add_lines(&out, "  +", got);
    cr_assert(false, "%s: %s differs, expected (-) and actual (+) from the first difference on:\n%s"
              "if the actual one is right: OAK_UPDATE=1 ctest --preset ci -R test_cases, then read the diff",
              c->folder, what, cstr(c, oak_buf_str(&out)));
}

/* The output, with the edits taken back. */
static oak_str undone(struct check *c, oak_str input, const struct oak_result *result)
{
    struct oak_error err;
    oak_edit_list back = { 0 };
    oak_str text = { "", 0 };
    size_t grown = 0; /* may wrap: it is added back */
    for (size_t i = 0; i < result->edits.count; i++) {
        const struct oak_edit *const edit = &result->edits.items[i];
        const size_t start = edit->span.start + grown;
        *oak_push(&c->arena, &back) =
            (struct oak_edit){ .span = { start, start + edit->text.len }, .text = oak_str_span(input, edit->span) };
        grown += edit->text.len - (edit->span.end - edit->span.start);
    }
    cr_assert(oak_edits_apply(&c->arena, result->text, back.items, back.count, &text, &err), "%s: %s", c->folder,
              err.text);
    return text;
}

static oak_str findings_of(struct check *c, oak_str input, const struct oak_result *result)
{
    struct oak_buf out;
    const oak_str path = oak_str_from(c->input_name);
    oak_buf_init(&out, &c->arena);
    const struct oak_report report = { .path = path, .text = input, .result = result, .view = OAK_VIEW_FIX };
    oak_text_findings(&out, &report);
    oak_text_unread(&out, &report);
    oak_text_notes(&out, path, input, &result->notes);
    if (result->failed)
        oak_text_error(&out, path, input, &result->error);
    return oak_buf_str(&out);
}

static void check_variant(struct check *c, enum variant variant)
{
    struct oak_result first, second;
    const char *const name = variant_names[variant];
    const oak_str input = spelt(c, c->input, variant);
    oak_pass_file(&c->arena, &c->run, (struct oak_file){ oak_str_from(c->input_name), input }, &first);
    cr_assert_not(first.failed && first.error.kind == OAK_INTERNAL, "%s: %s: %s", c->folder, name, first.error.text);
    expect_same(c, name, spelt(c, c->expected, variant), first.text);
    expect_same(c, cstr(c, oak_arena_printf(&c->arena, "the input %s, with the edits undone,", name)), input,
                undone(c, input, &first));
    oak_pass_file(&c->arena, &c->run, (struct oak_file){ oak_str_from(c->input_name), first.text }, &second);
    cr_assert_eq(second.failed, first.failed, "%s: %s: the output: %s", c->folder, name, second.error.text);
    cr_assert_eq(second.edits.count, 0, "%s: %s: a second run wants to change something", c->folder, name);
    if (variant == PLAIN)
        expect_same(c, "expected.txt", c->expected_text, findings_of(c, input, &first));
}

static void update_case(struct check *c)
{
    struct oak_result result;
    oak_pass_file(&c->arena, &c->run, (struct oak_file){ oak_str_from(c->input_name), c->input }, &result);
    c->expected = result.text;
    c->expected_text = findings_of(c, c->input, &result);
    update(c, c->expected_name, c->expected, !oak_str_eq(c->expected, c->input));
    update(c, "expected.txt", c->expected_text, c->expected_text.len > 0);
}

void check_case(const char *folder, const char *patch)
{
    struct check c = { .folder = folder };
    oak_arena_init(&c.arena);
    read_case(&c, patch);
    const char *const wants_update = getenv("OAK_UPDATE");
    if (wants_update != NULL && wants_update[0] != '\0')
        update_case(&c);
    const enum variant end = exists(&c, "only-plain") ? CRLF : VARIANTS;
    for (enum variant variant = PLAIN; variant < end; variant++)
        check_variant(&c, variant);
    oak_arena_free(&c.arena);
    CHECK_LEAKS();
}
