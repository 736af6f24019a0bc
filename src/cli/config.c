/* Which configuration file belongs to the paths of a command line, and what it adds to the options. */
#include "cli/config.h"

#include "files/files.h"

#include <string.h>

enum { MAX_CONFIG = 1024 * 1024 };

/* ---- finding ---- */

static bool fail_two(struct oak_arena *arena, oak_str a, oak_str b, struct oak_error *err)
{
    const char *const first = a.len > 0 ? oak_path_from_here(arena, a, OAK_CONFIG_NAME) : "none";
    const char *const second = b.len > 0 ? oak_path_from_here(arena, b, OAK_CONFIG_NAME) : "none";
    return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "these paths have different configurations (%.80s and %.80s): run them "
                    "apart, or say --config FILE or --no-config", first, second);
}

/* The folder whose file is meant for all the paths; empty: none has one. */
static bool find_folder(struct oak_arena *arena, const struct oak_command_line *line, oak_str *out, struct oak_error *err)
{
    oak_str last = { "", 0 };
    size_t count = 0;
    *out = OAK_STR("");
    for (size_t i = 0; i < line->paths.count + line->files.count; i++) {
        const char *const path = i < line->paths.count ? line->paths.items[i] : line->files.items[i - line->paths.count];
        const oak_str folder = oak_path_folder(arena, strcmp(path, "-") == 0 ? "." : path);
        if (folder.len == 0 || (count > 0 && oak_str_eq(folder, last)))
            continue; /* what is not there is told later */
        const oak_str found = oak_file_find_above(arena, folder, OAK_CONFIG_NAME);
        if (count++ > 0 && !oak_str_eq(found, *out))
            return fail_two(arena, *out, found, err);
        *out = found;
        last = folder;
    }
    if (count == 0)
        *out = oak_file_find_above(arena, oak_path_folder(arena, "."), OAK_CONFIG_NAME);
    return true;
}

/* ---- reading ---- */

static bool find_file(struct oak_arena *arena, const struct oak_command_line *line, struct oak_config_file *file,
                      struct oak_error *err)
{
    if (line->config_path == NULL) {
        if (!find_folder(arena, line, &file->folder, err))
            return false;
        if (file->folder.len > 0)
            file->path = oak_path_from_here(arena, file->folder, OAK_CONFIG_NAME);
        return true;
    }
    file->path = line->config_path;
    file->folder = oak_path_folder(arena, file->path);
    return true;
}

bool oak_config_file_read(struct oak_arena *arena, const struct oak_command_line *line, struct oak_config_file *file,
                          struct oak_error *err)
{
    struct oak_file_stamp stamp;
    const char *real;
    *file = (struct oak_config_file){ .path = NULL };
    if (line->no_config)
        return true;
    if (!find_file(arena, line, file, err))
        return false;
    if (file->path == NULL)
        return true;
    switch (oak_path_kind(arena, file->path, &real, err)) {
    case OAK_PATH_FILE:
        break;
    case OAK_PATH_FOLDER:
        return oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "is a folder: a configuration is a file");
    default:
        return false;
    }
    return oak_file_read(arena, real, MAX_CONFIG, &file->text, &stamp, err) &&
           oak_config_read(arena, file->text, &file->config, err);
}

/* ---- applying ---- */

static void take_ids(const oak_ids *from, oak_str **ids, size_t *count)
{
    if (*count > 0)
        return;
    *ids = from->items;
    *count = from->count;
}

/* Who selects on the command line names all that he wants. */
static void apply_choice(const struct oak_config *config, struct oak_options *o)
{
    if (o->select_count > 0)
        return;
    take_ids(&config->select, &o->select, &o->select_count);
    take_ids(&config->ignore, &o->ignore, &o->ignore_count);
    take_ids(&config->also, &o->also, &o->also_count);
}

static const char *folder_of_patches(struct oak_arena *arena, const struct oak_config_file *file)
{
    const oak_str patches = file->config.patches;
    if (oak_str_starts(patches, OAK_STR("/")))
        return oak_arena_cstr(arena, patches);
    return oak_path_from_here(arena, file->folder, oak_arena_cstr(arena, patches));
}

void oak_config_file_apply(struct oak_arena *arena, struct oak_config_file *file, struct oak_command_line *line)
{
    struct oak_options *const o = &line->options;
    struct oak_config *const config = &file->config;
    if (file->path == NULL)
        return;
    if (line->has_profile)
        config->profiles.count = 0;
    else if (config->profile != OAK_PROFILE_NONE)
        o->profile = config->profile;
    if (o->runtime_class.len > 0)
        config->classes.count = 0;
    else
        o->runtime_class = config->runtime_class;
    apply_choice(config, o);
    take_ids(&config->force, &o->force, &o->force_count);
    if (o->fix == OAK_FIX_DEFAULT)
        o->fix = config->fix;
    if (o->kube_minor == 0)
        o->kube_minor = config->kube_minor;
    if (o->enforce.len == 0)
        o->enforce = config->enforce;
    if (line->patches_folder == NULL && config->patches.len > 0)
        line->patches_folder = folder_of_patches(arena, file);
    o->config = config;
    o->config_name = oak_str_from(file->path);
}

bool oak_config_file_check(const struct oak_config_file *file, const struct oak_patches *patches, struct oak_error *err)
{
    const struct oak_config *const c = &file->config;
    const struct {
        const char *key;
        const oak_ids *ids;
    } lists[] = { { "select", &c->select }, { "also", &c->also }, { "ignore", &c->ignore }, { "force", &c->force } };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (size_t k = 0; k < lists[i].ids->count; k++) {
            const oak_str id = lists[i].ids->items[k];
            size_t from = 0;
            if (oak_patches_find(patches, id, &from) != NULL)
                continue;
            const oak_str near = oak_patches_nearest(patches, id);
            return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "'%s': no patch is called '%.*s'%s%.*s%s", lists[i].key,
                            (int)id.len, id.ptr, near.len > 0 ? ": did you mean '" : "", (int)near.len, near.ptr,
                            near.len > 0 ? "'?" : "");
        }
    return true;
}
