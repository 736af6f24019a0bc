/* Setting up: which rules are awake, which kinds they want, what $names stand for. */
#include "engine/engine.h"

#include <stdio.h>

enum { NEWEST = 1000 };

static bool is_named(const struct oak_patches *patches, const struct oak_patch *patch, const oak_str *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t from = 0;
        const struct oak_patch *found;
        while ((found = oak_patches_find(patches, ids[i], &from)) != NULL)
            if (found == patch)
                return true;
    }
    return false;
}

bool oak_fail_unknown(const struct oak_patches *patches, oak_str id, struct oak_error *err)
{
    const oak_str nearest = oak_patches_nearest(patches, id);
    if (nearest.len > 0)
        return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "no patch is called '%.*s': did you mean '%.*s'?",
                        (int)id.len, id.ptr, (int)nearest.len, nearest.ptr);
    return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "no patch is called '%.*s': 'oakum patches' lists them",
                    (int)id.len, id.ptr);
}

static bool check_ids(const struct oak_patches *patches, const oak_str *ids, size_t count, struct oak_error *err)
{
    for (size_t i = 0; i < count; i++) {
        size_t from = 0;
        if (oak_patches_find(patches, ids[i], &from) == NULL)
            return oak_fail_unknown(patches, ids[i], err);
    }
    return true;
}

bool oak_run_option(const struct oak_run *run, oak_str name, oak_str *out)
{
    const struct {
        oak_str name, value;
    } options[] = {
        { OAK_STR("level"), run->level },
        { OAK_STR("version"), run->version },
        { OAK_STR("runtime-class"), run->options->runtime_class },
        { OAK_STR("enforce"), run->options->enforce },
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (oak_str_eq(options[i].name, name)) {
            *out = options[i].value;
            return out->len > 0;
        }
    return false;
}

const struct oak_value *oak_run_value(struct oak_arena *arena, const struct oak_run *run, const struct oak_value *value,
                                      const struct oak_holes *holes)
{
    if (value == NULL)
        return NULL;
    struct oak_value *const filled = oak_arena_alloc(arena, sizeof *filled);
    *filled = *value;
    const bool starts = value->kind == OAK_SCALAR && value->text.len > 1 && value->text.ptr[0] == '$';
    if (starts && (value->text.ptr[1] < '1' || value->text.ptr[1] > '9')) {
        const oak_str name = { value->text.ptr + 1, value->text.len - 1 };
        if (!oak_run_option(run, name, &filled->text))
            return NULL;
        filled->type = OAK_TYPE_STRING;
    } else if (value->kind == OAK_SCALAR && holes != NULL) {
        filled->text = oak_text_fill(arena, value->text, holes);
    }
    struct oak_value **tail = &filled->child;
    for (const struct oak_value *v = value->child; v != NULL; v = v->next) {
        struct oak_value *const member = (struct oak_value *)oak_run_value(arena, run, v, holes);
        if (member == NULL)
            return NULL;
        member->next = NULL;
        *tail = member;
        tail = &member->next;
    }
    return filled;
}

static bool is_within_profile(const struct oak_rule *rule, enum oak_profile profile)
{
    return rule->profile != OAK_PROFILE_NONE && rule->profile <= profile;
}

/* A patch that was asked for by name works even if the profile would not bring it; of one that it does bring, only the
 * rules of that profile do. */
static bool is_awake(const struct oak_run *run, const struct oak_rule *rule)
{
    const struct oak_options *const o = run->options;
    const struct oak_patch *const patch = rule->patch;
    const unsigned minor = o->kube_minor > 0 ? o->kube_minor : NEWEST;
    oak_str value;
    if (minor < rule->since || (rule->until > 0 && minor >= rule->until))
        return false;
    if (is_named(run->patches, patch, o->ignore, o->ignore_count))
        return false;
    if (rule->option.len > 0 && !oak_run_option(run, rule->option, &value))
        return false;
    const bool is_added = is_named(run->patches, patch, o->also, o->also_count);
    if (o->select_count == 0 && !is_added)
        return is_within_profile(rule, o->profile) || (rule->profile == OAK_PROFILE_NONE && rule->option.len > 0);
    if (!is_added && !is_named(run->patches, patch, o->select, o->select_count))
        return false;
    bool any_within = false;
    for (size_t i = 0; i < patch->rules.count; i++)
        any_within = any_within || is_within_profile(&patch->rules.items[i], o->profile);
    return !any_within || is_within_profile(rule, o->profile);
}

/* Kinds of which nothing is to be found are not worth parsing; an object within another names its own kind. */
static void want_kinds(struct oak_arena *arena, struct oak_run *run)
{
    for (size_t i = 0; i < run->kinds.count; i++) {
        const struct oak_kind *const kind = &run->kinds.items[i];
        const enum oak_row_kind what = kind->rows.items[0].what;
        if (what == OAK_ROW_NONE || what == OAK_ROW_OBJECTS)
            continue;
        *oak_push(arena, &run->wanted) = (struct oak_name){ kind->kind, kind->group };
    }
}

static void collect_wanted(struct oak_arena *arena, struct oak_run *run)
{
    for (size_t i = 0; i < run->active.count; i++) {
        const struct oak_rule *const rule = run->active.items[i].rule;
        run->wants_pods = run->wants_pods || rule->target != OAK_OBJECT;
        for (size_t k = 0; k < rule->kinds.count; k++)
            oak_names_add(arena, &run->wanted, rule->kinds.items[k]);
        if (rule->expects_kind.len > 0)
            oak_names_add(arena, &run->wanted, rule->expects_kind);
    }
    if (run->wants_pods)
        want_kinds(arena, run);
    oak_names_sort(&run->wanted);
}

bool oak_run_init(struct oak_arena *arena, const struct oak_patches *patches, const struct oak_options *options,
                  struct oak_run *out, struct oak_error *err)
{
    *out = (struct oak_run){ .patches = patches, .options = options };
    if (!oak_kinds_load(arena, oak_kinds_builtin, &out->kinds, err) ||
        !check_ids(patches, options->select, options->select_count, err) ||
        !check_ids(patches, options->also, options->also_count, err) ||
        !check_ids(patches, options->ignore, options->ignore_count, err) ||
        !check_ids(patches, options->force, options->force_count, err))
        return false;
    out->kinds.guesses = options->guesses;
    out->level = options->profile == OAK_BASELINE ? OAK_STR("baseline") : OAK_STR("restricted");
    out->version = options->kube_minor > 0 ? oak_arena_printf(arena, "v1.%u", options->kube_minor) : OAK_STR("latest");
    for (size_t i = 0; i < patches->items.count; i++) {
        const struct oak_patch *const patch = patches->items.items[i];
        const bool is_forced = is_named(patches, patch, options->force, options->force_count);
        for (size_t k = 0; k < patch->rules.count; k++)
            if (is_awake(out, &patch->rules.items[k]))
                *oak_push(arena, &out->active) = (struct oak_active){ &patch->rules.items[k], is_forced };
    }
    collect_wanted(arena, out);
    return true;
}

const char *oak_outcome_name(enum oak_outcome outcome)
{
    static const char *const names[] = { "fixed", "open", "held", "manual", "ignored", "refused" };
    return names[outcome];
}

oak_str oak_wish_print(struct oak_arena *arena, const struct oak_wish *wish)
{
    const size_t from = wish->target_len < wish->route.count ? wish->target_len : 0;
    const oak_str path = oak_route_print(arena, wish->route.items + from, wish->route.count - from);
    if (wish->op == OAK_REMOVE)
        return oak_arena_printf(arena, "remove %.*s", (int)path.len, path.ptr);
    const oak_str value = oak_value_print(arena, wish->value);
    const char *const verb = wish->op == OAK_APPEND ? "append to" : wish->missing_count > 0 ? "add" : "set";
    return oak_arena_printf(arena, "%s %.*s: %.*s", verb, (int)path.len, path.ptr, (int)value.len, value.ptr);
}
