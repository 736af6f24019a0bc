/* Follows kustomizations from one to the next, and collects the files that they name, each once. Nothing is built, nothing
 * fetched. */
#include "cli/kustomize.h"

#include "files/files.h"
#include "output/output.h"

#include <oakum/facts.h>

#include <string.h>

enum { MAX_KUSTOMIZATIONS = 10000, MAX_KUSTOMIZATION = 1024 * 1024 /* bytes */ };

struct follower {
    struct oak_arena *arena;
    struct oak_command_line *line;
    struct oak_buf *talk;
    OAK_LIST(oak_str) folders; /* found so far; those behind `next` are still to be read */
    size_t next;
};

static void tell(struct follower *f, oak_str path, const char *word, oak_str text)
{
    oak_text_visible(f->talk, path);
    oak_buf_addf(f->talk, ": %s: ", word);
    oak_text_visible(f->talk, text);
    oak_buf_add(f->talk, OAK_STR("\n"));
}

static void add_file(struct follower *f, oak_str path)
{
    for (size_t i = 0; i < f->line->files.count; i++)
        if (oak_str_eq(oak_str_from(f->line->files.items[i]), path))
            return;
    *oak_push(f->arena, &f->line->files) = oak_arena_cstr(f->arena, path);
}

static void add_folder(struct follower *f, oak_str folder)
{
    for (size_t i = 0; i < f->folders.count; i++)
        if (oak_str_eq(f->folders.items[i], folder))
            return;
    *oak_push(f->arena, &f->folders) = folder;
}

/* https://…, git@host:…, github.com/owner/repository//folder?ref=v1 */
static bool is_remote(oak_str word)
{
    size_t at;
    oak_str host, rest;
    return oak_str_find(word, 0, OAK_STR("://"), &at) || oak_str_find(word, 0, OAK_STR("?ref="), &at) ||
           oak_str_starts(word, OAK_STR("git@")) ||
           (oak_str_cut(word, '/', &host, &rest) && host.len > 0 && host.ptr[0] != '.' && memchr(host.ptr, '.', host.len) != NULL);
}

static bool is_below(oak_str folder, oak_str path)
{
    if (folder.len == 0)
        return !oak_str_starts(path, OAK_STR("../")) && !oak_str_starts(path, OAK_STR("/"));
    return oak_str_starts(path, folder) && (path.ptr[folder.len] == '/' || oak_str_ends(folder, OAK_STR("/")));
}

/* A file outside of the kustomization's folder is refused, as kustomize does: nobody expects it to be rewritten. */
static bool follow(struct follower *f, oak_str folder, oak_str from, const struct oak_named *named)
{
    const char *real, *const path = oak_arena_cstr(f->arena, named->path.len > 0 ? named->path : OAK_STR("."));
    struct oak_error err;
    if (named->kind == OAK_NAMED_UNREAD) {
        tell(f, from, "note", oak_arena_printf(f->arena, "%.*s: not looked into", (int)named->word.len, named->word.ptr));
        return true;
    }
    if (!oak_path_is_there(path) && is_remote(named->word)) {
        tell(f, from, "note", oak_arena_printf(f->arena, "'%.*s' is remote: not looked into", (int)named->word.len,
                                               named->word.ptr));
        return true;
    }
    if (oak_path_kind(f->arena, path, &real, &err) == OAK_PATH_FOLDER && named->kind == OAK_NAMED_RESOURCE) {
        add_folder(f, named->path);
        return true;
    }
    if (!is_below(folder, named->path)) {
        tell(f, from, "error", oak_arena_printf(f->arena, "'%.*s' is not in the folder of the kustomization, and kustomize "
                                                "does not take it", (int)named->word.len, named->word.ptr));
        return false;
    }
    add_file(f, named->path); /* if it is missing, that is told with the others */
    return true;
}

/* The one file of the folder that is a kustomization; empty, and told: none, or several. */
static oak_str find_file(struct follower *f, oak_str folder)
{
    static const char *const names[] = { "kustomization.yaml", "kustomization.yml", "Kustomization" };
    oak_str found = { "", 0 };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const oak_str path = oak_path_join(f->arena, folder, oak_str_from(names[i]));
        if (!oak_path_is_there(oak_arena_cstr(f->arena, path)))
            continue;
        if (found.len > 0) {
            tell(f, path, "error", OAK_STR("a second kustomization in one folder: kustomize takes neither"));
            return OAK_STR("");
        }
        found = path;
    }
    if (found.len == 0)
        tell(f, folder.len > 0 ? folder : OAK_STR("."), "error", OAK_STR("no kustomization.yaml in this folder"));
    return found;
}

static bool read_one(struct follower *f, oak_str folder)
{
    struct oak_error err = { .text = "this is no kustomization" };
    struct oak_file_stamp stamp;
    const char *real;
    oak_str text = { "", 0 };
    const oak_str path = find_file(f, folder);
    if (path.len == 0)
        return false;
    const char *const name = oak_arena_cstr(f->arena, path);
    const struct oak_kustomization *k = NULL;
    if (oak_path_kind(f->arena, name, &real, &err) == OAK_PATH_FILE &&
        oak_file_read(f->arena, real, MAX_KUSTOMIZATION, &text, &stamp, &err))
        k = oak_kustomization_read(f->arena, path, text, &err);
    if (k == NULL) {
        oak_text_error(f->talk, path, text, &err);
        return false;
    }
    add_file(f, path);
    bool ok = true;
    for (size_t i = 0; i < k->named.count; i++)
        ok = follow(f, folder, path, &k->named.items[i]) && ok;
    return ok;
}

bool oak_kustomize_files(struct oak_arena *arena, struct oak_command_line *line, struct oak_buf *talk)
{
    struct follower f = { .arena = arena, .line = line, .talk = talk };
    bool ok = true;
    for (size_t i = 0; i < line->kustomizations.count; i++) {
        const oak_str word = oak_str_from(line->kustomizations.items[i]);
        if (oak_path_is_there(line->kustomizations.items[i]) || !is_remote(word)) {
            add_folder(&f, oak_path_join(arena, OAK_STR(""), word));
            continue;
        }
        tell(&f, word, "error", OAK_STR("is remote: -k takes a folder here"));
        ok = false;
    }
    while (f.next < f.folders.count && f.next < MAX_KUSTOMIZATIONS)
        ok = read_one(&f, f.folders.items[f.next++]) && ok;
    return ok;
}
