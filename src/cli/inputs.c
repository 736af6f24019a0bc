/* From the paths of the command line to files, in order. */
#include "cli/inputs.h"

#include "cli/verbose.h"

#include <string.h>

/* The path of this number: those without an option, then those of -f. `.` if there are none; NULL behind the last. */
static const char *path_of(const struct oak_inputs *in, size_t number)
{
    const struct oak_command_line *const l = in->line;
    if (number < l->paths.count)
        return l->paths.items[number];
    number -= l->paths.count;
    if (number < l->files.count)
        return l->files.items[number];
    return number == 0 && l->paths.count + l->files.count == 0 ? "." : NULL;
}

static bool needs_recursive(const struct oak_inputs *in, size_t number)
{
    return number >= in->line->paths.count && in->line->files.count > 0 && !in->line->is_recursive;
}

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

void oak_inputs_init(struct oak_inputs *in)
{
    const char *path;
    for (size_t i = 0; (path = path_of(in, i)) != NULL; i++)
        oak_given_add(in->arena, &in->given, path);
    oak_given_finish(&in->given);
}

/* ---- walks ---- */

/* A configuration is no manifest, though it may name kinds. */
static bool is_configuration(const char *path)
{
    return strcmp(oak_path_name(path), OAK_CONFIG_NAME) == 0;
}

static bool skip(void *context, const char *path, bool is_dir)
{
    struct oak_inputs *const in = context;
    if (is_configuration(path) || oak_given_has(&in->given, path))
        return true;
    const bool is_ignored = oak_ignore_is_ignored(in->ignore, path, is_dir);
    if (is_ignored && in->passed_over != NULL)
        oak_verbose_passed_over(in->passed_over, oak_str_from(path), OAK_STR("git ignores it"));
    return is_ignored;
}

static bool is_inside(const struct oak_inputs *in, struct oak_arena *arena, const char *path, oak_str *inside)
{
    return in->config != NULL && in->config->path != NULL && oak_path_inside(arena, in->config->folder, path, inside);
}

/* How the paths of a walk are spelt (files/walk.c), and where it is for the configuration. */
static void note_root(struct oak_inputs *in, const char *root)
{
    oak_str spelt = oak_str_from(root);
    while (spelt.len > 1 && oak_str_ends(spelt, OAK_STR("/")))
        spelt.len--;
    in->walk_root = oak_str_eq(spelt, OAK_STR(".")) ? OAK_STR("") : oak_arena_printf(in->arena, "%.*s%s", (int)spelt.len, spelt.ptr,
                                                                               spelt.len > 1 || *root != '/' ? "/" : "");
    in->walk_inside = (oak_str){ NULL, 0 };
    if (is_inside(in, in->arena, root, &in->walk_inside) && in->uses != NULL)
        oak_uses_add_folder(in->arena, in->uses, in->walk_inside);
}

static oak_str inside_walk(const struct oak_inputs *in, struct oak_arena *arena, const char *of)
{
    const oak_str path = oak_str_from(of);
    const oak_str rest = oak_str_span(path, (oak_span){ in->walk_root.len, path.len });
    if (in->walk_inside.ptr == NULL)
        return OAK_STR("");
    const oak_str parts[] = { in->walk_inside, in->walk_inside.len > 0 ? OAK_STR("/") : OAK_STR(""), rest };
    return oak_arena_join(arena, parts, 3);
}

static bool start_walk(struct oak_inputs *in, const char *root, struct oak_error *err)
{
    in->ignore = oak_ignore_open(root);
    in->ignores_opened += in->ignore != NULL;
    in->is_walking = oak_walk_init(&in->walk, root, (oak_walk_filter){ skip, in }, err);
    if (in->is_walking)
        note_root(in, root);
    else
        oak_ignore_free(in->ignore);
    return in->is_walking;
}

static void end_walk(struct oak_inputs *in)
{
    oak_walk_free(&in->walk);
    oak_ignore_free(in->ignore);
    in->is_walking = false;
}

/* The next file of the walk in progress; END if the walk ends. */
static enum oak_input_result take_from_walk(struct oak_inputs *in, struct oak_arena *arena, struct oak_input *out,
                                            struct oak_error *err)
{
    const char *path;
    const enum oak_walk_result found = oak_walk_next(&in->walk, &path, err);
    if (found == OAK_WALK_END) {
        end_walk(in);
        return OAK_INPUT_END;
    }
    out->path = out->real = oak_arena_cstr(arena, oak_str_from(path));
    out->given_len = in->walk.root_len;
    out->inside = inside_walk(in, arena, path);
    return found == OAK_WALK_FILE ? OAK_INPUT_FILE : OAK_INPUT_ERROR;
}

/* ---- paths ---- */

static enum oak_input_result take_path(struct oak_inputs *in, size_t number, struct oak_arena *arena, struct oak_input *out,
                                       struct oak_error *err)
{
    const char *const path = path_of(in, number);
    *out = (struct oak_input){ .path = is_stdin(path) ? "<stdin>" : path, .inside = OAK_STR("") };
    if (is_stdin(path))
        return OAK_INPUT_FILE;
    switch (oak_path_kind(arena, path, &out->real, err)) {
    case OAK_PATH_FILE:
        out->given_len = strlen(out->real);
        if (is_inside(in, arena, path, &out->inside) && in->uses != NULL)
            oak_uses_add_file(in->arena, in->uses, oak_arena_str(in->arena, out->inside));
        return OAK_INPUT_FILE;
    case OAK_PATH_FOLDER:
        if (!needs_recursive(in, number))
            return start_walk(in, path, err) ? OAK_INPUT_END : OAK_INPUT_ERROR;
        oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "is a folder: -f needs -R to walk it");
        return OAK_INPUT_ERROR;
    default:
        return OAK_INPUT_ERROR;
    }
}

enum oak_input_result oak_inputs_next(struct oak_inputs *in, struct oak_arena *arena, struct oak_input *out,
                                      struct oak_error *err)
{
    for (;;) {
        enum oak_input_result found = OAK_INPUT_END;
        if (in->is_walking) {
            found = take_from_walk(in, arena, out, err);
        } else {
            const size_t number = in->next;
            const char *const path = path_of(in, number);
            if (path == NULL)
                return OAK_INPUT_END;
            in->next++;
            if (!oak_given_is_again(&in->given, path, number))
                found = take_path(in, number, arena, out, err);
        }
        if (found != OAK_INPUT_END)
            return found;
    }
}

bool oak_inputs_have_stdin(const struct oak_inputs *in)
{
    const char *path;
    size_t i = 0;
    while ((path = path_of(in, i)) != NULL && !is_stdin(path))
        i++;
    return path != NULL;
}

oak_str oak_inputs_place(const struct oak_inputs *in)
{
    if (in->is_walking)
        return oak_str_from(in->walk.path.ptr != NULL ? in->walk.path.ptr : "");
    return in->next > 0 ? oak_str_from(path_of(in, in->next - 1)) : OAK_STR("");
}

void oak_inputs_free(struct oak_inputs *in)
{
    if (in->is_walking)
        end_walk(in);
    oak_ignore_stop(in->ignores_opened);
    in->ignores_opened = 0;
}
