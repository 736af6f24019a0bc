/* Which words name objects of a cluster; `kubectl get` reads them. Nothing is ever written there. */
#include "cli/live.h"

#include "engine/served.h"
#include "files/files.h"
#include "files/process.h"
#include "output/output.h"

#include <string.h>

enum { MAX_OBJECTS = 256 * 1024 * 1024 /* bytes of all */ };

static const oak_span nowhere = { 0, 0 };

/* ---- files or objects? ---- */

static bool is_path(const char *word)
{
    static const char *const endings[] = { "/", ".yaml", ".yml", ".json" };
    const oak_str text = oak_str_from(word);
    bool is_one = word[0] == '.' || word[0] == '/' || strcmp(word, "-") == 0;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        is_one = is_one || oak_str_ends(text, oak_str_from(endings[i]));
    return is_one;
}

/* With files alone, options about the cluster choose nothing. */
static bool check_files(const struct oak_command_line *line, struct oak_error *err)
{
    const struct oak_kube_options *const kube = &line->kube;
    const size_t files = line->paths.count + line->files.count + line->kustomizations.count;
    for (size_t i = 0; i < line->files.count; i++)
        if (strstr(line->files.items[i], "://") != NULL && !oak_path_is_there(line->files.items[i]))
            return oak_fail(err, OAK_USAGE, nowhere, "-f takes no address: 'curl -fsSL %.120s | kubectl oakum diff -'",
                            line->files.items[i]);
    if (kube->filters != NULL && files > 0)
        return oak_fail(err, OAK_USAGE, nowhere, "--%s chooses objects of a cluster: a file is done as a whole", kube->filters);
    if (kube->chooses != NULL && files == 0)
        return oak_fail(err, OAK_USAGE, nowhere, "--%s: which objects? 'oakum check deployments -n NAMESPACE' looks at all of a "
                        "type", kube->chooses);
    return true;
}

bool oak_live_decide(const struct oak_command_line *line, bool *is_live, struct oak_error *err)
{
    const char *file = NULL, *object = NULL;
    *is_live = false;
    for (size_t i = 0; i < line->paths.count; i++) {
        const char *const word = line->paths.items[i];
        const bool is_there = line->kube.chooses == NULL && oak_path_is_there(word);
        if (is_path(word) || is_there)
            file = word;
        else
            object = word;
    }
    if (object == NULL)
        return check_files(line, err);
    if (file == NULL && line->files.count + line->kustomizations.count == 0) {
        *is_live = true;
        return true;
    }
    if (file == NULL)
        return oak_fail(err, OAK_USAGE, nowhere, "'%s' is no file: objects of a cluster go without -f and -k", object);
    return oak_fail(err, OAK_USAGE, nowhere, "'%s' is a file and '%s' is none: objects of a cluster go alone, with -n NAMESPACE "
                    "if there is a file of their name", file, object);
}

/* ---- reading ---- */

static bool run_kubectl(struct oak_arena *arena, const struct oak_command_line *line, struct oak_process_result *result,
                        struct oak_error *err)
{
    OAK_LIST(const char *) argv = { 0 };
    *oak_push(arena, &argv) = "kubectl";
    *oak_push(arena, &argv) = "get";
    *oak_push(arena, &argv) = "--output=yaml";
    for (size_t i = 0; i < line->kube.passed.count; i++)
        *oak_push(arena, &argv) = line->kube.passed.items[i];
    *oak_push(arena, &argv) = "--";
    for (size_t i = 0; i < line->paths.count; i++)
        *oak_push(arena, &argv) = line->paths.items[i];
    *oak_push(arena, &argv) = NULL;
    /* Whoever has to log in sees kubectl's words at once. */
    const struct oak_process process = { .argv = argv.items, .max_answer = MAX_OBJECTS, .shares_talk = true };
    if (!oak_process_run(arena, &process, result, err))
        return false;
    return !result->is_cut || oak_fail(err, OAK_IO, nowhere, "kubectl prints more than %d MiB: choose fewer objects",
                                       MAX_OBJECTS / 1024 / 1024);
}

static const char *name_of(struct oak_arena *arena, const struct oak_served *o)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    if (o->namespace.len > 0)
        oak_buf_add_all(&out, (oak_str[]){ o->namespace, OAK_STR("/") }, 2);
    oak_buf_add_lower(&out, o->kind);
    oak_buf_add_all(&out, (oak_str[]){ OAK_STR("/"), o->name }, 2);
    return oak_arena_cstr(arena, oak_buf_str(&out));
}

/* A patch starts from what the server has: it must not take for missing what is only not shown. */
static bool add_object(struct oak_arena *arena, const struct oak_command_line *line, const struct oak_served *o,
                       struct oak_live *out, struct oak_error *err)
{
    struct oak_live_object *const object = oak_push(arena, &out->objects);
    object->name = name_of(arena, o);
    object->text = o->text;
    if (o->owner_kind.len > 0)
        object->owner = oak_arena_printf(arena, "%.*s '%.*s' made this %.*s and keeps it so: change that", (int)o->owner_kind.len,
                                         o->owner_kind.ptr, (int)o->owner_name.len, o->owner_name.ptr, (int)o->kind.len,
                                         o->kind.ptr);
    return line->kube.add_change == oak_patch || oak_served_clean(arena, o->text, &object->text, err);
}

bool oak_live_read(struct oak_arena *arena, struct oak_command_line *line, struct oak_live *out, struct oak_error *err)
{
    struct oak_process_result result;
    oak_served_list served = { 0 };
    if (!run_kubectl(arena, line, &result, err))
        return false;
    out->is_partial = result.status != 0;
    if (result.status != 0 && oak_str_trim(result.out).len == 0)
        return oak_fail(err, OAK_IO, nowhere, "kubectl could not get '%s' (status %d), and no file is called so",
                        line->paths.items[0], result.status);
    line->paths.count = 0;
    if (oak_str_trim(result.out).len > 0 && !oak_served_read(arena, result.out, &served, err))
        return false;
    for (size_t i = 0; i < served.count; i++)
        if (!add_object(arena, line, &served.items[i], out, err))
            return false;
    return true;
}
