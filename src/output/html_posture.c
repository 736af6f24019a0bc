/* Pictures of the HTML page: which levels workloads meet, before and after, in all and by namespace. Whole numbers only, so that
 * the same counts are the same bytes on every machine. */
#include "output/html.h"

#include <stdlib.h>

/* From left to right, the weakest first; the last: nobody knows. */
enum { LEVELS = OAK_HARDENED, UNKNOWN = LEVELS, COLUMNS };

struct flow {
    size_t moves[COLUMNS][COLUMNS]; /* [before][after] */
    size_t before[COLUMNS], after[COLUMNS], total;
};

static const char *const meanings[COLUMNS] = {
    "may reach the host: below baseline",
    "no known way to the host",
    "hardened as the standards ask",
    "a template decides",
};

static const char *name_of(size_t column)
{
    return column == UNKNOWN ? "unknown" : oak_html_level((enum oak_profile)column);
}

static void add_moves(struct flow *flow, const struct oak_namespace_totals *n)
{
    for (size_t i = 0; i < LEVELS; i++)
        for (size_t k = 0; k < LEVELS; k++)
            flow->moves[i][k] += n->moves[i][k];
    flow->moves[UNKNOWN][UNKNOWN] += n->unknown;
}

static void sum_up(struct flow *flow)
{
    for (size_t i = 0; i < COLUMNS; i++)
        for (size_t k = 0; k < COLUMNS; k++) {
            flow->before[i] += flow->moves[i][k];
            flow->after[k] += flow->moves[i][k];
            flow->total += flow->moves[i][k];
        }
}

/* ---- bars ---- */

/* "12.345": percent, or with another `whole` what is meant by it. */
static void add_share(struct oak_buf *out, size_t count, size_t total, size_t whole)
{
    const size_t thousandths = (size_t)((uint64_t)count * whole * 1000 / total);
    oak_buf_addf(out, "%zu.%03zu", thousandths / 1000, thousandths % 1000);
}

static void add_rect(struct oak_buf *out, const char *name, size_t start, size_t count, size_t total)
{
    oak_buf_addf(out, "<rect class=\"is-%s\" x=\"", name);
    add_share(out, start, total, 100);
    oak_buf_add(out, OAK_STR("%\" width=\""));
    add_share(out, count, total, 100);
    oak_buf_add(out, OAK_STR("%\" "));
}

static void add_level_bar(struct oak_buf *out, const size_t *counts, size_t total, int y, int height)
{
    size_t done = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (counts[i] == 0)
            continue;
        add_rect(out, name_of(i), done, counts[i], total);
        oak_buf_addf(out, "y=\"%d\" height=\"%d\"/>", y, height);
        done += counts[i];
    }
}

/* Numbers in the bar, where they have room. */
static void add_numbers(struct oak_buf *out, const size_t *counts, size_t total, int y)
{
    size_t done = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (counts[i] * 10 >= total) {
            oak_buf_addf(out, "<text class=\"on-%s\" x=\"", name_of(i));
            add_share(out, 2 * done + counts[i], 2 * total, 100);
            oak_buf_addf(out, "%%\" y=\"%d\">", y);
            oak_html_count(out, counts[i]);
            oak_buf_add(out, OAK_STR("</text>"));
        }
        done += counts[i];
    }
}

/* From the upper bar to the lower one. */
static void add_band(struct oak_buf *out, size_t total, size_t from, size_t to, size_t count)
{
    const struct {
        const char *text;
        size_t x;
    } steps[] = {
        { "M", from },           { " 0C", from },      { " 50 ", to },           { " 50 ", to },
        { " 100H", to + count }, { "C", to + count }, { " 50 ", from + count }, { " 50 ", from + count },
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        oak_buf_add(out, oak_str_from(steps[i].text));
        add_share(out, steps[i].x, total, 1000);
    }
    oak_buf_add(out, OAK_STR(" 0Z"));
}

/* All bands, in the colours of where they lead. */
static void add_bands(struct oak_buf *out, const struct flow *flow)
{
    size_t to[COLUMNS] = { 0 }, from = 0;
    for (size_t k = 1; k < COLUMNS; k++)
        to[k] = to[k - 1] + flow->after[k - 1];
    for (size_t i = 0; i < COLUMNS; i++)
        for (size_t k = 0; k < COLUMNS; k++) {
            const size_t count = flow->moves[i][k];
            if (count == 0)
                continue;
            oak_buf_addf(out, "<path class=\"is-%s\" d=\"", name_of(k));
            add_band(out, flow->total, from, to[k], count);
            oak_buf_add(out, OAK_STR("\"/>"));
            from += count;
            to[k] += count;
        }
}

/* ---- in all ---- */

static const char *before_word(const struct oak_page *page)
{
    return page->view == OAK_VIEW_FIX ? "Before" : "Now";
}

static const char *after_word(const struct oak_page *page)
{
    return page->view == OAK_VIEW_FIX ? "Now" : "After the fixes";
}

static void add_picture(struct oak_buf *out, const struct oak_page *page, const struct flow *flow)
{
    oak_buf_addf(out, "<figure><figcaption>%s</figcaption>\n<svg class=\"flow\" role=\"img\" aria-label=\"Levels of the workloads, "
                 "before and after; the table has the numbers\" width=\"100%%\" height=\"196\">", before_word(page));
    add_level_bar(out, flow->before, flow->total, 0, 44);
    oak_buf_add(out, OAK_STR("<svg x=\"0\" y=\"48\" width=\"100%\" height=\"100\" viewBox=\"0 0 1000 100\" "
                             "preserveAspectRatio=\"none\">"));
    add_bands(out, flow);
    oak_buf_add(out, OAK_STR("</svg>"));
    add_level_bar(out, flow->after, flow->total, 152, 44);
    add_numbers(out, flow->before, flow->total, 28);
    add_numbers(out, flow->after, flow->total, 180);
    oak_buf_addf(out, "</svg>\n<p class=\"under\">%s</p></figure>\n", after_word(page));
}

static void add_level_rows(struct oak_buf *out, const struct flow *flow)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (i == UNKNOWN && flow->before[i] == 0)
            continue;
        oak_buf_addf(out, "<tr><th scope=\"row\"><span class=\"swatch is-%s\"></span>%s <small>%s</small></th><td>", name_of(i),
                     name_of(i), meanings[i]);
        oak_html_count(out, flow->before[i]);
        oak_buf_add(out, OAK_STR("</td><td>"));
        oak_html_count(out, flow->after[i]);
        oak_buf_add(out, OAK_STR("</td></tr>\n"));
    }
}

void oak_html_posture(struct oak_buf *out, const struct oak_page *page)
{
    struct flow flow = { .total = 0 };
    for (size_t i = 0; i < page->totals->namespaces.count; i++)
        add_moves(&flow, &page->totals->namespaces.items[i]);
    sum_up(&flow);
    if (flow.total == 0)
        return;
    oak_buf_add(out, OAK_STR("<section aria-labelledby=\"h-posture\"><h2 id=\"h-posture\">"));
    oak_html_count(out, flow.total);
    oak_buf_addf(out, " workload%s by Pod Security level</h2>\n", flow.total == 1 ? "" : "s");
    add_picture(out, page, &flow);
    oak_buf_addf(out, "<table class=\"levels\"><thead><tr><th scope=\"col\">Level</th><th scope=\"col\">%s</th>"
                 "<th scope=\"col\">%s</th></tr></thead><tbody>\n", before_word(page), after_word(page));
    add_level_rows(out, &flow);
    oak_buf_add(out, OAK_STR("</tbody></table>\n<p class=\"fine\">The strictest level of the Pod Security Standards that all pods of a "
                             "workload meet, judged by all their rules, whatever was selected, ignored or exempted.</p></section>\n"));
}

/* ---- by namespace ---- */

static size_t left_of(const struct oak_namespace_totals *n)
{
    return oak_html_sum(n->by_outcome) - n->by_outcome[OAK_FIXED] - n->by_outcome[OAK_IGNORED];
}

/* Those with most to do first. */
static int by_work(const void *a, const void *b)
{
    const struct oak_namespace_totals *const x = *(const struct oak_namespace_totals *const *)a;
    const struct oak_namespace_totals *const y = *(const struct oak_namespace_totals *const *)b;
    const size_t left_x = left_of(x), left_y = left_of(y);
    return left_x != left_y ? (left_x < left_y) - (left_x > left_y) : oak_str_cmp(x->name, y->name);
}

static void add_row(struct oak_buf *out, const struct oak_namespace_totals *n)
{
    struct flow flow = { .total = 0 };
    add_moves(&flow, n);
    sum_up(&flow);
    oak_buf_add(out, OAK_STR("<tr><th scope=\"row\"><a href=\"#workloads\" data-go data-n=\"="));
    oak_html_text(out, n->name);
    oak_buf_add(out, OAK_STR("\">"));
    oak_html_text(out, n->name.len > 0 ? n->name : OAK_STR("(not said)"));
    oak_buf_add(out, OAK_STR("</a></th><td>"));
    oak_html_count(out, flow.total);
    oak_buf_add(out, OAK_STR("</td><td>"));
    if (flow.total > 0) {
        oak_html_count(out, flow.before[OAK_RESTRICTED]);
        oak_buf_add(out, OAK_STR(" → "));
        oak_html_count(out, flow.after[OAK_RESTRICTED]);
    }
    oak_buf_add(out, OAK_STR("</td><td class=\"pair\">"));
    if (flow.total > 0) {
        oak_buf_add(out, OAK_STR("<svg aria-hidden=\"true\" width=\"100%\" height=\"22\">"));
        add_level_bar(out, flow.before, flow.total, 0, 8);
        add_level_bar(out, flow.after, flow.total, 12, 8);
        oak_buf_add(out, OAK_STR("</svg>"));
    }
    oak_buf_add(out, OAK_STR("</td><td>"));
    oak_html_count(out, left_of(n));
    oak_buf_add(out, OAK_STR("</td></tr>\n"));
}

static void add_rows(struct oak_buf *out, struct oak_namespace_totals *const *sorted, size_t count)
{
    oak_buf_add(out, OAK_STR("<div class=\"wide\"><table class=\"namespaces\"><thead><tr><th scope=\"col\">Namespace</th>"
                             "<th scope=\"col\">Workloads</th><th scope=\"col\">Restricted</th>"
                             "<th scope=\"col\">Levels, before and after</th><th scope=\"col\">Left</th></tr></thead><tbody>\n"));
    for (size_t i = 0; i < count; i++)
        add_row(out, sorted[i]);
    oak_buf_add(out, OAK_STR("</tbody></table></div>\n"));
}

void oak_html_namespaces(struct oak_buf *out, const struct oak_page *page)
{
    enum { SHOWN = 10 };
    const size_t count = page->totals->namespaces.count;
    if (count == 0)
        return;
    struct oak_namespace_totals **const sorted = oak_arena_alloc(out->arena, count * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &page->totals->namespaces.items[i];
    qsort(sorted, count, sizeof *sorted, by_work);
    oak_buf_add(out, OAK_STR("<section aria-labelledby=\"h-namespaces\"><h2 id=\"h-namespaces\">By namespace</h2>\n"));
    add_rows(out, sorted, count < SHOWN + 2 ? count : SHOWN);
    if (count >= SHOWN + 2) {
        oak_buf_add(out, OAK_STR("<details class=\"rest\"><summary>and "));
        oak_html_count(out, count - SHOWN);
        oak_buf_add(out, OAK_STR(" more</summary>\n"));
        add_rows(out, sorted + SHOWN, count - SHOWN);
        oak_buf_add(out, OAK_STR("</details>\n"));
    }
    oak_buf_add(out, OAK_STR("</section>\n"));
}
