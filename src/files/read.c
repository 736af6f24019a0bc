/* Bytes from files and streams. Knows that a path may be a FIFO, a device or a link, and that files change while they
 * are read; does not know what the bytes mean. */
#include "files/files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool oak_file_refuse(struct oak_error *err, const char *text)
{
    return oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "%s", text);
}

static bool fail_too_large(struct oak_error *err, size_t max_bytes)
{
    enum { MIB = 1024 * 1024 };
    if (max_bytes >= MIB && max_bytes % MIB == 0)
        return oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "is larger than %zu MiB", max_bytes / MIB);
    return oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "is larger than %zu bytes", max_bytes);
}

bool oak_file_fail(struct oak_error *err, int error_number)
{
    const char *const text = strerror(error_number);
    return oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "%c%s", tolower((unsigned char)text[0]), text + 1);
}

struct oak_file_stamp oak_file_stamp_make(const struct stat *status)
{
    return (struct oak_file_stamp){
        .dev = status->st_dev,
        .ino = status->st_ino,
        .size = status->st_size,
        .mtime = status->st_mtim,
        .ctime = status->st_ctim,
        .mode = status->st_mode,
        .nlink = status->st_nlink,
    };
}

bool oak_file_id_of(const char *path, struct oak_file_id *out)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return false;
    *out = (struct oak_file_id){ status.st_dev, status.st_ino };
    return true;
}

const char *oak_path_parent(struct oak_arena *arena, const char *path)
{
    const char *const slash = strrchr(path, '/');
    if (slash == NULL)
        return ".";
    const size_t len = slash == path ? 1 : (size_t)(slash - path);
    return oak_arena_cstr(arena, (oak_str){ path, len });
}

/* A mounted ConfigMap links web.yaml to ..data/web.yaml: such a link is as good as its file. */
static bool link_target(struct oak_arena *arena, const char *path, const char **real, struct oak_error *err)
{
    char target[PATH_MAX], folder[PATH_MAX];
    if (realpath(path, target) == NULL || realpath(oak_path_parent(arena, path), folder) == NULL)
        return oak_file_fail(err, errno);

    const size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    if (strncmp(target, folder, len) != 0 || target[len] != '/')
        return oak_file_refuse(err, "is a symbolic link that leaves its folder");
    *real = oak_arena_cstr(arena, oak_str_from(target));
    return true;
}

enum oak_path_kind oak_path_kind(struct oak_arena *arena, const char *path, const char **real, struct oak_error *err)
{
    struct stat followed;
    const bool is_there = lstat(path, &followed) == 0;
    const bool is_link = is_there && S_ISLNK(followed.st_mode);
    if (!is_there || (is_link && stat(path, &followed) != 0)) {
        const int reason = errno;
        const oak_str meant = reason == ENOENT ? oak_path_nearest(arena, path) : OAK_STR("");
        if (meant.len > 0)
            oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "no such file or directory: did you mean '%.*s'?", (int)meant.len, meant.ptr);
        else
            oak_file_fail(err, reason);
        return OAK_PATH_ERROR;
    }
    *real = path;
    if (S_ISDIR(followed.st_mode))
        return OAK_PATH_FOLDER;
    if (!S_ISREG(followed.st_mode)) {
        oak_file_refuse(err, S_ISFIFO(followed.st_mode) ? "is not a regular file: standard input is '-'" : "is not a regular file");
        return OAK_PATH_ERROR;
    }
    if (is_link && !link_target(arena, path, real, err))
        return OAK_PATH_ERROR;
    return OAK_PATH_FILE;
}

/* Reads `enough` bytes, up to `size` of them if they come along; fewer only at the end. */
static bool read_up_to(int fd, char *bytes, size_t enough, size_t size, size_t *len, struct oak_error *err)
{
    *len = 0;
    while (*len < enough) {
        const ssize_t got = read(fd, bytes + *len, size - *len);
        if (got == 0)
            return true;
        if (got > 0) {
            *len += (size_t)got;
        } else if (errno == EAGAIN) {
            /* A terminal or pipe that somebody else made non-blocking. */
            poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, -1);
        } else if (errno != EINTR) {
            return oak_file_fail(err, errno);
        }
    }
    return true;
}

bool oak_file_read_open(struct oak_arena *arena, int fd, size_t max_bytes, oak_str *out, struct oak_file_stamp *stamp,
                        struct oak_error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return oak_file_fail(err, errno);
    if (!S_ISREG(status.st_mode))
        return oak_file_refuse(err, "is not a regular file");
    if ((uintmax_t)status.st_size > max_bytes)
        return fail_too_large(err, max_bytes);

    /* There is room for one byte more: growth shows without a second read. */
    const size_t size = (size_t)status.st_size;
    char *const bytes = oak_arena_bytes(arena, size + 1);
    size_t len;
    if (!read_up_to(fd, bytes, size, size + 1, &len, err))
        return false;
    if (len != size)
        return oak_file_refuse(err, "changed while it was read");
    *out = (oak_str){ bytes, len };
    *stamp = oak_file_stamp_make(&status);
    return true;
}

int oak_file_opened(int fd, struct oak_error *err)
{
    if (fd < 0 && errno == ELOOP)
        oak_file_refuse(err, "is a symbolic link");
    else if (fd < 0 && errno == ENXIO) /* a socket */
        oak_file_refuse(err, "is not a regular file");
    else if (fd < 0)
        oak_file_fail(err, errno);
    return fd;
}

bool oak_file_read(struct oak_arena *arena, const char *path, size_t max_bytes, oak_str *out,
                   struct oak_file_stamp *stamp, struct oak_error *err)
{
    const int fd = oak_file_opened(open(path, OAK_FILE_OPEN_FLAGS), err);
    if (fd < 0)
        return false;
    const bool is_read = oak_file_read_open(arena, fd, max_bytes, out, stamp, err);
    close(fd);
    return is_read;
}

bool oak_stream_read(struct oak_arena *arena, int fd, size_t max_bytes, oak_str *out, struct oak_error *err)
{
    char part[16 * 1024];
    struct oak_buf text;
    oak_buf_init(&text, arena);
    size_t len;
    do {
        if (!read_up_to(fd, part, sizeof part, sizeof part, &len, err))
            return false;
        if (len > max_bytes - text.len)
            return fail_too_large(err, max_bytes);
        oak_buf_add(&text, (oak_str){ part, len });
    } while (len == sizeof part);
    *out = oak_buf_str(&text);
    return true;
}
