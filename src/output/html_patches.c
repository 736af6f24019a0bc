/* Sections of the HTML page about patches, tiers and outcomes. What a patch says stands here once; the script copies it to the
 * findings. */
#include "output/html.h"

#include <stdlib.h>

void oak_html_bar(struct oak_buf *out, const size_t *by_outcome, size_t max)
{
    size_t done = 0;
    oak_buf_add(out, OAK_STR("<svg class=\"bar\" aria-hidden=\"true\" width=\"100%\" height=\"6\">"));
    for (size_t i = 0; i < OAK_OUTCOMES; i++) {
        if (by_outcome[i] == 0)
            continue;
        oak_buf_addf(out, "<rect class=\"is-%s\" x=\"%zu.%zu%%\" width=\"%zu.%zu%%\" height=\"6\"/>",
                     oak_outcome_name((enum oak_outcome)i), done * 100 / max, done * 1000 / max % 10,
                     by_outcome[i] * 100 / max, by_outcome[i] * 1000 / max % 10);
        done += by_outcome[i];
    }
    oak_buf_add(out, OAK_STR("</svg>"));
}

/* ---- by patch ---- */

struct entry {
    const struct oak_patch *patch;
    const size_t *by_outcome;
    size_t sum;
};

static int by_sum(const void *a, const void *b)
{
    const struct entry *const x = a, *const y = b;
    return x->sum != y->sum ? (x->sum < y->sum) - (x->sum > y->sum) : oak_str_cmp(x->patch->id, y->patch->id);
}

static void add_prose(struct oak_buf *out, const char *title, oak_str words)
{
    if (words.len == 0)
        return;
    oak_buf_addf(out, "<p>%s", title);
    oak_html_text(out, oak_str_trim(words));
    oak_buf_add(out, OAK_STR("</p>\n"));
}

static void add_references(struct oak_buf *out, const struct oak_patch *patch)
{
    if (patch->references.count == 0)
        return;
    oak_buf_add(out, OAK_STR("<p class=\"fine\">Others call it: "));
    for (size_t i = 0; i < patch->references.count; i++) {
        oak_buf_add(out, i > 0 ? OAK_STR(", ") : OAK_STR(""));
        oak_html_text(out, patch->references.items[i].system);
        oak_buf_add(out, OAK_STR(" "));
        oak_html_text(out, patch->references.items[i].id);
    }
    oak_buf_add(out, OAK_STR("</p>\n"));
}

static void add_counts(struct oak_buf *out, const size_t *by_outcome)
{
    for (size_t i = 0; i < OAK_OUTCOMES; i++) {
        if (by_outcome[i] == 0)
            continue;
        const char *const name = oak_outcome_name((enum oak_outcome)i);
        oak_buf_addf(out, "<span class=\"tag is-%s\">", name);
        oak_html_count(out, by_outcome[i]);
        oak_buf_addf(out, " %s</span> ", name);
    }
}

static void add_patch(struct oak_buf *out, const struct entry *e, size_t max)
{
    const struct oak_patch *const patch = e->patch;
    oak_buf_add(out, OAK_STR("<details class=\"p\"><summary><span class=\"title\">"));
    oak_html_text(out, patch->title);
    oak_buf_add(out, OAK_STR(" <code>"));
    oak_html_text(out, patch->id);
    oak_buf_add(out, OAK_STR("</code></span> <span class=\"tally\">"));
    add_counts(out, e->by_outcome);
    oak_buf_add(out, OAK_STR("</span>"));
    oak_html_bar(out, e->by_outcome, max);
    oak_buf_add(out, OAK_STR("</summary>\n<div id=\"p-"));
    oak_html_text(out, patch->id);
    oak_buf_add(out, OAK_STR("\">\n<div class=\"words\">"));
    add_prose(out, "<b>Why:</b> ", patch->why);
    add_prose(out, "<b>May break:</b> ", patch->breaks);
    add_prose(out, "<b>Note:</b> ", patch->note);
    oak_buf_add(out, OAK_STR("</div>\n<p><b>To exempt:</b> a comment above what has to stay, with the reason: <code># oakum: ignore "));
    oak_html_text(out, patch->id);
    oak_buf_add(out, OAK_STR(" -- why it has to stay</code></p>\n"));
    add_references(out, patch);
    oak_buf_add(out, OAK_STR("<p><a href=\"#workloads\" data-go data-p=\""));
    oak_html_text(out, patch->id);
    oak_buf_add(out, OAK_STR("\">The workloads with it</a></p>\n</div></details>\n"));
}

void oak_html_patches(struct oak_buf *out, const struct oak_page *page)
{
    const struct oak_patches *const patches = page->run->patches;
    struct entry *const entries = oak_arena_alloc(out->arena, (patches->items.count + 1) * sizeof *entries);
    size_t count = 0;
    for (size_t i = 0; i < patches->items.count; i++) {
        const size_t *const by_outcome = oak_totals_of(page->totals, patches, patches->items.items[i]);
        const size_t sum = oak_html_sum(by_outcome);
        if (sum > 0)
            entries[count++] = (struct entry){ patches->items.items[i], by_outcome, sum };
    }
    if (count == 0)
        return;
    qsort(entries, count, sizeof *entries, by_sum);
    oak_buf_add(out, OAK_STR("<section aria-labelledby=\"h-patches\"><h2 id=\"h-patches\">By patch</h2>\n"
                             "<p>Unfold one to read why, and what may break.</p>\n"));
    for (size_t i = 0; i < count; i++)
        add_patch(out, &entries[i], entries[0].sum);
    oak_buf_add(out, OAK_STR("</section>\n"));
}

/* ---- by outcome and tier ---- */

static const char *meaning_of(enum oak_outcome outcome, enum oak_command_view view)
{
    switch (outcome) {
    case OAK_FIXED:
        return "written";
    case OAK_OPEN:
        return view == OAK_VIEW_FIX ? "can be fixed, above the chosen tier" : "can be fixed";
    case OAK_HELD:
        return "the manifest shows that the change would break it; --force ID does it";
    case OAK_MANUAL:
        return "only a person can decide";
    case OAK_IGNORED:
        return "exempted, with a reason";
    default:
        return "the text cannot be edited with proof";
    }
}

static void add_cell(struct oak_buf *out, enum oak_outcome outcome, enum oak_tier tier, size_t count)
{
    const char *const o = oak_outcome_name(outcome), *const t = oak_tier_name(tier);
    if (count == 0) {
        oak_buf_add(out, OAK_STR("<td class=\"none\">–</td>"));
        return;
    }
    oak_buf_addf(out, "<td><a href=\"#workloads\" data-go data-o=\"%s\" data-t=\"%s\" aria-label=\"%zu %s, %s\">", o, t, count, o,
                 t);
    oak_html_count(out, count);
    oak_buf_add(out, OAK_STR("</a></td>"));
}

void oak_html_outcomes(struct oak_buf *out, const struct oak_page *page)
{
    const struct oak_totals *const t = page->totals;
    if (oak_html_sum(t->by_outcome) == 0)
        return;
    oak_buf_add(out, OAK_STR("<section aria-labelledby=\"h-outcomes\"><h2 id=\"h-outcomes\">By outcome and tier</h2>\n"
                             "<div class=\"wide\"><table class=\"outcomes\"><thead><tr><th scope=\"col\">Outcome</th>"));
    for (int tier = OAK_SAFE; tier <= OAK_TIER_MANUAL; tier++)
        oak_buf_addf(out, "<th scope=\"col\">%s</th>", oak_tier_name((enum oak_tier)tier));
    oak_buf_add(out, OAK_STR("</tr></thead><tbody>\n"));
    for (size_t i = 0; i < OAK_OUTCOMES; i++) {
        const enum oak_outcome outcome = (enum oak_outcome)i;
        if (t->by_outcome[i] == 0)
            continue;
        oak_buf_addf(out, "<tr><th scope=\"row\"><span class=\"tag is-%s\">", oak_outcome_name(outcome));
        oak_html_count(out, t->by_outcome[i]);
        oak_buf_addf(out, " %s</span> <small>%s</small></th>", oak_outcome_name(outcome), meaning_of(outcome, page->view));
        for (int tier = OAK_SAFE; tier <= OAK_TIER_MANUAL; tier++)
            add_cell(out, outcome, (enum oak_tier)tier, t->by_tier[tier][i]);
        oak_buf_add(out, OAK_STR("</tr>\n"));
    }
    oak_buf_add(out, OAK_STR("</tbody></table></div>\n<p class=\"fine\">safe: a correct workload keeps working. risky: it may stop one; "
                             "look at what may break. held: only when forced. manual: no edit can be right without a person.</p>"
                             "</section>\n"));
}
