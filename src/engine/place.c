/* The configuration in a run. Nothing is decided per object but which of a few prepared runs is meant for it. */
#include "engine/place.h"

#include "engine/engine.h"

/* ---- exemptions ---- */

static bool add_exempts(struct oak_arena *arena, struct oak_run *run, struct oak_error *err)
{
    const struct oak_config *const config = run->options->config;
    const oak_day today = run->options->today;
    struct oak_exempt *const all = oak_arena_alloc(arena, (config->exempt.count + 1) * sizeof *all);
    for (size_t i = 0; i < config->exempt.count; i++) {
        struct oak_exempt *const e = &all[i];
        *e = (struct oak_exempt){ .what = config->exempt.items[i].what };
        if (!oak_exempt_name(arena, run->patches, e, err))
            return false;
        if (today != 0 && e->what.until != 0 && today > e->what.until) {
            const oak_str day = oak_day_print(arena, e->what.until);
            *oak_push(arena, &run->notes) = (struct oak_note){
                e->what.span, oak_arena_printf(arena, "this exemption expired on %.*s", (int)day.len, day.ptr)
            };
            continue;
        }
        e->where = &config->exempt.items[i].where;
        e->what.reason = oak_arena_printf(arena, "%.*s (%.*s)", (int)e->what.reason.len, e->what.reason.ptr,
                                          (int)run->options->config_name.len, run->options->config_name.ptr);
    }
    run->exempts = all;
    return true;
}

struct oak_exempts oak_run_exempts(struct oak_arena *arena, const struct oak_run *run, oak_str path,
                                   struct oak_config_use *uses)
{
    struct oak_exempts out = { 0 };
    const size_t count = run->exempts != NULL ? run->options->config->exempt.count : 0;
    for (size_t i = 0; i < count; i++) {
        struct oak_exempt e = run->exempts[i];
        if (e.where == NULL)
            continue;
        e.by_origin = path.len == 0 && e.where->paths.count > 0;
        if (!e.by_origin && !oak_where_has_path(e.where, path))
            continue;
        uses[i].is_matched = !e.by_origin;
        e.is_used = oak_arena_alloc(arena, (e.what.ids.count + 1) * sizeof *e.is_used); /* the run's are shared by threads */
        *oak_push(arena, &out.items) = e;
    }
    return out;
}

void oak_run_note_uses(const struct oak_run *run, const struct oak_exempts *exempts, struct oak_config_use *uses)
{
    const struct oak_config *const config = run->options->config;
    for (size_t i = 0; i < exempts->items.count; i++) {
        const struct oak_exempt *const e = &exempts->items.items[i];
        for (size_t k = 0; k < config->exempt.count; k++)
            for (size_t id = 0; id < e->what.ids.count && &config->exempt.items[k].where == e->where; id++)
                uses[k].is_used = uses[k].is_used || e->is_used[id];
    }
}

bool oak_run_entry_is_whole(const struct oak_run *run, size_t entry)
{
    const struct oak_exempt *const e = &run->exempts[entry];
    bool is_whole = e->where != NULL;
    for (size_t i = 0; i < e->names.count && is_whole; i++)
        is_whole = oak_run_is_whole(run, e->names.items[i].patch);
    return is_whole;
}

/* ---- profiles and runtime classes ---- */

static bool is_for(const struct oak_run *run, enum oak_profile profile, oak_str class)
{
    return run->options->profile == profile && oak_str_eq(run->options->runtime_class, class);
}

static void add_other(struct oak_arena *arena, struct oak_run *run, enum oak_profile profile, oak_str class,
                      void (*wake)(struct oak_arena *arena, struct oak_run *run))
{
    bool is_known = is_for(run, profile, class);
    for (size_t i = 0; i < run->others.count; i++)
        is_known = is_known || is_for(&run->others.items[i], profile, class);
    if (is_known)
        return;
    struct oak_options *const options = oak_arena_alloc(arena, sizeof *options);
    *options = *run->options;
    options->profile = profile;
    options->runtime_class = class;
    struct oak_run *const other = oak_push(arena, &run->others);
    *other = (struct oak_run){ .patches = run->patches, .options = options, .kinds = run->kinds };
    wake(arena, other);
}

bool oak_run_add_config(struct oak_arena *arena, struct oak_run *run,
                        void (*wake)(struct oak_arena *arena, struct oak_run *run), struct oak_error *err)
{
    const struct oak_config *const config = run->options->config;
    /* Entry 0 stands for what the options say. */
    for (size_t p = 0; p <= config->profiles.count; p++)
        for (size_t c = 0; c <= config->classes.count; c++)
            add_other(arena, run, p > 0 ? config->profiles.items[p - 1].profile : run->options->profile,
                      c > 0 ? config->classes.items[c - 1].class : run->options->runtime_class, wake);
    return add_exempts(arena, run, err);
}

static bool is_place(const struct oak_where *where, oak_str path, const struct oak_target *object)
{
    return oak_where_has_path(where, path.len > 0 ? path : object->origin) && oak_where_has_target(where, object);
}

const struct oak_run *oak_run_for(const struct oak_run *run, oak_str path, const struct oak_target *object)
{
    const struct oak_config *const config = run->options->config;
    enum oak_profile profile = run->options->profile;
    oak_str class = run->options->runtime_class;
    if (run->others.count == 0)
        return run;
    for (size_t i = config->profiles.count; i-- > 0;)
        if (is_place(&config->profiles.items[i].where, path, object))
            profile = config->profiles.items[i].profile;
    for (size_t i = config->classes.count; i-- > 0;)
        if (is_place(&config->classes.items[i].where, path, object))
            class = config->classes.items[i].class;
    for (size_t i = 0; i < run->others.count; i++)
        if (is_for(&run->others.items[i], profile, class))
            return &run->others.items[i];
    return run;
}
