/* The text of a patch → struct oak_patch. Strict: words are tables, and a word that is in none is an error where it
 * stands. A file without `rules` is one rule; with them, its own words are what every rule starts from. */
#include "patch/load.h"

#include "patch/fill.h"
#include "patch/reader.h"
#include "patch/when.h"

struct loader {
    struct oak_reader reader;
    struct oak_patch *patch;
};

/* Short for what nearly every line asks. */
static const struct oak_node *at(const struct loader *l, uint32_t node)
{
    return oak_reader_at(&l->reader, node);
}

static bool fail(const struct loader *l, uint32_t node, const char *what, oak_str which)
{
    return oak_reader_fail(&l->reader, node, what, which);
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
    if (!oak_read_matches(&l->reader, node, &test->matches))
        return false;
    return !test->matches.has_within || fail(l, node, "only a condition can say 'within', not", word);
}

static bool read_action(struct loader *l, uint32_t node, oak_str word, struct oak_clause *clause)
{
    static const struct {
        const char *word;
        enum oak_action action;
    } actions[] = { { "set", OAK_ACT_SET }, { "default", OAK_ACT_DEFAULT }, { "append", OAK_ACT_APPEND } };
    if (oak_str_eq(word, OAK_STR("remove"))) {
        static const struct oak_choice what[] = { { "field", OAK_ACT_REMOVE }, { "item", OAK_ACT_REMOVE_ITEM },
                                                   { "target", OAK_ACT_REMOVE_TARGET }, { NULL, 0 } };
        int action = OAK_ACT_NONE;
        if (!oak_read_choice(&l->reader, node, what, &action))
            return false;
        clause->action = (enum oak_action)action;
        return true;
    }
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (oak_str_eq(word, oak_str_from(actions[i].word)))
            clause->action = actions[i].action;
    clause->value = oak_value_of(l->reader.arena, l->reader.index, node);
    return true;
}

static const char *const test_words[] = { "allowed", "forbidden", "contains", "at-least", NULL };
static const char *const action_words[] = { "set", "default", "remove", "append", NULL };
/* All that may stand in a place, for whoever mistypes one. */
static const char *const companion_words[] = { "field", "allowed", "forbidden", "contains", "at-least",
                                               "set", "default", "remove", "append", NULL };
static const char *const rule_words[] = {
    "profile", "level", "target", "kinds", "field", "fields", "when", "unless", "since", "until", "inherit",
    "allowed", "forbidden", "contains", "at-least", "set", "default", "remove", "append",
    "tier", "finding", "with", "needs", "held", "doubts", "expects", "instead", "choice", "fills",
    /* of a file only */
    "id", "title", "why", "breaks", "note", "example", "references", "rules", "granted", NULL,
};

/* At most one of `words` among the keys of a mapping: of two tests or two edits only one could count. */
static bool check_single(struct loader *l, uint32_t mapping, const char *const *words)
{
    uint32_t found = 0;
    for (uint32_t i = at(l, mapping)->child; i != 0; i = at(l, i)->next) {
        if (!oak_is_word_of(at(l, i)->name, words))
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
        if (oak_is_word_of(word, test_words))
            ok = read_test(l, i, word, &out->test);
        else if (oak_is_word_of(word, action_words))
            ok = read_action(l, i, word, out);
        else if (oak_str_eq(word, OAK_STR("field")))
            ok = oak_read_str(&l->reader, i, &text) && oak_read_field(&l->reader, i, text, &out->field);
        else
            ok = oak_reader_fail_word(&l->reader, i, word, companion_words);
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
        if (!read_companion(l, i, oak_push(l->reader.arena, out)))
            return false;
    return true;
}

/* ---- rules ---- */

/* A rule being read: test and action are shared by its fields, whatever the order of the words. */
struct draft {
    struct oak_rule rule;
    struct oak_clause shared;
    struct target_list {
        enum oak_target_kind *items;
        size_t count, capacity;
    } targets;
};

static bool read_fields(struct loader *l, uint32_t node, struct draft *d)
{
    d->rule.fields = (oak_clauses){ 0 };
    const bool is_list = at(l, node)->kind == OAK_SEQUENCE;
    for (uint32_t i = is_list ? at(l, node)->child : node; i != 0; i = is_list ? at(l, i)->next : 0) {
        oak_str text;
        if (!oak_read_str(&l->reader, i, &text) || !oak_read_field(&l->reader, i, text, &oak_push(l->reader.arena, &d->rule.fields)->field))
            return false;
    }
    return true;
}

static bool read_expects(struct loader *l, uint32_t node, struct oak_rule *rule)
{
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next) {
        const oak_str word = at(l, i)->name;
        oak_str *const to = oak_str_eq(word, OAK_STR("kind"))        ? &rule->expects_kind
                            : oak_str_eq(word, OAK_STR("name"))      ? &rule->expects_name
                            : oak_str_eq(word, OAK_STR("otherwise")) ? &rule->expects_otherwise
                                                                     : NULL;
        static const char *const words[] = { "kind", "name", "otherwise", NULL };
        if (to == NULL)
            return oak_reader_fail_word(&l->reader, i, word, words);
        if (!oak_read_str(&l->reader, i, to))
            return false;
    }
    return true;
}

static bool read_kinds(struct loader *l, uint32_t node, struct oak_rule *rule)
{
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next)
        if (!oak_read_str(&l->reader, i, oak_push(l->reader.arena, &rule->kinds)))
            return false;
    return true;
}

static bool read_inherit(struct loader *l, uint32_t node, struct oak_rule *rule)
{
    static const struct oak_choice from[] = { { "pod", 1 }, { NULL, 0 } };
    int value = 0;
    if (!oak_read_choice(&l->reader, node, from, &value))
        return false;
    rule->inherits = value == 1;
    return true;
}

static bool read_level(struct loader *l, uint32_t node, struct oak_rule *rule)
{
    static const struct oak_choice levels[] = { { "none", OAK_PROFILE_NONE }, { "baseline", OAK_BASELINE },
                                                { "restricted", OAK_RESTRICTED }, { NULL, 0 } };
    int value = OAK_PROFILE_NONE;
    if (!oak_read_choice(&l->reader, node, levels, &value))
        return false;
    rule->level = (enum oak_profile)value;
    return true;
}

static bool read_rule_choice(struct loader *l, uint32_t node, oak_str word, struct oak_rule *rule)
{
    int value = 0;
    const struct oak_choice *const choices = oak_str_eq(word, OAK_STR("profile")) ? oak_profiles
                                                                                  : oak_tiers;
    if (!oak_read_choice(&l->reader, node, choices, &value))
        return false;
    if (choices == oak_profiles)
        rule->profile = (enum oak_profile)value;
    else
        rule->tier = (enum oak_tier)value;
    return true;
}

/* What the field made others have is said as a rule is: where, and the edit. */
static bool read_fills(struct loader *l, uint32_t node, struct oak_rule *rule);

/* One target, or a list: each makes a rule of its own. */
static bool read_targets(struct loader *l, uint32_t node, struct draft *d)
{
    const bool is_list = at(l, node)->kind == OAK_SEQUENCE;
    d->targets = (struct target_list){ 0 };
    for (uint32_t i = is_list ? at(l, node)->child : node; i != 0; i = is_list ? at(l, i)->next : 0) {
        int value = 0;
        if (!oak_read_choice(&l->reader, i, oak_target_kinds, &value))
            return false;
        *oak_push(l->reader.arena, &d->targets) = (enum oak_target_kind)value;
    }
    return d->targets.count > 0 || fail(l, node, "no target", (oak_str){ "", 0 });
}

/* One word of a rule. `*known` tells whether it is one. */
static bool read_rule_word(struct loader *l, uint32_t node, struct draft *d, bool *known)
{
    struct oak_rule *const rule = &d->rule;
    const oak_str word = at(l, node)->name;
    static const char *const choice_words[] = { "profile", "tier", NULL };
    *known = true;
    if (oak_is_word_of(word, choice_words))
        return read_rule_choice(l, node, word, rule);
    if (oak_str_eq(word, OAK_STR("target")))
        return read_targets(l, node, d);
    if (oak_is_word_of(word, test_words))
        return read_test(l, node, word, &d->shared.test);
    if (oak_is_word_of(word, action_words))
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
        return oak_read_reasons(&l->reader, node, &rule->needs);
    if (oak_str_eq(word, OAK_STR("held")))
        return oak_read_reasons(&l->reader, node, &rule->held);
    if (oak_str_eq(word, OAK_STR("doubts")))
        return oak_read_reasons(&l->reader, node, &rule->doubts);
    if (oak_str_eq(word, OAK_STR("when")) || oak_str_eq(word, OAK_STR("unless"))) {
        struct oak_condition *const c = word.ptr[0] == 'w' ? &rule->when : &rule->unless;
        *c = (struct oak_condition){ .groups = { 0 } };
        return oak_read_condition(&l->reader, node, c);
    }
    if (oak_str_eq(word, OAK_STR("since")) || oak_str_eq(word, OAK_STR("until")))
        return oak_read_version(&l->reader, node, word.ptr[0] == 's' ? &rule->since : &rule->until);
    if (oak_str_eq(word, OAK_STR("level")))
        return read_level(l, node, rule);
    if (oak_str_eq(word, OAK_STR("finding")))
        return oak_read_str(&l->reader, node, &rule->finding);
    if (oak_str_eq(word, OAK_STR("expects")))
        return read_expects(l, node, rule);
    if (oak_str_eq(word, OAK_STR("instead")))
        return oak_read_str(&l->reader, node, &rule->instead);
    if (oak_str_eq(word, OAK_STR("choice")))
        return oak_read_str(&l->reader, node, &rule->choice);
    if (oak_str_eq(word, OAK_STR("fills")))
        return read_fills(l, node, rule);
    *known = false;
    return true;
}

static bool read_fills(struct loader *l, uint32_t node, struct oak_rule *rule)
{
    struct draft d = { .rule = { .patch = l->patch } };
    if (!check_singles(l, node))
        return false;
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next) {
        static const char *const words[] = { "target", "field", "inherit", "unless", "when", "set", "append", NULL };
        bool known;
        if (!oak_is_word_of(at(l, i)->name, words))
            return oak_reader_fail_word(&l->reader, i, at(l, i)->name, words);
        if (!read_rule_word(l, i, &d, &known))
            return false;
    }
    d.rule.target = d.targets.count > 0 ? d.targets.items[0] : OAK_CONTAINER;
    if (d.rule.fields.count != 1 || d.shared.action == OAK_ACT_NONE || d.rule.target == OAK_OBJECT || d.targets.count > 1)
        return fail(l, node, "'fills' needs 'field' and 'set' or 'append', at a pod or below", (oak_str){ "", 0 });
    d.rule.fields.items[0].action = d.shared.action;
    d.rule.fields.items[0].value = d.shared.value;
    struct oak_rule *const fills = oak_arena_alloc(l->reader.arena, sizeof *fills);
    *fills = d.rule;
    rule->fills = fills;
    return true;
}

static const char *const option_names[] = { "level", "version", "runtime-class", "enforce", NULL };

/* A value $name that is no regex group makes the rule depend on an option. */
static bool find_option(struct loader *l, uint32_t node, const struct oak_value *value, oak_str *option)
{
    const bool is_hole = value != NULL && value->kind == OAK_SCALAR && value->text.len > 1 && value->text.ptr[0] == '$';
    if (is_hole && (value->text.ptr[1] < '0' || value->text.ptr[1] > '9')) {
        *option = (oak_str){ value->text.ptr + 1, value->text.len - 1 };
        if (!oak_is_word_of(*option, option_names))
            return fail(l, node, "no option has the name of", value->text);
    }
    for (const struct oak_value *v = value != NULL ? value->child : NULL; v != NULL; v = v->next)
        if (!find_option(l, node, v, option))
            return false;
    return true;
}

/* Is this what the test would find wrong again? Values with holes are not known yet. */
static bool is_wrong(const struct oak_clause *clause)
{
    const oak_matches *const matches = &clause->test.matches;
    const struct oak_value *const value = clause->value;
    const bool is_judged = clause->test.kind == OAK_TEST_ALLOWED || clause->test.kind == OAK_TEST_FORBIDDEN;
    if ((clause->action != OAK_ACT_SET && clause->action != OAK_ACT_DEFAULT) || matches->count == 0 || !is_judged ||
        matches->has_name || oak_value_has_hole(value))
        return false;
    bool found = false;
    for (size_t i = 0; i < matches->count; i++) {
        const struct oak_match *const m = &matches->items[i];
        found = found || m->kind == OAK_MATCH_PRESENT || (m->kind == OAK_MATCH_VALUE && oak_value_eq(m->value, value)) ||
                (m->kind == OAK_MATCH_REGEX && value->kind == OAK_SCALAR && oak_match_holds(m, value->text));
    }
    return found != (clause->test.kind == OAK_TEST_ALLOWED);
}

static bool add_rule(struct loader *l, uint32_t node, const struct draft *d, enum oak_target_kind target)
{
    struct oak_rule rule = d->rule;
    rule.target = target;
    if (rule.fields.count == 0 || rule.finding.len == 0 || d->shared.test.matches.count == 0)
        return fail(l, node, "a rule needs 'field', 'finding' and what is allowed or forbidden", (oak_str){ "", 0 });
    if ((rule.target == OAK_OBJECT) != (rule.kinds.count > 0))
        return fail(l, node, "'target: object' and 'kinds' belong together", (oak_str){ "", 0 });
    if (d->shared.action == OAK_ACT_NONE && rule.tier != OAK_TIER_MANUAL)
        return fail(l, node, "a rule without an edit has 'tier: manual'", (oak_str){ "", 0 });
    if (d->shared.action == OAK_ACT_REMOVE_TARGET && (target == OAK_POD || target == OAK_OBJECT))
        return fail(l, node, "'remove: target' is for items of a list: container, volume, mount", (oak_str){ "", 0 });
    if (is_wrong(&d->shared))
        return fail(l, node, "what this sets it would find wrong again:", d->shared.value->text);
    oak_clauses fields = { 0 };
    for (size_t i = 0; i < rule.fields.count; i++) {
        struct oak_clause *const clause = oak_push(l->reader.arena, &fields);
        *clause = d->shared;
        clause->field = rule.fields.items[i].field;
    }
    rule.fields = fields;
    rule.patch = l->patch;
    rule.catches = d->shared.value != NULL && oak_value_has_hole(d->shared.value);
    if (!find_option(l, node, d->shared.value, &rule.option))
        return false;
    oak_str unused;
    for (size_t i = 0; i < rule.companions.count; i++) {
        const struct oak_value *const value = rule.companions.items[i].value;
        if (!find_option(l, node, value, &unused))
            return false;
        rule.catches = rule.catches || (value != NULL && oak_value_has_hole(value));
    }
    *oak_push(l->reader.arena, &l->patch->rules) = rule;
    return true;
}

static bool finish_rule(struct loader *l, uint32_t node, const struct draft *d)
{
    for (size_t i = 0; i < d->targets.count; i++)
        if (!add_rule(l, node, d, d->targets.items[i]))
            return false;
    return d->targets.count > 0 || add_rule(l, node, d, OAK_CONTAINER);
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
                return oak_reader_fail_word(&l->reader, i, at(l, i)->name, rule_words);
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
            struct oak_reference *const reference = oak_push(l->reader.arena, &l->patch->references);
            reference->system = at(l, i)->name;
            if (!oak_read_str(&l->reader, k, &reference->id))
                return false;
        }
    }
    return true;
}

static bool read_granted(struct loader *l, uint32_t node)
{
    for (uint32_t i = at(l, node)->child; i != 0; i = at(l, i)->next) {
        if (oak_str_eq(at(l, i)->name, OAK_STR("verb"))) {
            if (!oak_read_str(&l->reader, i, &l->patch->granted_verb))
                return false;
            continue;
        }
        if (!oak_str_eq(at(l, i)->name, OAK_STR("resources")))
            return fail(l, i, "unknown word", at(l, i)->name);
        for (uint32_t k = at(l, i)->child; k != 0; k = at(l, k)->next)
            if (!oak_read_str(&l->reader, k, oak_push(l->reader.arena, &l->patch->granted_resources)))
                return false;
    }
    return (l->patch->granted_verb.len > 0 && l->patch->granted_resources.count > 0) ||
           fail(l, node, "'granted' needs 'verb' and 'resources'", (oak_str){ "", 0 });
}

static bool read_patch_word(struct loader *l, uint32_t node, struct draft *base, uint32_t *rules)
{
    const struct {
        const char *word;
        oak_str *to;
    } texts[] = { { "id", &l->patch->id }, { "title", &l->patch->title }, { "why", &l->patch->why },
                  { "breaks", &l->patch->breaks }, { "note", &l->patch->note },
                  { "example", &l->patch->example } };
    const oak_str word = at(l, node)->name;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (oak_str_eq(word, oak_str_from(texts[i].word)))
            return oak_read_str(&l->reader, node, texts[i].to);
    if (oak_str_eq(word, OAK_STR("references")))
        return read_references(l, node);
    if (oak_str_eq(word, OAK_STR("granted")))
        return read_granted(l, node);
    if (oak_str_eq(word, OAK_STR("rules"))) {
        *rules = node;
        return true;
    }
    bool known;
    return read_rule_word(l, node, base, &known) && (known || oak_reader_fail_word(&l->reader, node, word, rule_words));
}

static bool read_patch(struct loader *l)
{
    const uint32_t root = l->reader.index->root;
    if (root == 0 || at(l, root)->kind != OAK_MAPPING)
        return oak_fail(l->reader.err, OAK_PATCH, l->reader.index->document, "a patch is a mapping");
    const uint32_t twice = oak_index_duplicate(l->reader.index);
    if (twice != 0)
        return fail(l, twice, "key stands twice:", at(l, twice)->name);
    struct draft base = { .rule = { .profile = OAK_PROFILE_NONE, .tier = OAK_RISKY } };
    uint32_t rules = 0;
    if (!check_singles(l, root))
        return false;
    for (uint32_t i = at(l, root)->child; i != 0; i = at(l, i)->next)
        if (!read_patch_word(l, i, &base, &rules))
            return false;
    if (l->patch->id.len == 0 || l->patch->title.len == 0 || l->patch->why.len == 0)
        return oak_fail(l->reader.err, OAK_PATCH, l->reader.index->document, "a patch needs 'id', 'title' and 'why'");
    return rules != 0 ? read_rules(l, rules, &base) : finish_rule(l, root, &base);
}

static bool start_reader(struct oak_arena *arena, oak_str text, struct oak_reader *out, struct oak_error *err)
{
    struct oak_index *const index = oak_arena_alloc(arena, sizeof *index);
    *out = (struct oak_reader){ .arena = arena, .index = index, .err = err };
    return oak_text_check(text, err) && oak_index_parse(arena, text, (oak_span){ 0, text.len }, index, err);
}

bool oak_patch_read(struct oak_arena *arena, const oak_evidence_list *evidence, oak_str file, oak_str text,
                    struct oak_patch *out, struct oak_error *err)
{
    struct loader l = { .patch = out };
    out->file = file;
    out->text = text;
    if (!start_reader(arena, text, &l.reader, err))
        return false;
    l.reader.evidence = evidence;
    return read_patch(&l);
}

static struct oak_evidence *place_of(struct oak_arena *arena, oak_evidence_list *list, oak_str name)
{
    for (size_t i = 0; i < list->count; i++)
        if (oak_str_eq(list->items[i].name, name))
            return &list->items[i];
    return oak_push(arena, list);
}

bool oak_evidence_read(struct oak_arena *arena, oak_str text, oak_evidence_list *to, struct oak_error *err)
{
    struct oak_reader r;
    if (!start_reader(arena, text, &r, err))
        return false;
    const uint32_t root = r.index->root, twice = oak_index_duplicate(r.index);
    if (root == 0 || oak_reader_at(&r, root)->kind != OAK_MAPPING)
        return oak_fail(err, OAK_PATCH, r.index->document, "a file of evidence is a mapping of names to 'when' and 'because'");
    if (twice != 0)
        return oak_reader_fail(&r, twice, "key stands twice:", oak_reader_at(&r, twice)->name);
    for (uint32_t i = oak_reader_at(&r, root)->child; i != 0; i = oak_reader_at(&r, i)->next) {
        struct oak_evidence e = { .name = oak_reader_at(&r, i)->name };
        if (!oak_read_reason(&r, i, &e.reason))
            return false;
        *place_of(arena, to, e.name) = e;
    }
    return true;
}
