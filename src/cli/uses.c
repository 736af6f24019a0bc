/* Counting what the exemptions of a configuration did. A false "unused" would make people delete what they need: so it is said
 * only if every file that the entry can be about was run, and every rule of its patches looked for. */
#include "cli/uses.h"

#include "output/output.h"

struct oak_entry_use {
    bool is_matched, is_used, is_blind;
};

void oak_uses_init(struct oak_arena *arena, struct oak_uses *uses, const struct oak_run *run)
{
    *uses = (struct oak_uses){ .count = run->exempts != NULL ? run->options->config->exempt.count : 0 };
    uses->entries = oak_arena_alloc(arena, (uses->count + 1) * sizeof *uses->entries);
}

void oak_uses_add_folder(struct oak_arena *arena, struct oak_uses *uses, oak_str inside)
{
    *oak_push(arena, &uses->folders) = inside;
}

void oak_uses_add_file(struct oak_arena *arena, struct oak_uses *uses, oak_str inside)
{
    *oak_push(arena, &uses->files) = oak_arena_str(arena, inside);
}

void oak_uses_count(struct oak_uses *uses, const struct oak_result *result)
{
    if (result == NULL)
        uses->is_blind = true;
    for (size_t i = 0; i < uses->count && result != NULL && result->uses != NULL; i++) {
        struct oak_entry_use *const e = &uses->entries[i];
        e->is_matched = e->is_matched || (result->uses[i].is_matched && result->is_manifest);
        e->is_used = e->is_used || result->uses[i].is_used;
        e->is_blind = e->is_blind || (result->uses[i].is_matched && result->failed);
    }
}

/* ---- was all of it run? ---- */

static bool holds(oak_str folder, oak_str path)
{
    return folder.len == 0 || oak_str_eq(folder, path) ||
           (oak_str_starts(path, folder) && path.ptr[folder.len] == '/');
}

/* Was everything below `folder` run; or, if it is a file, that file? */
static bool was_run(const struct oak_uses *uses, oak_str folder)
{
    for (size_t i = 0; i < uses->folders.count; i++)
        if (holds(uses->folders.items[i], folder))
            return true;
    for (size_t i = 0; i < uses->files.count; i++)
        if (folder.len > 0 && oak_str_eq(uses->files.items[i], folder))
            return true;
    return false;
}

static bool was_all_run(const struct oak_uses *uses, const struct oak_where *where)
{
    const oak_globs *const globs = &where->paths;
    if (globs->count == 0 || globs->items[0].is_negated)
        return was_run(uses, OAK_STR(""));
    for (size_t i = 0; i < globs->count; i++)
        if (!globs->items[i].is_negated && !was_run(uses, globs->items[i].folder))
            return false;
    return true;
}

void oak_uses_tell(struct oak_arena *arena, const struct oak_uses *uses, const struct oak_run *run,
                   const struct oak_config_file *file, struct oak_buf *out)
{
    oak_notes notes = { 0 };
    for (size_t i = 0; i < run->notes.count; i++)
        *oak_push(arena, &notes) = run->notes.items[i];
    for (size_t i = 0; i < uses->count && !uses->is_blind; i++) {
        const struct oak_entry_use *const use = &uses->entries[i];
        const struct oak_config_exempt *const e = &file->config.exempt.items[i];
        if (use->is_matched && !use->is_used && !use->is_blind && was_all_run(uses, &e->where) &&
            oak_run_entry_is_whole(run, i))
            *oak_push(arena, &notes) = (struct oak_note){ e->what.span, OAK_STR("this exemption is not needed: it exempted nothing") };
    }
    oak_notes_sort(&notes);
    oak_text_notes(out, oak_str_from(file->path != NULL ? file->path : ""), file->text, &notes);
}
