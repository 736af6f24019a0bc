/* Predicates over nodes. Knows PCRE2, as config/glob.c does. */
#include "patch/when.h"

#include "patch/fill.h"
#include "patch/words.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

static void *arena_malloc(PCRE2_SIZE size, void *arena)
{
    return oak_arena_alloc(arena, size);
}

static void arena_forget(void *ptr, void *arena)
{
    (void)ptr;
    (void)arena;
}

const struct pcre2_real_code_8 *oak_regex_compile(struct oak_arena *arena, oak_str pattern)
{
    int error;
    PCRE2_SIZE offset;
    pcre2_general_context *const memory = pcre2_general_context_create(arena_malloc, arena_forget, arena);
    pcre2_compile_context *const context = pcre2_compile_context_create(memory);
    return pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &error, &offset,
                         context);
}

/* What a match needs for a moment: in PCRE2 10.42 some 21 KB, as a rule. */
struct match_memory {
    size_t used;
    max_align_t bytes[24 * 1024 / sizeof(max_align_t)];
};

static void *match_malloc(PCRE2_SIZE size, void *of)
{
    struct match_memory *const m = of;
    const size_t wanted = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t);
    if (wanted > sizeof m->bytes / sizeof *m->bytes - m->used)
        return malloc(size);
    m->used += wanted;
    return &m->bytes[m->used - wanted];
}

static void match_free(void *ptr, void *of)
{
    const struct match_memory *const m = of;
    if ((uintptr_t)ptr < (uintptr_t)m->bytes || (uintptr_t)ptr >= (uintptr_t)(m + 1))
        free(ptr);
}

/* A byte that every match holds: does the text hold it? (Of a letter, in either case.) */
static bool has_byte(oak_str text, uint32_t byte)
{
    const bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
    return byte > 0x7F || memchr(text.ptr, (int)byte, text.len) != NULL ||
           (is_letter && memchr(text.ptr, (int)byte ^ 0x20, text.len) != NULL);
}

/* What the compiler of the expression knows of all that it matches. Most texts are done with here, at a tenth of the cost. */
static bool may_match(const struct pcre2_real_code_8 *regex, oak_str text)
{
    uint32_t has_first = 0, has_last = 0, byte = 0, least = 0;
    pcre2_pattern_info(regex, PCRE2_INFO_MINLENGTH, &least); /* in characters */
    if (text.len == 0 || text.len < least)
        return text.len >= least;
    pcre2_pattern_info(regex, PCRE2_INFO_FIRSTCODETYPE, &has_first);
    if (has_first == 1 && pcre2_pattern_info(regex, PCRE2_INFO_FIRSTCODEUNIT, &byte) == 0 && !has_byte(text, byte))
        return false;
    pcre2_pattern_info(regex, PCRE2_INFO_LASTCODETYPE, &has_last);
    return has_last != 1 || pcre2_pattern_info(regex, PCRE2_INFO_LASTCODEUNIT, &byte) != 0 || has_byte(text, byte);
}

/* A match that takes too long is given up, and counts as one: what nobody can tell holds a change back rather than letting it pass.
 * It catches nothing. */
static bool regex_matches(const struct pcre2_real_code_8 *regex, oak_str text, size_t from, struct oak_captures *captures)
{
    if (!may_match(regex, text))
        return false;
    /* Not from the pattern: its memory is the run's arena, which threads share. */
    struct match_memory here;
    here.used = 0;
    pcre2_general_context *const memory = pcre2_general_context_create(match_malloc, match_free, &here);
    pcre2_match_data *const data = memory != NULL ? pcre2_match_data_create(10, memory) : NULL;
    if (data == NULL) {
        pcre2_general_context_free(memory);
        return true;
    }
    const int count = pcre2_match(regex, (PCRE2_SPTR)text.ptr, text.len, from, 0, data, NULL);
    const PCRE2_SIZE *const ends = pcre2_get_ovector_pointer(data);
    for (int i = 0; captures != NULL && i < count && i < 10; i++)
        if (ends[2 * i] != PCRE2_UNSET)
            captures->groups[i] = oak_str_span(text, (oak_span){ ends[2 * i], ends[2 * i + 1] });
    pcre2_match_data_free(data);
    pcre2_general_context_free(memory);
    return count != PCRE2_ERROR_NOMATCH;
}

bool oak_regex_matches(const struct pcre2_real_code_8 *regex, oak_str text)
{
    return regex_matches(regex, text, 0, NULL);
}

uint32_t oak_scope_node(const struct oak_target *target, enum oak_scope scope)
{
    switch (scope) {
    case OAK_SELF:
        return target->node;
    case OAK_OF_OBJECT:
        return target->object;
    case OAK_OF_TEMPLATE:
        return target->template;
    case OAK_OF_POD:
        return target->pod;
    case OAK_OF_CONTAINER:
        return target->container;
    case OAK_OF_VOLUME:
        return target->volume;
    }
    return 0;
}

static bool has_frame(const struct oak_target *target)
{
    return target->pod_frame != NULL || target->container_frame != NULL;
}

static const struct oak_frame *frame_of(const struct oak_target *target, enum oak_scope scope)
{
    if (!has_frame(target))
        return NULL;
    if (scope == OAK_OF_POD || (scope == OAK_SELF && target->kind == OAK_POD))
        return target->pod_frame;
    return scope == OAK_OF_CONTAINER || (scope == OAK_SELF && target->kind == OAK_CONTAINER) ? target->container_frame
                                                                                             : NULL;
}

void oak_scope_keys(const struct oak_index *index, const struct oak_target *target, uint64_t keys[OAK_SCOPES])
{
    for (size_t scope = 0; scope < OAK_SCOPES; scope++) {
        const uint32_t node = oak_scope_node(target, (enum oak_scope)scope);
        const bool has_other_place = frame_of(target, (enum oak_scope)scope) != NULL;
        keys[scope] = node == 0 ? 0 : has_other_place ? UINT64_MAX : oak_node_keys(index, node);
    }
}

static oak_str first_key(const struct oak_field *field)
{
    return field->path.count > 0 && field->path.steps[0].kind == OAK_STEP_KEY ? field->path.steps[0].key : OAK_STR("");
}

const struct oak_frame *oak_field_context(const struct oak_target *target, const struct oak_field *field)
{
    const struct oak_frame *const frame = frame_of(target, field->scope);
    return frame != NULL && oak_str_eq(first_key(field), OAK_STR("securityContext")) ? frame : NULL;
}

enum oak_holding oak_field_holding(const struct oak_target *target, const struct oak_field *field)
{
    const struct oak_frame *const frame = frame_of(target, field->scope);
    if (frame == NULL)
        return OAK_HOLDS;
    if (oak_field_context(target, field) != NULL)
        return frame->context != 0 ? OAK_HOLDS : OAK_HAS_NO_PLACE;
    if (oak_row_has(frame->row, first_key(field)))
        return oak_row_adds(frame->row, first_key(field)) ? OAK_HOLDS : OAK_HOLDS_GIVEN;
    return frame->row->has_only ? OAK_HAS_NO_PLACE : OAK_DROPS;
}

/* Where the paths of a field start at a target, and the path from there. */
static uint32_t start_of(struct oak_arena *arena, const struct oak_target *target, const struct oak_field *field,
                         struct oak_path *path)
{
    const struct oak_frame *const context = oak_field_context(target, field);
    *path = field->path;
    if (!field->has_name && context == NULL)
        return oak_scope_node(target, field->scope);
    path->steps = oak_arena_alloc(arena, path->count * sizeof *path->steps);
    for (size_t i = 0; i < path->count; i++) {
        path->steps[i] = field->path.steps[i];
        if (i >= field->named)
            path->steps[i].key = oak_text_fill(arena, path->steps[i].key, &(struct oak_holes){ NULL, target->name });
    }
    if (context == NULL)
        return oak_scope_node(target, field->scope);
    path->steps[0].key = context->context_key;
    return context->context;
}

oak_node_list oak_field_find(struct oak_arena *arena, const struct oak_index *index, const struct oak_target *target,
                             const struct oak_field *field)
{
    struct oak_path path;
    const uint32_t start = start_of(arena, target, field, &path);
    return oak_path_find(arena, index, start, &path);
}

/* Nearly always something before the key with the name is missing, and the key is never made. */
static uint32_t get_named(struct oak_arena *arena, const struct oak_index *index, uint32_t start,
                          const struct oak_target *target, const struct oak_field *field)
{
    uint32_t node = start;
    for (size_t i = 0; i < field->path.count && node != 0; i++) {
        oak_str key = field->path.steps[i].key;
        if (i >= field->named)
            key = oak_text_fill(arena, key, &(struct oak_holes){ NULL, target->name });
        node = oak_node_get(index, node, key);
    }
    return node;
}

/* Is the list, or what is asked about key by key, not there at all? Most are not, and have no items. */
static bool is_missing(const struct oak_index *index, uint32_t start, const struct oak_field *field)
{
    uint32_t node = start;
    for (size_t i = 0; node != 0 && field->path.steps[i].kind == OAK_STEP_KEY && !field->has_name; i++)
        node = oak_node_get(index, node, field->path.steps[i].key);
    return node == 0;
}

oak_node_list oak_field_nodes(struct oak_arena *arena, const struct oak_index *index, const struct oak_target *target,
                              const struct oak_field *field, uint32_t *one)
{
    const uint32_t start = oak_scope_node(target, field->scope);
    if (has_frame(target) && oak_field_context(target, field) != NULL)
        return oak_field_find(arena, index, target, field);
    if (!field->path.is_plain)
        return is_missing(index, start, field) ? (oak_node_list){ 0 } : oak_field_find(arena, index, target, field);
    *one = field->has_name ? get_named(arena, index, start, target, field) : start != 0 ? oak_path_get(index, start, &field->path) : 0;
    return (oak_node_list){ one, start != 0, 1 };
}

oak_places oak_field_resolve(struct oak_arena *arena, const struct oak_index *index, const struct oak_target *target,
                             const struct oak_field *field)
{
    struct oak_path path;
    const uint32_t start = start_of(arena, target, field, &path);
    return oak_path_resolve(arena, index, start, &path);
}

static bool is_path_below(oak_str path, oak_str folder)
{
    return oak_str_starts(path, folder) && (path.len == folder.len || path.ptr[folder.len] == '/');
}

/* Does the first group of the expression catch a path that is `folder` or below it, wherever in the text it matches? */
static bool names_path_below(const struct oak_match *m, oak_str text)
{
    oak_str folder = m->folder;
    size_t at;
    while (folder.len > 0 && folder.ptr[folder.len - 1] == '/')
        folder.len--;
    /* Nearly no text holds it, and an expression takes its time with a script. */
    if (folder.len == 0 || !oak_str_find(text, 0, folder, &at))
        return false;
    for (size_t from = 0; from <= text.len;) {
        struct oak_captures caught = { 0 };
        if (!regex_matches(m->regex, text, from, &caught))
            return false;
        if (caught.groups[0].ptr == NULL || is_path_below(caught.groups[1], folder))
            return true;
        const oak_str rest = caught.groups[0];
        from = (size_t)(rest.ptr - text.ptr) + (rest.len > 0 ? rest.len : 1);
    }
    return false;
}

static bool text_matches(const struct oak_match *m, oak_str text, struct oak_captures *captures)
{
    size_t at;
    if (m->within != NULL)
        return names_path_below(m, text);
    if (m->regex != NULL)
        return regex_matches(m->regex, text, 0, captures);
    return m->is_start ? oak_str_starts(text, m->literal) : oak_str_find(text, 0, m->literal, &at);
}

bool oak_match_holds(const struct oak_match *m, oak_str text)
{
    return text_matches(m, text, NULL);
}

bool oak_matches_node(const oak_matches *matches, const struct oak_index *index, uint32_t node,
                      struct oak_captures *captures)
{
    const bool is_absent = node == 0 || oak_node_is_null(index, node);
    oak_str text = { NULL, 0 };
    const bool has_text = !is_absent && oak_node_scalar(index, node, &text);
    if (has_text && oak_node_is_templated(index, node))
        return false;
    bool holds = false;
    for (size_t i = 0; i < matches->count && !holds; i++) {
        const struct oak_match *const m = &matches->items[i];
        switch (m->kind) {
        case OAK_MATCH_ABSENT:
            holds = is_absent;
            break;
        case OAK_MATCH_PRESENT:
            holds = !is_absent;
            break;
        case OAK_MATCH_VALUE:
            holds = !is_absent && oak_value_is(m->value, index, node);
            break;
        case OAK_MATCH_WORD:
            holds = has_text && oak_words_match(m, text);
            break;
        case OAK_MATCH_REGEX:
            holds = has_text && text_matches(m, text, captures);
            break;
        }
    }
    return holds;
}

static bool matches_absent(const oak_matches *matches)
{
    return oak_matches_node(matches, NULL, 0, NULL);
}

static bool is_anything(const oak_node_list *nodes)
{
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i] != 0)
            return true;
    return false;
}

/* What a term is about. What is written nowhere in a pod counts as it stands in the outer one, if there is one. */
static oak_node_list term_nodes(struct oak_arena *arena, const struct oak_term *term, const struct oak_spot *spot, uint32_t *one)
{
    const oak_node_list nodes = oak_field_nodes(arena, spot->index, spot->target, &term->field, one);
    const struct oak_frame *const frame = frame_of(spot->target, term->field.scope);
    if (frame == NULL || frame->outer == 0 || is_anything(&nodes))
        return nodes;
    const oak_node_list outer = oak_path_find(arena, spot->index, frame->outer, &term->field.path);
    return is_anything(&outer) ? outer : nodes;
}

/* The matches of a term, as they read at this target: most read the same everywhere. */
static const oak_matches *term_matches(struct oak_arena *arena, const struct oak_term *term, const struct oak_spot *spot)
{
    const oak_matches *const matches = oak_matches_fill(arena, &term->matches, spot->target->name);
    if (!matches->has_within)
        return matches;
    oak_matches *const filled = oak_arena_alloc(arena, sizeof *filled);
    for (size_t i = 0; i < matches->count; i++) {
        struct oak_match *const m = oak_push(arena, filled);
        uint32_t one;
        *m = matches->items[i];
        if (m->within == NULL)
            continue;
        const oak_node_list nodes = oak_field_nodes(arena, spot->index, spot->target, m->within, &one);
        if (nodes.count == 0 || nodes.items[0] == 0 || !oak_node_scalar(spot->index, nodes.items[0], &m->folder))
            m->folder = OAK_STR("");
    }
    return filled;
}

/* A term about something that is not there at all holds if it asks for absence. `*shown` gets the node that matches, or 0. */
static bool ask_term(struct oak_arena *arena, const struct oak_term *term, const struct oak_spot *spot, uint32_t *shown)
{
    uint32_t one;
    const oak_node_list nodes = term_nodes(arena, term, spot, &one);
    const oak_matches *const matches = term_matches(arena, term, spot);
    bool found = nodes.count == 0 && matches_absent(matches);
    *shown = 0;
    for (size_t i = 0; i < nodes.count && !found; i++) {
        found = oak_matches_node(matches, spot->index, nodes.items[i], NULL);
        *shown = found ? nodes.items[i] : 0;
    }
    return found != term->is_negated;
}

enum { SAYS_NO = 1, SAYS_YES = 2, SAID_BITS = 2, SAID_TERMS = 64 / SAID_BITS };

size_t oak_said_size(const struct oak_patches *patches)
{
    return patches->terms.count / SAID_TERMS + 1;
}

static bool term_holds(struct oak_arena *arena, const struct oak_term *term, const struct oak_spot *spot)
{
    /* True of most terms at most targets: there is surely nothing where the term looks. */
    if (term->is_about_something && spot->keys != NULL && (spot->keys[term->field.scope] & term->first_key) == 0)
        return false;
    uint64_t *const all = spot->said[term->reach];
    uint64_t *const said = all != NULL && term->number != 0 ? &all[term->number / SAID_TERMS] : NULL;
    const size_t shift = term->number % SAID_TERMS * SAID_BITS;
    const uint64_t known = said != NULL ? *said >> shift & (SAYS_NO | SAYS_YES) : 0;
    if (known != 0)
        return known == SAYS_YES;
    uint32_t ignored;
    const bool holds = ask_term(arena, term, spot, &ignored);
    if (said != NULL)
        *said |= (uint64_t)(holds ? SAYS_YES : SAYS_NO) << shift;
    return holds;
}

/* The first node that shows why all these terms hold. They are asked again: few groups hold. */
static uint32_t evidence_of(struct oak_arena *arena, const oak_terms *group, const struct oak_spot *spot)
{
    uint32_t shown = 0;
    for (size_t i = 0; i < group->count && shown == 0; i++)
        if (!group->items[i].is_negated)
            ask_term(arena, &group->items[i], spot, &shown);
    return shown;
}

bool oak_condition_holds(struct oak_arena *arena, const struct oak_condition *condition, const struct oak_spot *spot,
                         uint32_t *evidence)
{
    for (size_t i = 0; i < condition->groups.count; i++) {
        const oak_terms *const group = &condition->groups.items[i];
        bool holds = true;
        for (size_t k = 0; k < group->count && holds; k++)
            holds = term_holds(arena, &group->items[k], spot);
        if (holds && evidence != NULL)
            *evidence = evidence_of(arena, group, spot);
        if (holds)
            return true;
    }
    return false;
}
