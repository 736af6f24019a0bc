/* Changes → edits. Every edit touches only the bytes of the entry it is about; where a comment stood, it stays.
 *
 * A collection is edited as a whole: which entries go, which come, and behind which surviving entry each new one
 * stands. All positions are those of the text before any change. */
#include "yaml/job.h"

#include "yaml/style.h"

#include <stdlib.h>
#include <string.h>

/* ---- asking ---- */

/* In flow style what goes takes all between two commas with it; a comment there would be lost. */
static bool holds_comment(oak_str text)
{
    for (size_t i = 1; i < text.len; i++)
        if (text.ptr[i] == '#' && strchr(" \t\n", text.ptr[i - 1]) != NULL)
            return true;
    return false;
}

static bool loses_comment(const struct oak_index *index, const struct oak_change *change)
{
    const struct oak_node *const n = &index->nodes[change->node];
    const struct oak_node *const parent = &index->nodes[n->parent];
    if (change->op == OAK_REMOVE)
        return parent->style == OAK_FLOW && holds_comment(oak_str_span(index->text, parent->span));
    return change->op != OAK_SET && n->style == OAK_FLOW && n->count == 0 &&
           holds_comment(oak_str_span(index->text, n->span));
}

const char *oak_change_obstacle(const struct oak_index *index, const struct oak_change *change)
{
    const struct oak_node *const n = &index->nodes[change->node];
    const struct oak_node *const parent = &index->nodes[n->parent];
    if (n->style == OAK_PAIR || parent->style == OAK_PAIR)
        return "it stands in a single-pair mapping of a flow sequence";
    if (n->kind == OAK_MAPPING && n->odd)
        return "its mapping has a key that is no plain entry";
    if (parent->odd)
        return "it stands in a mapping with a key that is no plain entry";
    if (change->op != OAK_REMOVE && n->tag.len > 0)
        return "it carries a tag";
    if (loses_comment(index, change))
        return "a comment stands between its brackets";
    if (change->op == OAK_SET && n->kind != OAK_SCALAR && n->kind != OAK_ALIAS && n->kind != OAK_NULL)
        return "a mapping or list stands where a single value belongs";
    if (n->parent == 0 && (n->kind != OAK_MAPPING || n->count == 0))
        return "the document holds nothing else";
    return NULL;
}

/* ---- adding ---- */

/* The neighbours of `key` in the first sibling of an item that has it show where it belongs. */
static bool place_as_siblings(const struct oak_job *j, uint32_t mapping, oak_str key, uint32_t *behind)
{
    const uint32_t list = oak_job_at(j, mapping)->parent;
    if (list == 0 || oak_job_at(j, list)->kind != OAK_SEQUENCE)
        return false;
    size_t asked = 0;
    for (uint32_t sibling = oak_job_at(j, list)->child; sibling != 0 && asked++ < OAK_WITNESSES; sibling = oak_job_at(j, sibling)->next) {
        if (sibling == mapping)
            continue;
        uint32_t previous = 0;
        for (uint32_t i = oak_job_at(j, sibling)->child; i != 0; previous = i, i = oak_job_at(j, i)->next) {
            if (!oak_str_eq(oak_job_at(j, i)->name, key))
                continue;
            const uint32_t before = previous != 0 ? oak_job_named(j, mapping, oak_job_at(j, previous)->name) : 0;
            const uint32_t after = oak_job_at(j, i)->next != 0 ? oak_job_named(j, mapping, oak_job_at(j, oak_job_at(j, i)->next)->name) : 0;
            if (before == 0 && after == 0)
                break;
            *behind = before != 0 ? before : oak_job_previous(j, after);
            return true;
        }
    }
    return false;
}

/* Three or more keys in order are order. */
static bool place_as_sorted(const struct oak_job *j, uint32_t mapping, oak_str key, uint32_t *behind)
{
    uint32_t place = 0, previous = 0;
    size_t count = 0;
    for (uint32_t i = oak_job_at(j, mapping)->child; i != 0; i = oak_job_at(j, i)->next) {
        if (previous != 0 && oak_str_cmp(oak_job_at(j, previous)->name, oak_job_at(j, i)->name) >= 0)
            return false;
        if (!j->removed[i] && oak_str_cmp(oak_job_at(j, i)->name, key) < 0)
            place = i;
        previous = i;
        count++;
    }
    *behind = place;
    return count >= 3;
}

/* The surviving entry behind which `change` puts its own; 0: first of all. */
static uint32_t place_of(const struct oak_job *j, const struct oak_change *change)
{
    const uint32_t mapping = change->node;
    uint32_t behind = 0;
    if (change->op == OAK_APPEND)
        return oak_job_last(j, mapping);
    if (place_as_siblings(j, mapping, change->value->key, &behind) ||
        place_as_sorted(j, mapping, change->value->key, &behind))
        return behind;
    const uint32_t before = oak_job_named(j, mapping, change->before);
    return before != 0 ? oak_job_previous(j, before) : oak_job_last(j, mapping);
}

static void write_new(struct oak_buf *out, const struct oak_writer *w, const struct oak_change *change, size_t column)
{
    if (change->op == OAK_ADD) {
        oak_write_entry(out, w, change->value, column);
        return;
    }
    if (!w->is_flow)
        oak_buf_add(out, OAK_STR("- "));
    oak_write_value(out, w, change->value, w->is_flow ? column : column + 2);
}

/* A block scalar that ends the file without a line break has no final line feed for Go, and one for others: nothing
 * may be put behind it. Before it, the line break is the new entry's own. */
static bool ends_file_in_block_scalar(const struct oak_job *j, uint32_t entry)
{
    return oak_job_ends_in_block_scalar(j, entry) && oak_line_end(j->index->text, oak_job_at(j, entry)->span.end) == j->index->text.len &&
           j->index->text.ptr[j->index->text.len - 1] != '\n';
}

static bool nothing_may_follow(const struct oak_job *j, uint32_t entry)
{
    return ends_file_in_block_scalar(j, entry) || oak_job_ends_in_empty_block_scalar(j, entry);
}

/* Does the line on which `node` ends go? Then what comes behind it starts a line of its own. */
static bool tail_goes(const struct oak_job *j, uint32_t node)
{
    for (uint32_t i = oak_job_at(j, node)->last; i != 0 && oak_job_at(j, i)->parent != 0; i = oak_job_at(j, i)->last)
        if (j->removed[i])
            return true;
    return false;
}

/* The comments right above a mapping's first entry are that entry's: what comes before it comes before them. Those above
 * the first entry of a document are the document's. */
static size_t above_comments(const struct oak_job *j, uint32_t mapping, size_t line)
{
    const oak_str text = j->index->text;
    const size_t floor = oak_job_at(j, mapping)->key.end;
    while (floor > 0 && line > 0) {
        const size_t above = oak_line_start(text, line - 1);
        const oak_str words = oak_str_trim(oak_str_span(text, (oak_span){ above, line }));
        if (above < floor || words.len == 0 || words.ptr[0] != '#')
            break;
        line = above;
    }
    return line;
}

/* The new entry as lines of its own, at the start of a line. */
static void insert_line(struct oak_job *j, const struct oak_writer *w, const struct oak_change *change, size_t line)
{
    const size_t column = oak_job_at(j, change->node)->column;
    struct oak_buf out;
    oak_buf_init(&out, j->arena);
    oak_buf_fill(&out, ' ', column);
    write_new(&out, w, change, column);
    oak_buf_add(&out, w->eol);
    oak_job_edit(j, (oak_span){ line, line }, oak_buf_str(&out));
}

static void insert_block(struct oak_job *j, const struct oak_writer *w, const struct oak_change *change, uint32_t behind)
{
    const oak_str text = j->index->text;
    const size_t column = oak_job_at(j, change->node)->column;
    struct oak_buf out;
    oak_buf_init(&out, j->arena);
    const uint32_t first = oak_job_first(j, change->node);
    if (behind != 0 && nothing_may_follow(j, behind)) {
        const uint32_t earlier = oak_job_previous(j, behind);
        if (earlier == 0 || !nothing_may_follow(j, earlier))
            behind = earlier;
    }
    if (behind != 0) {
        const size_t eol = oak_line_end(text, oak_job_at(j, behind)->span.end);
        if (tail_goes(j, behind) && eol < text.len) {
            insert_line(j, w, change, oak_after_break(text, eol));
            return;
        }
        oak_buf_add(&out, w->eol);
        oak_buf_fill(&out, ' ', column);
        write_new(&out, w, change, column);
        oak_job_edit(j, (oak_span){ eol, eol }, oak_buf_str(&out));
        return;
    }
    const size_t entry = oak_job_at(j, first)->entry;
    if (oak_job_owns_line(j, entry)) {
        insert_line(j, w, change, above_comments(j, change->node, oak_line_start(text, entry)));
        return;
    }
    write_new(&out, w, change, column);
    oak_buf_add(&out, w->eol);
    oak_buf_fill(&out, ' ', column);
    oak_job_edit(j, (oak_span){ entry, entry }, oak_buf_str(&out));
}

/* What the line begins with. */
static oak_str indent_of(oak_str text, size_t at)
{
    const size_t line = oak_line_start(text, at);
    size_t blank = line;
    while (text.ptr[blank] == ' ' || text.ptr[blank] == '\t')
        blank++;
    return oak_str_span(text, (oak_span){ line, blank });
}

/* Where the comment begins that stands beside an entry in flow style, be there a comma between them or not. */
static bool find_beside(const struct oak_job *j, uint32_t entry, size_t *comment, bool *has_comma)
{
    const oak_str text = j->index->text;
    const size_t end = oak_job_at(j, entry)->span.end;
    size_t i = end;
    *has_comma = false;
    for (; i < text.len && strchr(" \t,", text.ptr[i]) != NULL; i++)
        *has_comma = *has_comma || text.ptr[i] == ',';
    *comment = i;
    return i > end && i < text.len && text.ptr[i] == '#' && text.ptr[i - 1] != ',';
}

/* Below the comment that stands beside the entry before: it stays with that entry. */
static void insert_below_comment(struct oak_job *j, const struct oak_writer *w, const struct oak_change *change,
                                 uint32_t behind, bool is_next)
{
    const oak_str text = j->index->text;
    size_t comment;
    bool has_comma;
    struct oak_buf out;
    oak_buf_init(&out, j->arena);
    find_beside(j, behind, &comment, &has_comma);
    const size_t end = oak_job_at(j, behind)->span.end, eol = oak_line_end(text, comment);
    const oak_str indent = indent_of(text, oak_job_at(j, behind)->entry);
    if (!has_comma && is_next)
        oak_buf_add(&out, OAK_STR(","));
    else if (!has_comma)
        oak_job_edit(j, (oak_span){ end, end }, OAK_STR(","));
    oak_buf_add(&out, oak_line_break(text, comment));
    oak_buf_add(&out, indent);
    write_new(&out, w, change, indent.len);
    if (has_comma)
        oak_buf_add(&out, OAK_STR(","));
    oak_job_edit(j, (oak_span){ eol, eol }, oak_buf_str(&out));
}

/* In flow style the comma goes with the new entry. */
static void insert_flow(struct oak_job *j, const struct oak_writer *w, const struct oak_change *change, uint32_t behind)
{
    const oak_str text = j->index->text;
    const uint32_t first = oak_job_first(j, change->node);
    struct oak_buf out, gap;
    oak_buf_init(&out, j->arena);
    oak_buf_init(&gap, j->arena);
    size_t column = 0;
    if (w->is_multi_line && first != 0) {
        const oak_str indent = indent_of(text, oak_job_at(j, first)->entry);
        column = indent.len;
        oak_buf_add(&gap, OAK_STR(","));
        oak_buf_add(&gap, w->eol);
        oak_buf_add(&gap, indent);
    } else {
        oak_buf_add(&gap, w->comma);
    }
    const size_t place = behind != 0 ? oak_job_at(j, behind)->span.end
                         : first != 0 ? oak_job_at(j, first)->entry
                                      : oak_job_at(j, change->node)->body + 1;
    /* `a:,` is no YAML for everybody. */
    if (behind != 0 && oak_job_at(j, behind)->kind == OAK_NULL)
        oak_buf_add(&out, OAK_STR(" "));
    if (behind != 0)
        oak_buf_add(&out, oak_buf_str(&gap));
    write_new(&out, w, change, column);
    if (behind == 0 && first != 0)
        oak_buf_add(&out, oak_buf_str(&gap));
    oak_job_edit(j, (oak_span){ place, place }, oak_buf_str(&out));
}

/* ---- a collection as a whole ---- */

static struct oak_value *all_new(struct oak_job *j, uint32_t collection)
{
    struct oak_value *const whole = oak_arena_alloc(j->arena, sizeof *whole);
    whole->kind = OAK_MAPPING;
    struct oak_value **tail = &whole->child;
    for (uint32_t i = j->of.first[collection]; i != 0; i = j->of.next[i]) {
        const struct oak_change *const c = &j->changes[i - 1];
        if (c->op != OAK_ADD && c->op != OAK_APPEND)
            continue;
        whole->kind = c->op == OAK_ADD ? OAK_MAPPING : OAK_SEQUENCE;
        *tail = oak_arena_alloc(j->arena, sizeof **tail);
        **tail = *c->value;
        (*tail)->next = NULL;
        tail = &(*tail)->next;
    }
    return whole;
}

/* A block of which nothing survives: the new members stand where the first one stood, comments stay below them. */
static void replace_block(struct oak_job *j, uint32_t node, const struct oak_writer *w, const struct oak_value *whole)
{
    const oak_str text = j->index->text;
    const struct oak_node *const n = oak_job_at(j, node);
    struct oak_buf out;
    oak_buf_init(&out, j->arena);
    if (!oak_job_owns_line(j, oak_job_at(j, n->child)->entry) || oak_line_end(text, n->span.end) == text.len) {
        oak_write_members(&out, w, whole, n->column);
        oak_job_edit(j, (oak_span){ n->body, n->span.end }, oak_buf_str(&out));
        return;
    }
    const size_t line = oak_line_start(text, oak_job_at(j, n->child)->entry);
    oak_buf_fill(&out, ' ', n->column);
    oak_write_members(&out, w, whole, n->column);
    oak_buf_add(&out, w->eol);
    oak_job_edit(j, (oak_span){ line, line }, oak_buf_str(&out));
    oak_job_remove_entries(j, n);
}

/* Nothing, `~`, `{}` or a collection that loses all it has becomes the new members: a block below its key, or flow. */
static void fill(struct oak_job *j, uint32_t node)
{
    const oak_str text = j->index->text;
    const struct oak_node *const n = oak_job_at(j, node);
    const struct oak_node *const parent = oak_job_at(j, n->parent);
    struct oak_writer w = oak_writer_for(j->index, node);
    const struct oak_value *const whole = all_new(j, node);
    struct oak_buf out;
    oak_buf_init(&out, j->arena);
    const bool stays_flow = n->style == OAK_FLOW && n->count > 0;
    const bool is_block = parent->kind == OAK_MAPPING && parent->style == OAK_BLOCK && !stays_flow;
    if (!is_block) {
        const size_t line = oak_line_start(text, n->body);
        size_t blank = line;
        while (blank < n->body && text.ptr[blank] == ' ')
            blank++;
        w.is_flow = true;
        if (w.colon.len == 0) {
            w.colon = OAK_STR(": ");
            w.comma = OAK_STR(", ");
        }
        if (n->span.end == n->body)
            oak_buf_add(&out, OAK_STR(" "));
        oak_write_value(&out, &w, whole, blank - line);
        oak_job_edit(j, (oak_span){ n->body, n->span.end }, oak_buf_str(&out));
        return;
    }
    if (n->style == OAK_BLOCK) {
        replace_block(j, node, &w, whole);
        return;
    }
    const size_t column = parent->column + (whole->kind == OAK_SEQUENCE ? w.dash : w.step);
    size_t before = n->body;
    while (before > n->key.end + 1 && (text.ptr[before - 1] == ' ' || text.ptr[before - 1] == '\t'))
        before--;
    if (n->span.end > before)
        oak_job_edit(j, (oak_span){ before, n->span.end }, OAK_STR(""));
    const size_t eol = oak_line_end(text, n->span.end);
    oak_buf_add(&out, w.eol);
    oak_buf_fill(&out, ' ', column);
    oak_write_members(&out, &w, whole, column);
    oak_job_edit(j, (oak_span){ eol, eol }, oak_buf_str(&out));
}

static bool gets_something(const struct oak_job *j, uint32_t collection)
{
    for (uint32_t i = j->of.first[collection]; i != 0; i = j->of.next[i])
        if (j->changes[i - 1].op == OAK_ADD || j->changes[i - 1].op == OAK_APPEND)
            return true;
    return false;
}

static void edit_collection(struct oak_job *j, uint32_t node)
{
    const struct oak_node *const n = oak_job_at(j, node);
    const bool adds = gets_something(j, node);
    if (adds && (n->count == 0 || oak_job_first(j, node) == 0)) {
        fill(j, node);
        return;
    }
    oak_job_remove_entries(j, n);
    if (!adds)
        return;
    const struct oak_writer w = oak_writer_for(j->index, node);
    uint32_t last = 0;
    for (uint32_t i = j->of.first[node]; i != 0; i = j->of.next[i]) {
        const struct oak_change *const c = &j->changes[i - 1];
        if (c->op != OAK_ADD && c->op != OAK_APPEND)
            continue;
        const uint32_t place = place_of(j, c);
        size_t comment;
        bool has_comma;
        if (n->style == OAK_BLOCK)
            insert_block(j, &w, c, place);
        else if (place != 0 && find_beside(j, place, &comment, &has_comma))
            insert_below_comment(j, &w, c, place, last == place);
        else
            insert_flow(j, &w, c, place);
        last = place;
    }
}

/* ---- all changes ---- */

static void set_scalar(struct oak_job *j, const struct oak_change *change)
{
    const struct oak_node *const n = oak_job_at(j, change->node);
    struct oak_writer w = oak_writer_for(j->index, n->parent);
    if (n->kind == OAK_SCALAR && (n->style == OAK_SINGLE || n->style == OAK_DOUBLE))
        w.strings = n->style;
    struct oak_buf out;
    oak_buf_init(&out, j->arena);
    if (n->span.end == n->body && n->kind == OAK_NULL)
        oak_buf_add(&out, OAK_STR(" "));
    w.is_flow = w.is_flow || change->value->kind != OAK_SCALAR;
    oak_write_value(&out, &w, change->value, 0);
    oak_job_edit(j, (oak_span){ n->body, n->span.end }, oak_buf_str(&out));
}

bool oak_node_may_go(const struct oak_index *index, uint32_t node)
{
    const struct oak_node *const n = &index->nodes[node];
    const struct oak_node *const parent = &index->nodes[n->parent];
    return parent->kind == OAK_MAPPING && !parent->odd && n->anchor.len == 0 && n->tag.len == 0;
}

/* Empty brackets stand behind the anchor or tag that stays: below it, at the dashes of what goes, no parser would read them. */
static void empty(struct oak_job *j, const struct oak_node *n)
{
    const oak_str text = j->index->text;
    size_t start = n->body;
    while (start > n->span.start && strchr(" \t\r\n", text.ptr[start - 1]) != NULL)
        start--;
    const oak_str before = oak_str_span(text, (oak_span){ n->span.start, start });
    const bool is_below = memchr(text.ptr + start, '\n', n->body - start) != NULL;
    const bool has_comment = memchr(before.ptr, '#', before.len) != NULL;
    const char *const brackets = n->kind == OAK_MAPPING ? "{}" : "[]";
    if (!is_below)
        oak_job_edit(j, (oak_span){ n->body, n->span.end }, oak_str_from(brackets));
    else
        oak_job_edit(j, (oak_span){ has_comment ? n->body : start, n->span.end },
                     oak_arena_printf(j->arena, has_comment ? "  %s" : " %s", brackets));
}

/* A collection that loses all its entries and gets none goes with its own entry, or stays, empty. */
static void mark_removed(struct oak_job *j, uint32_t node)
{
    j->removed[node] = true;
    const uint32_t parent = oak_job_at(j, node)->parent;
    j->touched[parent] = true;
    const uint32_t grandparent = oak_job_at(j, parent)->parent;
    if (oak_job_first(j, parent) != 0 || gets_something(j, parent) || grandparent == 0)
        return;
    if (oak_node_may_go(j->index, parent)) {
        j->touched[parent] = false;
        mark_removed(j, parent);
    } else {
        j->touched[parent] = false;
        j->owner = parent;
        empty(j, oak_job_at(j, parent));
    }
}

/* An edit, and when it was made: insertions at one point keep their order. */
struct made_edit {
    struct oak_edit edit;
    size_t number;
};

static int by_start(const void *a, const void *b)
{
    const struct made_edit *const x = a, *const y = b;
    const oak_span at = x->edit.span, other = y->edit.span;
    if (at.start != other.start)
        return at.start < other.start ? -1 : 1;
    /* What is inserted stands before what is deleted. */
    const int by_kind = (at.end > at.start) - (other.end > other.start);
    return by_kind != 0 ? by_kind : (x->number > y->number) - (x->number < y->number);
}

static void sort_edits(struct oak_arena *arena, oak_edit_list *edits)
{
    if (edits->count < 2)
        return;
    struct made_edit *const made = oak_list_room(arena, edits->count, sizeof *made);
    for (size_t i = 0; i < edits->count; i++)
        made[i] = (struct made_edit){ edits->items[i], i };
    qsort(made, edits->count, sizeof *made, by_start);
    for (size_t i = 0; i < edits->count; i++)
        edits->items[i] = made[i].edit;
}

struct oak_changes_of oak_changes_by_node(struct oak_arena *arena, const struct oak_index *index,
                                          const struct oak_change *changes, size_t count)
{
    struct oak_changes_of of = { oak_arena_alloc(arena, index->count * sizeof *of.first),
                                 oak_arena_alloc(arena, (count + 1) * sizeof *of.next) };
    for (size_t i = count; i > 0; i--) {
        of.next[i] = of.first[changes[i - 1].node];
        of.first[changes[i - 1].node] = (uint32_t)i;
    }
    return of;
}

static oak_str without_break(oak_str text)
{
    text.len -= text.len > 0 && text.ptr[text.len - 1] == '\n';
    text.len -= text.len > 0 && text.ptr[text.len - 1] == '\r';
    return text;
}

/* No final line break before, none afterwards: the last one that would be left goes. That is the end of what an edit puts
 * before the last deletion, or the break before all that goes there. */
static void take_break(struct oak_job *j)
{
    size_t i = j->edits.count - 1;
    while (i > 0 && j->edits.items[i - 1].span.end == j->edits.items[i].span.start) {
        i--;
        if (j->edits.items[i].text.len > 0) {
            j->edits.items[i].text = without_break(j->edits.items[i].text);
            return;
        }
    }
    const oak_str before = { j->index->text.ptr, j->edits.items[i].span.start };
    j->edits.items[i].span.start = without_break(before).len;
}

bool oak_changes_to_edits(struct oak_arena *arena, const struct oak_index *index, const struct oak_change *changes,
                          size_t count, oak_edit_list *out, struct oak_error *err)
{
    struct oak_job j = { .arena = arena, .index = index, .changes = changes };
    j.of = oak_changes_by_node(arena, index, changes, count);
    j.removed = oak_arena_alloc(arena, index->count * sizeof *j.removed);
    j.touched = oak_arena_alloc(arena, index->count * sizeof *j.touched);
    for (size_t i = 0; i < count; i++) {
        const char *const obstacle = oak_change_obstacle(index, &changes[i]);
        if (obstacle != NULL)
            return oak_fail(err, OAK_INTERNAL, index->nodes[changes[i].node].span, "cannot edit this: %s", obstacle);
        if (changes[i].op == OAK_ADD || changes[i].op == OAK_APPEND)
            j.touched[changes[i].node] = true;
    }
    for (size_t i = 0; i < count; i++)
        if (changes[i].op == OAK_REMOVE)
            mark_removed(&j, changes[i].node);
    for (size_t i = 0; i < count; i++)
        if (changes[i].op == OAK_SET) {
            j.owner = changes[i].node;
            set_scalar(&j, &changes[i]);
        }
    /* What stands inside has the higher number. Where both it and its holder end, both grow at the same offset, and
     * what is inside comes first. */
    for (uint32_t node = (uint32_t)index->count; node-- > 1;)
        if (j.touched[node]) {
            j.owner = node;
            edit_collection(&j, node);
        }
    sort_edits(arena, &j.edits);
    if (j.takes_break)
        take_break(&j);
    *out = j.edits;
    return true;
}
