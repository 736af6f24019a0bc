/* The text of a pull request: what a reviewer asks. What changes and why, where, what may break and how to see that, what is
 * left and why, how to keep a setting. */
#include "output/markdown.h"
#include "output/output.h"

/* ---- keeping findings ---- */

static oak_str changes_of(struct oak_arena *arena, const struct oak_finding *f)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    for (size_t i = 0; i < f->wishes.count; i++) {
        if (f->wishes.items[i].is_outdone)
            continue;
        const oak_str wish = oak_wish_print(arena, &f->wishes.items[i]);
        oak_buf_addf(&out, "%s%.*s", out.len > 0 ? ", " : "", (int)wish.len, wish.ptr);
    }
    return oak_buf_str(&out);
}

void oak_entries_add(struct oak_arena *arena, oak_entries *places, const struct oak_report *report)
{
    const struct oak_result *const r = report->result;
    struct oak_source source;
    if (r->findings.count == 0 && !r->failed)
        return;
    oak_source_init(arena, report->text, &source);
    const oak_str path = oak_arena_str(arena, report->path);
    for (size_t i = 0; i < r->findings.count; i++) {
        const struct oak_finding *const f = &r->findings.items[i];
        const oak_str what = f->outcome == OAK_FIXED ? changes_of(arena, f) : f->reason;
        *oak_push(arena, places) = (struct oak_entry){
            .patch = f->rule->patch, .tier = f->rule->tier, .outcome = f->outcome, .path = path,
            .subject = oak_arena_str(arena, f->subject), .what = oak_arena_str(arena, what),
            .line = oak_source_position(&source, f->span.start).line };
    }
    if (r->failed)
        *oak_push(arena, places) = (struct oak_entry){
            .outcome = OAK_REFUSED, .path = path, .what = oak_arena_str(arena, oak_str_from(r->error.text)),
            .line = oak_source_position(&source, r->error.span.start).line };
}

/* ---- the page ---- */

/* How much of it there is room for. */
struct writer {
    struct oak_buf out;
    const struct oak_pull_page *page;
    size_t max_places; /* of each patch and outcome */
};

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void add_place(struct writer *w, const struct oak_entry *place)
{
    oak_buf_add(&w->out, OAK_STR("- "));
    oak_markdown_place(&w->out, w->page->link, place->path, place->line);
    if (place->subject.len > 0) {
        oak_buf_add(&w->out, OAK_STR(" "));
        oak_markdown_code(&w->out, place->subject);
    }
    if (place->what.len > 0) {
        oak_buf_add(&w->out, OAK_STR(": "));
        if (place->outcome == OAK_FIXED)
            oak_markdown_code(&w->out, place->what);
        else
            oak_markdown_plain(&w->out, place->what);
    }
    oak_buf_add(&w->out, OAK_STR("\n"));
}

static void add_places(struct writer *w, const struct oak_patch *patch, enum oak_outcome outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < w->page->entries->count; i++) {
        const struct oak_entry *const place = &w->page->entries->items[i];
        if (place->patch == patch && place->outcome == outcome && count++ < w->max_places)
            add_place(w, place);
    }
    if (count > w->max_places)
        oak_buf_addf(&w->out, "- %s%zu %s\n", w->max_places > 0 ? "and " : "", count - w->max_places,
                     w->max_places > 0 ? "more" : "places; `oakum check` lists them");
}

static void add_prose(struct writer *w, const char *title, oak_str words)
{
    if (words.len == 0)
        return;
    oak_buf_addf(&w->out, "%s", title);
    oak_markdown_prose(&w->out, words);
    oak_buf_add(&w->out, OAK_STR("\n\n"));
}

static void add_heading(struct writer *w, const struct oak_patch *patch, size_t count)
{
    oak_buf_add(&w->out, OAK_STR("\n### "));
    oak_markdown_prose(&w->out, patch->title);
    oak_buf_add(&w->out, OAK_STR(" ("));
    oak_markdown_code(&w->out, patch->id);
    oak_buf_addf(&w->out, "): %zu\n\n", count);
}

/* The riskiest of what was done. */
static enum oak_tier tier_of(const struct writer *w, const struct oak_patch *patch)
{
    enum oak_tier tier = OAK_SAFE;
    for (size_t i = 0; i < w->page->entries->count; i++) {
        const struct oak_entry *const place = &w->page->entries->items[i];
        if (place->patch == patch && place->outcome == OAK_FIXED && place->tier > tier)
            tier = place->tier;
    }
    return tier;
}

static void add_fixed(struct writer *w)
{
    const struct oak_patches *const patches = w->page->patches;
    oak_buf_add(&w->out, OAK_STR("## What changes\n"));
    for (size_t i = 0; i < patches->items.count; i++) {
        const struct oak_patch *const patch = patches->items.items[i];
        const size_t fixed = oak_totals_of(w->page->totals, patches, patch)[OAK_FIXED];
        if (fixed == 0)
            continue;
        add_heading(w, patch, fixed);
        add_prose(w, "", patch->why);
        if (tier_of(w, patch) == OAK_SAFE)
            oak_buf_add(&w->out, OAK_STR("**Safe:** a workload that was right keeps working.\n\n"));
        else
            add_prose(w, "**May break:** ", patch->breaks);
        add_prose(w, "**Note:** ", patch->note);
        add_places(w, patch, OAK_FIXED);
    }
}

static void add_how_to_check(struct oak_buf *out)
{
    oak_buf_add(out, OAK_STR(
        "\n## How to check\n\n"
        "1. The API server's opinion, without changing anything: `kubectl apply --dry-run=server -f FILE`, or `kubectl diff -f FILE`.\n"
        "2. Roll it out to one environment first, and wait: `kubectl rollout status deployment/NAME --timeout=5m`.\n"
        "3. Look for what these changes cause when they go wrong: `CreateContainerConfigError` (the image runs as root), "
        "`Operation not permitted`, `Permission denied` and `Read-only file system` in the logs, pods that restart, and events "
        "of denied pods: `kubectl get events --field-selector type=Warning`.\n\n"
        "Only the lines that you see in the diff were touched; every other byte of these files is as it was.\n"));
}

static bool has_left(const struct writer *w, const struct oak_patch *patch, enum oak_outcome outcome)
{
    for (size_t i = 0; i < w->page->entries->count; i++)
        if (w->page->entries->items[i].patch == patch && w->page->entries->items[i].outcome == outcome)
            return true;
    return false;
}

static const enum oak_outcome kinds_left[] = { OAK_HELD, OAK_MANUAL, OAK_OPEN, OAK_REFUSED, OAK_IGNORED };
enum { KINDS_LEFT = sizeof kinds_left / sizeof *kinds_left };

static size_t count_left(const size_t *by_outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < KINDS_LEFT; i++)
        count += by_outcome[kinds_left[i]];
    return count;
}

static void add_left_of(struct writer *w, const struct oak_patch *patch)
{
    const size_t *const counts = oak_totals_of(w->page->totals, w->page->patches, patch);
    const size_t left = count_left(counts);
    if (left == 0)
        return;
    add_heading(w, patch, left);
    if (counts[OAK_FIXED] == 0) {
        add_prose(w, "", patch->why);
        add_prose(w, "", patch->note);
    }
    size_t kinds = 0;
    for (size_t i = 0; i < KINDS_LEFT; i++) {
        if (!has_left(w, patch, kinds_left[i]))
            continue;
        oak_buf_addf(&w->out, "%s%s\n\n", kinds++ > 0 ? "\n" : "", oak_markdown_left(kinds_left[i]));
        add_places(w, patch, kinds_left[i]);
    }
}

static void add_left(struct writer *w)
{
    const struct oak_patches *const patches = w->page->patches;
    const bool has_files = has_left(w, NULL, OAK_REFUSED);
    if (count_left(w->page->totals->by_outcome) == 0 && !has_files)
        return;
    oak_buf_add(&w->out, OAK_STR("\n## What is left, and why\n"));
    for (size_t i = 0; i < patches->items.count; i++)
        add_left_of(w, patches->items.items[i]);
    if (!has_files)
        return;
    oak_buf_add(&w->out, OAK_STR("\n### Files that were left alone\n\n"));
    add_places(w, NULL, OAK_REFUSED);
}

static void add_exempt(struct writer *w)
{
    const struct oak_patches *const patches = w->page->patches;
    oak_str id = OAK_STR("ID");
    for (size_t i = patches->items.count; i-- > 0;)
        if (oak_totals_of(w->page->totals, patches, patches->items.items[i])[OAK_FIXED] > 0)
            id = patches->items.items[i]->id;
    oak_buf_addf(&w->out,
                 "\n## To keep a setting\n\n"
                 "Say so on the base branch, on a line above it, with the reason; the next run takes its change out of this "
                 "request:\n\n"
                 "```yaml\n# oakum: ignore %.*s -- why it has to stay\n```\n\n"
                 "Close this request without merging, and it is not opened again. Push a commit of your own to its branch, and "
                 "the branch is left to you. Text above or below this description stays when it is updated.\n",
                 (int)id.len, id.ptr);
}

static oak_str print_body(struct oak_arena *arena, const void *of, size_t max_places)
{
    const struct oak_pull_page *const page = of;
    struct writer w = { .page = page, .max_places = max_places };
    const struct oak_totals *const t = page->totals;
    oak_buf_init(&w.out, arena);
    oak_buf_addf(&w.out,
                 "A container that has been taken over must not take over its host. oakum made %zu change%s in %zu file%s "
                 "that close ways by which it could.\n\n",
                 t->by_outcome[OAK_FIXED], plural(t->by_outcome[OAK_FIXED]), t->changed, plural(t->changed));
    add_fixed(&w);
    add_how_to_check(&w.out);
    add_left(&w);
    add_exempt(&w);
    return oak_str_trim(oak_buf_str(&w.out));
}

oak_str oak_pull_title(struct oak_arena *arena, const struct oak_pull_page *page)
{
    enum { NAMED = 2 };
    struct oak_buf out;
    size_t count = 0;
    oak_buf_init(&out, arena);
    oak_buf_addf(&out, "harden %zu Kubernetes manifest%s: ", page->totals->changed, plural(page->totals->changed));
    for (size_t i = 0; i < page->patches->items.count; i++) {
        const struct oak_patch *const patch = page->patches->items.items[i];
        if (oak_totals_of(page->totals, page->patches, patch)[OAK_FIXED] > 0 && count++ < NAMED)
            oak_buf_addf(&out, "%s%.*s", count > 1 ? ", " : "", (int)patch->id.len, patch->id.ptr);
    }
    if (count > NAMED)
        oak_buf_addf(&out, " and %zu more", count - NAMED);
    return oak_buf_str(&out);
}

oak_str oak_pull_body(struct oak_arena *arena, const struct oak_pull_page *page)
{
    return oak_markdown_fit(arena, page, print_body);
}

const oak_str oak_pull_farewell = {
#define FAREWELL \
    "Nothing is left to fix: the base branch holds these changes, or needs them no longer. Closed by oakum, which opens a new " \
    "request when there is something to do again."
    FAREWELL, sizeof FAREWELL - 1
};
