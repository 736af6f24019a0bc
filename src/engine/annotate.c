/* Writing an exemption into a manifest: a comment above the node that begins on a line. It is shown only if it was proven: the
 * data are the same, and a finding is ignored that was not before. */
#include "engine/engine.h"

#include "engine/remark.h"
#include "yaml/style.h"

#include <oakum/source.h>

struct writer {
    struct oak_arena *arena;
    const struct oak_run *run;
    struct oak_file file;
    const struct oak_annotation *what;
    OAK_LIST(oak_str) ids;
    struct oak_result before;
    struct oak_index index; /* of the document that holds the line */
    oak_span line;          /* without its line break */
};

static bool fail(const struct writer *w, struct oak_error *err, const char *text)
{
    return oak_fail(err, OAK_SYNTAX, w->line, "%s", text);
}

/* ---- where ---- */

static bool find_line(struct writer *w, struct oak_error *err)
{
    struct oak_source source;
    oak_source_init(w->arena, w->file.text, &source);
    /* Behind the last line break there is no line. */
    const size_t count = source.line_count - (w->file.text.len == 0 || oak_str_ends(w->file.text, OAK_STR("\n")));
    if (w->what->line == 0 || w->what->line > count)
        return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "there is no line %zu: the file has %zu", w->what->line, count);
    const oak_str line = oak_source_line(&source, w->what->line);
    w->line.start = (size_t)(line.ptr - w->file.text.ptr);
    w->line.end = w->line.start + line.len;
    return true;
}

static bool find_document(struct writer *w, struct oak_error *err)
{
    const oak_documents all = oak_split(w->arena, w->file.text);
    for (size_t i = 0; i < all.count; i++) {
        const oak_span span = all.items[i].span;
        if (!all.items[i].is_empty && w->line.start >= span.start && w->line.start < span.end)
            return oak_index_parse(w->arena, w->file.text, span, &w->index, err);
    }
    return fail(w, err, "no document stands on this line");
}

static bool is_called(const struct writer *w, const struct oak_finding *f, oak_str id)
{
    size_t from = 0;
    const struct oak_patch *patch;
    while ((patch = oak_patches_find(w->run->patches, id, &from)) != NULL)
        if (patch == f->rule->patch)
            return true;
    return false;
}

static bool is_patch(const struct writer *w, const struct oak_finding *f)
{
    for (size_t i = 0; i < w->ids.count; i++)
        if (is_called(w, f, w->ids.items[i]))
            return true;
    return false;
}

/* What a finding with its caret on the line is about, if that begins elsewhere: what is missing from a pod is shown at the first
 * line of its spec. */
static uint32_t find_target(const struct writer *w)
{
    for (size_t i = 0; i < w->before.findings.count; i++) {
        const struct oak_finding *const f = &w->before.findings.items[i];
        if (is_patch(w, f) && f->span.start >= w->line.start && f->span.start < w->line.end && f->node == 0)
            return f->target.node;
    }
    return 0;
}

/* ---- the comment ---- */

static const char *obstacle(const struct writer *w, uint32_t node)
{
    const struct oak_node *const n = &w->index.nodes[node];
    const enum oak_style around = n->parent != 0 ? w->index.nodes[n->parent].style : n->style;
    if (around != OAK_BLOCK)
        return "this stands in flow style, where a comment has no line of its own: write the annotation oakum.dev/ignore, or an "
               "entry of 'exempt' in .oakum.yaml";
    for (size_t i = oak_line_start(w->file.text, n->entry); i < n->entry; i++)
        if (w->file.text.ptr[i] != ' ')
            return "something else begins on this line before it";
    return NULL;
}

static oak_str comment_for(const struct writer *w, size_t entry)
{
    const oak_str text = w->file.text;
    const size_t line = oak_line_start(text, entry);
    const oak_str day = w->what->until != 0 ? oak_day_print(w->arena, w->what->until) : OAK_STR("");
    struct oak_buf ids;
    oak_buf_init(&ids, w->arena);
    for (size_t i = 0; i < w->ids.count; i++) {
        oak_buf_add(&ids, i > 0 ? OAK_STR(", ") : OAK_STR(""));
        oak_buf_add(&ids, w->ids.items[i]);
    }
    const oak_str parts[] = { oak_str_span(text, (oak_span){ line, entry }), OAK_STR("# oakum: ignore "), oak_buf_str(&ids),
                              day.len > 0 ? OAK_STR(" until ") : OAK_STR(""), day, OAK_STR(" -- "), w->what->reason,
                              oak_line_break(text, entry) };
    return oak_arena_join(w->arena, parts, sizeof parts / sizeof *parts);
}

static size_t count_ignored(const struct writer *w, const struct oak_result *result, oak_str id)
{
    size_t count = 0;
    for (size_t i = 0; i < result->findings.count; i++)
        count += result->findings.items[i].outcome == OAK_IGNORED && is_called(w, &result->findings.items[i], id);
    return count;
}

/* The first id for which nothing is ignored that was not before; empty if each has an effect. */
static oak_str without_effect(const struct writer *w, const struct oak_result *after)
{
    for (size_t i = 0; i < w->ids.count; i++)
        if (count_ignored(w, after, w->ids.items[i]) <= count_ignored(w, &w->before, w->ids.items[i]))
            return w->ids.items[i];
    return OAK_STR("");
}

/* Are the documents as many, and does the one with the comment say what it said? */
static bool says_the_same(const struct writer *w, oak_str text, size_t grown, struct oak_error *err)
{
    struct oak_index after;
    oak_span span = w->index.document;
    span.end += grown;
    if (!oak_index_parse(w->arena, text, span, &after, err))
        return false;
    const oak_documents old = oak_split(w->arena, w->file.text), new = oak_split(w->arena, text);
    return (old.count == new.count && oak_changes_verify(w->arena, &w->index, &after, NULL, 0, err)) ||
           fail(w, err, "verification failed: a comment here would change what the file says");
}

/* A comment above `node`. `*idle` becomes an id that would have no effect there; empty: each has one. */
static bool try_node(const struct writer *w, uint32_t node, struct oak_annotated *out, oak_str *idle, struct oak_error *err)
{
    const size_t entry = w->index.nodes[node].entry;
    const size_t line = oak_line_start(w->file.text, entry);
    const struct oak_edit edit = { .span = { line, line }, .text = comment_for(w, entry) };
    struct oak_result after;
    if (!oak_edits_apply(w->arena, w->file.text, &edit, 1, &out->text, err) ||
        !says_the_same(w, out->text, edit.text.len, err))
        return false;
    oak_pass_file(w->arena, w->run, (struct oak_file){ w->file.path, out->text }, &after);
    *idle = after.failed ? w->ids.items[0] : without_effect(w, &after);
    struct oak_source source;
    oak_source_init(w->arena, out->text, &source);
    out->line = oak_source_position(&source, line).line;
    out->comment = oak_str_trim(edit.text);
    return true;
}

/* ---- all of it ---- */

static bool check_words(const struct writer *w, struct oak_error *err)
{
    const struct oak_annotation *const a = w->what;
    const oak_day today = w->run->options->today;
    for (size_t i = 0; i < w->ids.count; i++) {
        size_t from = 0;
        const oak_str id = w->ids.items[i];
        if (oak_patches_find(w->run->patches, id, &from) == NULL)
            return oak_fail_unknown(w->run->patches, id, err);
    }
    if (oak_str_trim(a->reason).len == 0)
        return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "an exemption needs a reason: --reason TEXT");
    for (size_t i = 0; i < a->reason.len; i++)
        if ((unsigned char)a->reason.ptr[i] < 0x20)
            return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "a reason is one line of text");
    return a->until == 0 || today == 0 || a->until >= today ||
           oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "the day behind --until is over");
}

/* Words for an id that a comment above `node` would exempt from nothing. */
static bool fail_idle(const struct writer *w, oak_str id, uint32_t node, struct oak_error *err)
{
    const size_t end = w->index.nodes[node].span.end;
    bool is_exempted = false;
    for (size_t i = 0; i < w->before.findings.count; i++) {
        const struct oak_finding *const f = &w->before.findings.items[i];
        const bool is_here = f->span.start >= w->line.start && f->span.start < (end > w->line.end ? end : w->line.end);
        is_exempted = is_exempted || (f->outcome == OAK_IGNORED && is_called(w, f, id) && is_here);
    }
    return oak_fail(err, OAK_SYNTAX, w->line, is_exempted ? "what '%.*s' finds here is exempted already" :
                    "'%.*s' finds nothing here: 'oakum check' shows where it does", (int)id.len, id.ptr);
}

static bool annotate(struct writer *w, struct oak_annotated *out, struct oak_error *err)
{
    const uint32_t candidates[] = { oak_node_starting_in(&w->index, w->line.start, w->line.end), find_target(w) };
    const char *in_the_way = NULL;
    oak_str idle = w->ids.items[0];
    for (size_t i = 0; i < 2; i++) {
        oak_str still = w->ids.items[0];
        if (candidates[i] == 0)
            continue;
        const char *const why = obstacle(w, candidates[i]);
        in_the_way = in_the_way != NULL ? in_the_way : why;
        if (why == NULL && !try_node(w, candidates[i], out, &still, err))
            return false;
        if (still.len == 0)
            return true;
        idle = why == NULL ? still : idle;
    }
    if (in_the_way != NULL || candidates[0] == 0)
        return fail(w, err, in_the_way != NULL ? in_the_way : "nothing begins on this line");
    return fail_idle(w, idle, candidates[0], err);
}

bool oak_annotate(struct oak_arena *arena, const struct oak_run *run, struct oak_file file, const struct oak_annotation *what,
                  struct oak_annotated *out, struct oak_error *err)
{
    struct writer w = { .arena = arena, .run = run, .file = file, .what = what };
    oak_str rest = what->id, id;
    do {
        oak_str_cut(rest, ',', &id, &rest);
        *oak_push(arena, &w.ids) = oak_str_trim(id);
    } while (rest.len > 0);
    if (!check_words(&w, err) || !find_line(&w, err))
        return false;
    oak_pass_file(arena, run, file, &w.before);
    if (w.before.failed) {
        *err = w.before.error;
        return false;
    }
    return find_document(&w, err) && annotate(&w, out, err);
}
