/* What goes: entries of a collection, with their lines or their commas. Comments stay. */
#include "yaml/job.h"

#include "yaml/style.h"

#include <string.h>

const struct oak_node *oak_job_at(const struct oak_job *j, uint32_t node)
{
    return &j->index->nodes[node];
}

void oak_job_edit(struct oak_job *j, oak_span span, oak_str text)
{
    *oak_push(j->arena, &j->edits) = (struct oak_edit){ .span = span, .text = text, .owner = j->owner };
}

bool oak_job_owns_line(const struct oak_job *j, size_t entry)
{
    for (size_t i = oak_line_start(j->index->text, entry); i < entry; i++)
        if (j->index->text.ptr[i] != ' ')
            return false;
    return true;
}

uint32_t oak_job_previous(const struct oak_job *j, uint32_t child)
{
    uint32_t found = 0;
    for (uint32_t i = oak_job_at(j, oak_job_at(j, child)->parent)->child; i != 0 && i != child; i = oak_job_at(j, i)->next)
        if (!j->removed[i])
            found = i;
    return found;
}

uint32_t oak_job_next(const struct oak_job *j, uint32_t child)
{
    uint32_t i = oak_job_at(j, child)->next;
    while (i != 0 && j->removed[i])
        i = oak_job_at(j, i)->next;
    return i;
}

uint32_t oak_job_first(const struct oak_job *j, uint32_t collection)
{
    uint32_t i = oak_job_at(j, collection)->child;
    while (i != 0 && j->removed[i])
        i = oak_job_at(j, i)->next;
    return i;
}

uint32_t oak_job_last(const struct oak_job *j, uint32_t collection)
{
    uint32_t found = oak_job_at(j, collection)->last;
    if (found == 0 || !j->removed[found])
        return found;
    found = 0;
    for (uint32_t i = oak_job_at(j, collection)->child; i != 0; i = oak_job_at(j, i)->next)
        if (!j->removed[i])
            found = i;
    return found;
}

uint32_t oak_job_named(const struct oak_job *j, uint32_t mapping, oak_str key)
{
    for (uint32_t i = oak_job_at(j, mapping)->child; i != 0; i = oak_job_at(j, i)->next)
        if (!j->removed[i] && key.len > 0 && oak_str_eq(oak_job_at(j, i)->name, key))
            return i;
    return 0;
}

/* ---- removing ---- */

/* Is the `#` at `offset` the start of a comment, not a byte of a key or scalar of `entry`? */
static bool is_comment(const struct oak_job *j, uint32_t entry, size_t offset)
{
    const oak_str text = j->index->text;
    if (offset > 0 && strchr(" \t\n", text.ptr[offset - 1]) == NULL)
        return false;
    for (uint32_t i = entry; i < j->index->count && oak_job_at(j, i)->span.start < offset + 1; i++) {
        const struct oak_node *const n = oak_job_at(j, i);
        const bool in_key = offset >= n->key.start && offset < n->key.end;
        const bool in_body = n->kind == OAK_SCALAR && offset >= n->body && offset < n->span.end;
        if (in_key || in_body)
            return false;
    }
    return true;
}

/* The comments of the lines that go, each on a line of its own. A block scalar's header comment goes with it. */
static oak_str kept_comments(const struct oak_job *j, uint32_t entry, size_t end)
{
    const oak_str text = j->index->text;
    const size_t start = oak_job_at(j, entry)->entry;
    const size_t column = start - oak_line_start(text, start);
    struct oak_buf out;
    oak_buf_init(&out, j->arena);
    for (size_t i = start; i < end; i++) {
        if (text.ptr[i] != '#' || !is_comment(j, entry, i))
            continue;
        const size_t eol = oak_line_end(text, i);
        oak_buf_fill(&out, ' ', column);
        oak_buf_add(&out, oak_str_span(text, (oak_span){ i, eol }));
        oak_buf_add(&out, oak_line_break(text, i));
        i = eol;
    }
    return oak_buf_str(&out);
}

size_t oak_after_break(oak_str text, size_t eol)
{
    if (eol < text.len && text.ptr[eol] == '\r')
        eol++;
    return eol < text.len ? eol + 1 : eol;
}

/* Blank lines that hold spaces would become content of a block scalar that now stands before them. */
static size_t skip_blank_lines(oak_str text, size_t from)
{
    for (;;) {
        size_t i = from;
        while (i < text.len && text.ptr[i] == ' ')
            i++;
        if (i == from || (i < text.len && text.ptr[i] != '\n' && text.ptr[i] != '\r'))
            return from;
        from = oak_after_break(text, i);
    }
}

static uint32_t last_leaf(const struct oak_job *j, uint32_t node)
{
    while (oak_job_at(j, node)->last != 0 && oak_job_at(j, node)->style == OAK_BLOCK)
        node = oak_job_at(j, node)->last;
    return node;
}

bool oak_job_ends_in_block_scalar(const struct oak_job *j, uint32_t node)
{
    const enum oak_style style = node != 0 ? oak_job_at(j, last_leaf(j, node))->style : OAK_PLAIN;
    return style == OAK_LITERAL || style == OAK_FOLDED;
}

bool oak_job_ends_in_empty_block_scalar(const struct oak_job *j, uint32_t node)
{
    return oak_job_ends_in_block_scalar(j, node) && oak_job_at(j, last_leaf(j, node))->value.len == 0;
}

/* Returns where the deletion ends. */
static size_t remove_block_entry(struct oak_job *j, uint32_t entry)
{
    const oak_str text = j->index->text;
    const struct oak_node *const n = oak_job_at(j, entry);
    const size_t eol = oak_line_end(text, n->span.end);
    const oak_str comments = kept_comments(j, entry, eol);
    if (!oak_job_owns_line(j, n->entry)) {
        /* The first entry behind a dash: what follows moves up to it, unless a comment stands between. */
        const uint32_t next = oak_job_next(j, entry);
        const bool has_comment = comments.len > 0 || next == 0;
        size_t end = n->span.end;
        while (has_comment && end < text.len && text.ptr[end] == ' ')
            end++;
        const oak_span first = { n->entry, has_comment ? end : oak_job_at(j, next)->entry };
        oak_job_edit(j, first, OAK_STR(""));
        return first.end;
    }
    oak_span gone = { oak_line_start(text, n->entry), oak_after_break(text, eol) };
    if (oak_job_ends_in_block_scalar(j, oak_job_previous(j, entry)) && comments.len == 0)
        gone.end = skip_blank_lines(text, gone.end);
    const bool is_last_line = eol == text.len && gone.start > 0 && text.ptr[gone.start - 1] == '\n';
    j->takes_break = j->takes_break || (is_last_line && comments.len == 0);
    oak_str kept = comments;
    if (eol == text.len && kept.len > 0)
        kept.len -= oak_line_break(text, eol).len;
    oak_job_edit(j, gone, kept);
    return gone.end;
}

/* With the comma that follows; those at the end together, with the comma before them. Returns where the deletion ends. */
static size_t remove_flow_entry(struct oak_job *j, uint32_t entry)
{
    const struct oak_node *const n = oak_job_at(j, entry);
    const uint32_t previous = oak_job_previous(j, entry);
    const oak_span gone = oak_job_next(j, entry) != 0
                              ? (oak_span){ n->entry, oak_job_at(j, n->next)->entry }
                              : (oak_span){ previous != 0 ? oak_job_at(j, previous)->span.end : n->entry,
                                            oak_job_at(j, oak_job_at(j, n->parent)->last)->span.end };
    oak_job_edit(j, gone, OAK_STR(""));
    return gone.end;
}

/* One deletion may take the next removed entries with it. */
void oak_job_remove_entries(struct oak_job *j, const struct oak_node *collection)
{
    size_t done = 0;
    for (uint32_t i = collection->child; i != 0; i = oak_job_at(j, i)->next)
        if (j->removed[i] && oak_job_at(j, i)->entry >= done)
            done = collection->style == OAK_BLOCK ? remove_block_entry(j, i) : remove_flow_entry(j, i);
}

