/* Setting up: which rules are awake, which kinds they want, what $names stand for. */
#include "engine/engine.h"

#include "engine/lookout.h"
#include "engine/place.h"

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

/* The patches whose ids begin with the word, as a list: how many there are. */
static size_t list_beginning(const struct oak_patches *patches, oak_str word, char *out, size_t size)
{
    size_t count = 0, len = 0;
    for (size_t i = 0; i < patches->items.count && word.len > 0; i++) {
        const oak_str id = patches->items.items[i]->id;
        if (!oak_str_starts(id, word) || id.len + 3 > size - len)
            continue;
        len += (size_t)snprintf(out + len, size - len, "%s%.*s", count > 0 ? ", " : "", (int)id.len, id.ptr);
        count++;
    }
    return count;
}

bool oak_fail_unknown(const struct oak_patches *patches, oak_str id, struct oak_error *err)
{
    char list[160];
    const oak_str nearest = oak_patches_nearest(patches, id);
    const size_t count = list_beginning(patches, id, list, sizeof list);
    if (count > 0)
        return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, count == 1 ? "no patch is called '%.*s': did you mean '%s'?"
                                                                       : "no patch is called '%.*s': it could be %s",
                        (int)id.len, id.ptr, list);
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
        { OAK_STR("enforce"), run->enforce },
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

struct oak_run oak_run_at(const struct oak_run *run, const struct oak_target *target)
{
    struct oak_run own = *run;
    const struct oak_verdict *const verdict = oak_target_is(target, OAK_STR("Namespace"))
                                                  ? oak_verdict_find(run->verdicts, run->verdict_count, target->object_name)
                                                  : NULL;
    const enum oak_profile level = verdict != NULL ? verdict->level : OAK_PROFILE_NONE;
    own.enforce = level != OAK_PROFILE_NONE ? oak_str_from(oak_profile_name(level)) : OAK_STR("");
    return own;
}

static bool is_within_profile(const struct oak_rule *rule, enum oak_profile profile)
{
    return rule->profile != OAK_PROFILE_NONE && rule->profile <= profile;
}

/* A patch that was asked for by name works even if the profile would not bring it; of one that it does bring, only the
 * rules of that profile do. */
static bool is_wanted(const struct oak_run *run, const struct oak_rule *rule)
{
    const struct oak_options *const o = run->options;
    const struct oak_patch *const patch = rule->patch;
    oak_str value;
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

static bool is_of_version(const struct oak_run *run, const struct oak_rule *rule)
{
    const unsigned minor = run->options->kube_minor > 0 ? run->options->kube_minor : NEWEST;
    return minor >= rule->since && (rule->until == 0 || minor < rule->until);
}

static struct oak_active *add_active(struct oak_arena *arena, struct oak_run *run, oak_actives *to,
                                     const struct oak_rule *rule)
{
    struct oak_active *const active = oak_push(arena, to);
    active->rule = rule;
    active->at = rule->inherits ? OAK_POD : rule->target;
    active->mark = oak_lookout_add(run->lookout, rule);
    return active;
}

static bool waits_for_verdict(const struct oak_run *run)
{
    for (size_t i = 0; i < run->active.count; i++)
        if (oak_str_eq(run->active.items[i].rule->option, OAK_STR("enforce")))
            return true;
    return false;
}

/* What a namespace can enforce depends on its workloads: facts are needed if a rule asks for it. */
static void start_gathering(struct oak_run *run)
{
    run->gathers = waits_for_verdict(run);
    run->enforce = OAK_STR("");
    for (size_t i = 0; i < run->others.count; i++) {
        run->gathers = run->gathers || waits_for_verdict(&run->others.items[i]);
        run->others.items[i].enforce = OAK_STR("");
    }
}

/* Of the rules that the levels are made of, those asleep are looked at, too. */
static void collect_observed(struct oak_arena *arena, struct oak_run *run)
{
    for (size_t i = 0; i < run->patches->items.count; i++) {
        const struct oak_patch *const patch = run->patches->items.items[i];
        for (size_t k = 0; k < patch->rules.count; k++)
            if (patch->rules.items[k].level != OAK_PROFILE_NONE && is_of_version(run, &patch->rules.items[k]))
                add_active(arena, run, &run->observed, &patch->rules.items[k])->is_forced = false;
    }
}

static bool is_awake(const struct oak_run *run, const struct oak_rule *rule)
{
    return is_of_version(run, rule) && is_wanted(run, rule);
}

bool oak_run_is_whole(const struct oak_run *run, const struct oak_patch *patch)
{
    bool is_whole = true;
    for (size_t i = 0; i < patch->rules.count; i++)
        is_whole = is_whole && is_wanted(run, &patch->rules.items[i]);
    for (size_t i = 0; i < run->others.count && is_whole; i++)
        is_whole = oak_run_is_whole(&run->others.items[i], patch);
    return is_whole;
}

/* Kinds of which nothing is to be found are not worth parsing; an object within another names its own kind. */
static void want_pods(struct oak_arena *arena, struct oak_run *run)
{
    for (size_t i = 0; i < run->kinds.count; i++) {
        const struct oak_kind *const kind = &run->kinds.items[i];
        const enum oak_row_kind what = kind->rows.items[0].what;
        if (what == OAK_ROW_NONE || what == OAK_ROW_OBJECTS)
            continue;
        *oak_push(arena, &run->wanted) = (struct oak_name){ kind->kind, kind->group };
    }
}

/* What the active rules of `of` want, added to what is wanted already; returns whether they want pods. */
static bool want_kinds(struct oak_arena *arena, struct oak_names *wanted, const struct oak_run *of)
{
    bool wants_pods = false;
    for (size_t i = 0; i < of->active.count; i++) {
        const struct oak_rule *const rule = of->active.items[i].rule;
        wants_pods = wants_pods || rule->target != OAK_OBJECT;
        for (size_t k = 0; k < rule->kinds.count; k++)
            oak_names_add(arena, wanted, rule->kinds.items[k]);
        if (rule->expects_kind.len > 0)
            oak_names_add(arena, wanted, rule->expects_kind);
    }
    return wants_pods;
}

static void collect_wanted(struct oak_arena *arena, struct oak_run *run)
{
    run->wants_pods = want_kinds(arena, &run->wanted, run) || run->gathers;
    for (size_t i = 0; i < run->others.count; i++)
        run->wants_pods = want_kinds(arena, &run->wanted, &run->others.items[i]) || run->wants_pods;
    if (run->wants_pods)
        want_pods(arena, run);
    oak_names_sort(&run->wanted);
}

static void collect_active(struct oak_arena *arena, struct oak_run *run)
{
    const struct oak_options *const o = run->options;
    const struct oak_patches *const patches = run->patches;
    run->level = o->profile == OAK_BASELINE ? OAK_STR("baseline") : OAK_STR("restricted");
    run->version = o->kube_minor > 0 ? oak_arena_printf(arena, "v1.%u", o->kube_minor) : OAK_STR("latest");
    run->enforce = o->enforce;
    run->lookout = oak_arena_alloc(arena, sizeof *run->lookout);
    for (size_t i = 0; i < patches->items.count; i++) {
        const struct oak_patch *const patch = patches->items.items[i];
        const bool is_forced = is_named(patches, patch, o->force, o->force_count);
        for (size_t k = 0; k < patch->rules.count; k++)
            if (is_awake(run, &patch->rules.items[k]))
                add_active(arena, run, &run->active, &patch->rules.items[k])->is_forced = is_forced;
    }
}

bool oak_run_init(struct oak_arena *arena, const struct oak_patches *patches, const struct oak_options *options,
                  struct oak_run *out, struct oak_error *err)
{
    *out = (struct oak_run){ .patches = patches, .options = options };
    if (!oak_kinds_load(arena, oak_kinds_builtin, &out->kinds, err) ||
        !oak_objects_load(arena, oak_objects_builtin, &out->objects, err) ||
        !check_ids(patches, options->select, options->select_count, err) ||
        !check_ids(patches, options->also, options->also_count, err) ||
        !check_ids(patches, options->ignore, options->ignore_count, err) ||
        !check_ids(patches, options->force, options->force_count, err))
        return false;
    out->kinds.guesses = options->guesses;
    collect_active(arena, out);
    if (options->config != NULL && !oak_run_add_config(arena, out, collect_active, err))
        return false;
    if (oak_str_eq(options->enforce, OAK_STR("auto")))
        start_gathering(out);
    if (out->gathers || options->wants_standings)
        collect_observed(arena, out);
    collect_wanted(arena, out);
    return true;
}

bool oak_run_check(const struct oak_run *run, struct oak_error *err)
{
    return run->active.count + run->others.count > 0 ||
           oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "no patch is left to look for: ignored, not of this version, or without its "
                    "option (sandbox: --runtime-class)");
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
        return oak_arena_join(arena, (oak_str[]){ OAK_STR("remove "), path }, 2);
    const oak_str value = oak_value_print(arena, wish->value);
    const oak_str verb = wish->op == OAK_APPEND      ? OAK_STR("append to ")
                         : wish->missing_count > 0 ? OAK_STR("add ")
                                                   : OAK_STR("set ");
    return oak_arena_join(arena, (oak_str[]){ verb, path, OAK_STR(": "), value }, 4);
}
