/* The manifests below a folder, one at a time, sorted. Knows names and kinds of directory entries; opens no file. */
#include "files/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct entry {
    const char *name; /* a folder's ends with a slash: in the order of whole paths a.yaml comes before a/b.yaml */
    bool is_dir;
};

struct oak_walk_folder {
    struct oak_arena arena; /* names and entries; reset when the folder is left */
    OAK_LIST(struct entry) entries;
    size_t next;
    size_t path_len; /* bytes of walk->path that name this folder, its slash included */
};

enum entry_kind { ENTRY_FILE, ENTRY_FOLDER, ENTRY_OTHER };

static int entry_cmp(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

bool oak_walk_wants(oak_str name)
{
    return oak_str_ends(name, OAK_STR(".yaml")) || oak_str_ends(name, OAK_STR(".yml")) ||
           oak_str_ends(name, OAK_STR(".json")) || oak_str_eq(name, OAK_STR("Kustomization"));
}

/* Some file systems do not tell an entry's kind along with its name. */
static enum entry_kind stat_kind(int folder_fd, const char *name)
{
    struct stat status;
    if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return ENTRY_OTHER; /* gone already */
    return S_ISREG(status.st_mode) ? ENTRY_FILE : S_ISDIR(status.st_mode) ? ENTRY_FOLDER : ENTRY_OTHER;
}

/* What the system says of an entry. */
struct found {
    const char *name;
    unsigned char type;
};

static enum entry_kind entry_kind(int folder_fd, const struct found *found)
{
    switch (found->type) {
    case DT_REG:
        return ENTRY_FILE;
    case DT_DIR:
        return ENTRY_FOLDER;
    case DT_UNKNOWN:
        return stat_kind(folder_fd, found->name);
    default:
        return ENTRY_OTHER;
    }
}

static void add_entry(struct oak_walk_folder *folder, int folder_fd, const struct found *found)
{
    const oak_str name = oak_str_from(found->name);
    const bool may_be_file = oak_walk_wants(name);
    if (!may_be_file && found->type == DT_REG)
        return;
    if (oak_str_eq(name, OAK_STR(".")) || oak_str_eq(name, OAK_STR("..")) || oak_str_eq(name, OAK_STR(".git")))
        return;
    const enum entry_kind kind = entry_kind(folder_fd, found);
    if (kind == ENTRY_OTHER || (kind == ENTRY_FILE && !may_be_file))
        return;

    const bool is_dir = kind == ENTRY_FOLDER;
    char *const copy = oak_arena_bytes(&folder->arena, name.len + 2);
    memcpy(copy, name.ptr, name.len);
    memcpy(copy + name.len, is_dir ? "/" : "", is_dir ? 2 : 1);
    *oak_push(&folder->arena, &folder->entries) = (struct entry){ copy, is_dir };
}

/* Entries have a length of their own each, and stand where they fall: no pointer to a struct leads there. Returns the length. */
static size_t read_entry(const char *at, struct found *out)
{
    unsigned short len;
    memcpy(&len, at + offsetof(struct dirent64, d_reclen), sizeof len);
    out->type = (unsigned char)at[offsetof(struct dirent64, d_type)];
    out->name = at + offsetof(struct dirent64, d_name);
    return len;
}

/* As readdir does it; but a stream would cost three more calls of the system for each folder, as many as all that is needed. */
static bool list(struct oak_walk_folder *folder, int fd, struct oak_error *err)
{
    char part[16 * 1024];
    struct found found;
    ssize_t got;
    while ((got = getdents64(fd, part, sizeof part)) > 0)
        for (size_t at = 0; at < (size_t)got;) {
            const size_t len = read_entry(part + at, &found);
            add_entry(folder, fd, &found);
            at += len;
        }
    if (got < 0 && errno != ENOENT) /* removed after it was opened: it holds nothing more */
        return oak_file_fail(err, errno);
    if (folder->entries.count > 1)
        qsort(folder->entries.items, folder->entries.count, sizeof *folder->entries.items, entry_cmp);
    return true;
}

static struct oak_walk_folder *top(struct oak_walk *walk)
{
    return walk->stack.items[walk->depth - 1];
}

static void leave(struct oak_walk *walk)
{
    struct oak_walk_folder *const folder = top(walk);
    oak_arena_reset(&folder->arena);
    *folder = (struct oak_walk_folder){ .arena = folder->arena };
    walk->depth--;
}

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC };

/* Puts the folder that walk->path names on top of the stack. */
static bool enter(struct oak_walk *walk, int fd, struct oak_error *err)
{
    if (walk->depth == walk->stack.count)
        *oak_push(&walk->arena, &walk->stack) = oak_arena_alloc(&walk->arena, sizeof(struct oak_walk_folder));
    walk->depth++;
    top(walk)->path_len = walk->path.len;
    if (list(top(walk), fd, err))
        return true;
    leave(walk);
    return false;
}

/* The path of an entry of the folder on top; a folder's without its slash when shown. */
static const char *entry_path(struct oak_walk *walk, const struct entry *entry)
{
    oak_str name = oak_str_from(entry->name);
    if (entry->is_dir)
        name.len--;
    walk->path.len = top(walk)->path_len;
    oak_buf_add(&walk->path, name);
    oak_buf_add(&walk->path, (oak_str){ "", 1 });
    walk->path.len--;
    return walk->path.ptr;
}

static bool is_skipped(const struct oak_walk *walk, const char *path, bool is_dir)
{
    return walk->filter.skip != NULL && walk->filter.skip(walk->filter.context, path, is_dir);
}

/* Enters the folder at walk->path, whose slash is added for what it holds. It may have become a symbolic link after it was listed, and
 * so may those above it. */
static bool enter_below(struct oak_walk *walk, struct oak_error *err)
{
    const size_t len = walk->path.len;
    const int fd = oak_file_open_below(walk->root, walk->path.ptr + walk->root_len, FOLDER);
    if (fd < 0)
        return oak_file_fail(err, errno == ELOOP ? ENOTDIR : errno);
    oak_buf_add(&walk->path, OAK_STR("/"));
    const bool is_entered = enter(walk, fd, err);
    if (!is_entered)
        walk->path.ptr[len] = '\0';
    close(fd);
    return is_entered;
}

/* "." shows nothing, "dir//" shows "dir/", "/" shows itself. */
static void start_path(struct oak_buf *path, const char *root)
{
    oak_str shown = oak_str_from(root);
    while (shown.len > 1 && oak_str_ends(shown, OAK_STR("/")))
        shown.len--;
    if (oak_str_eq(shown, OAK_STR(".")))
        return;
    oak_buf_add(path, shown);
    if (!oak_str_ends(shown, OAK_STR("/")))
        oak_buf_add(path, OAK_STR("/"));
}

bool oak_walk_init(struct oak_walk *walk, const char *root, oak_walk_filter filter, struct oak_error *err)
{
    const int fd = open(root, FOLDER);
    if (fd < 0)
        return oak_file_fail(err, errno);
    *walk = (struct oak_walk){ .filter = filter, .root = fd };
    oak_arena_init(&walk->arena);
    oak_buf_init(&walk->path, &walk->arena);
    start_path(&walk->path, root);
    walk->root_len = walk->path.len;
    if (enter(walk, fd, err))
        return true;
    oak_walk_free(walk);
    return false;
}

enum oak_walk_result oak_walk_next(struct oak_walk *walk, const char **path, struct oak_error *err)
{
    while (walk->depth > 0) {
        struct oak_walk_folder *const folder = top(walk);
        if (folder->next == folder->entries.count) {
            leave(walk);
            continue;
        }
        const struct entry *const entry = &folder->entries.items[folder->next++];
        *path = entry_path(walk, entry);
        if (is_skipped(walk, *path, entry->is_dir))
            continue;
        if (!entry->is_dir)
            return OAK_WALK_FILE;
        if (!enter_below(walk, err)) {
            *path = walk->path.ptr;
            return OAK_WALK_ERROR;
        }
    }
    *path = NULL;
    return OAK_WALK_END;
}

void oak_walk_free(struct oak_walk *walk)
{
    for (size_t i = 0; i < walk->stack.count; i++)
        oak_arena_free(&walk->stack.items[i]->arena);
    oak_arena_free(&walk->arena);
    close(walk->root);
    *walk = (struct oak_walk){ 0 };
}
