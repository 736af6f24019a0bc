/* Bookkeeping between the first visit of all files and the second visit of some. Knows neither threads nor output. */
#include "cli/later.h"

struct oak_run oak_later_run(const struct oak_run *run, const struct oak_late *late)
{
    struct oak_run own = *run;
    if (late != NULL) {
        own.verdicts = late->verdicts;
        own.verdict_count = late->verdict_count;
    }
    return own;
}

bool oak_later_must_wait(struct oak_arena *arena, const struct oak_run *run, oak_str path, oak_str text,
                         struct oak_result *result)
{
    if (!run->gathers)
        return false;
    if (result->failed)
        oak_facts_of_failure(arena, &result->error, &result->facts);
    else
        oak_facts_of_name(arena, path, text, &result->facts);
    return oak_facts_has_namespace(&result->facts);
}

void oak_later_add(struct oak_later *later, const struct oak_late *file, const struct oak_file_facts *facts, bool waits)
{
    struct oak_arena *const arena = later->facts.arena;
    const size_t number = later->facts.files.count;
    oak_facts_add(&later->facts, oak_str_from(file->path), facts);
    if (!waits)
        return;
    struct oak_late *const kept = oak_push(arena, &later->files);
    *kept = *file;
    kept->path = oak_arena_cstr(arena, oak_str_from(file->path));
    if (file->real.path != NULL)
        kept->real.path = oak_arena_cstr(arena, oak_str_from(file->real.path));
    kept->text = file->is_stdin ? oak_arena_str(arena, file->text) : OAK_STR("");
    kept->file = number;
}

bool oak_later_start(struct oak_later *later)
{
    size_t next = 0;
    if (later->files.count == 0)
        return false;
    later->is_second = true;
    later->verdicts = oak_facts_decide(later->facts.arena, &later->facts);
    for (size_t i = 0; i < later->files.count; i++) {
        struct oak_late *const late = &later->files.items[i];
        while (next < later->verdicts.count && later->verdicts.items[next].file < late->file)
            next++;
        late->verdicts = &later->verdicts.items[next];
        while (next < later->verdicts.count && later->verdicts.items[next].file == late->file)
            next++;
        late->verdict_count = (size_t)(&later->verdicts.items[next] - late->verdicts);
    }
    return true;
}

const struct oak_late *oak_later_next(struct oak_later *later)
{
    return later->next_file < later->files.count ? &later->files.items[later->next_file++] : NULL;
}
