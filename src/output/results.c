/* The results of a KRM function: what became of each finding, as the values that go into a ResourceList, and in words. */
#include "output/results.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_TEXT = 1024 }; /* bytes: what stands in a manifest can be of any length */

struct reporter {
    struct oak_arena *arena;
    const struct oak_resource_list *list;
    const struct oak_report *report;
    struct oak_item_cursor cursor;
    oak_value_list out;
};

/* ---- values ---- */

static struct oak_value *new_value(struct oak_arena *arena, enum oak_node_kind kind)
{
    struct oak_value *const value = oak_arena_alloc(arena, sizeof *value);
    value->kind = kind;
    value->type = OAK_TYPE_STRING;
    return value;
}

static void add(struct oak_value *parent, oak_str key, struct oak_value *child)
{
    struct oak_value **tail = &parent->child;
    while (*tail != NULL)
        tail = &(*tail)->next;
    child->key = key;
    *tail = child;
}

static oak_str clipped(struct oak_arena *arena, oak_str text)
{
    size_t len = MAX_TEXT;
    if (text.len <= MAX_TEXT)
        return text;
    while (len > 0 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--;
    return oak_arena_join(arena, (oak_str[]){ { text.ptr, len }, OAK_STR("…") }, 2);
}

static void add_text(struct oak_arena *arena, struct oak_value *parent, oak_str key, oak_str text)
{
    struct oak_value *const value = new_value(arena, OAK_SCALAR);
    value->text = clipped(arena, text);
    if (text.len > 0)
        add(parent, key, value);
}

static void add_number(struct oak_arena *arena, struct oak_value *parent, oak_str key, size_t number)
{
    struct oak_value *const value = new_value(arena, OAK_SCALAR);
    value->type = OAK_TYPE_INT;
    value->text = oak_arena_printf(arena, "%zu", number);
    add(parent, key, value);
}

/* A copy in words that YAML and JSON share: 0644 is 420, yes is true. */
static struct oak_value *copy_of(struct oak_arena *arena, const struct oak_value *value)
{
    bool bool_value = false;
    int64_t int_value = 0;
    struct oak_value *const copy = new_value(arena, value->kind);
    struct oak_value **tail = &copy->child;
    for (const struct oak_value *v = value->child; v != NULL; v = v->next) {
        *tail = copy_of(arena, v);
        (*tail)->key = v->key;
        tail = &(*tail)->next;
    }
    copy->text = value->text;
    if (value->kind != OAK_SCALAR || value->type == OAK_TYPE_STRING || value->type == OAK_TYPE_FLOAT)
        return copy;
    copy->type = value->type;
    oak_scalar_type(value->text, &bool_value, &int_value);
    copy->text = value->type == OAK_TYPE_NULL   ? OAK_STR("null")
                 : value->type == OAK_TYPE_BOOL ? bool_value ? OAK_STR("true") : OAK_STR("false")
                                                : oak_arena_printf(arena, "%" PRId64, int_value);
    return copy;
}

/* What stands there; NULL if that is nothing, or too much to be repeated. Aliases could make much of little. */
static struct oak_value *written(const struct reporter *r, uint32_t node)
{
    const struct oak_index *const index = &r->list->index;
    const uint32_t real = node != 0 ? oak_node_real(index, node) : 0;
    const struct oak_node *const n = &index->nodes[real];
    if (real == 0 || oak_node_is_null(index, real) || n->span.end - n->span.start > MAX_TEXT ||
        (n->kind != OAK_SCALAR && index->alias_count > 0))
        return NULL;
    return copy_of(r->arena, oak_value_of(r->arena, index, real));
}

/* ---- the resource ---- */

static uint32_t member(const struct oak_index *index, uint32_t mapping, oak_str key)
{
    const bool is_mapping = mapping != 0 && index->nodes[oak_node_real(index, mapping)].kind == OAK_MAPPING;
    return is_mapping ? oak_node_get(index, oak_node_real(index, mapping), key) : 0;
}

static bool parse_number(oak_str text, size_t *out)
{
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        *out = *out * 10 + (size_t)(text.ptr[i] - '0');
    }
    return text.len > 0 && text.len <= 9;
}

/* Hosts write where an object comes from into its annotations: the newer ones, or those that they still write beside them. */
static void add_file(const struct reporter *r, struct oak_value *result, uint32_t annotations)
{
    const struct oak_index *const index = &r->list->index;
    size_t number;
    oak_str path = oak_node_text(index, annotations, OAK_STR("internal.config.kubernetes.io/path"));
    oak_str position = oak_node_text(index, annotations, OAK_STR("internal.config.kubernetes.io/index"));
    if (path.len == 0) {
        path = oak_node_text(index, annotations, OAK_STR("config.kubernetes.io/path"));
        position = oak_node_text(index, annotations, OAK_STR("config.kubernetes.io/index"));
    }
    if (path.len == 0)
        return;
    struct oak_value *const file = new_value(r->arena, OAK_MAPPING);
    add_text(r->arena, file, OAK_STR("path"), path);
    if (parse_number(position, &number))
        add_number(r->arena, file, OAK_STR("index"), number);
    add(result, OAK_STR("file"), file);
}

static void add_resource(const struct reporter *r, struct oak_value *result, uint32_t item)
{
    const struct oak_index *const index = &r->list->index;
    const uint32_t metadata = member(index, item, OAK_STR("metadata"));
    struct oak_value *const reference = new_value(r->arena, OAK_MAPPING);
    add_text(r->arena, reference, OAK_STR("apiVersion"), oak_node_text(index, item, OAK_STR("apiVersion")));
    add_text(r->arena, reference, OAK_STR("kind"), oak_node_text(index, item, OAK_STR("kind")));
    add_text(r->arena, reference, OAK_STR("namespace"), oak_node_text(index, metadata, OAK_STR("namespace")));
    add_text(r->arena, reference, OAK_STR("name"), oak_node_text(index, metadata, OAK_STR("name")));
    if (reference->child != NULL)
        add(result, OAK_STR("resourceRef"), reference);
}

static uint32_t annotations_of(const struct reporter *r, uint32_t item)
{
    return member(&r->list->index, member(&r->list->index, item, OAK_STR("metadata")), OAK_STR("annotations"));
}

/* ---- the field ---- */

/* What a list is when all has been done that the finding wants of it. */
static struct oak_value *list_after(const struct reporter *r, const struct oak_finding *f, uint32_t list)
{
    const struct oak_index *const index = &r->list->index;
    struct oak_value *const after = written(r, list), **tail = after != NULL ? &after->child : NULL;
    if (after == NULL || after->kind != OAK_SEQUENCE)
        return NULL;
    for (uint32_t item = index->nodes[list].child; item != 0; item = index->nodes[item].next) {
        bool goes = false;
        for (size_t i = 0; i < f->wishes.count; i++)
            goes = goes || (f->wishes.items[i].op == OAK_REMOVE && f->wishes.items[i].node == item);
        if (goes)
            *tail = (*tail)->next;
        else
            tail = &(*tail)->next;
    }
    for (size_t i = 0; i < f->wishes.count; i++)
        if (f->wishes.items[i].op == OAK_APPEND && f->wishes.items[i].node == list) {
            *tail = copy_of(r->arena, f->wishes.items[i].value);
            tail = &(*tail)->next;
        }
    return after->child != NULL ? after : NULL;
}

static const struct oak_wish *first_wish(const struct oak_finding *f)
{
    for (size_t i = 0; i < f->wishes.count; i++)
        if (!f->wishes.items[i].is_outdone)
            return &f->wishes.items[i];
    return NULL;
}

/* The path from the item. A list that changes is told as a whole: indices mean something else afterwards. */
static void add_field(const struct reporter *r, struct oak_value *result, const struct oak_finding *f)
{
    const struct oak_index *const index = &r->list->index;
    const struct oak_wish *const w = first_wish(f);
    oak_route route = w != NULL ? w->route : f->route;
    struct oak_value *current = NULL, *proposed = NULL;
    const uint32_t parent = w != NULL && w->op == OAK_REMOVE ? index->nodes[w->node].parent : 0;
    const bool is_item = parent != 0 && index->nodes[parent].kind == OAK_SEQUENCE;
    if (w == NULL) {
        current = written(r, f->node);
    } else if (is_item || w->op == OAK_APPEND) {
        route.count -= is_item && route.count > 0;
        current = written(r, is_item ? parent : w->node);
        proposed = list_after(r, f, is_item ? parent : w->node);
    } else {
        current = w->missing_count == 0 ? written(r, w->node) : NULL;
        proposed = w->op != OAK_REMOVE ? copy_of(r->arena, w->value) : NULL;
    }
    if (route.count <= 2)
        return;
    struct oak_value *const field = new_value(r->arena, OAK_MAPPING);
    add_text(r->arena, field, OAK_STR("path"), oak_route_print(r->arena, route.items + 2, route.count - 2));
    if (current != NULL)
        add(field, OAK_STR("currentValue"), current);
    if (proposed != NULL)
        add(field, OAK_STR("proposedValue"), proposed);
    add(result, OAK_STR("field"), field);
}

/* ---- results ---- */

static struct oak_value *add_result(struct reporter *r, oak_str message, const char *severity)
{
    struct oak_value *const result = new_value(r->arena, OAK_MAPPING);
    add_text(r->arena, result, OAK_STR("message"), message);
    add_text(r->arena, result, OAK_STR("severity"), oak_str_from(severity));
    *oak_push(r->arena, &r->out) = result;
    return result;
}

static oak_str message_of(const struct reporter *r, const struct oak_finding *f, enum oak_outcome outcome)
{
    struct oak_buf out;
    oak_buf_init(&out, r->arena);
    const bool is_done = outcome == OAK_FIXED || outcome == OAK_OPEN;
    const oak_str words[] = { f->subject, OAK_STR(" "), f->rule->finding, OAK_STR(" ["), f->rule->patch->id, OAK_STR("]: "),
                              oak_str_from(oak_outcome_name(outcome)) };
    oak_buf_add_all(&out, words, sizeof words / sizeof *words);
    const char *separator = ": ";
    for (size_t i = 0; i < f->wishes.count && is_done; i++, separator = "; ") {
        oak_buf_add(&out, oak_str_from(separator));
        oak_buf_add(&out, oak_wish_print(r->arena, &f->wishes.items[i]));
    }
    if (f->reason.len > 0) {
        oak_buf_add(&out, oak_str_from(separator));
        oak_buf_add(&out, outcome == OAK_FIXED && f->wishes.count > 0 ? OAK_STR("check: ") : OAK_STR(""));
        oak_buf_add(&out, f->reason);
    }
    return oak_buf_str(&out);
}

/* What was looked for and is not as it should be makes a check fail; a fix that leaves something has done its work. */
static const char *severity_of(const struct reporter *r, enum oak_outcome outcome)
{
    if (outcome == OAK_FIXED || outcome == OAK_IGNORED)
        return "info";
    return r->report->view == OAK_VIEW_CHECK ? "error" : "warning";
}

static void add_finding(struct reporter *r, const struct oak_finding *f)
{
    const enum oak_outcome outcome = oak_outcome_for(r->report->view, f);
    const bool is_in_item = f->route.count >= 2 || f->target.route.count >= 2;
    const oak_route *const route = f->route.count >= 2 ? &f->route : &f->target.route;
    const uint32_t item = is_in_item ? oak_resource_list_item(r->list, route->items[1].index, &r->cursor) : 0;
    struct oak_value *const result = add_result(r, message_of(r, f, outcome), severity_of(r, outcome));
    add_resource(r, result, item);
    add_field(r, result, f);
    add_file(r, result, annotations_of(r, item));
    struct oak_value *const tags = new_value(r->arena, OAK_MAPPING);
    add_text(r->arena, tags, OAK_STR("patch"), f->rule->patch->id);
    add_text(r->arena, tags, OAK_STR("outcome"), oak_str_from(oak_outcome_name(outcome)));
    add_text(r->arena, tags, OAK_STR("tier"), oak_str_from(oak_tier_name(f->rule->tier)));
    add(result, OAK_STR("tags"), tags);
}

static void add_remark(struct reporter *r, oak_span span, oak_str text, const char *severity)
{
    const uint32_t item = oak_resource_list_item_at(r->list, span.start, &r->cursor);
    struct oak_value *const result = add_result(r, text, severity);
    add_resource(r, result, item);
    add_file(r, result, annotations_of(r, item));
}

oak_value_list oak_results_of(struct oak_arena *arena, const struct oak_resource_list *list,
                              const struct oak_report *report)
{
    struct reporter r = { .arena = arena, .list = list, .report = report };
    const struct oak_result *const from = report->result;
    if (from->failed)
        add_remark(&r, from->error.span, oak_str_from(from->error.text), "error");
    for (size_t i = 0; i < from->findings.count; i++)
        add_finding(&r, &from->findings.items[i]);
    r.cursor = (struct oak_item_cursor){ 0, 0 };
    for (size_t i = 0; i < from->notes.count; i++)
        add_remark(&r, from->notes.items[i].span, from->notes.items[i].text, "warning");
    for (size_t i = 0; i < from->unread.count; i++)
        add_remark(&r, from->unread.items[i].span, from->unread.items[i].text, "info");
    return r.out;
}

struct oak_value *oak_result_of_error(struct oak_arena *arena, oak_str text)
{
    struct reporter r = { .arena = arena };
    return add_result(&r, text, "error");
}

/* ---- asking ---- */

static const struct oak_value *part(const struct oak_value *value, oak_str key)
{
    for (const struct oak_value *v = value != NULL ? value->child : NULL; v != NULL; v = v->next)
        if (oak_str_eq(v->key, key))
            return v;
    return NULL;
}

static oak_str text_of(const struct oak_value *value, oak_str key)
{
    const struct oak_value *const v = part(value, key);
    return v != NULL ? v->text : OAK_STR("");
}

bool oak_results_have_error(const oak_value_list *results)
{
    for (size_t i = 0; i < results->count; i++)
        if (oak_str_eq(text_of(results->items[i], OAK_STR("severity")), OAK_STR("error")))
            return true;
    return false;
}

/* ---- too many ---- */

static size_t count_nodes(const struct oak_value *value)
{
    size_t count = 1;
    for (const struct oak_value *v = value->child; v != NULL; v = v->next)
        count += count_nodes(v);
    return count;
}

static bool is_info(const struct oak_value *result)
{
    return oak_str_eq(text_of(result, OAK_STR("severity")), OAK_STR("info"));
}

/* Those that are no mere information, as long as there is room. Returns how many are left out. */
static size_t keep_what_matters(oak_value_list *results, size_t room)
{
    size_t kept = 0, used = 0;
    for (size_t i = 0; i < results->count; i++) {
        const size_t size = count_nodes(results->items[i]);
        if (is_info(results->items[i]) || size > room - used)
            continue;
        used += size;
        results->items[kept++] = results->items[i];
    }
    const size_t left_out = results->count - kept;
    results->count = kept;
    return left_out;
}

void oak_results_fit(struct oak_arena *arena, oak_value_list *results, size_t room)
{
    enum { OWN = 10 }; /* nodes of the words about those that are left out */
    size_t total = 0;
    for (size_t i = 0; i < results->count; i++)
        total += count_nodes(results->items[i]);
    if (total + OWN <= room)
        return;
    const bool has_error = oak_results_have_error(results);
    const size_t left_out = keep_what_matters(results, room > OWN ? room - OWN : 0);
    struct reporter r = { .arena = arena, .out = *results };
    add_result(&r, oak_arena_printf(arena, "%zu more results are left out: with them the list would be too large", left_out),
               has_error ? "error" : "warning");
    *results = r.out;
}

/* ---- in words ---- */

/* "web.yaml: Deployment 'shop/web': ", as far as it is known. */
static void add_origin(struct oak_buf *out, const struct oak_value *result)
{
    const struct oak_value *const reference = part(result, OAK_STR("resourceRef"));
    const oak_str path = text_of(part(result, OAK_STR("file")), OAK_STR("path"));
    const oak_str namespace = text_of(reference, OAK_STR("namespace"));
    oak_text_visible(out, path);
    oak_buf_add(out, path.len > 0 ? OAK_STR(": ") : OAK_STR(""));
    if (reference == NULL)
        return;
    oak_text_visible(out, text_of(reference, OAK_STR("kind")));
    oak_buf_add(out, OAK_STR(" '"));
    oak_text_visible(out, namespace);
    oak_buf_add(out, namespace.len > 0 ? OAK_STR("/") : OAK_STR(""));
    oak_text_visible(out, text_of(reference, OAK_STR("name")));
    oak_buf_add(out, OAK_STR("': "));
}

void oak_text_results(struct oak_buf *out, const oak_value_list *results)
{
    for (size_t i = 0; i < results->count; i++) {
        const oak_str severity = text_of(results->items[i], OAK_STR("severity"));
        if (oak_str_eq(severity, OAK_STR("info")))
            continue;
        oak_buf_add_all(out, (oak_str[]){ severity, OAK_STR(": ") }, 2);
        add_origin(out, results->items[i]);
        oak_text_visible(out, text_of(results->items[i], OAK_STR("message")));
        oak_buf_add(out, OAK_STR("\n"));
    }
}
