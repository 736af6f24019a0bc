/* One file of the HTML page: each of its objects that something is to be said about, with findings and diff, folded. */
#include "output/html.h"

#include <string.h>

struct writer {
    struct oak_buf *out;
    const struct oak_report *report;
    struct oak_source source;

    /* Findings by their object: those of object i are order[first[i]] … order[first[i + 1] - 1]. */
    size_t *order, *first;
    size_t edits_done; /* edits are in the order of the objects, too */
};

static void add(struct writer *w, const char *text)
{
    oak_buf_add(w->out, oak_str_from(text));
}

static void add_place(struct writer *w, struct oak_position at)
{
    add(w, "<code>");
    oak_html_text(w->out, w->report->path);
    oak_buf_addf(w->out, ":%zu:%zu</code>", at.line, at.column_chars);
}

/* ---- what could not be done, and what else is to be told ---- */

static void add_problem(struct writer *w, const char *word, const oak_span *at, oak_str text)
{
    oak_buf_addf(w->out, "<li class=\"is-%s\"><span class=\"word\">%s</span> ", word, word);
    if (at != NULL) {
        add_place(w, oak_source_position(&w->source, at->start));
    } else {
        add(w, "<code>");
        oak_html_text(w->out, w->report->path);
        add(w, "</code>");
    }
    add(w, " ");
    oak_html_text(w->out, text);
    add(w, "</li>\n");
}

/* An error stands among errors, a template among what nobody judged. */
static void add_failure(struct writer *w, bool is_template)
{
    const struct oak_result *const r = w->report->result;
    const struct oak_error *const error = w->report->io_error != NULL ? w->report->io_error : r->failed ? &r->error : NULL;
    if (error == NULL || (error->kind == OAK_TEMPLATE) != is_template)
        return;
    const bool has_place = w->report->text.len > 0 && error->kind != OAK_IO && error->kind != OAK_USAGE;
    add_problem(w, is_template ? "template" : "error", has_place ? &error->span : NULL, oak_str_from(error->text));
}

static void add_errors(struct writer *w)
{
    add_failure(w, false);
}

static void add_warnings(struct writer *w)
{
    const oak_notes *const notes = &w->report->result->notes;
    for (size_t i = 0; i < notes->count; i++)
        add_problem(w, "warning", &notes->items[i].span, notes->items[i].text);
}

static void add_unread(struct writer *w)
{
    const struct oak_result *const r = w->report->result;
    add_failure(w, true);
    for (size_t i = 0; i < r->unread.count; i++)
        add_problem(w, "unread", &r->unread.items[i].span, r->unread.items[i].text);
}

static void add_verdicts(struct writer *w)
{
    struct oak_buf text;
    oak_buf_init(&text, w->out->arena);
    oak_text_verdicts(&text, w->report);
    if (text.len > 0)
        oak_html_lines(w->out, oak_buf_str(&text));
}

/* ---- a finding ---- */

/* What exempts it: a command for a shell, in which a path that holds anything unusual stands in quotes. */
static void add_command(struct writer *w, const struct oak_finding *f, size_t line)
{
    const oak_str path = w->report->path;
    bool is_plain = path.len > 0 && path.ptr[0] != '-';
    for (size_t i = 0; i < path.len; i++)
        is_plain = is_plain && path.ptr[i] != '\0' &&
                   strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-", path.ptr[i]) != NULL;
    const oak_str head[] = { OAK_STR("oakum ignore "), f->rule->patch->id, is_plain ? OAK_STR(" ") : OAK_STR(" '") };
    struct oak_buf command;
    oak_buf_init(&command, w->out->arena);
    oak_buf_add_all(&command, head, 3);
    for (size_t i = 0; i < path.len; i++)
        oak_buf_add(&command, path.ptr[i] == '\'' ? OAK_STR("'\\''") : (oak_str){ path.ptr + i, 1 });
    oak_buf_addf(&command, ":%zu%s --reason \"…\"", line, is_plain ? "" : "'");
    oak_html_text(w->out, oak_buf_str(&command));
}

static void add_wishes(struct writer *w, const struct oak_finding *f)
{
    const bool is_done = f->outcome == OAK_FIXED;
    for (size_t i = 0; i < f->wishes.count; i++) {
        oak_buf_addf(w->out, "<p class=\"wish\">%s<code>", is_done ? "" : "not done: ");
        oak_html_text(w->out, oak_wish_print(w->out->arena, &f->wishes.items[i]));
        add(w, "</code></p>");
    }
}

static void add_reason(struct writer *w, const struct oak_finding *f)
{
    if (f->reason.len == 0)
        return;
    const char *const word =
        f->outcome != OAK_FIXED ? oak_outcome_name(f->outcome) : f->wishes.count > 0 ? "check" : "note";
    oak_buf_addf(w->out, "<p class=\"reason\"><b>%s:</b> ", word);
    oak_html_text(w->out, f->reason);
    if (f->evidence.end > 0)
        oak_buf_addf(w->out, " (line %zu)", oak_source_position(&w->source, f->evidence.start).line);
    add(w, "</p>");
}

/* What stands in the fold beside the command comes from the section about the patch: the script copies it there. */
static void add_finding(struct writer *w, const struct oak_finding *f)
{
    const struct oak_position at = oak_source_position(&w->source, f->span.start);
    const char *const outcome = oak_outcome_name(oak_outcome_for(w->report->view, f));
    const oak_str id = f->rule->patch->id;
    add(w, "<li data-p=\"");
    oak_html_text(w->out, id);
    oak_buf_addf(w->out, "\" data-o=\"%s\" data-t=\"%s\"><p><span class=\"tag is-%s\">%s</span> ", outcome,
                 oak_tier_name(f->rule->tier), outcome, outcome);
    oak_html_text(w->out, f->subject);
    add(w, " ");
    oak_html_text(w->out, f->rule->finding);
    oak_buf_addf(w->out, "</p><p class=\"by\">line %zu · <a href=\"#p-", at.line);
    oak_html_text(w->out, id);
    add(w, "\">");
    oak_html_text(w->out, id);
    oak_buf_addf(w->out, "</a> · %s</p>", oak_tier_name(f->rule->tier));
    add_wishes(w, f);
    add_reason(w, f);
    add(w, "<details class=\"more\"><summary>Why, what may break, how to exempt it</summary><p>To keep it as it is: <code>");
    if (oak_str_eq(w->report->path, OAK_STR("<stdin>"))) {
        add(w, "# oakum: ignore ");
        oak_html_text(w->out, id);
        add(w, " -- …");
    } else {
        add_command(w, f, at.line);
    }
    add(w, "</code></p></details></li>\n");
}

/* ---- a diff ---- */

/* A line of a hunk with its sign; `open` is the element that the lines before it stand in. */
static void add_diff_line(struct writer *w, oak_str line, char *open)
{
    const char sign = line.ptr[0] == '+' || line.ptr[0] == '-' ? line.ptr[0] : ' ';
    if (sign != *open) {
        add(w, *open == '+' ? "</ins>" : *open == '-' ? "</del>" : "");
        add(w, sign == '+' ? "<ins>" : sign == '-' ? "<del>" : "");
        *open = sign;
    }
    oak_html_lines(w->out, line);
    add(w, "\n");
}

/* From a unified diff: without its head, and of a hunk's head only the line that it begins at. */
static void add_hunks(struct writer *w, oak_str diff, size_t lines_before)
{
    oak_str line, rest;
    char open = ' ';
    for (int head = 0; head < 2; head++)
        oak_str_cut(diff, '\n', &line, &diff);
    while (diff.len > 0) {
        oak_str_cut(diff, '\n', &line, &diff);
        if (line.len == 0 || line.ptr[0] != '@') {
            add_diff_line(w, line, &open);
            continue;
        }
        add(w, open == '+' ? "</ins>" : open == '-' ? "</del>" : "");
        open = ' ';
        size_t number = 0;
        oak_str_cut((oak_str){ line.ptr + 4, line.len - 4 }, ' ', &line, &rest);
        for (size_t i = 0; i < line.len && line.ptr[i] >= '0' && line.ptr[i] <= '9'; i++)
            number = number * 10 + (size_t)(line.ptr[i] - '0');
        oak_buf_addf(w->out, "<i>from line %zu</i>\n", lines_before + number);
    }
    add(w, open == '+' ? "</ins>" : open == '-' ? "</del>" : "");
}

static size_t line_start(const struct writer *w, size_t line)
{
    return line <= w->source.line_count ? w->source.line_starts[line - 1] : w->report->text.len;
}

/* The diff of some edits that follow each other, made from the lines around them alone: a file may hold thousands of objects. */
static void add_diff(struct writer *w, const struct oak_edit *edits, size_t count)
{
    enum { CONTEXT = 3 };
    const size_t first = oak_source_position(&w->source, edits[0].span.start).line;
    const size_t last = oak_source_position(&w->source, edits[count - 1].span.end).line;
    const size_t from_line = first > CONTEXT ? first - CONTEXT : 1;
    const oak_span part = { line_start(w, from_line), line_start(w, last + CONTEXT + 1) };
    struct oak_result own = { .text = w->report->text };
    for (size_t i = 0; i < count; i++) {
        struct oak_edit *const edit = oak_push(w->out->arena, &own.edits);
        *edit = edits[i];
        edit->span.start -= part.start;
        edit->span.end -= part.start;
    }
    const struct oak_report report = { .path = w->report->path, .text = oak_str_span(w->report->text, part), .result = &own };
    struct oak_buf diff;
    oak_buf_init(&diff, w->out->arena);
    oak_diff(&diff, &report);
    add(w, "<details class=\"diff\" open><summary>Diff</summary><pre tabindex=\"0\">");
    add_hunks(w, oak_buf_str(&diff), from_line - 1);
    add(w, "</pre></details>");
}

/* The edits of an object are those before the next one begins. */
static void add_diff_of(struct writer *w, size_t number)
{
    const oak_edit_list *const edits = &w->report->result->edits;
    const oak_standings *const all = &w->report->result->standings;
    const size_t first = w->edits_done;
    while (w->edits_done < edits->count &&
           (number + 1 == all->count || edits->items[w->edits_done].span.start < all->items[number + 1].span.start))
        w->edits_done++;
    if (w->edits_done > first)
        add_diff(w, &edits->items[first], w->edits_done - first);
}

/* ---- an object ---- */

static void add_level(struct writer *w, const struct oak_standing *s)
{
    if (!s->has_pods)
        return;
    if (!s->is_known) {
        add(w, " <span class=\"level is-unknown\">a template decides</span>");
        return;
    }
    const char *const before = oak_html_level(s->before), *const after = oak_html_level(s->after);
    oak_buf_addf(w->out, " <span class=\"level\"><span class=\"is-%s\">%s</span>", before, before);
    if (s->before != s->after)
        oak_buf_addf(w->out, " → <span class=\"is-%s\">%s</span>", after, after);
    add(w, "</span>");
}

static void add_summary(struct writer *w, const struct oak_standing *s, const size_t *by_outcome)
{
    add(w, "<summary><h3><span>");
    oak_html_text(w->out, s->kind.len > 0 ? s->kind : OAK_STR("object"));
    add(w, "</span> ");
    oak_html_text(w->out, s->name.len > 0 ? s->name : OAK_STR("without a name"));
    add(w, "</h3>");
    add_level(w, s);
    add(w, " <span class=\"tally\">");
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        if (by_outcome[i] > 0) {
            const char *const name = oak_outcome_name((enum oak_outcome)i);
            oak_buf_addf(w->out, "<span class=\"tag is-%s\">%zu %s</span> ", name, by_outcome[i], name);
        }
    add(w, "</span> <span class=\"where\">");
    if (s->namespace.len > 0) {
        add(w, "<span>");
        oak_html_text(w->out, s->namespace);
        add(w, "</span> ");
    }
    add(w, "<code>");
    oak_html_text(w->out, w->report->path);
    oak_buf_addf(w->out, ":%zu</code></span></summary>\n", oak_source_position(&w->source, s->span.start).line);
}

static void count_outcomes(const struct writer *w, size_t number, size_t *by_outcome)
{
    for (size_t i = w->first[number]; i < w->first[number + 1]; i++)
        by_outcome[oak_outcome_for(w->report->view, &w->report->result->findings.items[w->order[i]])]++;
}

static void add_standing(struct writer *w, size_t number)
{
    const struct oak_result *const r = w->report->result;
    const struct oak_standing *const s = &r->standings.items[number];
    const bool has_findings = w->first[number] < w->first[number + 1];
    size_t by_outcome[OAK_OUTCOMES] = { 0 };
    if (!has_findings && !s->has_pods)
        return;
    count_outcomes(w, number, by_outcome);
    add(w, has_findings ? "<details class=\"w\" data-n=\"" : "<details class=\"w is-clean\" data-n=\"");
    oak_html_text(w->out, s->namespace);
    add(w, "\">");
    add_summary(w, s, by_outcome);
    add(w, has_findings ? "<ul>\n" : "<p>Nothing was found here.</p>");
    for (size_t i = w->first[number]; i < w->first[number + 1]; i++)
        add_finding(w, &r->findings.items[w->order[i]]);
    add(w, has_findings ? "</ul>" : "");
    add_diff_of(w, number);
    add(w, "</details>\n");
}

/* Findings of one object come together, otherwise in their order. */
static void sort_findings(struct writer *w)
{
    const struct oak_result *const r = w->report->result;
    w->first = oak_arena_alloc(w->out->arena, (r->standings.count + 2) * sizeof *w->first);
    w->order = oak_arena_alloc(w->out->arena, (r->findings.count + 1) * sizeof *w->order);
    size_t *const next = w->first + 1; /* becomes `first` when all have been put in their places */
    for (size_t i = 0; i < r->findings.count; i++)
        next[r->findings.items[i].standing + 1]++;
    for (size_t i = 1; i < r->standings.count; i++)
        next[i] += next[i - 1];
    for (size_t i = 0; i < r->findings.count; i++)
        w->order[next[r->findings.items[i].standing]++] = i;
}

static void add_workloads(struct writer *w)
{
    const size_t count = w->report->result->standings.count;
    if (count > 0)
        sort_findings(w);
    for (size_t i = 0; i < count; i++)
        add_standing(w, i);
}

void oak_html_file(struct oak_buf *out, const struct oak_report *report)
{
    const struct oak_result *const r = report->result;
    if (r->standings.count == 0 && r->unread.count == 0 && r->notes.count == 0 && !r->failed && report->io_error == NULL &&
        report->verdict_count == 0)
        return;
    static void (*const pieces[])(struct writer * w) = {
        [OAK_HTML_ERRORS] = add_errors,     [OAK_HTML_WARNINGS] = add_warnings,   [OAK_HTML_UNREAD] = add_unread,
        [OAK_HTML_VERDICTS] = add_verdicts, [OAK_HTML_WORKLOADS] = add_workloads,
    };
    struct writer w = { .out = out, .report = report };
    oak_source_init(out->arena, report->text, &w.source);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        pieces[i](&w);
        oak_buf_fill(out, '\0', 1);
    }
}
