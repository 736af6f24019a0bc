/* Evidence: how far does the author indent, does a dash stand under its key, are strings quoted? The nearest place that
 * shows it decides: the collection itself, then what holds it, up to the document. */
#include "yaml/style.h"

#include "yaml/scalar.h"

#include <string.h>

size_t oak_line_start(oak_str text, size_t at)
{
    while (at > 0 && text.ptr[at - 1] != '\n')
        at--;
    return at == 0 && oak_str_starts(text, OAK_STR("\xEF\xBB\xBF")) ? 3 : at;
}

size_t oak_line_end(oak_str text, size_t at)
{
    const char *const found = at < text.len ? memchr(text.ptr + at, '\n', text.len - at) : NULL;
    if (found == NULL)
        return text.len;
    const size_t eol = (size_t)(found - text.ptr);
    return eol > at && text.ptr[eol - 1] == '\r' ? eol - 1 : eol;
}

oak_str oak_line_break(oak_str text, size_t at)
{
    size_t eol = oak_line_end(text, at);
    if (eol == text.len) {
        const size_t start = oak_line_start(text, at);
        if (start == 0 || text.ptr[start - 1] != '\n')
            return OAK_STR("\n");
        eol = start >= 2 && text.ptr[start - 2] == '\r' ? start - 2 : start - 1;
    }
    return text.ptr[eol] == '\r' ? OAK_STR("\r\n") : OAK_STR("\n");
}

/* Columns from the block mapping `outer` to the nearest collection of `kind` that is the value of one of its entries;
 * false if none shows it. */
static bool step_in(const struct oak_index *index, uint32_t outer, enum oak_node_kind kind, size_t *step)
{
    const struct oak_node *const o = &index->nodes[outer];
    if (o->kind != OAK_MAPPING || o->style != OAK_BLOCK)
        return false;
    for (uint32_t i = o->child; i != 0; i = index->nodes[i].next) {
        const struct oak_node *const n = &index->nodes[i];
        if (n->kind != kind || n->style != OAK_BLOCK || n->column < o->column)
            continue;
        if (kind == OAK_MAPPING && n->column == o->column)
            continue;
        *step = n->column - o->column;
        return true;
    }
    return false;
}

/* Looks at the collection, at its neighbours, and at all that holds it. */
static bool step_near(const struct oak_index *index, uint32_t from, enum oak_node_kind kind, size_t *step)
{
    for (uint32_t at = from; at != 0; at = index->nodes[at].parent) {
        if (step_in(index, at, kind, step))
            return true;
        size_t asked = 0;
        for (uint32_t i = index->nodes[at].child; i != 0 && asked < OAK_WITNESSES; i = index->nodes[i].next, asked++)
            if (step_in(index, i, kind, step))
                return true;
    }
    for (uint32_t i = 1; i < index->count && i < 16 * OAK_WITNESSES; i++)
        if (step_in(index, i, kind, step))
            return true;
    return false;
}

static enum oak_style common_style(enum oak_style so_far, enum oak_style next, bool is_first)
{
    const enum oak_style style = next == OAK_SINGLE || next == OAK_DOUBLE ? next : OAK_PLAIN;
    return is_first || so_far == style ? style : OAK_PLAIN;
}

static enum oak_style style_of_bytes(const struct oak_index *index, size_t at)
{
    const char c = at < index->text.len ? index->text.ptr[at] : ' ';
    return c == '"' ? OAK_DOUBLE : c == '\'' ? OAK_SINGLE : OAK_PLAIN;
}

static void look_at_quotes(struct oak_writer *w, const struct oak_node *collection)
{
    bool first_key = true, first_string = true;
    for (uint32_t i = collection->child; i != 0; i = w->index->nodes[i].next) {
        const struct oak_node *const n = &w->index->nodes[i];
        bool bool_value;
        int64_t int_value;
        if (collection->kind == OAK_MAPPING) {
            w->keys = common_style(w->keys, style_of_bytes(w->index, n->key.start), first_key);
            first_key = false;
        }
        if (n->kind == OAK_SCALAR && oak_node_type(w->index, i, &bool_value, &int_value) == OAK_TYPE_STRING &&
            n->style != OAK_LITERAL && n->style != OAK_FOLDED) {
            w->strings = common_style(w->strings, n->style, first_string);
            first_string = false;
        }
    }
}

/* An empty collection shows nothing: its own key, and what holds it, must do. */
static uint32_t with_evidence(const struct oak_index *index, uint32_t collection)
{
    uint32_t at = collection;
    while (index->nodes[at].child == 0 && index->nodes[at].parent != 0)
        at = index->nodes[at].parent;
    return at;
}

/* A mapping that shows how keys are written here: the collection itself, or the first item of a list. */
static const struct oak_node *keyed_of(const struct oak_index *index, const struct oak_node *n)
{
    const struct oak_node *const first = n->kind == OAK_SEQUENCE ? &index->nodes[n->child] : n;
    return first->kind == OAK_MAPPING && first->child != 0 ? first : NULL;
}

static bool has_tight_colon(const struct oak_index *index, const struct oak_node *mapping)
{
    const struct oak_node *const first = &index->nodes[mapping->child];
    return first->body > first->key.end && first->body - first->key.end == 1;
}

static void look_at_flow(struct oak_writer *w, uint32_t collection)
{
    const oak_str text = w->index->text;
    uint32_t at = with_evidence(w->index, collection);
    const struct oak_node *n = &w->index->nodes[at];
    w->comma = OAK_STR(", ");
    w->colon = OAK_STR(": ");
    if (n->style != OAK_FLOW || n->child == 0)
        return;
    const struct oak_node *const first = &w->index->nodes[n->child];
    const oak_span inside = { n->body + 1, first->entry };
    w->is_multi_line = memchr(text.ptr + inside.start, '\n', inside.end - inside.start) != NULL;
    w->is_padded = inside.end > inside.start && !w->is_multi_line;
    const struct oak_node *const keyed = keyed_of(w->index, n);
    if (keyed != NULL && w->keys == OAK_DOUBLE && has_tight_colon(w->index, keyed))
        w->colon = OAK_STR(":");
    if (first->next != 0) {
        const size_t comma = first->span.end;
        if (comma + 1 == w->index->nodes[first->next].entry)
            w->comma = OAK_STR(",");
    } else if (w->colon.len == 1) {
        w->comma = OAK_STR(",");
    }
    if (w->is_multi_line) {
        const size_t own = first->entry - oak_line_start(text, first->entry);
        const size_t line = oak_line_start(text, n->body);
        size_t outer = line;
        w->blank = text.ptr[oak_line_start(text, first->entry)] == '\t' ? '\t' : ' ';
        while (outer < text.len && text.ptr[outer] == w->blank)
            outer++;
        w->step = own > outer - line ? own - (outer - line) : 2;
    }
}

static bool is_flow_list(const struct oak_index *index, uint32_t node)
{
    const struct oak_node *const n = &index->nodes[node];
    for (uint32_t i = n->child; i != 0; i = index->nodes[i].next)
        if (index->nodes[i].kind != OAK_SCALAR)
            return false;
    return n->kind == OAK_SEQUENCE && n->style == OAK_FLOW && n->child != 0 &&
           memchr(index->text.ptr + n->body, '\n', n->span.end - n->body) == NULL;
}

/* `add: ["NET_ADMIN"]` beside it: then `drop: ["ALL"]`. No list of the mapping may be otherwise. */
static uint32_t find_flow_list(const struct oak_index *index, const struct oak_node *mapping)
{
    uint32_t found = 0;
    size_t asked = 0;
    for (uint32_t i = mapping->kind == OAK_MAPPING ? mapping->child : 0; i != 0 && asked < OAK_WITNESSES;
         i = index->nodes[i].next, asked++) {
        if (index->nodes[i].kind != OAK_SEQUENCE)
            continue;
        if (!is_flow_list(index, i))
            return 0;
        found = i;
    }
    return found;
}

struct oak_writer oak_writer_for(const struct oak_index *index, uint32_t collection)
{
    struct oak_writer w = { .index = index, .eol = OAK_STR("\n"), .step = 2, .dash = 0, .blank = ' ', .keys = OAK_PLAIN, .strings = OAK_PLAIN };
    const struct oak_node *const n = &index->nodes[collection];
    look_at_quotes(&w, n);
    for (uint32_t at = collection; at != 0; at = index->nodes[at].parent)
        w.is_flow = w.is_flow || (index->nodes[at].style == OAK_FLOW && index->nodes[at].kind != OAK_SCALAR);
    /* An empty {} in block style is about to become a block. */
    if (n->style == OAK_FLOW && n->count == 0 && n->parent != 0 && index->nodes[n->parent].style == OAK_BLOCK)
        w.is_flow = false;
    if (w.is_flow) {
        const uint32_t shown = with_evidence(index, collection);
        if (shown != collection)
            look_at_quotes(&w, &index->nodes[shown]);
        else if (n->kind == OAK_SEQUENCE && keyed_of(index, n) != NULL)
            look_at_quotes(&w, keyed_of(index, n));
        if (w.keys == OAK_DOUBLE)
            w.strings = OAK_DOUBLE; /* JSON */
        look_at_flow(&w, collection);
    } else {
        step_near(index, collection, OAK_MAPPING, &w.step);
        step_near(index, collection, OAK_SEQUENCE, &w.dash);
        w.neighbours = collection;
    }
    /* What needs no line of its own needs no break either; a line may be a megabyte long. */
    if (!w.is_flow || w.is_multi_line)
        w.eol = oak_line_break(index->text, n->span.end);
    return w;
}

/* ---- writing ---- */

static void write_indent(struct oak_buf *out, const struct oak_writer *w, size_t column)
{
    oak_buf_add(out, w->eol);
    oak_buf_fill(out, w->blank, column);
}

static void write_key(struct oak_buf *out, const struct oak_writer *w, oak_str key)
{
    oak_buf_add(out, oak_scalar_spell(out->arena, key, w->keys));
}

static void write_scalar(struct oak_buf *out, const struct oak_writer *w, const struct oak_value *value)
{
    oak_buf_add(out, value->type == OAK_TYPE_STRING ? oak_scalar_spell(out->arena, value->text, w->strings)
                                                   : value->text);
}

static void write_flow_members(struct oak_buf *out, const struct oak_writer *w, const struct oak_value *value,
                               size_t column)
{
    for (const struct oak_value *v = value->child; v != NULL; v = v->next) {
        if (w->is_multi_line)
            write_indent(out, w, column + w->step);
        if (value->kind == OAK_MAPPING) {
            write_key(out, w, v->key);
            oak_buf_add(out, w->colon);
        }
        oak_write_value(out, w, v, column + w->step);
        if (v->next != NULL)
            oak_buf_add(out, w->is_multi_line ? OAK_STR(",") : w->comma);
    }
}

/* Recursion is bounded by the depth of a patch's value. */
static void write_flow(struct oak_buf *out, const struct oak_writer *w, const struct oak_value *value, size_t column)
{
    const bool is_mapping = value->kind == OAK_MAPPING;
    const oak_str pad = w->is_padded && value->child != NULL ? OAK_STR(" ") : OAK_STR("");
    oak_buf_add(out, is_mapping ? OAK_STR("{") : OAK_STR("["));
    oak_buf_add(out, pad);
    write_flow_members(out, w, value, column);
    if (w->is_multi_line && value->child != NULL)
        write_indent(out, w, column);
    oak_buf_add(out, pad);
    oak_buf_add(out, is_mapping ? OAK_STR("}") : OAK_STR("]"));
}

void oak_write_value(struct oak_buf *out, const struct oak_writer *w, const struct oak_value *value, size_t column)
{
    if (value->kind == OAK_SCALAR)
        write_scalar(out, w, value);
    else if (w->is_flow || value->child == NULL)
        write_flow(out, w, value, column);
    else
        oak_write_members(out, w, value, column);
}

void oak_write_members(struct oak_buf *out, const struct oak_writer *w, const struct oak_value *value, size_t column)
{
    for (const struct oak_value *v = value->child; v != NULL; v = v->next) {
        if (value->kind == OAK_MAPPING) {
            oak_write_entry(out, w, v, column);
        } else {
            oak_buf_add(out, OAK_STR("- "));
            oak_write_value(out, w, v, column + 2);
        }
        if (v->next != NULL)
            write_indent(out, w, column);
    }
}

static bool is_list_of_words(const struct oak_value *value)
{
    const struct oak_value *v = value->kind == OAK_SEQUENCE ? value->child : NULL;
    const bool is_list = v != NULL;
    while (v != NULL && v->kind == OAK_SCALAR)
        v = v->next;
    return is_list && v == NULL;
}

void oak_write_entry(struct oak_buf *out, const struct oak_writer *w, const struct oak_value *value, size_t column)
{
    write_key(out, w, value->key);
    const bool is_words = w->neighbours != 0 && is_list_of_words(value);
    const uint32_t flow_list = is_words ? find_flow_list(w->index, &w->index->nodes[w->neighbours]) : 0;
    if (flow_list != 0) {
        const struct oak_writer like = oak_writer_for(w->index, flow_list);
        oak_buf_add(out, OAK_STR(": "));
        oak_write_value(out, &like, value, column);
        return;
    }
    if (value->kind == OAK_SCALAR || w->is_flow || value->child == NULL) {
        oak_buf_add(out, w->is_flow ? w->colon : OAK_STR(": "));
        oak_write_value(out, w, value, column);
        return;
    }
    const size_t inner = column + (value->kind == OAK_SEQUENCE ? w->dash : w->step);
    struct oak_writer below;
    if (w->neighbours != 0) {
        below = *w;
        below.neighbours = 0;
        w = &below;
    }
    oak_buf_add(out, OAK_STR(":"));
    write_indent(out, w, inner);
    oak_write_members(out, w, value, inner);
}
