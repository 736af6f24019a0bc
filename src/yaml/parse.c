/* The only door to libfyaml: its events, used as tokens, become nodes with true spans.
 *
 * What its marks mean differs by construct and version (0.7.12 … 1.0): quoted scalars exclude their quotes, block
 * collections have no extent, an empty value has no token or one of no length before the `:`, a block scalar may reach
 * into the next line. All of that ends here. Between two tokens only blanks, breaks, comments and indicators can
 * stand, so `cursor` (the end of the last token) and a short scan find every indicator exactly. */
#include "yaml/parse.h"

#include "yaml/scalar.h"

#include <libfyaml.h>
#include <string.h>

struct frame {
    uint32_t node;
    bool wants_key;      /* a mapping between entries */
    uint32_t skip_key;   /* node of a key that is no scalar, while it is being read */
    oak_span key;
    oak_str name;
    size_t entry;
};

/* By name, the newest node that has the anchor: a table of nodes, 0 where there is none, of which at most half are taken. */
struct anchors {
    uint32_t *slots;
    size_t slot_count; /* 0, or a power of two */
    size_t name_count;
};

struct builder {
    struct oak_arena *arena;
    struct oak_index *index;
    oak_str text;     /* up to the document's end */
    size_t base;      /* where the parser's offset 0 is */
    size_t cursor;
    size_t capacity;
    struct frame frames[OAK_MAX_DEPTH];
    size_t depth;
    struct anchors anchors;
    struct oak_error *err;
};

/* ---- the gap between two tokens ---- */

/* The first byte at or after `at` that is neither blank, break nor comment. */
static size_t skip_gap(const struct builder *b, size_t at)
{
    while (at < b->text.len) {
        const char c = b->text.ptr[at];
        if (c == '#') {
            const char *const eol = memchr(b->text.ptr + at, '\n', b->text.len - at);
            at = eol != NULL ? (size_t)(eol - b->text.ptr) : b->text.len;
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            at++;
        } else {
            break;
        }
    }
    return at;
}

static bool is_at(const struct builder *b, size_t at, char c)
{
    return at < b->text.len && b->text.ptr[at] == c;
}

/* ---- tokens ---- */

static size_t mark_at(const struct builder *b, const struct fy_mark *mark)
{
    return b->base + mark->input_pos;
}

struct token {
    oak_span span;   /* anchor and tag included */
    size_t body;
    enum oak_style style;
    bool is_empty;
    bool is_misread;
    oak_str anchor, tag;
};

static oak_str token_text(const struct builder *b, struct fy_token *token, size_t prefix_len, oak_span *at)
{
    at->start = mark_at(b, fy_token_start_mark(token)) - prefix_len;
    at->end = mark_at(b, fy_token_end_mark(token));
    return oak_str_span(b->text, (oak_span){ at->start + prefix_len, at->end });
}

/* Anchor and tag: they stand before the node, in either order, perhaps on an earlier line. */
static void read_properties(struct builder *b, struct fy_event *event, struct token *t)
{
    struct fy_token *const anchor = fy_event_get_anchor_token(event);
    struct fy_token *const tag = fy_event_get_tag_token(event);
    oak_span at;
    t->span.start = SIZE_MAX;
    if (anchor != NULL) {
        t->anchor = token_text(b, anchor, 1, &at);
        t->span = at;
    }
    if (tag != NULL) {
        t->tag = token_text(b, tag, 0, &at);
        t->span.start = at.start < t->span.start ? at.start : t->span.start;
        t->span.end = at.end > t->span.end ? at.end : t->span.end;
    }
}

static int block_column(const struct builder *b)
{
    for (size_t i = b->depth; i > 0; i--) {
        const struct oak_node *const n = &b->index->nodes[b->frames[i - 1].node];
        if (n->style == OAK_BLOCK)
            return (int)n->column;
    }
    return -1;
}

/* What decoding wants to see: the final line break is part of what a block scalar says, but not of its span. */
static oak_str raw_scalar(const struct builder *b, oak_span span, enum oak_style style)
{
    if (style == OAK_LITERAL || style == OAK_FOLDED) {
        span.end += span.end < b->text.len && b->text.ptr[span.end] == '\r';
        span.end += span.end < b->text.len && b->text.ptr[span.end] == '\n';
    }
    return oak_str_span(b->text, span);
}

/* The header of a block scalar stands in the gap before its content. */
static void read_block_scalar(struct builder *b, struct token *t, size_t end_mark, size_t from)
{
    size_t header = skip_gap(b, from);
    while (header < b->text.len && strchr("|>", b->text.ptr[header]) == NULL)
        header = skip_gap(b, header + 1);
    t->body = header;
    const oak_span reach = { header, end_mark > header ? end_mark : header };
    /* An empty block scalar in a nested collection, followed by text at the column of that collection (a: {x: |, y: 1} in
     * block style): libfyaml 0.7.12 takes the next entries for its content. */
    const size_t indent = oak_block_scalar_indent(oak_str_span(b->text, reach));
    t->is_misread = indent != SIZE_MAX && (int)indent <= block_column(b) && block_column(b) > 0;
    t->span.end = header + oak_block_scalar_end(oak_str_span(b->text, reach), block_column(b));
}

static void read_scalar_body(struct builder *b, struct fy_token *token, struct token *t, size_t from)
{
    static const enum oak_style styles[] = { OAK_PLAIN, OAK_SINGLE, OAK_DOUBLE, OAK_LITERAL, OAK_FOLDED };
    const enum fy_scalar_style style = token != NULL ? fy_token_scalar_style(token) : FYSS_PLAIN;
    const size_t start = token != NULL ? mark_at(b, fy_token_start_mark(token)) : from;
    const size_t end = token != NULL ? mark_at(b, fy_token_end_mark(token)) : from;
    const size_t quote = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
    t->style = style >= FYSS_PLAIN && style < FYSS_MAX ? styles[style] : OAK_PLAIN;
    t->is_empty = t->style == OAK_PLAIN && start == end;
    if (t->is_empty)
        return;
    if (t->style == OAK_LITERAL || t->style == OAK_FOLDED) {
        read_block_scalar(b, t, end, from);
    } else {
        t->body = start - quote;
        t->span.end = end + quote;
    }
}

/* The token of a scalar or alias. An empty one gets its place from the caller, who knows the indicator before it. */
static struct token read_leaf(struct builder *b, struct fy_event *event)
{
    struct token t = { .style = OAK_PLAIN };
    struct fy_token *const token = fy_event_get_token(event);
    read_properties(b, event, &t);
    const bool has_properties = t.span.start != SIZE_MAX;
    if (event->type == FYET_ALIAS) {
        token_text(b, token, 1, &t.span);
        t.body = t.span.start;
        return t;
    }
    read_scalar_body(b, token, &t, has_properties ? t.span.end : b->cursor);
    if (t.is_empty)
        t.body = t.span.end;
    else if (!has_properties)
        t.span.start = t.body;
    return t;
}

/* ---- nodes ---- */

static struct oak_node *add_node(struct builder *b, uint32_t *number)
{
    return oak_index_add(b->arena, b->index, &b->capacity, number);
}

/* Where the anchor of this name is in the table, or would be: FNV-1a, and from there to the next free slot. */
static uint32_t *anchor_slot(const struct builder *b, oak_str name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.ptr[i]) * 0x100000001b3u;
    const size_t mask = b->anchors.slot_count - 1;
    size_t at = (size_t)(hash ^ hash >> 32) & mask;
    while (b->anchors.slots[at] != 0 && !oak_str_eq(b->index->nodes[b->anchors.slots[at]].anchor, name))
        at = (at + 1) & mask;
    return &b->anchors.slots[at];
}

static void grow_anchors(struct builder *b)
{
    const struct anchors old = b->anchors;
    b->anchors.slot_count = old.slot_count == 0 ? 16 : old.slot_count * 2;
    b->anchors.slots = oak_arena_alloc(b->arena, b->anchors.slot_count * sizeof *b->anchors.slots);
    for (size_t i = 0; i < old.slot_count; i++)
        if (old.slots[i] != 0)
            *anchor_slot(b, b->index->nodes[old.slots[i]].anchor) = old.slots[i];
}

/* Of equal names the newest counts, from here on. */
static void add_anchor(struct builder *b, uint32_t number)
{
    if (b->anchors.name_count * 2 >= b->anchors.slot_count)
        grow_anchors(b);
    uint32_t *const slot = anchor_slot(b, b->index->nodes[number].anchor);
    b->anchors.name_count += *slot == 0;
    *slot = number;
}

static bool resolve_alias(struct builder *b, struct oak_node *node)
{
    const uint32_t anchored = b->anchors.slot_count > 0 ? *anchor_slot(b, node->value) : 0;
    if (anchored == 0)
        return oak_fail(b->err, OAK_SYNTAX, node->span, "alias '*%.*s' has no anchor before it", (int)node->value.len,
                        node->value.ptr);
    for (size_t k = 0; k < b->depth; k++)
        if (b->frames[k].node == anchored)
            return oak_fail(b->err, OAK_SYNTAX, node->span, "alias '*%.*s' stands inside its own anchor",
                            (int)node->value.len, node->value.ptr);
    node->target = anchored;
    b->index->alias_count++;
    return true;
}

/* Where an entry's value or a sequence's item stands: moves the cursor behind the `:` or `-` and fills in key and entry. An entry
 * that starts with the node itself is left to end_place. */
static void place_entry(struct builder *b, struct oak_node *node)
{
    node->entry = SIZE_MAX;
    if (b->depth == 0)
        return;
    struct frame *const f = &b->frames[b->depth - 1];
    struct oak_node *const parent = &b->index->nodes[f->node];
    size_t at = skip_gap(b, b->cursor);
    if (parent->kind == OAK_MAPPING) {
        node->key = f->key;
        node->name = f->name;
        node->entry = f->entry;
        if (is_at(b, at, ':'))
            b->cursor = at + 1;
        else
            parent->odd = true; /* {a, b}: a key without a value */
        return;
    }
    if (parent->style == OAK_BLOCK && is_at(b, at, '-')) {
        node->entry = at;
        b->cursor = at + 1;
        return;
    }
    if (is_at(b, at, ','))
        b->cursor = at + 1;
}

static void end_place(struct oak_node *node)
{
    if (node->entry == SIZE_MAX)
        node->entry = node->span.start;
}

/* Gives a new node its place in the tree. A key that is no scalar hangs outside of it. */
static bool attach(struct builder *b, uint32_t number)
{
    struct oak_index *const ix = b->index;
    if (ix->nodes[number].anchor.len > 0)
        add_anchor(b, number);
    if (b->depth == 0) {
        ix->root = number;
        return true;
    }
    struct frame *const f = &b->frames[b->depth - 1];
    if (ix->nodes[f->node].kind == OAK_MAPPING && f->wants_key) {
        ix->nodes[f->node].odd = true;
        ix->nodes[number].parent = f->node;
        f->skip_key = number;
        return true;
    }
    oak_index_link(ix, f->node, number);
    f->wants_key = ix->nodes[f->node].kind == OAK_MAPPING;
    return true;
}

/* A key that is no scalar was read to its end: its value follows. */
static void end_odd_key(struct builder *b)
{
    if (b->depth == 0)
        return;
    struct frame *const f = &b->frames[b->depth - 1];
    if (f->skip_key != 0 && f->wants_key) {
        const oak_span span = b->index->nodes[f->skip_key].span;
        f->key = span;
        f->name = (oak_str){ 0 };
        f->entry = span.start;
        f->wants_key = false;
        f->skip_key = 0;
    }
}

static bool refuse_misread(const struct builder *b, const struct token *t)
{
    return oak_fail(b->err, OAK_SYNTAX, (oak_span){ t->body, t->body + 1 },
                    "an empty block scalar with more text at the same indentation is not read; write \"\" instead");
}

static bool on_key(struct builder *b, struct fy_event *event)
{
    struct frame *const f = &b->frames[b->depth - 1];
    size_t at = skip_gap(b, b->cursor);
    if (is_at(b, at, ','))
        at = skip_gap(b, at + 1);
    const size_t before = at;
    if (is_at(b, at, '?') && at + 1 < b->text.len && strchr(" \t\r\n", b->text.ptr[at + 1]) != NULL) {
        b->index->nodes[f->node].odd = true;
        b->cursor = at + 1;
    }
    const struct token t = read_leaf(b, event);
    if (t.is_empty) {
        b->index->nodes[f->node].odd = true;
        f->key = (oak_span){ before, before };
        f->name = (oak_str){ "", 0 };
    } else {
        f->key = (oak_span){ t.body, t.span.end };
        f->name = oak_scalar_decode(b->arena, raw_scalar(b, f->key, t.style), t.style, block_column(b));
        b->cursor = t.span.end;
    }
    f->entry = before;
    if (t.anchor.len > 0) {
        /* An anchored key: remember it, so that an alias to it is known; it is nobody's child. */
        uint32_t number;
        struct oak_node *const n = add_node(b, &number);
        *n = (struct oak_node){ .kind = OAK_SCALAR, .style = t.style, .span = t.span, .body = t.body,
                                .value = f->name, .anchor = t.anchor, .parent = f->node, .entry = t.span.start };
        add_anchor(b, number);
    }
    f->wants_key = false;
    return true;
}

static bool on_leaf(struct builder *b, struct fy_event *event)
{
    struct frame *const f = b->depth > 0 ? &b->frames[b->depth - 1] : NULL;
    if (event->type == FYET_SCALAR && f != NULL && f->wants_key)
        return on_key(b, event);

    uint32_t number;
    struct oak_node place = { .entry = SIZE_MAX };
    const bool is_key = f != NULL && f->wants_key;
    if (!is_key)
        place_entry(b, &place);
    const struct token t = read_leaf(b, event);
    if (t.is_misread)
        return refuse_misread(b, &t);
    struct oak_node *const n = add_node(b, &number);
    *n = place;
    n->kind = event->type == FYET_ALIAS ? OAK_ALIAS : t.is_empty ? OAK_NULL : OAK_SCALAR;
    n->style = t.style;
    n->span = t.span;
    n->body = t.body;
    n->anchor = t.anchor;
    n->tag = t.tag;
    if (t.is_empty && t.span.start == SIZE_MAX) {
        n->span = (oak_span){ b->cursor, b->cursor };
        n->body = b->cursor;
    }
    end_place(n);
    b->cursor = n->span.end;
    if (n->kind == OAK_ALIAS) {
        n->value = oak_str_span(b->text, (oak_span){ t.span.start + 1, t.span.end });
        if (!resolve_alias(b, n))
            return false;
    } else if (n->kind == OAK_SCALAR) {
        n->value = oak_scalar_decode(b->arena, raw_scalar(b, (oak_span){ n->body, n->span.end }, n->style), n->style,
                                     block_column(b));
    }
    if (!attach(b, number))
        return false;
    end_odd_key(b);
    return true;
}

static bool on_start(struct builder *b, struct fy_event *event)
{
    if (b->depth >= OAK_MAX_DEPTH)
        return oak_fail(b->err, OAK_SYNTAX, (oak_span){ b->cursor, b->cursor }, "nested deeper than %d levels",
                        OAK_MAX_DEPTH);
    const bool is_flow = fy_event_get_node_style(event) == FYNS_FLOW;
    const struct fy_mark *const mark = fy_event_start_mark(event);
    struct token t = { 0 };
    read_properties(b, event, &t);
    struct oak_node place = { .entry = SIZE_MAX };
    const bool is_key = b->depth > 0 && b->frames[b->depth - 1].wants_key;
    if (!is_key)
        place_entry(b, &place);
    if (t.span.start != SIZE_MAX && t.span.end > b->cursor)
        b->cursor = t.span.end;

    uint32_t number;
    struct oak_node *const n = add_node(b, &number);
    *n = place;
    n->kind = event->type == FYET_MAPPING_START ? OAK_MAPPING : OAK_SEQUENCE;
    n->body = mark_at(b, mark);
    const bool has_bracket = is_flow && is_at(b, n->body, n->kind == OAK_MAPPING ? '{' : '[');
    n->style = has_bracket ? OAK_FLOW : is_flow ? OAK_PAIR : OAK_BLOCK;
    n->column = n->style == OAK_BLOCK ? (uint32_t)mark->column : 0;
    n->anchor = t.anchor;
    n->tag = t.tag;
    n->span.start = t.span.start < n->body ? t.span.start : n->body;
    n->span.end = n->body;
    end_place(n);
    if (has_bracket)
        b->cursor = n->body + 1;
    if (!attach(b, number))
        return false;
    b->frames[b->depth++] = (struct frame){ .node = number, .wants_key = n->kind == OAK_MAPPING };
    return true;
}

static bool on_end(struct builder *b, struct fy_event *event)
{
    struct oak_index *const ix = b->index;
    struct oak_node *const n = &ix->nodes[b->frames[--b->depth].node];
    if (n->style == OAK_FLOW) {
        n->span.end = mark_at(b, fy_event_start_mark(event)) + 1;
        b->cursor = n->span.end;
    } else if (n->last != 0) {
        n->span.end = ix->nodes[n->last].span.end;
    }
    end_odd_key(b);
    return true;
}

static bool on_event(struct builder *b, struct fy_event *event)
{
    if (b->index->count > OAK_MAX_NODES)
        return oak_fail(b->err, OAK_SYNTAX, (oak_span){ b->cursor, b->cursor }, "more than %d values in one document",
                        OAK_MAX_NODES);
    switch (event->type) {
    case FYET_SCALAR:
    case FYET_ALIAS:
        return on_leaf(b, event);
    case FYET_MAPPING_START:
    case FYET_SEQUENCE_START:
        return on_start(b, event);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        return on_end(b, event);
    case FYET_DOCUMENT_START:
        if (b->index->root != 0)
            return oak_fail(b->err, OAK_SYNTAX, (oak_span){ b->cursor, b->cursor }, "a second document without '---'");
        return true;
    default:
        return true;
    }
}

/* ---- the parser ---- */

static void say_nothing(struct fy_diag *diag, void *user, const char *text, size_t len)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)len;
}

static struct fy_diag *make_diag(void)
{
    struct fy_diag_cfg cfg;
    fy_diag_cfg_default(&cfg);
    cfg.fp = NULL;
    cfg.output_fn = say_nothing;
    cfg.show_source = false;
    struct fy_diag *const diag = fy_diag_create(&cfg);
    if (diag != NULL)
        fy_diag_set_collect_errors(diag, true);
    return diag;
}

/* The offset of the parser's 1-based line and column (in characters) within the document. */
static size_t offset_of(const struct builder *b, int line, int column)
{
    size_t at = b->base;
    for (int i = 1; i < line && at < b->text.len; i++) {
        const char *const eol = memchr(b->text.ptr + at, '\n', b->text.len - at);
        at = eol != NULL ? (size_t)(eol - b->text.ptr) + 1 : b->text.len;
    }
    for (int i = 1; i < column && at < b->text.len && b->text.ptr[at] != '\n'; i++) {
        at++;
        while (at < b->text.len && ((unsigned char)b->text.ptr[at] & 0xC0) == 0x80)
            at++;
    }
    return at;
}

static bool fail_as_parser(struct builder *b, struct fy_diag *diag)
{
    void *iterator = NULL;
    const struct fy_diag_error *const error = fy_diag_errors_iterate(diag, &iterator);
    if (error == NULL || error->msg == NULL)
        return oak_fail(b->err, OAK_SYNTAX, (oak_span){ b->cursor, b->cursor }, "no valid YAML");
    const size_t at = offset_of(b, error->line, error->column);
    const oak_str msg = oak_str_trim(oak_str_from(error->msg));
    return oak_fail(b->err, OAK_SYNTAX, (oak_span){ at, at }, "no valid YAML: %.*s", (int)msg.len, msg.ptr);
}

static bool read_events(struct builder *b, struct fy_parser *parser, struct fy_diag *diag)
{
    bool ok = true;
    struct fy_event *event;
    while (ok && (event = fy_parser_parse(parser)) != NULL) {
        ok = on_event(b, event);
        fy_parser_event_free(parser, event);
    }
    if (ok && fy_parser_get_stream_error(parser))
        ok = fail_as_parser(b, diag);
    return ok;
}

/* Where the first token can stand: behind directives and `---`. */
static size_t prologue_end(const struct builder *b)
{
    size_t at = b->base;
    if (at == 0 && oak_str_starts(b->text, OAK_STR("\xEF\xBB\xBF")))
        at = 3;
    for (;;) {
        const size_t next = skip_gap(b, at);
        if (!is_at(b, next, '%'))
            break;
        const char *const eol = memchr(b->text.ptr + next, '\n', b->text.len - next);
        at = eol != NULL ? (size_t)(eol - b->text.ptr) + 1 : b->text.len;
    }
    const size_t first = skip_gap(b, at);
    const oak_str rest = { b->text.ptr + first, b->text.len - first };
    /* Behind a blank it is the start of a plain scalar. */
    const bool starts_line = first == at || b->text.ptr[first - 1] == '\n';
    return starts_line && oak_str_starts(rest, OAK_STR("---")) ? first + 3 : at;
}

bool oak_parse_events(struct oak_arena *arena, oak_str text, oak_span document, struct oak_index *out,
                      struct oak_error *err)
{
    struct builder b = { .arena = arena, .index = out, .text = { text.ptr, document.end }, .base = document.start,
                         .cursor = document.start, .err = err };
    oak_index_start(arena, text, document, out, &b.capacity);
    b.cursor = prologue_end(&b);

    struct fy_diag *const diag = make_diag();
    const struct fy_parse_cfg cfg = {
        .flags = FYPCF_QUIET | FYPCF_JSON_NONE | FYPCF_SLOPPY_FLOW_INDENTATION | FYPCF_DEFAULT_VERSION_1_2,
        .diag = diag,
    };
    struct fy_parser *const parser = diag != NULL ? fy_parser_create(&cfg) : NULL;
    bool ok = false;
    if (parser == NULL ||
        fy_parser_set_string(parser, text.ptr + document.start, document.end - document.start) != 0)
        oak_fail(err, OAK_INTERNAL, document, "cannot start the YAML parser");
    else
        ok = read_events(&b, parser, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return ok;
}
