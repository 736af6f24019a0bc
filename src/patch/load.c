/* The text of a patch → struct oak_patch. Strict: words are tables, and a word that is in none is an error where it
 * stands. A file without `rules` is one rule; with them, its own words are what every rule starts from. */
#include "patch/load.h"

#include "patch/when.h"

struct loader {
    struct oak_arena *arena;
    const struct oak_index *index;
    struct oak_patch *patch;
    struct oak_error *err;
};

/* ---- small values ---- */

static const struct oak_node *at(const struct loader *l, uint32_t node)
{
    return &l->index->nodes[node];
}

static bool fail(const struct loader *l, uint32_t node, const char *what, oak_str which)
{
    return oak_fail(l->err, OAK_PATCH, at(l, node)->key.end > 0 ? at(l, node)->key : at(l, node)->span, "%s%s%.*s%s", what,
                    which.len > 0 ? " '" : "", (int)which.len, which.ptr, which.len > 0 ? "'" : "");
}

static bool read_str(struct loader *l, uint32_t node, oak_str *out)
{
    if (!oak_node_scalar(l->index, node, out))
        return fail(l, node, "a single value is expected at", at(l, node)->name);
    *out = oak_str_trim(*out);
    return true;
}

struct choice {
    const char *word;
    int value;
};

static bool read_choice(struct loader *l, uint32_t node, const struct choice *choices, int *out)
{
    oak_str word;
    if (!read_str(l, node, &word))
        return false;
    for (; choices->word != NULL; choices++)
        if (oak_str_eq(word, oak_str_from(choices->word))) {
            *out = choices->value;
            return true;
        }
    return fail(l, node, "unknown word", word);
}

static const struct choice profiles[] = {
    { "none", OAK_PROFILE_NONE }, { "baseline", OAK_BASELINE }, { "restricted", OAK_RESTRICTED },
    { "hardened", OAK_HARDENED }, { NULL, 0 },
};
static const struct choice tiers[] = {
    { "safe", OAK_SAFE }, { "risky", OAK_RISKY }, { "held", OAK_TIER_HELD }, { "manual", OAK_TIER_MANUAL }, { NULL, 0 },
};
static const struct choice targets[] = {
    { "object", OAK_OBJECT }, { "pod", OAK_POD }, { "container", OAK_CONTAINER },
    { "volume", OAK_VOLUME }, { "mount", OAK_MOUNT }, { NULL, 0 },
};

static const char *name_of(const struct choice *choices, int value)
{
    while (choices->word != NULL && choices->value != value)
        choices++;
    return choices->word;
}

const char *oak_profile_name(enum oak_profile profile)
{
    return name_of(profiles, (int)profile);
}

const char *oak_tier_name(enum oak_tier tier)
{
    return name_of(tiers, (int)tier);
}

const char *oak_target_kind_name(enum oak_target_kind kind)
{
    return name_of(targets, (int)kind);
}

bool oak_profile_parse(oak_str name, enum oak_profile *out)
{
    for (const struct choice *c = profiles + 1; c->word != NULL; c++)
        if (oak_str_eq(name, oak_str_from(c->word))) {
            *out = (enum oak_profile)c->value;
            return true;
        }
    return false;
}

/* ---- fields, matches, conditions ---- */

static bool parse_field(struct loader *l, uint32_t node, oak_str text, struct oak_field *out)
{
    static const struct {
        oak_str prefix;
        enum oak_scope scope;
    } scopes[] = {
        { { "object.", 7 }, OAK_OF_OBJECT }, { { "template.", 9 }, OAK_OF_TEMPLATE }, { { "pod.", 4 }, OAK_OF_POD },
        { { "container.", 10 }, OAK_OF_CONTAINER }, { { "volume.", 7 }, OAK_OF_VOLUME },
    };
    size_t hole;
    *out = (struct oak_field){ .text = text };
    out->has_name = oak_str_find(text, 0, OAK_STR("{name}"), &hole);
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
        if (oak_str_starts(text, scopes[i].prefix)) {
            out->scope = scopes[i].scope;
            text.ptr += scopes[i].prefix.len;
            text.len -= scopes[i].prefix.len;
            break;
        }
    return oak_path_parse(l->arena, text, &out->path, l->err) || fail(l, node, "no path:", text);
}

static bool read_match(struct loader *l, uint32_t node, struct oak_match *out)
{
    oak_str text;
    const struct oak_node *const n = at(l, node);
    if (n->kind == OAK_MAPPING) {
        const uint32_t pattern = oak_node_get(l->index, node, OAK_STR("matches"));
        if (pattern == 0 || n->count != 1 || !read_str(l, pattern, &text))
            return fail(l, node, "expected {matches: REGEX}", (oak_str){ "", 0 });
        out->kind = OAK_MATCH_REGEX;
        out->regex = oak_regex_compile(l->arena, text);
        return out->regex != NULL || fail(l, node, "not a regular expression:", text);
    }
    const bool is_plain = n->kind == OAK_SCALAR && n->style == OAK_PLAIN;
    out->kind = OAK_MATCH_VALUE;
    if (is_plain && oak_str_eq(n->value, OAK_STR("absent")))
        out->kind = OAK_MATCH_ABSENT;
    if (is_plain && oak_str_eq(n->value, OAK_STR("present")))
        out->kind = OAK_MATCH_PRESENT;
    out->value = oak_value_of(l->arena, l->index, node);
    return true;
}

static bool read_matches(struct loader *l, uint32_t node, oak_matches *out)
{
    if (at(l, node)->kind != OAK_SEQUENCE)
        return read_match(l, node, oak_push(l->arena, out));
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next)
        if (!read_match(l, i, oak_push(l->arena, out)))
            return false;
    return true;
}

static bool read_terms(struct loader *l, uint32_t node, bool is_negated, oak_terms *out)
{
    if (at(l, node)->kind != OAK_MAPPING)
        return fail(l, node, "a condition is a mapping of paths to values", (oak_str){ "", 0 });
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next) {
        if (oak_str_eq(at(l, i)->name, OAK_STR("not"))) {
            if (!read_terms(l, i, !is_negated, out))
                return false;
            continue;
        }
        struct oak_term *const term = oak_push(l->arena, out);
        term->is_negated = is_negated;
        if (!parse_field(l, i, at(l, i)->name, &term->field) || !read_matches(l, i, &term->matches))
            return false;
    }
    return true;
}

/* A mapping: all of it; a list: any of them. */
static bool read_condition(struct loader *l, uint32_t node, struct oak_condition *out)
{
    if (at(l, node)->kind != OAK_SEQUENCE)
        return read_terms(l, node, false, oak_push(l->arena, &out->groups));
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next)
        if (!read_terms(l, i, false, oak_push(l->arena, &out->groups)))
            return false;
    return true;
}

static bool read_reason(struct loader *l, uint32_t node, struct oak_reason *out)
{
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next) {
        const oak_str word = at(l, i)->name;
        const bool is_when = oak_str_eq(word, OAK_STR("when"));
        if (!is_when && !oak_str_eq(word, OAK_STR("because")))
            return fail(l, i, "unknown word", word);
        if (!(is_when ? read_condition(l, i, &out->when) : read_str(l, i, &out->because)))
            return false;
    }
    return (out->when.groups.count > 0 && out->because.len > 0) ||
           fail(l, node, "a reason needs 'when' and 'because'", (oak_str){ "", 0 });
}

static bool read_reasons(struct loader *l, uint32_t node, oak_reasons *out)
{
    *out = (oak_reasons){ 0 };
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next)
        if (!read_reason(l, i, oak_push(l->arena, out)))
            return false;
    return true;
}

/* ---- clauses: the words that a rule and a companion share ---- */

static bool read_test(struct loader *l, uint32_t node, oak_str word, struct oak_test *test)
{
    *test = (struct oak_test){ OAK_TEST_ALLOWED, { 0 } };
    if (oak_str_eq(word, OAK_STR("forbidden")))
        test->kind = OAK_TEST_FORBIDDEN;
    if (oak_str_eq(word, OAK_STR("contains")))
        test->kind = OAK_TEST_CONTAINS;
    if (oak_str_eq(word, OAK_STR("at-least")))
        test->kind = OAK_TEST_AT_LEAST;
    return read_matches(l, node, &test->matches);
}

static bool read_action(struct loader *l, uint32_t node, oak_str word, struct oak_clause *clause)
{
    static const struct {
        const char *word;
        enum oak_action action;
    } actions[] = { { "set", OAK_ACT_SET }, { "default", OAK_ACT_DEFAULT }, { "append", OAK_ACT_APPEND } };
    if (oak_str_eq(word, OAK_STR("remove"))) {
        static const struct choice what[] = { { "field", OAK_ACT_REMOVE }, { "item", OAK_ACT_REMOVE_ITEM }, { NULL, 0 } };
        int action = OAK_ACT_NONE;
        if (!read_choice(l, node, what, &action))
            return false;
        clause->action = (enum oak_action)action;
        return true;
    }
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (oak_str_eq(word, oak_str_from(actions[i].word)))
            clause->action = actions[i].action;
    clause->value = oak_value_of(l->arena, l->index, node);
    return true;
}

static bool is_word_of(oak_str word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (oak_str_eq(word, oak_str_from(*words)))
            return true;
    return false;
}

static const char *const test_words[] = { "allowed", "forbidden", "contains", "at-least", NULL };
static const char *const action_words[] = { "set", "default", "remove", "append", NULL };

/* At most one of `words` among the keys of a mapping: of two tests or two edits only one could count. */
static bool check_single(struct loader *l, uint32_t mapping, const char *const *words)
{
    uint32_t found = 0;
    for (uint32_t i = at(l, mapping)->child; i != 0; i = at(l, i)->next) {
        if (!is_word_of(at(l, i)->name, words))
            continue;
        if (found != 0)
            return fail(l, i, "there is one already, so what shall be done with", at(l, i)->name);
        found = i;
    }
    return true;
}

static bool check_singles(struct loader *l, uint32_t mapping)
{
    static const char *const field_words[] = { "field", "fields", NULL };
    return check_single(l, mapping, test_words) && check_single(l, mapping, action_words) &&
           check_single(l, mapping, field_words);
}

static bool read_companion(struct loader *l, uint32_t node, struct oak_clause *out)
{
    if (!check_singles(l, node))
        return false;
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next) {
        const oak_str word = at(l, i)->name;
        oak_str text;
        bool ok;
        if (is_word_of(word, test_words))
            ok = read_test(l, i, word, &out->test);
        else if (is_word_of(word, action_words))
            ok = read_action(l, i, word, out);
        else if (oak_str_eq(word, OAK_STR("field")))
            ok = read_str(l, i, &text) && parse_field(l, i, text, &out->field);
        else
            ok = fail(l, i, "unknown word", word);
        if (!ok)
            return false;
    }
    return (out->field.path.count > 0 && out->action != OAK_ACT_NONE) ||
           fail(l, node, "a companion needs 'field' and what to do", (oak_str){ "", 0 });
}

static bool read_companions(struct loader *l, uint32_t node, oak_clauses *out)
{
    *out = (oak_clauses){ 0 };
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next)
        if (!read_companion(l, i, oak_push(l->arena, out)))
            return false;
    return true;
}

/* ---- rules ---- */

/* A rule being read: test and action are shared by its fields, whatever the order of the words. */
struct draft {
    struct oak_rule rule;
    struct oak_clause shared;
};

static bool read_fields(struct loader *l, uint32_t node, struct draft *d)
{
    d->rule.fields = (oak_clauses){ 0 };
    const bool is_list = at(l, node)->kind == OAK_SEQUENCE;
    for (uint32_t i = is_list ? at(l, node)->child : node; i != 0; i = is_list ? at(l, i)->next : 0) {
        oak_str text;
        if (!read_str(l, i, &text) || !parse_field(l, i, text, &oak_push(l->arena, &d->rule.fields)->field))
            return false;
    }
    return true;
}

static bool read_version(struct loader *l, uint32_t node, unsigned *out)
{
    oak_str text, major, minor;
    if (!read_str(l, node, &text))
        return false;
    oak_str_cut(text, '.', &major, &minor);
    *out = 0;
    for (size_t i = 0; i < minor.len && minor.ptr[i] >= '0' && minor.ptr[i] <= '9'; i++)
        *out = *out * 10 + (unsigned)(minor.ptr[i] - '0');
    return *out > 0 || fail(l, node, "a version such as \"1.33\" is expected, not", text);
}

static bool read_expects(struct loader *l, uint32_t node, struct oak_rule *rule)
{
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next) {
        const oak_str word = at(l, i)->name;
        oak_str *const to = oak_str_eq(word, OAK_STR("kind"))        ? &rule->expects_kind
                            : oak_str_eq(word, OAK_STR("name"))      ? &rule->expects_name
                            : oak_str_eq(word, OAK_STR("otherwise")) ? &rule->expects_otherwise
                                                                     : NULL;
        if (to == NULL)
            return fail(l, i, "unknown word", word);
        if (!read_str(l, i, to))
            return false;
    }
    return true;
}

static bool read_kinds(struct loader *l, uint32_t node, struct oak_rule *rule)
{
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next)
        if (!read_str(l, i, oak_push(l->arena, &rule->kinds)))
            return false;
    return true;
}

static bool read_inherit(struct loader *l, uint32_t node, struct oak_rule *rule)
{
    static const struct choice from[] = { { "pod", 1 }, { NULL, 0 } };
    int value = 0;
    if (!read_choice(l, node, from, &value))
        return false;
    rule->inherits = value == 1;
    return true;
}

static bool read_rule_choice(struct loader *l, uint32_t node, oak_str word, struct oak_rule *rule)
{
    int value = 0;
    const struct choice *const choices = oak_str_eq(word, OAK_STR("profile")) ? profiles
                                         : oak_str_eq(word, OAK_STR("tier"))  ? tiers
                                                                              : targets;
    if (!read_choice(l, node, choices, &value))
        return false;
    if (choices == profiles)
        rule->profile = (enum oak_profile)value;
    else if (choices == tiers)
        rule->tier = (enum oak_tier)value;
    else
        rule->target = (enum oak_target_kind)value;
    return true;
}

/* One word of a rule. `*known` tells whether it is one. */
static bool read_rule_word(struct loader *l, uint32_t node, struct draft *d, bool *known)
{
    struct oak_rule *const rule = &d->rule;
    const oak_str word = at(l, node)->name;
    static const char *const choice_words[] = { "profile", "tier", "target", NULL };
    *known = true;
    if (is_word_of(word, choice_words))
        return read_rule_choice(l, node, word, rule);
    if (is_word_of(word, test_words))
        return read_test(l, node, word, &d->shared.test);
    if (is_word_of(word, action_words))
        return read_action(l, node, word, &d->shared);
    if (oak_str_eq(word, OAK_STR("field")) || oak_str_eq(word, OAK_STR("fields")))
        return read_fields(l, node, d);
    if (oak_str_eq(word, OAK_STR("kinds")))
        return read_kinds(l, node, rule);
    if (oak_str_eq(word, OAK_STR("inherit")))
        return read_inherit(l, node, rule);
    if (oak_str_eq(word, OAK_STR("with")))
        return read_companions(l, node, &rule->companions);
    if (oak_str_eq(word, OAK_STR("needs")))
        return read_reasons(l, node, &rule->needs);
    if (oak_str_eq(word, OAK_STR("held")))
        return read_reasons(l, node, &rule->held);
    if (oak_str_eq(word, OAK_STR("when")) || oak_str_eq(word, OAK_STR("unless"))) {
        struct oak_condition *const c = word.ptr[0] == 'w' ? &rule->when : &rule->unless;
        *c = (struct oak_condition){ { 0 } };
        return read_condition(l, node, c);
    }
    if (oak_str_eq(word, OAK_STR("since")) || oak_str_eq(word, OAK_STR("until")))
        return read_version(l, node, word.ptr[0] == 's' ? &rule->since : &rule->until);
    if (oak_str_eq(word, OAK_STR("finding")))
        return read_str(l, node, &rule->finding);
    if (oak_str_eq(word, OAK_STR("expects")))
        return read_expects(l, node, rule);
    *known = false;
    return true;
}

static const char *const option_names[] = { "level", "version", "runtime-class", "enforce", NULL };

/* A value $name that is no regex group makes the rule depend on an option. */
static bool find_option(struct loader *l, uint32_t node, const struct oak_value *value, oak_str *option)
{
    const bool is_hole = value != NULL && value->kind == OAK_SCALAR && value->text.len > 1 && value->text.ptr[0] == '$';
    if (is_hole && (value->text.ptr[1] < '0' || value->text.ptr[1] > '9')) {
        *option = (oak_str){ value->text.ptr + 1, value->text.len - 1 };
        if (!is_word_of(*option, option_names))
            return fail(l, node, "no option has the name of", value->text);
    }
    for (const struct oak_value *v = value != NULL ? value->child : NULL; v != NULL; v = v->next)
        if (!find_option(l, node, v, option))
            return false;
    return true;
}

static bool finish_rule(struct loader *l, uint32_t node, const struct draft *d)
{
    struct oak_rule rule = d->rule;
    if (rule.fields.count == 0 || rule.finding.len == 0 || d->shared.test.matches.count == 0)
        return fail(l, node, "a rule needs 'field', 'finding' and what is allowed or forbidden", (oak_str){ "", 0 });
    if ((rule.target == OAK_OBJECT) != (rule.kinds.count > 0))
        return fail(l, node, "'target: object' and 'kinds' belong together", (oak_str){ "", 0 });
    if (d->shared.action == OAK_ACT_NONE && rule.tier != OAK_TIER_MANUAL)
        return fail(l, node, "a rule without an edit has 'tier: manual'", (oak_str){ "", 0 });
    oak_clauses fields = { 0 };
    for (size_t i = 0; i < rule.fields.count; i++) {
        struct oak_clause *const clause = oak_push(l->arena, &fields);
        *clause = d->shared;
        clause->field = rule.fields.items[i].field;
    }
    rule.fields = fields;
    rule.patch = l->patch;
    if (!find_option(l, node, d->shared.value, &rule.option))
        return false;
    oak_str unused;
    for (size_t i = 0; i < rule.companions.count; i++)
        if (!find_option(l, node, rule.companions.items[i].value, &unused))
            return false;
    *oak_push(l->arena, &l->patch->rules) = rule;
    return true;
}

static bool read_rules(struct loader *l, uint32_t node, const struct draft *base)
{
    for (uint32_t item = at(l, node)->child; item != 0; item = at(l, item)->next) {
        struct draft d = *base;
        if (!check_singles(l, item))
            return false;
        for (uint32_t i = at(l, item)->child; i != 0; i = at(l, i)->next) {
            bool known;
            if (!read_rule_word(l, i, &d, &known))
                return false;
            if (!known)
                return fail(l, i, "unknown word", at(l, i)->name);
        }
        if (!finish_rule(l, item, &d))
            return false;
    }
    return l->patch->rules.count > 0 || fail(l, node, "no rules", (oak_str){ "", 0 });
}

/* ---- patches ---- */

static bool read_references(struct loader *l, uint32_t node)
{
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next) {
        const bool is_list = at(l, i)->kind == OAK_SEQUENCE;
        for (uint32_t k = is_list ? at(l, i)->child : i; k != 0; k = is_list ? at(l, k)->next : 0) {
            struct oak_reference *const reference = oak_push(l->arena, &l->patch->references);
            reference->system = at(l, i)->name;
            if (!read_str(l, k, &reference->id))
                return false;
        }
    }
    return true;
}

static bool read_patch_word(struct loader *l, uint32_t node, struct draft *base, uint32_t *rules)
{
    const struct {
        const char *word;
        oak_str *to;
    } texts[] = { { "id", &l->patch->id }, { "title", &l->patch->title }, { "why", &l->patch->why },
                  { "breaks", &l->patch->breaks }, { "note", &l->patch->note } };
    const oak_str word = at(l, node)->name;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (oak_str_eq(word, oak_str_from(texts[i].word)))
            return read_str(l, node, texts[i].to);
    if (oak_str_eq(word, OAK_STR("references")))
        return read_references(l, node);
    if (oak_str_eq(word, OAK_STR("rules"))) {
        *rules = node;
        return true;
    }
    bool known;
    return read_rule_word(l, node, base, &known) && (known || fail(l, node, "unknown word", word));
}

static bool read_patch(struct loader *l)
{
    const uint32_t root = l->index->root;
    if (root == 0 || at(l, root)->kind != OAK_MAPPING)
        return oak_fail(l->err, OAK_PATCH, l->index->document, "a patch is a mapping");
    const uint32_t twice = oak_index_duplicate(l->index);
    if (twice != 0)
        return fail(l, twice, "key stands twice:", at(l, twice)->name);
    struct draft base = { .rule = { .profile = OAK_PROFILE_NONE, .tier = OAK_RISKY, .target = OAK_CONTAINER } };
    uint32_t rules = 0;
    if (!check_singles(l, root))
        return false;
    for (uint32_t i = at(l, root)->child; i != 0; i = at(l, i)->next)
        if (!read_patch_word(l, i, &base, &rules))
            return false;
    if (l->patch->id.len == 0 || l->patch->title.len == 0 || l->patch->why.len == 0)
        return oak_fail(l->err, OAK_PATCH, l->index->document, "a patch needs 'id', 'title' and 'why'");
    return rules != 0 ? read_rules(l, rules, &base) : finish_rule(l, root, &base);
}

bool oak_patch_read(struct oak_arena *arena, oak_str file, oak_str text, struct oak_patch *out, struct oak_error *err)
{
    struct oak_index *const index = oak_arena_alloc(arena, sizeof *index);
    out->file = file;
    out->text = text;
    if (!oak_text_check(text, err) || !oak_index_parse(arena, text, (oak_span){ 0, text.len }, index, err))
        return false;
    struct loader l = { arena, index, out, err };
    return read_patch(&l);
}
