/* Which comments speak to oakum, and which node each is about. Knows where comments can stand in YAML; does not know what
 * they say. In doubt a comment is about nothing, and says so: an exemption must never reach further than it looks. */
#include "engine/remark.h"

#include "yaml/style.h"

#include <string.h>

/* The first node whose entry begins at or after `offset`; index->count if there is none. Nodes are numbered in the order of
 * their entries, what holds others before them. */
static uint32_t first_from(const struct oak_index *index, size_t offset)
{
    uint32_t low = 1, high = (uint32_t)index->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (index->nodes[middle].entry < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t oak_node_starting_in(const struct oak_index *index, size_t from, size_t to)
{
    const uint32_t node = first_from(index, from);
    return node < index->count && index->nodes[node].entry < to ? node : 0;
}

/* Is the `#` at `at` a byte of a key or scalar? Only the last entry before it can hold it. */
static bool is_text(const struct oak_index *index, size_t at)
{
    const uint32_t after = first_from(index, at + 1);
    const struct oak_node *const n = &index->nodes[after - 1];
    if (after == 1)
        return false;
    if (at >= n->key.start && at < n->key.end)
        return true;
    if (n->kind != OAK_SCALAR || at < n->body || at >= n->span.end)
        return false;
    /* Behind the `|` of a block scalar a comment may stand. */
    const bool is_block = n->style == OAK_LITERAL || n->style == OAK_FOLDED;
    return !is_block || oak_line_start(index->text, at) > n->body;
}

/* Where the comment of the line begins, if one does before `end`. */
static bool find_comment(const struct oak_index *index, size_t line, size_t end, size_t *out)
{
    for (size_t i = line; i < end; i++) {
        const bool may_start = i == line || strchr(" \t", index->text.ptr[i - 1]) != NULL;
        if (index->text.ptr[i] == '#' && may_start && !is_text(index, i)) {
            *out = i;
            return true;
        }
    }
    return false;
}

static oak_str bytes_of(const struct oak_index *index, size_t from, size_t to)
{
    return oak_str_trim(oak_str_span(index->text, (oak_span){ from, to }));
}

/* Is there nothing between the comment and the entry but blank lines, comments, directives and a `---`? */
static bool is_next(const struct oak_index *index, size_t from, size_t entry)
{
    for (size_t line = from; line < entry;) {
        size_t end = oak_line_end(index->text, line);
        end = end < entry ? end : entry;
        const oak_str words = bytes_of(index, line, end);
        if (words.len > 0 && words.ptr[0] != '#' && words.ptr[0] != '%' && !oak_str_starts(words, OAK_STR("---")))
            return false;
        line = end;
        while (line < entry && strchr("\r\n", index->text.ptr[line]) != NULL)
            line++;
    }
    return true;
}

static uint32_t nowhere(struct oak_remark *r, const char *why)
{
    r->nowhere = why;
    return 0;
}

/* Where the line of the comment is indented to, as what is below can be compared with; 0 behind a `---`. */
static size_t column_of(const struct oak_index *index, const struct oak_remark *r)
{
    const size_t line = oak_line_start(index->text, r->span.start);
    return index->text.ptr[line] == '-' ? 0 : r->span.start - line;
}

/* What a comment on a line of its own is about: what begins below it, unless it stands between a key and its value. */
static uint32_t below(const struct oak_index *index, struct oak_remark *r)
{
    const uint32_t next = first_from(index, r->span.start);
    const struct oak_node *const last = &index->nodes[next - 1];
    if (next > 1 && last->kind != OAK_MAPPING && last->kind != OAK_SEQUENCE && last->body > r->span.end)
        return next - 1;
    if (next == index->count)
        return nowhere(r, "it stands below everything of its document, and a comment is about what follows");
    const struct oak_node *const n = &index->nodes[next];
    if (!is_next(index, r->span.end, n->entry))
        return nowhere(r, "nothing begins on the line below it");
    const bool is_block = n->parent == 0 || index->nodes[n->parent].style == OAK_BLOCK;
    if (is_block && column_of(index, r) > n->entry - oak_line_start(index->text, n->entry))
        return nowhere(r, "it is indented deeper than the line below, so it could be about what is above: indent it like that line");
    return next;
}

static uint32_t beside(const struct oak_index *index, size_t line, struct oak_remark *r)
{
    const uint32_t node = oak_node_starting_in(index, line, r->span.start);
    if (node != 0)
        return node;
    const uint32_t last = first_from(index, r->span.start) - 1;
    const bool is_value = last > 0 && index->nodes[last].kind == OAK_SCALAR && index->nodes[last].body >= line;
    return is_value ? last : nowhere(r, "nothing begins on its line");
}

/* `oakum ignore` is meant for us as well, and has to be told what is missing. */
static bool lacks_colon(oak_str words)
{
    return oak_str_starts(words, OAK_STR("ignore ")) || oak_str_starts(words, OAK_STR("ignore\t"));
}

/* Finds the comment that holds `oakum` at `at`, with a colon behind it or `ignore`; false if that is no comment. */
static bool read_remark(const struct oak_index *index, size_t at, struct oak_remark *r)
{
    const oak_str text = index->text;
    const size_t line = oak_line_start(text, at);
    size_t sign = at;
    while (sign > line && strchr(" \t", text.ptr[sign - 1]) != NULL)
        sign--;
    size_t comment;
    const size_t end = oak_line_end(text, at), behind = at + 5;
    const bool has_colon = behind < end && text.ptr[behind] == ':';
    const oak_str words = bytes_of(index, behind + has_colon, end);
    if (sign == line || text.ptr[sign - 1] != '#' || (!has_colon && !lacks_colon(words)) ||
        !find_comment(index, line, sign, &comment))
        return false;
    *r = (struct oak_remark){ .span = { sign - 1, end }, .words = words };
    const oak_str before = bytes_of(index, line, comment);
    if (!has_colon)
        r->node = nowhere(r, "behind 'oakum' a colon is missing: '# oakum: ignore ID -- REASON'");
    else if (comment != sign - 1)
        r->node = nowhere(r, "it stands inside another comment");
    else if (before.len == 0 || oak_str_eq(before, OAK_STR("---")))
        r->node = below(index, r);
    else
        r->node = beside(index, line, r);
    return true;
}

oak_remarks oak_remarks_find(struct oak_arena *arena, const struct oak_index *index)
{
    oak_remarks out = { 0 };
    const oak_str text = { index->text.ptr, index->document.end };
    for (size_t at = index->document.start; oak_str_find(text, at, OAK_STR("oakum"), &at); at += 5) {
        struct oak_remark remark;
        if (index->root != 0 && read_remark(index, at, &remark))
            *oak_push(arena, &out) = remark;
    }
    return out;
}
