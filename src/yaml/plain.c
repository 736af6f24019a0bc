/* Reads the YAML in which nearly all manifests are written, several times faster than a tokeniser for all of YAML can: block
 * mappings and sequences, scalars of every style, flow collections and JSON without comments.
 *
 * What it does not know to the letter it leaves alone: the answer is false, and parse.c reads the document with libfyaml. It never
 * says what is wrong with a text, and where it answers true its index is that of parse.c, node for node (tests compare them).
 * Left alone are: anchors, aliases, tags, directives, explicit keys, tabs between tokens, and whatever else is rare enough to be no
 * loss. */
#include "yaml/parse.h"

#include "yaml/line.h"
#include "yaml/scalar.h"

#include <string.h>

/* An entry or item whose value has not been read yet. */
struct slot {
    bool is_open;
    oak_span key;
    oak_str name;
    size_t entry;  /* the key or the dash */
    size_t behind; /* where the `:` or `-` ends */
};

struct frame {
    uint32_t node;
    size_t column;
    enum oak_node_kind kind;
    struct slot slot;
};

struct reader {
    struct oak_arena *arena;
    struct oak_index *index;
    struct oak_line line; /* being read; of the text up to the document's end */
    size_t capacity;
    size_t depth;
    size_t flow_depth;
    size_t flow_line;  /* where the line starts on which the outermost flow collection does */
    struct frame frames[OAK_MAX_DEPTH]; /* block collections that are open */
};

/* ---- bytes ---- */

static bool is_line_done(const struct reader *r, size_t at)
{
    return oak_line_is_done(&r->line, at, oak_line_skip(&r->line, at));
}

/* Characters about which YAML 1.1, 1.2 and their readers differ: a lone carriage return, C1 controls, a byte order mark inside,
 * U+FFFE, U+FFFF. */
static bool has_strange_characters(oak_str text)
{
    static const unsigned char leads[] = { '\r', 0xC2, 0xEF };
    const unsigned char *const end = (const unsigned char *)text.ptr + text.len;
    for (size_t i = 0; i < sizeof leads; i++)
        for (const unsigned char *c = (const unsigned char *)text.ptr;
             c < end && (c = memchr(c, leads[i], (size_t)(end - c))) != NULL; c++) {
            const unsigned char second = c + 1 < end ? c[1] : 0, third = c + 2 < end ? c[2] : 0;
            if ((*c == '\r' && second != '\n') || (*c == 0xC2 && second < 0xA0) ||
                (*c == 0xEF && second == 0xBB && third == 0xBF) || (*c == 0xEF && second == 0xBF && third >= 0xBE))
                return true;
        }
    return false;
}

/* ---- nodes ---- */

/* A new node as the value of `slot` in the collection `parent`; 0: it is the root. */
static struct oak_node *add_node(struct reader *r, uint32_t parent, struct slot *slot, uint32_t *number)
{
    struct oak_index *const ix = r->index;
    struct oak_node *const n = oak_index_add(r->arena, ix, &r->capacity, number);
    if (slot != NULL) {
        n->key = slot->key;
        n->name = slot->name;
        n->entry = slot->entry;
        slot->is_open = false;
    }
    if (parent != 0)
        oak_index_link(ix, parent, *number);
    else
        ix->root = *number;
    return n;
}

static void add_null(struct reader *r, uint32_t parent, struct slot *slot)
{
    uint32_t number;
    const size_t at = slot->behind;
    struct oak_node *const n = add_node(r, parent, slot, &number);
    n->kind = OAK_NULL;
    n->style = OAK_PLAIN;
    n->span = (oak_span){ at, at };
    n->body = at;
}

static void add_scalar(struct reader *r, uint32_t parent, struct slot *slot, const struct oak_line_scalar *s)
{
    uint32_t number;
    const bool is_item = slot->entry == SIZE_MAX;
    struct oak_node *const n = add_node(r, parent, slot, &number);
    n->kind = OAK_SCALAR;
    n->style = s->style;
    n->span = s->span;
    n->body = s->span.start;
    n->value = oak_line_decode(r->arena, &r->line, s);
    if (is_item)
        n->entry = s->span.start;
}

static struct slot slot_of_key(const struct reader *r, const struct oak_line_scalar *s)
{
    return (struct slot){ true, s->span, oak_line_decode(r->arena, &r->line, s), s->span.start, s->stop + 1 };
}

/* ---- flow style ---- */

/* Moves to the next token, over line breaks. In a block, what follows a break stands deeper than the block; a bracket that closes
 * something may stand anywhere, for every reader. */
static bool next_token(struct reader *r, size_t *at)
{
    for (;;) {
        while (oak_line_byte(&r->line, *at) == ' ' || (oak_line_byte(&r->line, *at) == '\t' && r->depth == 0))
            ++*at;
        if (*at < r->line.end)
            break;
        if (r->line.next >= r->line.text.len)
            return false;
        oak_line_go(&r->line, r->line.next);
        *at = r->line.start;
    }
    const char c = r->line.text.ptr[*at];
    if (r->depth > 0 && r->line.start > r->flow_line && c != ']' && c != '}' &&
        oak_line_skip(&r->line, r->line.start) - r->line.start <= r->frames[r->depth - 1].column)
        return false;
    return c != '#' && c != '\t';
}

static bool read_flow(struct reader *r, uint32_t parent, struct slot *slot, size_t *at);

/* The value at `at`; afterwards `*at` is behind it. */
static bool read_flow_value(struct reader *r, uint32_t parent, struct slot *slot, size_t *at)
{
    const char c = oak_line_byte(&r->line, *at);
    if (r->index->count > OAK_MAX_NODES)
        return false;
    if (c == '{' || c == '[')
        return read_flow(r, parent, slot, at);
    struct oak_line_scalar s;
    if (!oak_line_read(&r->line, *at, &s) || s.is_open || oak_line_byte(&r->line, s.stop) == ':')
        return false;
    add_scalar(r, parent, slot, &s);
    *at = s.span.end;
    return true;
}

/* `key:` at `at`. Behind a quoted key the value may follow at once, as in JSON. */
static bool read_flow_key(struct reader *r, struct slot *slot, size_t *at)
{
    struct oak_line_scalar s;
    if (!oak_line_read(&r->line, *at, &s) || !oak_line_is_key(&r->line, &s))
        return false;
    *slot = slot_of_key(r, &s);
    *at = s.stop + 1;
    return next_token(r, at);
}

/* The collection at `at`; `*at` ends behind its bracket. Depth is bounded with that of the blocks around it. */
static bool read_flow(struct reader *r, uint32_t parent, struct slot *slot, size_t *at)
{
    const bool is_mapping = r->line.text.ptr[*at] == '{';
    const char next = oak_line_byte(&r->line, *at + 1);
    uint32_t number;
    /* {{, {% and {# are a template's. */
    if (r->depth + r->flow_depth >= OAK_MAX_DEPTH || (is_mapping && next != '\n' && strchr("{%#", next) != NULL))
        return false;
    const bool is_item = slot != NULL && slot->entry == SIZE_MAX;
    struct oak_node *const n = add_node(r, parent, slot, &number);
    n->kind = is_mapping ? OAK_MAPPING : OAK_SEQUENCE;
    n->style = OAK_FLOW;
    n->span = (oak_span){ *at, *at + 1 };
    n->body = *at;
    if (is_item)
        n->entry = *at;
    r->flow_depth++;
    r->line.is_flow = true;
    ++*at;
    for (bool is_first = true;; is_first = false) {
        if (!next_token(r, at))
            return false;
        if (!is_first && oak_line_byte(&r->line, *at) == ',') {
            ++*at;
            if (!next_token(r, at))
                return false;
        } else if (!is_first && oak_line_byte(&r->line, *at) != (is_mapping ? '}' : ']')) {
            return false;
        }
        if (oak_line_byte(&r->line, *at) == (is_mapping ? '}' : ']'))
            break;
        struct slot inner = { .is_open = true, .entry = SIZE_MAX };
        if ((is_mapping && !read_flow_key(r, &inner, at)) || !read_flow_value(r, number, &inner, at))
            return false;
    }
    r->flow_depth--;
    r->line.is_flow = r->flow_depth > 0;
    r->index->nodes[number].span.end = ++*at;
    return true;
}

/* ---- block style ---- */

/* A block scalar: the header at `at`, then all lines that stand deeper than the collection. */
static bool read_block_scalar(struct reader *r, struct frame *f, size_t at)
{
    const enum oak_style style = r->line.text.ptr[at] == '|' ? OAK_LITERAL : OAK_FOLDED;
    const char chomp = oak_line_byte(&r->line, at + 1);
    const size_t behind = at + 1 + (chomp == '+' || chomp == '-');
    if (!oak_line_is_break(oak_line_byte(&r->line, behind)) || !is_line_done(r, behind))
        return false;
    size_t indent = 0, deepest_blank = 0, end = r->line.next;
    while (r->line.next < r->line.text.len) {
        oak_line_go(&r->line, r->line.next);
        const size_t first = oak_line_skip(&r->line, r->line.start);
        const size_t column = first - r->line.start;
        if (oak_line_byte(&r->line, first) == '\t' && (indent == 0 || column < indent))
            return false;
        if (first >= r->line.end) {
            deepest_blank = indent == 0 && column > deepest_blank ? column : deepest_blank;
        } else if (column <= f->column) {
            break;
        } else if (indent == 0) {
            indent = column;
        } else if (column < indent) {
            /* Only a comment may stand between the scalar and what holds it. */
            if (r->line.text.ptr[first] != '#')
                return false;
            break;
        }
        end = r->line.next;
    }
    if (deepest_blank > indent)
        return false;
    /* The last line read belongs to somebody else, unless it was the last of all. */
    r->line.next = end;
    const oak_str reach = oak_str_span(r->line.text, (oak_span){ at, end });
    oak_span raw = { at, at + oak_block_scalar_end(reach, (int)f->column) };
    uint32_t number;
    struct oak_node *const n = add_node(r, f->node, &f->slot, &number);
    n->kind = OAK_SCALAR;
    n->style = style;
    n->span = raw;
    n->body = at;
    raw.end += raw.end < r->line.text.len && r->line.text.ptr[raw.end] == '\r';
    raw.end += raw.end < r->line.text.len && r->line.text.ptr[raw.end] == '\n';
    n->value = oak_scalar_decode(r->arena, oak_str_span(r->line.text, raw), style, (int)f->column);
    return true;
}

static void close_frame(struct reader *r)
{
    struct frame *const f = &r->frames[--r->depth];
    if (f->slot.is_open)
        add_null(r, f->node, &f->slot);
    struct oak_node *const n = &r->index->nodes[f->node];
    n->span.end = r->index->nodes[n->last].span.end;
}

static bool open_frame(struct reader *r, enum oak_node_kind kind, size_t at, size_t column)
{
    struct frame *const outer = r->depth > 0 ? &r->frames[r->depth - 1] : NULL;
    if (r->depth >= OAK_MAX_DEPTH || (outer != NULL ? !outer->slot.is_open : r->index->root != 0))
        return false;
    uint32_t number;
    struct oak_node *const n = add_node(r, outer != NULL ? outer->node : 0, outer != NULL ? &outer->slot : NULL, &number);
    n->kind = kind;
    n->style = OAK_BLOCK;
    n->column = (uint32_t)column;
    n->span = (oak_span){ at, at };
    n->body = at;
    if (outer == NULL)
        n->entry = at;
    r->frames[r->depth++] = (struct frame){ .node = number, .column = column, .kind = kind };
    return true;
}

/* The collection that the entry at `at` belongs to: those that ended before it are closed, a new one is opened. A sequence may
 * stand at the column of the mapping that holds it. */
static struct frame *frame_for(struct reader *r, enum oak_node_kind kind, size_t at)
{
    const size_t column = at - r->line.start;
    struct frame *f = NULL;
    for (; r->depth > 0; close_frame(r)) {
        f = &r->frames[r->depth - 1];
        if (column > f->column || (column == f->column && (f->kind == kind || kind == OAK_SEQUENCE)))
            break;
    }
    if (r->depth == 0 || column > f->column || f->kind != kind) {
        if (!open_frame(r, kind, at, column))
            return NULL;
        f = &r->frames[r->depth - 1];
    } else if (f->slot.is_open) {
        add_null(r, f->node, &f->slot);
    }
    return f;
}

/* What stands behind `key:` or `-`. */
static bool read_value(struct reader *r, struct frame *f, size_t at)
{
    const char c = oak_line_byte(&r->line, at);
    if (c == '|' || c == '>')
        return read_block_scalar(r, f, at);
    if (c == '{' || c == '[') {
        r->flow_line = r->line.start;
        return read_flow(r, f->node, &f->slot, &at) && is_line_done(r, at);
    }
    struct oak_line_scalar s;
    if (!oak_line_read(&r->line, at, &s) || !oak_line_read_more(&r->line, f->column, &s) || !oak_line_is_done(&r->line, s.span.end, s.stop))
        return false;
    add_scalar(r, f->node, &f->slot, &s);
    return true;
}

/* The collection with an entry above the line that has no value yet; NULL if what stands at `at` can't be that. */
static struct frame *frame_above(struct reader *r, size_t at)
{
    struct frame *const f = r->depth > 0 ? &r->frames[r->depth - 1] : NULL;
    const char c = oak_line_byte(&r->line, at);
    return f != NULL && f->slot.is_open && at - r->line.start > f->column && c != '|' && c != '>' ? f : NULL;
}

/* A line from its first byte that is no blank: dashes, then a key, then a value; any of them may be the last. */
static bool read_line(struct reader *r, size_t at)
{
    struct frame *f = NULL;
    while (oak_line_byte(&r->line, at) == '-' && oak_line_is_break(oak_line_byte(&r->line, at + 1))) {
        f = frame_for(r, OAK_SEQUENCE, at);
        if (f == NULL)
            return false;
        f->slot = (struct slot){ .is_open = true, .entry = at, .behind = at + 1 };
        const size_t next = oak_line_skip(&r->line, at + 1);
        if (oak_line_is_done(&r->line, at + 1, next))
            return true;
        at = next;
    }
    struct oak_line_scalar s;
    if (!oak_line_read(&r->line, at, &s) || !oak_line_is_key(&r->line, &s)) {
        f = f != NULL ? f : frame_above(r, at);
        return f != NULL && read_value(r, f, at);
    }
    /* A key such as :a is one for us, and in some places none for libfyaml. */
    if (!oak_line_is_break(oak_line_byte(&r->line, s.stop + 1)) || r->line.text.ptr[at] == ':')
        return false;
    f = frame_for(r, OAK_MAPPING, at);
    if (f == NULL)
        return false;
    f->slot = slot_of_key(r, &s);
    const size_t next = oak_line_skip(&r->line, s.stop + 1);
    return oak_line_is_done(&r->line, s.stop + 1, next) || read_value(r, f, next);
}

/* ---- a document ---- */

/* Do three of these bytes start the line? */
static bool is_marker(const struct reader *r, char c)
{
    const char *const start = r->line.text.ptr + r->line.start;
    return oak_line_byte(&r->line, r->line.start) == c && r->line.end - r->line.start >= 3 && start[1] == c && start[2] == c;
}

/* A document that is one flow collection: JSON. */
static bool read_root_flow(struct reader *r, size_t at)
{
    if (!read_flow(r, 0, NULL, &at) || !is_line_done(r, at))
        return false;
    r->index->nodes[r->index->root].entry = r->index->nodes[r->index->root].body;
    while (r->line.next < r->line.text.len) {
        oak_line_go(&r->line, r->line.next);
        if (!is_line_done(r, r->line.start))
            return false;
    }
    return true;
}

static bool read_lines(struct reader *r, size_t start)
{
    bool may_start = true; /* `---` was not there yet */
    r->line.next = start;
    while (r->line.next < r->line.text.len) {
        oak_line_go(&r->line, r->line.next);
        const size_t at = oak_line_skip(&r->line, r->line.start);
        if (oak_line_is_done(&r->line, r->line.start, at))
            continue;
        if (may_start && is_marker(r, '-')) {
            if (!oak_line_is_break(oak_line_byte(&r->line, at + 3)) || !is_line_done(r, at + 3))
                return false;
            may_start = false;
            continue;
        }
        may_start = false;
        if (r->index->root == 0 && (r->line.text.ptr[at] == '{' || r->line.text.ptr[at] == '['))
            return read_root_flow(r, at);
        if (is_marker(r, '-') || is_marker(r, '.') || !read_line(r, at) || r->index->count > OAK_MAX_NODES)
            return false;
    }
    while (r->depth > 0)
        close_frame(r);
    return r->index->root != 0;
}

bool oak_parse_plain(struct oak_arena *arena, oak_str text, oak_span document, struct oak_index *out)
{
    struct reader r; /* most of its frames are never used, nor set */
    r.arena = arena;
    r.index = out;
    r.line = (struct oak_line){ .text = { text.ptr, document.end } };
    r.depth = r.flow_depth = 0;
    size_t start = document.start;
    if (start == 0 && oak_str_starts(text, OAK_STR("\xEF\xBB\xBF")))
        start = 3;
    if (has_strange_characters(oak_str_span(text, (oak_span){ start, document.end })))
        return false;
    oak_index_start(arena, text, document, out, &r.capacity);
    return read_lines(&r, start);
}
