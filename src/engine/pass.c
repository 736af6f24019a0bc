/* One file, from bytes to proof. Documents are independent: each is checked, planned, spliced and verified by itself; a
 * document that can't be parsed, or a proof that fails, stops the whole file.
 *
 * The four questions of the proof: the new text has as many documents; the new index differs from the old one exactly by the
 * changes; no fixed finding is left and no new one has come; a second plan is empty. */
#include "engine/engine.h"

#include "engine/check.h"
#include "engine/place.h"
#include "engine/twice.h"

#include <string.h>

enum { MAX_ROUNDS = OAK_MAX_VIEWS - 1 };

struct pass {
    struct oak_arena *arena;
    const struct oak_run *run;
    oak_str path, text;
    struct oak_exempts exempts; /* of the configuration */
    bool names_oakum;           /* nearly no file does; only then it can hold exemptions */
    struct oak_result *result;
    size_t document; /* number */
    struct oak_source source; /* for the lines of facts */
    enum { TEXT_UNKNOWN, TEXT_GOOD, TEXT_BAD } text_is;
    bool has_twice;  /* keys of the document stand twice */
};

/* A document to be checked, with its exemptions. Those without effect are told in `notes`, unless that is NULL. */
static struct oak_view view_of(const struct pass *p, const struct oak_index *index, oak_notes *notes)
{
    struct oak_view view = oak_view_make(p->arena, p->run, index);
    view.exempts = p->names_oakum ? oak_exempts_find(p->arena, p->run, index, &view.targets, &p->exempts, notes) : p->exempts;
    return view;
}

/* ---- a plan and what it leads to ---- */

struct attempt {
    oak_findings findings;
    oak_findings left;        /* what the document would have afterwards */
    oak_change_list changes;
    oak_edit_list edits;      /* offsets of the file */
    struct oak_view after;    /* the document alone, as it would be */
    struct oak_index index;
};

/* Findings that stay. */
static size_t count_left(const oak_findings *findings)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++)
        count += findings->items[i].outcome != OAK_FIXED;
    return count;
}

static struct oak_checked checked_of(const struct pass *p, const struct oak_view *views, size_t count)
{
    return (struct oak_checked){ .arena = p->arena, .run = p->run, .answers = p->run->answers, .path = p->path,
                                 .document = p->document, .views = views, .view_count = count };
}

static oak_findings check_views(const struct pass *p, const struct oak_view *views, size_t count)
{
    struct oak_checked c = checked_of(p, views, count);
    oak_check(&c);
    if (p->has_twice) {
        const struct oak_twice twice = oak_twice_find(p->arena, views[0].index, &views[0].targets);
        oak_twice_refuse(p->arena, views[0].index, &twice, &c.findings);
    }
    return c.findings;
}

/* Splices one document: its edits, moved to its own start. */
static bool splice(const struct pass *p, oak_span document, const oak_edit_list *edits, oak_str *out,
                   struct oak_error *err)
{
    struct oak_edit *const local = oak_arena_alloc(p->arena, (edits->count + 1) * sizeof *local);
    for (size_t i = 0; i < edits->count; i++) {
        local[i] = edits->items[i];
        local[i].span.start -= document.start;
        local[i].span.end -= document.start;
    }
    return oak_edits_apply(p->arena, oak_str_span(p->text, document), local, edits->count, out, err);
}

static bool try_plan(const struct pass *p, const struct oak_view *views, size_t count, struct attempt *out,
                     struct oak_error *err)
{
    const struct oak_index *const index = views[0].index;
    *out = (struct attempt){ .findings = check_views(p, views, count) };
    out->changes = oak_plan(p->arena, index, &out->findings);
    if (out->changes.count == 0)
        return true;
    oak_str bytes;
    if (!oak_changes_to_edits(p->arena, index, out->changes.items, out->changes.count, &out->edits, err) ||
        !splice(p, index->document, &out->edits, &bytes, err))
        return false;
    struct oak_error inner;
    if (!oak_index_parse(p->arena, bytes, (oak_span){ 0, bytes.len }, &out->index, &inner))
        return oak_fail(err, OAK_INTERNAL, index->document, "verification failed: the result does not parse: %.180s",
                        inner.text);
    return true;
}

/* How many findings of this patch are about this field of a target of this name? With `unfixed`, only those that stay. */
static size_t count_alike(const oak_findings *findings, const struct oak_finding *f, bool unfixed)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++) {
        const struct oak_finding *const other = &findings->items[i];
        count += !(unfixed && other->outcome == OAK_FIXED) &&
                 oak_finding_is_alike(other, f->rule->patch, &f->target, &f->route);
    }
    return count;
}

static size_t count_ignored_alike(const oak_findings *findings, const struct oak_finding *f)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++) {
        const struct oak_finding *const other = &findings->items[i];
        count += other->outcome == OAK_IGNORED && oak_finding_is_alike(other, f->rule->patch, &f->target, &f->route);
    }
    return count;
}


/* What was found before, and what would be left: the one is looked up in the other. */
struct comparison {
    const oak_findings *before, *left;
    size_t from; /* both are in order of place: the next is probably behind the last */
};

/* What the patch found there before at the place of `f`, and left; NULL: nothing. */
static const struct oak_finding *find_before(struct comparison *c, const struct oak_finding *f)
{
    for (size_t i = 0; i < c->before->count; i++) {
        const size_t at = (c->from + i) % c->before->count;
        const struct oak_finding *const old = &c->before->items[at];
        if (old->rule->patch == f->rule->patch && old->outcome != OAK_FIXED && oak_route_eq(&old->route, &f->route)) {
            c->from = at;
            return old;
        }
    }
    return NULL;
}

/* Is `f`, one of those that are left, ignored now and was not before? Then a comment has come to stand at another node. */
static bool reaches_further(struct comparison *c, const struct oak_finding *f)
{
    if (f->outcome != OAK_IGNORED)
        return false;
    const struct oak_finding *const old = find_before(c, f);
    const bool was_ignored = old != NULL && old->outcome == OAK_IGNORED && oak_target_is_same(&old->target, &f->target);
    return !was_ignored && count_ignored_alike(c->left, f) > count_ignored_alike(c->before, f);
}

/* Was `f`, one of those that are left, there before, and to stay? */
static bool is_known(struct comparison *c, const struct oak_finding *f)
{
    return find_before(c, f) != NULL || count_alike(c->left, f, false) <= count_alike(c->before, f, true);
}

/* How many are there that another look, with the plan in mind, could decide otherwise? */
static size_t count_bound(const oak_findings *findings)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++)
        count += oak_finding_is_bound(&findings->items[i]);
    return count;
}

static bool frees_any(const struct pass *p, const struct oak_view *views, size_t count, const oak_findings *findings)
{
    struct oak_checked c = checked_of(p, views, count);
    return oak_check_frees(&c, findings);
}

/* Does another look, with the plan in mind, decide anything otherwise? Something that was held or waited comes free, or a
 * rule applies to what the plan makes. `views` holds `count` views, and the plan's behind them. */
static bool is_worth_another_look(const struct pass *p, const struct oak_view *views, size_t count,
                                  const struct attempt *a)
{
    struct comparison known = { &a->findings, &a->left, 0 };
    bool has_new = false;
    for (size_t i = 0; i < a->left.count && !has_new; i++)
        has_new = !is_known(&known, &a->left.items[i]);
    if (!has_new && (count_bound(&a->findings) == 0 || (p->run->answers == NULL && !frees_any(p, views, count + 1, &a->findings))))
        return false;
    oak_findings again = check_views(p, views, count + 1);
    oak_plan(p->arena, views[0].index, &again);
    /* What comes free is not fixed if somebody said no to it; but it is left, not held. */
    const bool is_freer = p->run->answers != NULL && count_bound(&again) < count_bound(&a->findings);
    return is_freer || count_left(&again) < count_left(&a->findings) || again.count > a->findings.count;
}

/* Evidence can fall with the plan that is made from it: a pod that loses its host network may be put in a sandbox. So the
 * document is looked at again in the light of the plan, until nothing more comes of it. */
static bool plan_to_the_end(const struct pass *p, struct oak_view *views, size_t *view_count, struct attempt *out,
                            struct oak_error *err)
{
    for (;;) {
        if (!try_plan(p, views, *view_count, out, err))
            return false;
        if (out->changes.count == 0)
            return true;
        out->after = view_of(p, &out->index, NULL);
        out->after.before = p->run->answers != NULL ? &out->findings : NULL;
        out->left = check_views(p, &out->after, 1);
        if (*view_count == MAX_ROUNDS)
            return true;
        struct attempt *const kept = oak_arena_alloc(p->arena, sizeof *kept);
        *kept = *out;
        views[*view_count] = out->after;
        views[*view_count].index = &kept->index;
        views[*view_count].before = NULL;
        oak_view_follow(p->arena, &views[0], &views[*view_count]);
        if (!is_worth_another_look(p, views, *view_count, out))
            return true;
        ++*view_count;
    }
}

/* ---- proof ---- */

static bool prove(const struct pass *p, const struct oak_view *before, const struct attempt *a, struct oak_error *err)
{
    if (!oak_changes_verify(p->arena, before->index, &a->index, a->changes.items, a->changes.count, err))
        return false;
    oak_findings left = a->left;
    const oak_change_list second = oak_plan(p->arena, &a->index, &left);
    struct comparison known = { &a->findings, &left, 0 };
    for (size_t i = 0; i < left.count; i++) {
        const struct oak_finding *const f = &left.items[i];
        if (reaches_further(&known, f))
            return oak_fail(err, OAK_INTERNAL, before->index->document, "verification failed: an exemption from '%.*s' would "
                            "reach further: what it stands at goes", (int)f->rule->patch->id.len, f->rule->patch->id.ptr);
        if (!is_known(&known, f)) {
            const oak_str path = oak_route_print(p->arena, f->route.items, f->route.count);
            return oak_fail(err, OAK_INTERNAL, before->index->document, "verification failed: '%.*s' would still find "
                            "%.*s", (int)f->rule->patch->id.len, f->rule->patch->id.ptr, (int)path.len, path.ptr);
        }
    }
    return second.count == 0 ||
           oak_fail(err, OAK_INTERNAL, before->index->document, "verification failed: a second run would go on");
}

/* ---- documents ---- */

static void take_findings(struct pass *p, struct attempt *a, const struct oak_index *index)
{
    struct oak_result *const r = p->result;
    if (p->run->options->wants_fixes)
        oak_bundle(p->arena, index, &(struct oak_bundled){ &a->findings, &a->edits, &r->fix_count });
    for (size_t i = 0; i < a->findings.count; i++) {
        struct oak_finding *const f = oak_push(p->arena, &r->findings);
        *f = a->findings.items[i];
        f->document = p->document;
    }
    for (size_t i = 0; i < a->edits.count; i++)
        *oak_push(p->arena, &r->edits) = a->edits.items[i];
}

static void note_expected(struct pass *p, const oak_targets *targets)
{
    for (size_t i = 0; i < p->run->active.count; i++) {
        const struct oak_rule *const rule = p->run->active.items[i].rule;
        if (rule->expects_kind.len == 0)
            continue;
        const struct oak_value named = { .kind = OAK_SCALAR, .type = OAK_TYPE_STRING, .text = rule->expects_name };
        const struct oak_value *const name = oak_run_value(p->arena, p->run, &named, NULL);
        for (size_t t = 0; t < targets->count && name != NULL; t++) {
            const struct oak_target *const o = &targets->items[t];
            if (o->kind == OAK_OBJECT && oak_target_is(o, rule->expects_kind) && oak_str_eq(o->object_name, name->text))
                *oak_push(p->arena, &p->result->met) = rule;
        }
    }
}

/* Findings have been taken already. */
static void gather(struct pass *p, const struct oak_view *before, const struct oak_view *after)
{
    const struct oak_gathering g = { p->arena, p->run, before, after, &p->source, &p->result->facts };
    if (p->run->gathers)
        oak_facts_gather(&g);
    if (p->run->options->wants_standings)
        oak_standings_add(&g, p->document, p->result);
}

static void note_unread(struct pass *p, const struct oak_view *view)
{
    for (size_t i = 0; i < view->targets.count && p->run->wants_pods; i++) {
        const struct oak_target *const t = &view->targets.items[i];
        if (t->kind != OAK_UNREAD)
            continue;
        const struct oak_node *const n = &view->index->nodes[t->node];
        const oak_str path = oak_route_print(p->arena, t->route.items, t->route.count);
        struct oak_unread *const u = oak_push(p->arena, &p->result->unread);
        u->span = n->key.end > n->key.start ? n->key : n->span;
        u->text = oak_arena_printf(p->arena, "%.*s of %.*s%s%.*s %s", (int)path.len, path.ptr, (int)t->group.len,
                                   t->group.ptr, t->group.len > 0 ? "/" : "", (int)t->object_kind.len,
                                   t->object_kind.ptr, t->word);
    }
}

/* One look at the whole file, however many documents ask. */
static bool has_good_text(struct pass *p)
{
    struct oak_error ignored;
    if (p->text_is == TEXT_UNKNOWN)
        p->text_is = oak_text_check(p->text, &ignored) ? TEXT_GOOD : TEXT_BAD;
    return p->text_is == TEXT_GOOD;
}

/* A document of an unknown kind is ours if something in it looks like a pod. If it can't even be read, it is not. */
static bool is_stray_pod(struct pass *p, oak_span document)
{
    struct oak_index index;
    struct oak_error ignored;
    if (!p->run->wants_pods || !oak_document_has_containers(p->text, document) || !has_good_text(p) ||
        !oak_index_parse(p->arena, p->text, document, &index, &ignored))
        return false;
    const oak_targets targets = oak_targets_find(p->arena, &index, &p->run->kinds);
    for (size_t i = 0; i < targets.count; i++)
        if (targets.items[i].kind == OAK_UNREAD || targets.items[i].kind == OAK_POD)
            return true;
    return false;
}

static bool pass_document(struct pass *p, oak_span document, struct oak_error *err)
{
    struct oak_index *const index = oak_arena_alloc(p->arena, sizeof *index);
    if (!oak_index_parse(p->arena, p->text, document, index, err))
        return false;
    struct oak_view views[MAX_ROUNDS + 1];
    size_t view_count = 1;
    views[0] = view_of(p, index, &p->result->notes);
    if (views[0].targets.count > OAK_MAX_TARGETS)
        return oak_fail(err, OAK_SYNTAX, document, "more than %d objects and containers in one document", OAK_MAX_TARGETS);
    note_expected(p, &views[0].targets);
    note_unread(p, &views[0]);
    p->has_twice = oak_index_duplicate(index) != 0;
    struct attempt *const a = oak_arena_alloc(p->arena, sizeof *a);
    if (!plan_to_the_end(p, views, &view_count, a, err))
        return false;
    if (a->changes.count > 0 && !prove(p, &views[0], a, err))
        return false;
    take_findings(p, a, index);
    gather(p, &views[0], a->changes.count > 0 ? &a->after : &views[0]);
    /* What somebody says no to may be looked at no further, exemptions included. */
    if (p->run->answers == NULL)
        oak_exempts_tell_unused(p->arena, p->run, &views[0].exempts, &p->result->notes);
    return true;
}

static size_t count_documents(const oak_documents *documents)
{
    size_t count = 0;
    for (size_t i = 0; i < documents->count; i++)
        count += !documents->items[i].is_empty;
    return count;
}

static bool finish(struct pass *p, const oak_documents *documents, struct oak_error *err)
{
    struct oak_result *const r = p->result;
    oak_str bytes;
    if (r->edits.count == 0)
        return true;
    if (!oak_edits_apply(p->arena, p->text, r->edits.items, r->edits.count, &bytes, err))
        return false;
    for (size_t i = 0; i < r->edits.count; i++)
        if (!oak_text_check(r->edits.items[i].text, err)) { /* what nobody reads is no fix; the rest has been looked at */
            err->kind = OAK_INTERNAL;
            err->span = (oak_span){ 0, 0 };
            return false;
        }
    const oak_documents after = oak_split(p->arena, bytes);
    if (count_documents(&after) != count_documents(documents))
        return oak_fail(err, OAK_INTERNAL, (oak_span){ 0, 0 }, "verification failed: the number of documents changed");
    r->text = bytes;
    return true;
}

/* Text in another encoding can't be searched for kinds; say so only if it looks like a manifest. */
static bool looks_like_wide_manifest(oak_str text)
{
    size_t at;
    return text.len > 1 && memchr(text.ptr, '\0', text.len) != NULL &&
           (oak_str_find(text, 0, (oak_str){ "k\0i\0n\0d", 7 }, &at) ||
            oak_str_find(text, 0, (oak_str){ "k\0\0\0i\0\0\0n\0\0\0d", 13 }, &at));
}

static bool pass_file(struct pass *p, struct oak_error *err)
{
    if (looks_like_wide_manifest(p->text)) {
        p->result->is_manifest = true;
        p->result->manifests = 1;
        return oak_fail(err, OAK_SYNTAX, (oak_span){ 0, 1 }, "UTF-16 or UTF-32 text: only UTF-8 can be read");
    }
    const oak_documents documents = oak_split(p->arena, p->text);
    for (size_t i = 0; i < documents.count; i++) {
        const struct oak_document *const d = &documents.items[i];
        if (!d->is_empty &&
            (oak_document_matters(p->text, d->span, &p->run->wanted) || is_stray_pod(p, d->span))) {
            p->result->manifests++;
            if (!p->result->is_manifest && !oak_text_check(p->text, err))
                return false;
            p->result->is_manifest = true;
            if (!pass_document(p, d->span, err))
                return false;
        } else if (!d->is_empty && p->run->gathers) {
            oak_facts_glance(p->arena, p->run, d->span, &p->source, &p->result->facts);
        }
        p->document += !d->is_empty;
    }
    return finish(p, &documents, err);
}

static int by_place(const struct oak_note *a, const struct oak_note *b)
{
    return (a->span.start > b->span.start) - (a->span.start < b->span.start);
}

/* Stable; they are few. */
void oak_notes_sort(oak_notes *list)
{
    for (size_t i = 1; i < list->count; i++)
        for (size_t k = i; k > 0 && by_place(&list->items[k - 1], &list->items[k]) > 0; k--) {
            const struct oak_note moved = list->items[k];
            list->items[k] = list->items[k - 1];
            list->items[k - 1] = moved;
        }
}

void oak_result_take_back(struct oak_result *result, oak_str reason)
{
    result->edits.count = 0;
    result->fix_count = 0;
    for (size_t i = 0; i < result->findings.count; i++) {
        struct oak_finding *const f = &result->findings.items[i];
        if (f->outcome == OAK_FIXED) {
            f->outcome = OAK_REFUSED;
            f->reason = reason;
            f->fix = 0;
        }
    }
    for (size_t i = 0; i < result->standings.count; i++)
        result->standings.items[i].after = result->standings.items[i].before;
}

void oak_pass_file(struct oak_arena *arena, const struct oak_run *run, struct oak_file file, struct oak_result *out)
{
    *out = (struct oak_result){ .text = file.text };
    size_t at;
    struct pass p = { .arena = arena, .run = run, .path = file.path, .text = file.text, .result = out,
                      .names_oakum = oak_str_find(file.text, 0, OAK_STR("oakum"), &at), .source = { .text = file.text } };
    if (run->exempts != NULL) {
        out->uses = oak_arena_alloc(arena, (run->options->config->exempt.count + 1) * sizeof *out->uses);
        p.exempts = oak_run_exempts(arena, run, file.path, out->uses);
    }
    if (!pass_file(&p, &out->error)) {
        out->failed = true;
        out->text = p.text;
        oak_result_take_back(out, OAK_STR("another document of this file can't be edited"));
    }
    if (run->exempts != NULL)
        oak_run_note_uses(run, &p.exempts, out->uses);
    oak_notes_sort(&out->notes);
}

void oak_pass(struct oak_arena *arena, const struct oak_run *run, oak_str text, struct oak_result *out)
{
    oak_pass_file(arena, run, (struct oak_file){ { "", 0 }, text }, out);
}
