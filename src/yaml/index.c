/* The index: what may be parsed, and questions about nodes. Knows aliases and merge keys; knows no Kubernetes. */
#include "yaml/parse.h"

#include <stdlib.h>
#include <string.h>

/* ---- growing ---- */

void oak_index_start(struct oak_arena *arena, oak_str text, oak_span document, struct oak_index *out, size_t *capacity)
{
    enum { USUAL_BYTES_PER_NODE = 24 };
    uint32_t none;
    *out = (struct oak_index){ .text = text, .document = document };
    *capacity = (document.end - document.start) / USUAL_BYTES_PER_NODE + 8;
    if (*capacity > OAK_MAX_NODES)
        *capacity = OAK_MAX_NODES;
    out->nodes = oak_list_room(arena, *capacity, sizeof *out->nodes);
    oak_index_add(arena, out, capacity, &none);
}

struct oak_node *oak_index_add(struct oak_arena *arena, struct oak_index *index, size_t *capacity, uint32_t *number)
{
    if (index->count == *capacity)
        index->nodes = oak_list_grow(arena, index->nodes, index->count, capacity, sizeof *index->nodes);
    *number = (uint32_t)index->count;
    struct oak_node *const node = &index->nodes[index->count++];
    *node = (struct oak_node){ .kind = OAK_NULL };
    return node;
}

void oak_index_link(struct oak_index *index, uint32_t parent, uint32_t child)
{
    struct oak_node *const p = &index->nodes[parent];
    index->nodes[child].parent = parent;
    if (p->last != 0)
        index->nodes[p->last].next = child;
    else
        p->child = child;
    p->last = child;
    p->count++;
}

/* ---- templates ---- */

/* Does an action (`{{`, `{%`) stand where a node would start: first on its line, behind `- ` or behind `key: `? */
static bool is_action_at(oak_str text, size_t at)
{
    return at + 1 < text.len && text.ptr[at] == '{' &&
           (text.ptr[at + 1] == '{' || text.ptr[at + 1] == '%' || text.ptr[at + 1] == '#');
}

static bool find_action(oak_str text, oak_span document, size_t *at)
{
    size_t line = document.start;
    while (line < document.end) {
        const char *const found = memchr(text.ptr + line, '\n', document.end - line);
        const size_t eol = found != NULL ? (size_t)(found - text.ptr) : document.end;
        bool may_start = true;
        for (size_t i = line; i < eol; i++) {
            const char c = text.ptr[i];
            if (may_start && is_action_at((oak_str){ text.ptr, eol }, i)) {
                *at = i;
                return true;
            }
            if (c == '#' && may_start)
                break;
            if (c == ' ' || c == '\t')
                may_start = may_start || (i > line && (text.ptr[i - 1] == ':' || text.ptr[i - 1] == '-'));
            else
                may_start = false;
        }
        line = eol + 1;
    }
    return false;
}

/* `key: {{ x }}` is valid YAML: a mapping in a mapping, both in flow style. Nobody writes that for a manifest. */
static uint32_t find_action_node(const struct oak_index *index)
{
    for (uint32_t i = 1; i < index->count; i++)
        if (index->nodes[i].kind == OAK_MAPPING && index->nodes[i].style == OAK_FLOW &&
            is_action_at(index->text, index->nodes[i].body))
            return i;
    return 0;
}

/* ---- what readers disagree about ---- */

enum { MAX_MERGED = 1000 }; /* mappings: more is an alias bomb, and no manifest */

static uint32_t get_within(const struct oak_index *index, uint32_t mapping, oak_str key, unsigned *budget);

/* Of the mapping, with all that it merges, and so on: is that more than anybody would look at? */
static bool merges_too_much(const struct oak_index *index, uint32_t mapping)
{
    unsigned budget = MAX_MERGED;
    get_within(index, mapping, OAK_STR("\n"), &budget);
    return budget == 0;
}

/* A merge is a plain `<<` with aliases behind it. Readers disagree about all else that is called `<<`. */
static bool is_merge(const struct oak_index *index, const struct oak_node *n)
{
    if (index->text.ptr[n->key.start] != '<')
        return false;
    if (n->kind == OAK_SEQUENCE)
        for (uint32_t i = n->child; i != 0; i = index->nodes[i].next)
            if (index->nodes[i].kind != OAK_ALIAS)
                return false;
    return n->kind == OAK_ALIAS || (n->kind == OAK_SEQUENCE && n->count > 0);
}

static bool check_merges(const struct oak_index *index, struct oak_error *err)
{
    for (uint32_t i = 1; i < index->count && index->merge_count > 0; i++) {
        const struct oak_node *const n = &index->nodes[i];
        if (!oak_str_eq(n->name, OAK_STR("<<")))
            continue;
        if (!is_merge(index, n))
            return oak_fail(err, OAK_SYNTAX, n->key, "'<<' is read only as a plain key with an alias, or a list of them, as its value");
        if (merges_too_much(index, n->parent))
            return oak_fail(err, OAK_SYNTAX, n->key, "more than %d merged mappings in one", MAX_MERGED);
    }
    return true;
}

/* libfyaml reads a value that stands below its key without being indented; YAML does not allow it, and others refuse it (YAML 1.2.2,
 * §8.2.2: s-l+flow-in-block(n)). */
static bool check_indentation(const struct oak_index *index, struct oak_error *err)
{
    const oak_str text = index->text;
    for (uint32_t i = 1; i < index->count; i++) {
        const struct oak_node *const n = &index->nodes[i], *const parent = &index->nodes[n->parent];
        const bool is_block = (n->kind == OAK_MAPPING || n->kind == OAK_SEQUENCE) && n->style == OAK_BLOCK;
        if (is_block || n->kind == OAK_NULL || n->key.end == n->key.start || parent->style != OAK_BLOCK || parent->odd ||
            n->body < n->key.end + 2 || memchr(text.ptr + n->key.end, '\n', n->body - n->key.end) == NULL)
            continue;
        size_t column = 0;
        for (size_t at = n->body; at > 0 && text.ptr[at - 1] != '\n'; at--)
            column = text.ptr[at - 1] == ' ' ? column + 1 : 0;
        if (column <= parent->column)
            return oak_fail(err, OAK_SYNTAX, (oak_span){ n->body, n->body + 1 }, "this belongs to the key '%.*s' and has to be indented "
                            "further than it", (int)n->name.len, n->name.ptr);
    }
    return true;
}

/* Does the byte stand in a scalar, or between brackets? */
static bool is_inside_value(const struct oak_index *index, size_t at)
{
    uint32_t low = 1, high = (uint32_t)index->count; /* nodes are numbered in the order of their entries */
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (index->nodes[middle].entry <= at)
            low = middle + 1;
        else
            high = middle;
    }
    for (uint32_t i = low - 1; i != 0; i = index->nodes[i].parent)
        if (at < index->nodes[i].span.end && (index->nodes[i].kind == OAK_SCALAR || index->nodes[i].style == OAK_FLOW))
            return true;
    return false;
}

/* libfyaml passes over a tab that begins a line with nothing behind it; libyaml and go-yaml, and with them kubectl, see no
 * YAML in it. */
static bool check_tabs(const struct oak_index *index, struct oak_error *err)
{
    const oak_str text = index->text;
    size_t at = index->document.start;
    for (const char *tab; (tab = memchr(text.ptr + at, '\t', index->document.end - at)) != NULL; at++) {
        at = (size_t)(tab - text.ptr);
        size_t before = at;
        while (before > index->document.start && text.ptr[before - 1] == ' ')
            before--;
        const bool begins_line = before == index->document.start || text.ptr[before - 1] == '\n';
        if (begins_line && !is_inside_value(index, at))
            return oak_fail(err, OAK_SYNTAX, (oak_span){ at, at + 1 }, "no valid YAML: a tab where only blanks may stand");
    }
    return true;
}

/* ---- parsing ---- */

/* The tokeniser queues a flow collection on one line until it knows that it is no key: 11 MB become 900 MB. */
static bool check_flow_lines(oak_str text, oak_span document, struct oak_error *err)
{
    if (document.end - document.start <= OAK_MAX_FLOW_LINE)
        return true;
    for (size_t line = document.start; line < document.end;) {
        const char *const found = memchr(text.ptr + line, '\n', document.end - line);
        const size_t eol = found != NULL ? (size_t)(found - text.ptr) : document.end;
        const oak_str bytes = oak_str_span(text, (oak_span){ line, eol });
        if (bytes.len > OAK_MAX_FLOW_LINE &&
            (memchr(bytes.ptr, '{', bytes.len) != NULL || memchr(bytes.ptr, '[', bytes.len) != NULL))
            return oak_fail(err, OAK_SYNTAX, (oak_span){ line, line }, "a line of %zu bytes: more than 1 MiB of flow "
                            "style on one line is not read; print it over several lines", bytes.len);
        line = eol + 1;
    }
    return true;
}

static bool fail_as_template(oak_str text, size_t at, struct oak_error *err)
{
    const char *const eol = memchr(text.ptr + at, '\n', text.len - at);
    size_t len = eol != NULL ? (size_t)(eol - text.ptr) - at : text.len - at;
    if (len > 40)
        len = 40;
    const oak_str action = oak_str_trim((oak_str){ text.ptr + at, len });
    return oak_fail(err, OAK_TEMPLATE, (oak_span){ at, at + action.len }, "template: '%.*s' stands where YAML would "
                    "start a node", (int)action.len, action.ptr);
}

uint64_t oak_key_bit(oak_str name)
{
    return UINT64_C(1) << ((name.len > 0 ? (unsigned char)name.ptr[0] * 3u + name.len * 11 : 0) % 64);
}

/* Once all nodes are known, whoever read them. */
static void mark_keys(struct oak_index *index)
{
    for (size_t i = 1; i < index->count; i++) {
        const oak_str name = index->nodes[i].name;
        index->nodes[index->nodes[i].parent].keys |= oak_key_bit(name);
        index->merge_count += name.len == 2 && oak_str_eq(name, OAK_STR("<<"));
    }
}

bool oak_index_parse(struct oak_arena *arena, oak_str text, oak_span document, struct oak_index *out,
                     struct oak_error *err)
{
    if (oak_parse_plain(arena, text, document, out)) {
        mark_keys(out);
        return check_merges(out, err);
    }
    if (!check_flow_lines(text, document, err))
        return false;
    size_t at;
    if (!oak_parse_events(arena, text, document, out, err))
        return find_action(text, document, &at) ? fail_as_template(text, at, err) : false;
    mark_keys(out);
    const uint32_t action = find_action_node(out);
    if (action != 0)
        return fail_as_template(text, out->nodes[action].body, err);
    return check_indentation(out, err) && check_tabs(out, err) && check_merges(out, err);
}

/* ---- asking ---- */

uint32_t oak_node_real(const struct oak_index *index, uint32_t node)
{
    /* An alias's target is never an alias: an alias can't carry an anchor. */
    return index->nodes[node].kind == OAK_ALIAS ? index->nodes[node].target : node;
}

static uint32_t get_merged(const struct oak_index *index, uint32_t merged, oak_str key, unsigned *budget)
{
    const struct oak_node *const n = &index->nodes[oak_node_real(index, merged)];
    if (n->kind == OAK_MAPPING)
        return get_within(index, oak_node_real(index, merged), key, budget);
    uint32_t found = 0;
    if (n->kind == OAK_SEQUENCE)
        for (uint32_t i = n->child; i != 0 && found == 0; i = index->nodes[i].next)
            found = get_within(index, oak_node_real(index, i), key, budget);
    return found;
}

static uint32_t get_within(const struct oak_index *index, uint32_t mapping, oak_str key, unsigned *budget)
{
    uint32_t found = 0;
    if (*budget == 0 || index->nodes[mapping].kind != OAK_MAPPING)
        return 0;
    --*budget;
    uint32_t merges = 0;
    for (uint32_t i = index->nodes[mapping].child; i != 0; i = index->nodes[i].next) {
        if (oak_str_eq(index->nodes[i].name, key))
            found = i;
        else if (index->merge_count > 0 && oak_str_eq(index->nodes[i].name, OAK_STR("<<")))
            merges = i;
    }
    return found != 0 || merges == 0 ? found : get_merged(index, merges, key, budget);
}

/* Of a key that is there twice, the last. */
static uint32_t get_own(const struct oak_index *index, uint32_t mapping, oak_str key)
{
    uint32_t found = 0;
    for (uint32_t i = index->nodes[mapping].child; i != 0; i = index->nodes[i].next)
        if (oak_str_eq(index->nodes[i].name, key))
            found = i;
    return found;
}

uint64_t oak_node_keys(const struct oak_index *index, uint32_t node)
{
    const struct oak_node *const n = &index->nodes[oak_node_real(index, node)];
    return index->merge_count > 0 || n->kind != OAK_MAPPING ? UINT64_MAX : n->keys;
}

static uint32_t get_or_merge(const struct oak_index *index, uint32_t mapping, oak_str key)
{
    unsigned budget = MAX_MERGED;
    return index->merge_count == 0 ? get_own(index, mapping, key) : get_within(index, mapping, key, &budget);
}

uint32_t oak_node_get(const struct oak_index *index, uint32_t mapping, oak_str key)
{
    const uint32_t real = oak_node_real(index, mapping);
    const bool may_have = index->nodes[real].kind == OAK_MAPPING && (oak_node_keys(index, real) & oak_key_bit(key)) != 0;
    return may_have ? get_or_merge(index, real, key) : 0;
}

uint32_t oak_node_merged(const struct oak_index *index, uint32_t merge, oak_str key)
{
    unsigned budget = MAX_MERGED;
    return get_merged(index, merge, key, &budget);
}

bool oak_node_scalar(const struct oak_index *index, uint32_t node, oak_str *out)
{
    const struct oak_node *const n = &index->nodes[oak_node_real(index, node)];
    if (n->kind != OAK_SCALAR)
        return false;
    *out = n->value;
    return true;
}

oak_str oak_node_text(const struct oak_index *index, uint32_t mapping, oak_str key)
{
    oak_str text = { "", 0 };
    const uint32_t real = mapping != 0 ? oak_node_real(index, mapping) : 0;
    const uint32_t node = real != 0 && index->nodes[real].kind == OAK_MAPPING ? oak_node_get(index, real, key) : 0;
    if (node != 0)
        oak_node_scalar(index, node, &text);
    return text;
}

bool oak_node_is_null(const struct oak_index *index, uint32_t node)
{
    bool bool_value;
    int64_t int_value;
    const struct oak_node *const n = &index->nodes[oak_node_real(index, node)];
    if (node == 0 || n->kind == OAK_NULL)
        return true;
    return n->value.len <= sizeof "null" - 1 && n->kind == OAK_SCALAR && oak_node_type(index, node, &bool_value, &int_value) == OAK_TYPE_NULL;
}

bool oak_node_is_templated(const struct oak_index *index, uint32_t node)
{
    oak_str value;
    if (!oak_node_scalar(index, node, &value) || value.len < 2)
        return false;
    const char *const end = value.ptr + value.len - 1;
    for (const char *c = value.ptr; c < end && (c = memchr(c, '{', (size_t)(end - c))) != NULL; c++)
        if (c[1] == '{' || c[1] == '%')
            return true;
    return false;
}

static int by_name(const void *a, const void *b)
{
    return oak_str_cmp(*(const oak_str *)a, *(const oak_str *)b);
}

/* Of many names, one that is there twice; its pointer is NULL if none is. */
static oak_str name_twice(struct oak_arena *scratch, const struct oak_index *index, uint32_t mapping)
{
    const struct oak_node *const nodes = index->nodes;
    oak_str *const names = oak_list_room(scratch, nodes[mapping].count, sizeof *names);
    size_t count = 0;
    for (uint32_t i = nodes[mapping].child; i != 0; i = nodes[i].next)
        names[count++] = nodes[i].name;
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 1; i < count; i++)
        if (oak_str_eq(names[i - 1], names[i]))
            return names[i];
    return (oak_str){ 0 };
}

static uint32_t duplicate_in_large(const struct oak_index *index, uint32_t mapping)
{
    struct oak_arena scratch;
    oak_arena_init(&scratch);
    const oak_str twice = name_twice(&scratch, index, mapping);
    oak_arena_free(&scratch);
    return twice.ptr != NULL ? get_own(index, mapping, twice) : 0;
}

/* Small mappings, nearly all there are, are compared pair by pair; large ones are sorted. */
static uint32_t duplicate_in(const struct oak_index *index, uint32_t mapping)
{
    const struct oak_node *const nodes = index->nodes;
    if (nodes[mapping].count > 64)
        return duplicate_in_large(index, mapping);
    for (uint32_t i = nodes[mapping].child; i != 0; i = nodes[i].next)
        for (uint32_t k = nodes[mapping].child; k != i; k = nodes[k].next)
            if (oak_str_eq(nodes[i].name, nodes[k].name))
                return i;
    return 0;
}

uint32_t oak_index_duplicate(const struct oak_index *index)
{
    return oak_index_next_duplicate(index, 0);
}

uint32_t oak_index_next_duplicate(const struct oak_index *index, uint32_t mapping)
{
    for (uint32_t i = mapping + 1; i < index->count; i++) {
        if (index->nodes[i].kind != OAK_MAPPING || index->nodes[i].odd)
            continue;
        const uint32_t found = duplicate_in(index, i);
        if (found != 0)
            return found;
    }
    return 0;
}

enum { MANY = 1000000 };

/* Below a key `x-…` of the document, where anchors are kept for use elsewhere: no reader of manifests knows such a key, so what
 * stands there is used by its aliases alone. Anywhere else a place counts, whoever may look at it. */
static bool is_set_aside(const struct oak_index *index, uint32_t node)
{
    uint32_t at = node;
    while (index->nodes[at].parent != 0 && index->nodes[at].parent != index->root)
        at = index->nodes[at].parent;
    return index->nodes[at].parent != 0 && index->nodes[index->root].kind == OAK_MAPPING &&
           oak_str_starts(index->nodes[at].name, OAK_STR("x-"));
}

/* Uses = those of the parent, plus for each alias to the node those of the place where the alias stands. Aliases follow
 * their anchors, so the recursion is bounded by the number of aliases; the budget stops bombs. */
static uint32_t count_uses(const struct oak_index *index, uint32_t node, unsigned *budget)
{
    uint32_t extra = 0; /* uses by way of aliases to the node or to what holds it */
    for (uint32_t at = node; at != 0; at = index->nodes[at].parent) {
        if (index->nodes[at].anchor.len == 0)
            continue;
        for (uint32_t i = at + 1; i < index->count; i++) {
            if (index->nodes[i].target != at)
                continue;
            if (*budget == 0)
                return MANY;
            --*budget;
            extra += count_uses(index, i, budget);
            if (extra >= MANY)
                return MANY;
        }
    }
    return extra + !is_set_aside(index, node);
}

uint32_t oak_node_uses(const struct oak_index *index, uint32_t node)
{
    unsigned budget = 10000;
    return index->alias_count == 0 ? 1 : count_uses(index, node, &budget);
}

uint32_t oak_node_alias(const struct oak_index *index, uint32_t node)
{
    for (uint32_t at = node; at != 0 && index->alias_count > 0; at = index->nodes[at].parent)
        for (uint32_t i = at + 1; i < index->count; i++)
            if (index->nodes[i].target == at && index->nodes[i].kind == OAK_ALIAS)
                return i;
    return 0;
}
