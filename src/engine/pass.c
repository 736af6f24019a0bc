/* One file, from bytes to proof. Documents are independent: each is checked, planned, spliced and verified by itself; a
 * document that can't be parsed, or a proof that fails, stops the whole file.
 *
 * The four questions of the proof: the new text has as many documents; the new index differs from the old one exactly by the
 * changes; no fixed finding is left and no new one has come; a second plan is empty. */
#include "engine/engine.h"

#include <string.h>

enum { MAX_ROUNDS = 6 };

struct pass {
    struct oak_arena *arena;
    const struct oak_run *run;
    oak_str text;
    struct oak_result *result;
    size_t document; /* number */
};

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

static oak_findings check_views(const struct pass *p, const struct oak_view *views, size_t count)
{
    struct oak_checked c = { .arena = p->arena, .run = p->run, .views = views, .view_count = count };
    oak_check(&c);
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

static bool same_route(const oak_route *a, const oak_route *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->items[i].index != b->items[i].index || !oak_str_eq(a->items[i].key, b->items[i].key))
            return false;
    return true;
}

/* Keys only: what stands behind an item that goes moves up. */
static bool same_keys(const oak_route *a, const oak_route *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!oak_str_eq(a->items[i].key, b->items[i].key))
            return false;
    return true;
}

/* How many findings of this patch are about this field of a target of this name? With `unfixed`, only those that stay. */
static size_t count_alike(const oak_findings *findings, const struct oak_finding *f, bool unfixed)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++) {
        const struct oak_finding *const other = &findings->items[i];
        count += other->rule->patch == f->rule->patch && !(unfixed && other->outcome == OAK_FIXED) &&
                 oak_target_is_same(&other->target, &f->target) && same_keys(&other->route, &f->route);
    }
    return count;
}

/* Was `f`, one of those that are left, there before, and to stay? Both lists are in the order of the document: `*next` is
 * where the search goes on. */
static bool is_known(const oak_findings *before, const oak_findings *left, const struct oak_finding *f, size_t *next)
{
    for (size_t i = 0; i < before->count; i++, ++*next) {
        *next = *next < before->count ? *next : 0;
        const struct oak_finding *const old = &before->items[*next];
        if (old->rule->patch == f->rule->patch && old->outcome != OAK_FIXED && same_route(&old->route, &f->route))
            return true;
    }
    return count_alike(left, f, false) <= count_alike(before, f, true);
}

/* Is there anything that another look, with the plan in mind, could decide otherwise? */
static bool could_come_free(const oak_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i].outcome == OAK_HELD || findings->items[i].needs_pending)
            return true;
    return false;
}

/* Does another look, with the plan in mind, decide anything otherwise? Something that was held or waited comes free, or a
 * rule applies to what the plan makes. `views` holds `count` views, and the plan's behind them. */
static bool is_worth_another_look(const struct pass *p, const struct oak_view *views, size_t count,
                                  const struct attempt *a)
{
    bool has_new = false;
    size_t next = 0;
    for (size_t i = 0; i < a->left.count; i++)
        has_new = has_new || !is_known(&a->findings, &a->left, &a->left.items[i], &next);
    if (!has_new && !could_come_free(&a->findings))
        return false;
    oak_findings again = check_views(p, views, count + 1);
    oak_plan(p->arena, views[0].index, &again);
    return count_left(&again) < count_left(&a->findings) || again.count > a->findings.count;
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
        out->after = (struct oak_view){ &out->index, oak_targets_find(p->arena, &out->index, &p->run->kinds) };
        out->left = check_views(p, &out->after, 1);
        if (*view_count == MAX_ROUNDS)
            return true;
        struct attempt *const kept = oak_arena_alloc(p->arena, sizeof *kept);
        *kept = *out;
        views[*view_count] = (struct oak_view){ &kept->index, out->after.targets };
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
    size_t next = 0;
    const oak_change_list second = oak_plan(p->arena, &a->index, &left);
    for (size_t i = 0; i < left.count; i++) {
        const struct oak_finding *const f = &left.items[i];
        if (!is_known(&a->findings, &a->left, f, &next)) {
            const oak_str path = oak_route_print(p->arena, f->route.items, f->route.count);
            return oak_fail(err, OAK_INTERNAL, before->index->document, "verification failed: '%.*s' would still find "
                            "%.*s", (int)f->rule->patch->id.len, f->rule->patch->id.ptr, (int)path.len, path.ptr);
        }
    }
    return second.count == 0 ||
           oak_fail(err, OAK_INTERNAL, before->index->document, "verification failed: a second run would go on");
}

/* ---- documents ---- */

static void take_findings(struct pass *p, const struct attempt *a)
{
    struct oak_result *const r = p->result;
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
        const struct oak_value named = { .kind = OAK_SCALAR, .type = OAK_TYPE_STRING, .text = rule->expects_name };
        const struct oak_value *const name =
            rule->expects_kind.len > 0 ? oak_run_value(p->arena, p->run, &named, NULL) : NULL;
        for (size_t t = 0; t < targets->count && name != NULL; t++) {
            const struct oak_target *const o = &targets->items[t];
            if (o->kind == OAK_OBJECT && oak_target_is(o, rule->expects_kind) && oak_str_eq(o->object_name, name->text))
                *oak_push(p->arena, &p->result->met) = rule;
        }
    }
}

/* Strict decoders refuse a key that stands twice, kubectl takes the last: fixing one of them would be a hole. */
static bool refuse_all(struct pass *p, const struct oak_view *view, uint32_t duplicate)
{
    struct attempt a = { .findings = check_views(p, view, 1) };
    const struct oak_node *const n = &view->index->nodes[duplicate];
    for (size_t i = 0; i < a.findings.count; i++) {
        struct oak_finding *const f = &a.findings.items[i];
        f->outcome = OAK_REFUSED;
        f->reason = oak_arena_printf(p->arena, "key '%.*s' stands twice in one mapping", (int)n->name.len, n->name.ptr);
        f->evidence = n->key;
    }
    take_findings(p, &a);
    return true;
}

static bool pass_document(struct pass *p, oak_span document, struct oak_error *err)
{
    struct oak_index *const index = oak_arena_alloc(p->arena, sizeof *index);
    if (!oak_index_parse(p->arena, p->text, document, index, err))
        return false;
    struct oak_view views[MAX_ROUNDS + 1];
    size_t view_count = 1;
    views[0] = (struct oak_view){ index, oak_targets_find(p->arena, index, &p->run->kinds) };
    if (views[0].targets.count > OAK_MAX_TARGETS)
        return oak_fail(err, OAK_SYNTAX, document, "more than %d objects and containers in one document", OAK_MAX_TARGETS);
    note_expected(p, &views[0].targets);
    const uint32_t duplicate = oak_index_duplicate(index);
    if (duplicate != 0)
        return refuse_all(p, &views[0], duplicate);

    struct attempt *const a = oak_arena_alloc(p->arena, sizeof *a);
    if (!plan_to_the_end(p, views, &view_count, a, err))
        return false;
    if (a->changes.count > 0 && !prove(p, &views[0], a, err))
        return false;
    take_findings(p, a);
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
        return oak_fail(err, OAK_SYNTAX, (oak_span){ 0, 1 }, "UTF-16 or UTF-32 text: only UTF-8 can be read");
    }
    const oak_documents documents = oak_split(p->arena, p->text);
    for (size_t i = 0; i < documents.count; i++) {
        const struct oak_document *const d = &documents.items[i];
        if (!d->is_empty && oak_document_matters(p->text, d->span, &p->run->wanted)) {
            if (!p->result->is_manifest && !oak_text_check(p->text, err))
                return false;
            p->result->is_manifest = true;
            if (!pass_document(p, d->span, err))
                return false;
        }
        p->document += !d->is_empty;
    }
    return finish(p, &documents, err);
}

void oak_pass(struct oak_arena *arena, const struct oak_run *run, oak_str text, struct oak_result *out)
{
    *out = (struct oak_result){ .text = text };
    struct pass p = { .arena = arena, .run = run, .text = text, .result = out };
    if (pass_file(&p, &out->error))
        return;
    out->failed = true;
    out->text = text;
    out->edits.count = 0;
    /* Nothing of this file is written, so nothing of it is fixed. */
    for (size_t i = 0; i < out->findings.count; i++) {
        struct oak_finding *const f = &out->findings.items[i];
        if (f->outcome == OAK_FIXED) {
            f->outcome = OAK_REFUSED;
            f->reason = OAK_STR("another document of this file can't be edited");
        }
    }
}
