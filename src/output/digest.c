/* The findings of a run in Markdown: for a comment, or the summary of a job. Lines of a part: F, a digit for the outcome, one for the
 * tier, the patch, a tab, an item of a list; E an item about a file that could not be done. */
#include "output/machine.h"
#include "output/markdown.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- one file ---- */

static void add_item(struct oak_buf *out, const struct oak_report *report, const struct oak_source *source,
                     const struct oak_finding *f)
{
    const oak_str changes = f->outcome == OAK_FIXED ? oak_finding_changes(out->arena, f) : OAK_STR("");
    oak_markdown_place(out, OAK_STR(""), report->path, oak_source_position(source, f->span.start).line);
    oak_buf_add(out, OAK_STR(" "));
    oak_markdown_code(out, f->subject);
    oak_buf_add(out, OAK_STR(" "));
    oak_markdown_prose(out, f->rule->finding);
    oak_buf_add(out, changes.len > 0 || f->reason.len > 0 ? OAK_STR(": ") : OAK_STR(""));
    if (changes.len > 0)
        oak_markdown_code(out, changes);
    if (f->reason.len > 0) {
        oak_buf_add(out, changes.len > 0 ? OAK_STR("; check: ") : OAK_STR(""));
        oak_markdown_plain(out, oak_plain_line(out->arena, f->reason));
    }
    oak_buf_add(out, OAK_STR("\n"));
}

void oak_digest_file(struct oak_buf *out, const struct oak_report *report)
{
    const struct oak_result *const r = report->result;
    const struct oak_error *const error = oak_report_error(report);
    struct oak_source source;
    oak_source_init(out->arena, report->text, &source);
    for (size_t i = 0; i < r->findings.count; i++) {
        const struct oak_finding *const f = &r->findings.items[i];
        oak_buf_addf(out, "F%u%u%.*s\t", (unsigned)oak_outcome_for(report->view, f), (unsigned)f->rule->tier,
                     (int)f->rule->patch->id.len, f->rule->patch->id.ptr);
        add_item(out, report, &source, f);
    }
    if (error == NULL)
        return;
    oak_buf_add(out, OAK_STR("E"));
    oak_markdown_place(out, OAK_STR(""), report->path,
                       error == &r->error ? oak_source_position(&source, error->span.start).line : 0);
    oak_buf_add(out, OAK_STR(": "));
    oak_markdown_plain(out, oak_plain_line(out->arena, oak_str_from(error->text)));
    oak_buf_add(out, OAK_STR("\n"));
}

/* ---- the page ---- */

struct writer {
    struct oak_buf out;
    const struct oak_page *page;
    size_t max_items; /* of each patch and outcome */
};

static size_t sum(const size_t *by_outcome)
{
    size_t total = 0;
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        total += by_outcome[i];
    return total;
}

/* Most urgent first. Of `check`, what is open is what `fix` would do, or leave out. */
static const enum oak_outcome order[] = { OAK_OPEN, OAK_FIXED, OAK_HELD, OAK_MANUAL, OAK_REFUSED, OAK_IGNORED };
enum { ORDER = sizeof order / sizeof *order };

static void add_table(struct writer *w)
{
    const struct oak_totals *const t = w->page->totals;
    const struct oak_patches *const patches = w->page->run->patches;
    oak_buf_add(&w->out, OAK_STR("| finding | patch |"));
    for (size_t i = 0; i < ORDER; i++)
        if (t->by_outcome[order[i]] > 0)
            oak_buf_addf(&w->out, " %s |", oak_outcome_name(order[i]));
    oak_buf_add(&w->out, OAK_STR("\n|---|---|"));
    for (size_t i = 0; i < ORDER; i++)
        if (t->by_outcome[order[i]] > 0)
            oak_buf_add(&w->out, OAK_STR("--:|"));
    oak_buf_add(&w->out, OAK_STR("\n"));
    for (size_t k = 0; k < patches->items.count; k++) {
        const size_t *const counts = &t->by_patch[k * OAK_OUTCOMES];
        if (sum(counts) == 0)
            continue;
        oak_buf_add(&w->out, OAK_STR("| "));
        oak_markdown_prose(&w->out, patches->items.items[k]->title);
        oak_buf_add(&w->out, OAK_STR(" | "));
        oak_markdown_code(&w->out, patches->items.items[k]->id);
        oak_buf_add(&w->out, OAK_STR(" |"));
        for (size_t i = 0; i < ORDER; i++)
            if (t->by_outcome[order[i]] > 0)
                oak_buf_addf(&w->out, counts[order[i]] > 0 ? " %zu |" : " |", counts[order[i]]);
        oak_buf_add(&w->out, OAK_STR("\n"));
    }
}

/* Has an earlier section said why the patch is there? */
static bool was_told(const struct writer *w, enum oak_outcome outcome, const struct oak_patch *patch)
{
    const size_t *const counts = oak_totals_of(w->page->totals, w->page->run->patches, patch);
    for (size_t i = 0; i < ORDER && order[i] != outcome; i++)
        if (counts[order[i]] > 0)
            return true;
    return false;
}

static void add_items(struct writer *w, enum oak_outcome outcome, const struct oak_patch *patch)
{
    struct oak_part_cursor at = { 0, 0 };
    oak_str line, head, item;
    size_t count = 0;
    bool is_risky = false;
    struct oak_buf items;
    oak_buf_init(&items, w->out.arena);
    while (oak_part_next(w->page, &at, 'F', &line)) {
        oak_str_cut(line, '\t', &head, &item);
        if (head.ptr[0] != '0' + (char)outcome || !oak_str_eq(oak_str_span(head, (oak_span){ 2, head.len }), patch->id))
            continue;
        is_risky = is_risky || head.ptr[1] != '0' + (char)OAK_SAFE;
        if (count++ < w->max_items)
            oak_buf_addf(&items, "- %.*s\n", (int)item.len, item.ptr);
    }
    if (count > w->max_items)
        oak_buf_addf(&items, "- %s%zu %s\n", w->max_items > 0 ? "and " : "", count - w->max_items,
                     w->max_items > 0 ? "more" : "places");
    oak_buf_add(&w->out, OAK_STR("\n"));
    oak_markdown_code(&w->out, patch->id);
    oak_buf_add(&w->out, OAK_STR(":"));
    if (!was_told(w, outcome, patch)) {
        oak_buf_add(&w->out, OAK_STR(" "));
        oak_markdown_prose(&w->out, patch->why);
    }
    if ((outcome == OAK_OPEN || outcome == OAK_FIXED) && is_risky && patch->breaks.len > 0) {
        oak_buf_add(&w->out, OAK_STR(" **May break:** "));
        oak_markdown_prose(&w->out, patch->breaks);
    }
    oak_buf_add(&w->out, OAK_STR("\n\n"));
    oak_buf_add(&w->out, oak_buf_str(&items));
}

static void add_section(struct writer *w, enum oak_outcome outcome)
{
    const struct oak_patches *const patches = w->page->run->patches;
    const size_t count = w->page->totals->by_outcome[outcome];
    if (count == 0)
        return;
    const bool is_to_do = outcome == OAK_OPEN && w->page->view != OAK_VIEW_FIX;
    oak_buf_addf(&w->out, "\n<details%s><summary>%s: %zu</summary>\n\n%s\n", outcome == OAK_IGNORED ? "" : " open",
                 oak_outcome_name(outcome), count,
                 is_to_do ? "**Open:** `oakum fix` closes these, but for those above the chosen tier."
                          : oak_markdown_left(outcome));
    for (size_t i = 0; i < patches->items.count; i++)
        if (oak_totals_of(w->page->totals, patches, patches->items.items[i])[outcome] > 0)
            add_items(w, outcome, patches->items.items[i]);
    oak_buf_add(&w->out, OAK_STR("\n</details>\n"));
}

static void add_errors(struct writer *w)
{
    struct oak_part_cursor at = { 0, 0 };
    oak_str line;
    size_t count = 0;
    while (oak_part_next(w->page, &at, 'E', &line)) {
        if (count == 0)
            oak_buf_add(&w->out, OAK_STR("\n**Left alone**, because they are templates or could not be done:\n\n"));
        if (count++ < w->max_items)
            oak_buf_addf(&w->out, "- %.*s\n", (int)line.len, line.ptr);
    }
    if (count > w->max_items)
        oak_buf_addf(&w->out, "- and %zu more\n", count - w->max_items);
}

static oak_str print_page(struct oak_arena *arena, const void *of, size_t max_items)
{
    const struct oak_page *const page = of;
    const struct oak_totals *const t = page->totals;
    struct writer w = { .page = page, .max_items = max_items };
    const size_t findings = sum(t->by_outcome);
    oak_buf_init(&w.out, arena);
    if (findings == 0)
        oak_buf_addf(&w.out, "## oakum: %s\n\n%zu manifest%s in %zu file%s.\n",
                     t->errors + t->templates > 0 ? "no findings, and not all could be looked at" : "nothing to fix", t->manifests,
                     plural(t->manifests), t->files, plural(t->files));
    else
        oak_buf_addf(&w.out, "## oakum: %zu finding%s\n\n%zu manifest%s in %zu file%s; %s %zu.\n\n", findings, plural(findings),
                     t->manifests, plural(t->manifests), t->files, plural(t->files),
                     page->view == OAK_VIEW_FIX ? "rewritten:" : "`oakum fix` would rewrite", t->changed);
    if (findings > 0)
        add_table(&w);
    add_errors(&w);
    for (size_t i = 0; i < ORDER; i++)
        add_section(&w, order[i]);
    return oak_buf_str(&w.out);
}

void oak_digest_page(struct oak_buf *out, const struct oak_page *page)
{
    oak_buf_add(out, oak_markdown_fit(out->arena, page, print_page));
}
