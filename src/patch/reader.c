/* The words that patches are made of: single values, choices, paths, conditions. Knows no patch. */
#include "patch/reader.h"

#include "patch/words.h"

#include "patch/fill.h"
#include "patch/when.h"

/* ---- small values ---- */

const struct oak_node *oak_reader_at(const struct oak_reader *r, uint32_t node)
{
    return &r->index->nodes[node];
}

bool oak_reader_fail(const struct oak_reader *r, uint32_t node, const char *what, oak_str which)
{
    return oak_fail(r->err, OAK_PATCH, oak_reader_at(r, node)->key.end > 0 ? oak_reader_at(r, node)->key : oak_reader_at(r, node)->span, "%s%s%.*s%s", what,
                    which.len > 0 ? " '" : "", (int)which.len, which.ptr, which.len > 0 ? "'" : "");
}

bool oak_read_str(struct oak_reader *r, uint32_t node, oak_str *out)
{
    if (!oak_node_scalar(r->index, node, out))
        return oak_reader_fail(r, node, "a single value is expected at", oak_reader_at(r, node)->name);
    *out = oak_str_trim(*out);
    return true;
}

bool oak_reader_fail_word(const struct oak_reader *r, uint32_t node, oak_str word, const char *const *words)
{
    struct oak_nearest nearest = { .wanted = word };
    for (; *words != NULL; words++)
        oak_nearest_try(&nearest, oak_str_from(*words));
    if (nearest.found.len == 0)
        return oak_reader_fail(r, node, "unknown word", word);
    return oak_fail(r->err, OAK_PATCH, oak_reader_at(r, node)->key, "unknown word '%.*s': did you mean '%.*s'?", (int)word.len,
                    word.ptr, (int)nearest.found.len, nearest.found.ptr);
}

/* There are never many: all of them are told. */
static bool fail_choice(struct oak_reader *r, uint32_t node, oak_str word, const struct oak_choice *choices)
{
    struct oak_buf all;
    oak_buf_init(&all, r->arena);
    for (size_t i = 0; choices[i].word != NULL; i++)
        oak_buf_addf(&all, "%s%s", i == 0 ? "" : choices[i + 1].word != NULL ? ", " : " or ", choices[i].word);
    oak_buf_addf(&all, " is expected, not");
    return oak_reader_fail(r, node, oak_arena_cstr(r->arena, oak_buf_str(&all)), word);
}

bool oak_read_choice(struct oak_reader *r, uint32_t node, const struct oak_choice *choices, int *out)
{
    oak_str word;
    if (!oak_read_str(r, node, &word))
        return false;
    for (const struct oak_choice *c = choices; c->word != NULL; c++)
        if (oak_str_eq(word, oak_str_from(c->word))) {
            *out = c->value;
            return true;
        }
    return fail_choice(r, node, word, choices);
}

const struct oak_choice oak_profiles[] = {
    { "none", OAK_PROFILE_NONE }, { "baseline", OAK_BASELINE }, { "restricted", OAK_RESTRICTED },
    { "hardened", OAK_HARDENED }, { NULL, 0 },
};
const struct oak_choice oak_tiers[] = {
    { "safe", OAK_SAFE }, { "risky", OAK_RISKY }, { "held", OAK_TIER_HELD }, { "manual", OAK_TIER_MANUAL }, { NULL, 0 },
};
const struct oak_choice oak_target_kinds[] = {
    { "object", OAK_OBJECT }, { "pod", OAK_POD }, { "container", OAK_CONTAINER },
    { "volume", OAK_VOLUME }, { "mount", OAK_MOUNT }, { NULL, 0 },
};

static const char *name_of(const struct oak_choice *choices, int value)
{
    while (choices->word != NULL && choices->value != value)
        choices++;
    return choices->word;
}

const char *oak_profile_name(enum oak_profile profile)
{
    return name_of(oak_profiles, (int)profile);
}

const char *oak_tier_name(enum oak_tier tier)
{
    return name_of(oak_tiers, (int)tier);
}

const char *oak_target_kind_name(enum oak_target_kind kind)
{
    return name_of(oak_target_kinds, (int)kind);
}

bool oak_profile_parse(oak_str name, enum oak_profile *out)
{
    for (const struct oak_choice *c = oak_profiles + 1; c->word != NULL; c++)
        if (oak_str_eq(name, oak_str_from(c->word))) {
            *out = (enum oak_profile)c->value;
            return true;
        }
    return false;
}

/* ---- fields, matches, conditions ---- */

bool oak_read_field(struct oak_reader *r, uint32_t node, oak_str text, struct oak_field *out)
{
    static const struct {
        oak_str prefix;
        enum oak_scope scope;
    } scopes[] = {
        { { "object.", 7 }, OAK_OF_OBJECT }, { { "template.", 9 }, OAK_OF_TEMPLATE }, { { "pod.", 4 }, OAK_OF_POD },
        { { "container.", 10 }, OAK_OF_CONTAINER }, { { "volume.", 7 }, OAK_OF_VOLUME },
    };
    *out = (struct oak_field){ .text = text };
    out->has_name = oak_text_has_name(text);
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
        if (oak_str_starts(text, scopes[i].prefix)) {
            out->scope = scopes[i].scope;
            text.ptr += scopes[i].prefix.len;
            text.len -= scopes[i].prefix.len;
            break;
        }
    if (!oak_path_parse(r->arena, text, &out->path, r->err))
        return oak_reader_fail(r, node, "no path:", text);
    while (out->named < out->path.count && !oak_text_has_name(out->path.steps[out->named].key))
        out->named++;
    return true;
}

/* An expression that is only text, perhaps at the start, needs no engine. */
static void find_literal(struct oak_arena *arena, struct oak_match *m)
{
    struct oak_buf text;
    oak_buf_init(&text, arena);
    m->is_start = oak_str_starts(m->pattern, OAK_STR("^"));
    for (size_t i = m->is_start; i < m->pattern.len; i++) {
        const char c = m->pattern.ptr[i], next = i + 1 < m->pattern.len ? m->pattern.ptr[i + 1] : '\0';
        const bool is_escape = c == '\\' && (next == '.' || next == '[' || next == ']' || next == '\\');
        const bool is_plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || memchr("/_:=-", c, 5) != NULL;
        if (!is_escape && !is_plain)
            return;
        i += is_escape;
        oak_buf_fill(&text, m->pattern.ptr[i], 1);
    }
    m->literal = oak_buf_str(&text);
}

static bool read_regex(struct oak_reader *r, uint32_t node, uint32_t pattern, oak_matches *list, struct oak_match *out)
{
    const uint32_t within = oak_node_get(r->index, node, OAK_STR("within"));
    oak_str text, field;
    if (oak_reader_at(r, node)->count != (within != 0 ? 2 : 1) || !oak_read_str(r, pattern, &text) ||
        (within != 0 && !oak_read_str(r, within, &field)))
        return oak_reader_fail(r, node, "expected {matches: REGEX} or {matches: REGEX, within: FIELD}", (oak_str){ "", 0 });
    out->kind = OAK_MATCH_REGEX;
    out->pattern = text;
    find_literal(r->arena, out);
    if (within == 0 && out->literal.len > 0)
        return true;
    out->regex = oak_regex_compile(r->arena, text);
    if (out->regex == NULL)
        return oak_reader_fail(r, node, "not a regular expression:", text);
    if (within == 0)
        return true;
    struct oak_field *const folder = oak_arena_alloc(r->arena, sizeof *folder);
    out->within = folder;
    list->has_within = true;
    return oak_read_field(r, within, field, folder);
}

static bool read_words(struct oak_reader *r, uint32_t node, uint32_t words, struct oak_match *out)
{
    out->kind = OAK_MATCH_WORD;
    out->value = oak_value_of(r->arena, r->index, words);
    bool are_words = out->value->kind == OAK_SEQUENCE && out->value->child != NULL && oak_reader_at(r, node)->count == 1;
    for (const struct oak_value *v = out->value->child; v != NULL; v = v->next) {
        are_words = are_words && v->kind == OAK_SCALAR && oak_is_command_word(v->text);
        oak_match_add_word(out, v->text);
    }
    return are_words || oak_reader_fail(r, node, "expected {word: [WORD, …]}, of letters, digits and +-.:=@%~_", (oak_str){ "", 0 });
}

static bool read_match(struct oak_reader *r, uint32_t node, oak_matches *list)
{
    struct oak_match *const out = oak_push(r->arena, list);
    const struct oak_node *const n = oak_reader_at(r, node);
    const uint32_t pattern = n->kind == OAK_MAPPING ? oak_node_get(r->index, node, OAK_STR("matches")) : 0;
    const uint32_t words = n->kind == OAK_MAPPING ? oak_node_get(r->index, node, OAK_STR("word")) : 0;
    if (words != 0)
        return read_words(r, node, words, out);
    if (pattern != 0)
        return read_regex(r, node, pattern, list, out);
    const bool is_plain = n->kind == OAK_SCALAR && n->style == OAK_PLAIN;
    out->kind = OAK_MATCH_VALUE;
    if (is_plain && oak_str_eq(n->value, OAK_STR("absent")))
        out->kind = OAK_MATCH_ABSENT;
    if (is_plain && oak_str_eq(n->value, OAK_STR("present")))
        out->kind = OAK_MATCH_PRESENT;
    out->value = oak_value_of(r->arena, r->index, node);
    list->has_name = list->has_name || oak_value_has_name(out->value);
    return true;
}

bool oak_read_matches(struct oak_reader *r, uint32_t node, oak_matches *out)
{
    if (oak_reader_at(r, node)->kind != OAK_SEQUENCE)
        return read_match(r, node, out);
    for (uint32_t i = oak_reader_at(r, node)->child; i != 0; i = oak_reader_at(r, i)->next)
        if (!read_match(r, i, out))
            return false;
    return true;
}

/* Takes the first path off `text`, which may name several: `a.b, c[]`. What is in brackets is one step. */
static oak_str take_path(oak_str *text)
{
    size_t i = 0;
    bool is_inside = false;
    for (; i < text->len && (is_inside || text->ptr[i] != ','); i++)
        is_inside = text->ptr[i] == '[' || (is_inside && text->ptr[i] != ']');
    const oak_str path = oak_str_trim(oak_str_span(*text, (oak_span){ 0, i }));
    *text = i < text->len ? oak_str_span(*text, (oak_span){ i + 1, text->len }) : (oak_str){ text->ptr + i, 0 };
    return path;
}

static bool names_several(const struct oak_reader *r, uint32_t entry)
{
    oak_str text = oak_reader_at(r, entry)->name;
    take_path(&text);
    return text.len > 0;
}

/* An entry that names several paths, and the one of them that counts now. */
struct picked {
    uint32_t entry; /* 0: there is none */
    oak_str path;
};

static bool read_term(struct oak_reader *r, uint32_t entry, oak_str path, bool is_negated, oak_terms *out)
{
    struct oak_term *const term = oak_push(r->arena, out);
    term->is_negated = is_negated;
    return oak_read_field(r, entry, path, &term->field) && oak_read_matches(r, entry, &term->matches);
}

static bool read_terms(struct oak_reader *r, uint32_t node, bool is_negated, struct picked picked, oak_terms *out)
{
    if (oak_reader_at(r, node)->kind != OAK_MAPPING)
        return oak_reader_fail(r, node, "a condition is a mapping of paths to values", (oak_str){ "", 0 });
    for (uint32_t i = oak_reader_at(r, node)->child; i != 0; i = oak_reader_at(r, i)->next) {
        oak_str rest = i == picked.entry ? picked.path : oak_reader_at(r, i)->name;
        if (oak_str_eq(rest, OAK_STR("not"))) {
            if (!read_terms(r, i, !is_negated, picked, out))
                return false;
            continue;
        }
        if (!is_negated && i != picked.entry && names_several(r, i))
            return oak_reader_fail(r, i, "one entry of a condition can name several paths, and not:", rest);
        do /* below `not`, none of several may match */
            if (!read_term(r, i, take_path(&rest), is_negated, out))
                return false;
        while (rest.len > 0);
    }
    return true;
}

/* What any of several paths has: a group for each. */
static bool read_groups(struct oak_reader *r, uint32_t node, struct oak_condition *out)
{
    uint32_t several = oak_reader_at(r, node)->kind == OAK_MAPPING ? oak_reader_at(r, node)->child : 0;
    while (several != 0 && !names_several(r, several))
        several = oak_reader_at(r, several)->next;
    oak_str rest = several != 0 ? oak_reader_at(r, several)->name : OAK_STR("");
    do {
        const struct picked picked = { several, several != 0 ? take_path(&rest) : OAK_STR("") };
        if (!read_terms(r, node, false, picked, oak_push(r->arena, &out->groups)))
            return false;
    } while (rest.len > 0);
    return true;
}

/* A mapping: all of it; a list: any of them. */
bool oak_read_condition(struct oak_reader *r, uint32_t node, struct oak_condition *out)
{
    if (oak_reader_at(r, node)->kind != OAK_SEQUENCE)
        return read_groups(r, node, out);
    for (uint32_t i = oak_reader_at(r, node)->child; i != 0; i = oak_reader_at(r, i)->next)
        if (!read_groups(r, i, out))
            return false;
    return true;
}

bool oak_read_reason(struct oak_reader *r, uint32_t node, struct oak_reason *out)
{
    for (uint32_t i = oak_reader_at(r, node)->child; i != 0; i = oak_reader_at(r, i)->next) {
        const oak_str word = oak_reader_at(r, i)->name;
        const bool is_when = oak_str_eq(word, OAK_STR("when"));
        static const char *const words[] = { "when", "because", NULL };
        if (!oak_is_word_of(word, words))
            return oak_reader_fail_word(r, i, word, words);
        if (!(is_when ? oak_read_condition(r, i, &out->when) : oak_read_str(r, i, &out->because)))
            return false;
    }
    return (out->when.groups.count > 0 && out->because.len > 0) ||
           oak_reader_fail(r, node, "a reason needs 'when' and 'because'", (oak_str){ "", 0 });
}

static const struct oak_evidence *find_evidence(const struct oak_reader *r, oak_str name)
{
    for (size_t i = 0; r->evidence != NULL && i < r->evidence->count; i++)
        if (oak_str_eq(r->evidence->items[i].name, name))
            return &r->evidence->items[i];
    return NULL;
}

static bool fail_evidence(struct oak_reader *r, uint32_t node, oak_str name)
{
    struct oak_nearest nearest = { .wanted = name };
    for (size_t i = 0; r->evidence != NULL && i < r->evidence->count; i++)
        oak_nearest_try(&nearest, r->evidence->items[i].name);
    if (nearest.found.len == 0)
        return oak_reader_fail(r, node, "no evidence is called", name);
    return oak_fail(r->err, OAK_PATCH, oak_reader_at(r, node)->span, "no evidence is called '%.*s': did you mean '%.*s'?",
                    (int)name.len, name.ptr, (int)nearest.found.len, nearest.found.ptr);
}

/* One name, or several: a reason for each. */
static bool add_evidence(struct oak_reader *r, uint32_t name, oak_str because, oak_reasons *out)
{
    oak_str text;
    if (oak_reader_at(r, name)->kind == OAK_SEQUENCE) {
        for (uint32_t i = oak_reader_at(r, name)->child; i != 0; i = oak_reader_at(r, i)->next)
            if (!add_evidence(r, i, because, out))
                return false;
        return true;
    }
    if (!oak_read_str(r, name, &text))
        return false;
    const struct oak_evidence *const found = find_evidence(r, text);
    if (found == NULL)
        return fail_evidence(r, name, text);
    struct oak_reason *const reason = oak_push(r->arena, out);
    *reason = found->reason;
    reason->because = because.len > 0 ? because : found->reason.because;
    return true;
}

static bool read_named(struct oak_reader *r, uint32_t node, uint32_t name, oak_reasons *out)
{
    oak_str because = { "", 0 };
    for (uint32_t i = oak_reader_at(r, node)->child; i != 0; i = oak_reader_at(r, i)->next) {
        const oak_str word = oak_reader_at(r, i)->name;
        static const char *const words[] = { "is", "because", NULL };
        if (!oak_is_word_of(word, words))
            return oak_reader_fail_word(r, i, word, words);
        if (i != name && !oak_read_str(r, i, &because))
            return false;
    }
    return add_evidence(r, name, because, out);
}

bool oak_read_reasons(struct oak_reader *r, uint32_t node, oak_reasons *out)
{
    *out = (oak_reasons){ 0 };
    for (uint32_t i = oak_reader_at(r, node)->child; i != 0; i = oak_reader_at(r, i)->next) {
        const uint32_t name = oak_reader_at(r, i)->kind == OAK_MAPPING ? oak_node_get(r->index, i, OAK_STR("is")) : 0;
        if (name != 0 ? !read_named(r, i, name, out) : !oak_read_reason(r, i, oak_push(r->arena, out)))
            return false;
    }
    return true;
}

bool oak_read_version(struct oak_reader *r, uint32_t node, unsigned *out)
{
    oak_str text, major, minor;
    if (!oak_read_str(r, node, &text))
        return false;
    oak_str_cut(text, '.', &major, &minor);
    *out = 0;
    for (size_t i = 0; i < minor.len && minor.ptr[i] >= '0' && minor.ptr[i] <= '9'; i++)
        *out = *out * 10 + (unsigned)(minor.ptr[i] - '0');
    return *out > 0 || oak_reader_fail(r, node, "a version such as \"1.33\" is expected, not", text);
}

bool oak_is_word_of(oak_str word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (oak_str_eq(word, oak_str_from(*words)))
            return true;
    return false;
}
