/* The HTML page around the parts of its files: one file, nothing from elsewhere, the same bytes for the same input. */
#include "output/html.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void add_counted(struct oak_buf *out, size_t count, const char *what)
{
    oak_html_count(out, count);
    oak_buf_addf(out, " %s%s", what, plural(count));
}

size_t oak_html_sum(const size_t *by_outcome)
{
    size_t sum = 0;
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        sum += by_outcome[i];
    return sum;
}

/* ---- slots ---- */

static void add_headline(struct oak_buf *out, const struct oak_page *page)
{
    const struct oak_totals *const t = page->totals;
    const size_t left = oak_totals_left(t);
    if (t->manifests == 0 && t->errors == 0)
        oak_buf_add(out, OAK_STR("No manifests here"));
    else if (left == 0 && t->errors == 0)
        oak_buf_add(out, OAK_STR("Nothing is left to do"));
    else if (page->view == OAK_VIEW_FIX && t->changed > 0)
        oak_buf_add(out, OAK_STR("What was fixed, and what is left"));
    else
        oak_buf_add(out, OAK_STR("What to fix, and what it changes"));
}

static void add_lead(struct oak_buf *out, const struct oak_page *page)
{
    const struct oak_totals *const t = page->totals;
    const size_t findings = oak_html_sum(t->by_outcome);
    oak_buf_add(out, OAK_STR("<p class=\"lead\">"));
    add_counted(out, t->manifests, "manifest");
    oak_buf_add(out, OAK_STR(" in "));
    add_counted(out, t->files, "file");
    oak_buf_add(out, OAK_STR(", "));
    add_counted(out, findings, "finding");
    oak_buf_addf(out, ", profile %s. ", oak_profile_name(page->run->options->profile));
    if (page->view == OAK_VIEW_FIX) {
        add_counted(out, t->changed, "file");
        oak_buf_addf(out, " %s rewritten.", t->changed == 1 ? "was" : "were");
    } else if (t->changed > 0) {
        oak_buf_add(out, OAK_STR("Nothing was written: <code>oakum fix</code> would rewrite "));
        add_counted(out, t->changed, "file");
        oak_buf_add(out, OAK_STR("."));
    }
    oak_buf_add(out, OAK_STR("</p>\n"));
    if (oak_totals_left(t) == 0 && t->errors == 0 && t->manifests > 0)
        oak_buf_add(out, OAK_STR("<p class=\"calm\">Every manifest is as the profile wants it, or exempted with a reason that "
                                 "somebody wrote down.</p>\n"));
}

static oak_str piece_of(oak_str part, enum oak_html_piece wanted)
{
    oak_str piece = part;
    for (int i = 0; i <= (int)wanted; i++)
        oak_str_cut(part, '\0', &piece, &part);
    return piece;
}

static bool has_piece(const struct oak_page *page, enum oak_html_piece wanted)
{
    for (size_t i = 0; i < page->part_count; i++)
        if (piece_of(page->parts[i], wanted).len > 0)
            return true;
    return false;
}

static void add_pieces(struct oak_buf *out, const struct oak_page *page, enum oak_html_piece wanted)
{
    for (size_t i = 0; i < page->part_count; i++)
        oak_buf_add(out, piece_of(page->parts[i], wanted));
}

/* Errors first: they are few, and templates may be many. */
static void add_problems(struct oak_buf *out, const struct oak_page *page)
{
    const struct oak_totals *const t = page->totals;
    if (!has_piece(page, OAK_HTML_ERRORS) && !has_piece(page, OAK_HTML_WARNINGS) && !has_piece(page, OAK_HTML_UNREAD))
        return;
    oak_buf_add(out, OAK_STR("<section aria-labelledby=\"h-problems\"><h2 id=\"h-problems\">Not judged, and warnings</h2>\n<p>"));
    add_counted(out, t->errors, "error");
    oak_buf_add(out, OAK_STR(" to mend first, "));
    add_counted(out, t->templates, "template");
    oak_buf_add(out, OAK_STR(" left alone, "));
    add_counted(out, t->unread, "place");
    oak_buf_add(out, OAK_STR(" that may hold pods and nobody looked into.</p>\n<div class=\"scroll\" role=\"region\" "
                             "aria-labelledby=\"h-problems\" tabindex=\"0\"><ul class=\"problems\">\n"));
    add_pieces(out, page, OAK_HTML_ERRORS);
    add_pieces(out, page, OAK_HTML_WARNINGS);
    add_pieces(out, page, OAK_HTML_UNREAD);
    oak_buf_add(out, OAK_STR("</ul></div></section>\n"));
}

static void add_verdicts(struct oak_buf *out, const struct oak_page *page)
{
    if (!has_piece(page, OAK_HTML_VERDICTS))
        return;
    oak_buf_add(out, OAK_STR("<section aria-labelledby=\"h-verdicts\"><h2 id=\"h-verdicts\">What namespaces can enforce</h2>\n"
                             "<pre tabindex=\"0\">"));
    add_pieces(out, page, OAK_HTML_VERDICTS);
    oak_buf_add(out, OAK_STR("</pre></section>\n"));
}

static void add_workloads(struct oak_buf *out, const struct oak_page *page)
{
    add_pieces(out, page, OAK_HTML_WORKLOADS);
    if (!has_piece(page, OAK_HTML_WORKLOADS))
        oak_buf_add(out, OAK_STR("<p>There is nothing to show.</p>\n"));
}

static void add_namespace_options(struct oak_buf *out, const struct oak_page *page)
{
    for (size_t i = 0; i < page->totals->namespaces.count; i++) {
        const oak_str name = page->totals->namespaces.items[i].name;
        oak_buf_add(out, OAK_STR("<option value=\"="));
        oak_html_text(out, name);
        oak_buf_add(out, OAK_STR("\">"));
        oak_html_text(out, name.len > 0 ? name : OAK_STR("(not said)"));
        oak_buf_add(out, OAK_STR("</option>"));
    }
}

static void add_patch_options(struct oak_buf *out, const struct oak_page *page)
{
    const struct oak_patches *const patches = page->run->patches;
    for (size_t i = 0; i < patches->items.count; i++) {
        const struct oak_patch *const patch = patches->items.items[i];
        if (oak_html_sum(oak_totals_of(page->totals, patches, patch)) == 0)
            continue;
        oak_buf_add(out, OAK_STR("<option>"));
        oak_html_text(out, patch->id);
        oak_buf_add(out, OAK_STR("</option>"));
    }
}

static const struct {
    const char *name;
    void (*add)(struct oak_buf *out, const struct oak_page *page);
} slots[] = {
    { "headline", add_headline },
    { "lead", add_lead },
    { "posture", oak_html_posture },
    { "outcomes", oak_html_outcomes },
    { "problems", add_problems },
    { "verdicts", add_verdicts },
    { "namespaces", oak_html_namespaces },
    { "patches", oak_html_patches },
    { "workloads", add_workloads },
    { "namespace-options", add_namespace_options },
    { "patch-options", add_patch_options },
};

static void fill(struct oak_buf *out, const struct oak_page *page, oak_str name)
{
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        if (oak_str_eq(name, oak_str_from(slots[i].name)))
            slots[i].add(out, page);
}

void oak_html_page(struct oak_buf *out, const struct oak_page *page)
{
    const oak_str frame = oak_html_frame;
    size_t done = 0, start, end;
    while (oak_str_find(frame, done, OAK_STR("{{"), &start) && oak_str_find(frame, start, OAK_STR("}}"), &end)) {
        oak_buf_add(out, oak_str_span(frame, (oak_span){ done, start }));
        fill(out, page, oak_str_span(frame, (oak_span){ start + 2, end }));
        done = end + 2;
    }
    oak_buf_add(out, oak_str_span(frame, (oak_span){ done, frame.len }));
}
