/* Opens what a walk has found, without a step through a symbolic link. Knows that between finding and opening any folder on the way may
 * have become one. */
#include "files/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_step(int folder, const char *name, size_t len)
{
    char step[NAME_MAX + 1];
    if (len > NAME_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(step, name, len);
    step[len] = '\0';
    return openat(folder, step, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int open_step_by_step(int root, const char *path, int flags)
{
    int folder = root, reached;
    for (const char *slash; folder >= 0 && (slash = strchr(path, '/')) != NULL; path = slash + 1) {
        reached = open_step(folder, path, (size_t)(slash - path));
        if (folder != root)
            close(folder);
        folder = reached;
    }
    if (folder < 0)
        return -1;
    reached = openat(folder, path, flags | O_NOFOLLOW | O_CLOEXEC);
    const int reason = errno;
    if (folder != root)
        close(folder);
    errno = reason;
    return reached;
}

int oak_file_open_below(int root, const char *path, int flags)
{
    const struct open_how how = { .flags = (uint64_t)(unsigned)(flags | O_NOFOLLOW | O_CLOEXEC), .resolve = RESOLVE_NO_SYMLINKS };
    const long fd = syscall(SYS_openat2, root, path, &how, sizeof how);
    /* Linux before 5.6, or a container whose filter does not know the call. */
    return fd < 0 && (errno == ENOSYS || errno == EPERM) ? open_step_by_step(root, path, flags) : (int)fd;
}

oak_file_path oak_file_path_given(const char *path)
{
    return (oak_file_path){ path, strlen(path) };
}

void oak_root_init(struct oak_root *root)
{
    *root = (struct oak_root){ .fd = -1 };
    oak_arena_init(&root->arena);
}

static void leave(struct oak_root *root)
{
    if (root->fd >= 0)
        close(root->fd);
    root->fd = -1;
    oak_arena_reset(&root->arena);
}

static bool enter(struct oak_root *root, oak_str given)
{
    if (root->fd >= 0 && oak_str_eq(root->given, given))
        return true;
    leave(root);
    const char *const path = oak_arena_cstr(&root->arena, given);
    root->given = oak_str_from(path);
    root->fd = open(given.len > 0 ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root->fd >= 0;
}

int oak_root_open(struct oak_root *root, oak_file_path to, int flags)
{
    if (to.given_len >= strlen(to.path))
        return open(to.path, flags | O_CLOEXEC);
    return enter(root, (oak_str){ to.path, to.given_len }) ? oak_file_open_below(root->fd, to.path + to.given_len, flags) : -1;
}

void oak_root_free(struct oak_root *root)
{
    leave(root);
    oak_arena_free(&root->arena);
}
