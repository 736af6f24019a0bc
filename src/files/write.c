/* A file becomes another, wholly or not at all. The new bytes go to a temporary file in the same folder, which then
 * changes places with the old one: only what was swapped out tells for sure what was replaced. */
#include "files/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/xattr.h>
#include <unistd.h>

#define TEMP_PREFIX ".oakum-"
enum { TEMP_LETTERS = 6, TEMP_TRIES = 100 };
_Static_assert(sizeof TEMP_PREFIX + TEMP_LETTERS <= sizeof ((struct oak_desk *)0)->temp_name, "a desk keeps a name");

/* One replacement under way. Names are relative to `folder`: it may be renamed meanwhile. */
struct replacement {
    const struct oak_file_stamp *stamp;
    const char *name;
    char *temp_name; /* of the desk: what was gone again can be had again */
    int folder, old, temp; /* descriptors; -1 = not open */
    struct stat status;    /* of old */
    bool has_temp;         /* temp_name is ours to remove */
    bool is_sure;          /* it is tried at once: nobody relies on a guess */
};

static bool fail_changed(struct oak_error *err)
{
    return oak_file_refuse(err, "changed since it was read");
}

static bool is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* Without ctime: to be swapped out is a change of it. */
static bool is_same_file(const struct oak_file_stamp *a, const struct oak_file_stamp *b)
{
    return a->dev == b->dev && a->ino == b->ino && a->size == b->size && is_same_time(a->mtime, b->mtime);
}

static bool find_stamp(const struct replacement *job, const char *name, struct oak_file_stamp *out)
{
    struct stat status;
    if (fstatat(job->folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    *out = oak_file_stamp_make(&status);
    return true;
}

/* ---- may it be replaced? ---- */

static bool is_unchanged(const struct replacement *job, const struct oak_file_stamp *now)
{
    return is_same_file(now, job->stamp) && is_same_time(now->ctime, job->stamp->ctime);
}

static bool check_replaceable(struct replacement *job, struct oak_error *err)
{
    /* Two runs that read the same file must not swap each other's results in and out. File systems without locks are
     * served without. */
    if (flock(job->old, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return oak_file_refuse(err, "is being replaced by another process");
    /* Behind the lock: what was opened by this name is what was read, and nobody else has written it. */
    if (fstat(job->old, &job->status) != 0)
        return oak_file_fail(err, errno);
    if (!S_ISREG(job->status.st_mode))
        return oak_file_refuse(err, "is not a regular file");
    if (job->status.st_nlink > 1)
        return oak_file_refuse(err, "has more than one hard link");
    if ((job->status.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0)
        return oak_file_refuse(err, "is read-only");
    /* Whose it is may write to it if the bits say so, as far as anybody can tell before the swap. */
    const bool is_ours = job->status.st_uid == geteuid() && (job->status.st_mode & S_IWUSR) != 0;
    if (!(is_ours && job->is_sure) && faccessat(job->folder, job->name, W_OK, AT_EACCESS) != 0)
        return oak_file_fail(err, errno);
    const struct oak_file_stamp now = oak_file_stamp_make(&job->status);
    return is_unchanged(job, &now) || fail_changed(err);
}

static bool open_old(struct replacement *job, struct oak_error *err)
{
    if (job->old < 0)
        job->old = oak_file_opened(openat(job->folder, job->name, OAK_FILE_OPEN_FLAGS), err);
    return job->old >= 0 && check_replaceable(job, err);
}

/* ---- the temporary file ---- */

static bool make_temp_name(struct replacement *job)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345"; /* 32: no bias */
    unsigned char random[TEMP_LETTERS];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return false;
    memcpy(job->temp_name, TEMP_PREFIX, sizeof TEMP_PREFIX);
    for (size_t i = 0; i < TEMP_LETTERS; i++)
        job->temp_name[sizeof TEMP_PREFIX - 1 + i] = letters[random[i] % 32];
    return true;
}

/* If all may read the old file, and only its owner may write to it, whoever that is and whatever its group, that can be so from the
 * start. Else it is nobody's but ours until it has both. */
static mode_t temp_mode(mode_t old)
{
    const mode_t open_to_read = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;
    return (old & 07777) == open_to_read ? open_to_read : S_IRUSR | S_IWUSR;
}

static bool make_temp(struct replacement *job, struct oak_error *err)
{
    for (int i = 0; i < TEMP_TRIES; i++) {
        if ((i > 0 || job->temp_name[0] == '\0') && !make_temp_name(job))
            return oak_file_fail(err, errno);
        job->temp = openat(job->folder, job->temp_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                           temp_mode(job->status.st_mode));
        job->has_temp = job->temp >= 0;
        if (job->has_temp)
            return true;
        if (errno != EEXIST)
            break;
    }
    return oak_file_fail(err, errno);
}

/* Digests and signatures of the old bytes, and privileges given to them, are not for the new ones. */
static bool is_xattr_kept(oak_str name)
{
    return !oak_str_starts(name, OAK_STR("security.")) || oak_str_eq(name, OAK_STR("security.selinux"));
}

/* False if it is gone, may not be read, or grows faster than we can ask. */
static bool read_xattr(struct oak_arena *arena, int fd, const char *name, oak_str *out)
{
    ssize_t len = -1;
    for (int tries = 0; tries < 2 && len < 0; tries++) {
        const ssize_t size = fgetxattr(fd, name, NULL, 0);
        if (size < 0)
            return false;
        char *const value = oak_arena_bytes(arena, (size_t)size + 1);
        len = fgetxattr(fd, name, value, (size_t)size + 1); /* of 0 bytes it would tell the size */
        *out = (oak_str){ value, (size_t)len };
        if (len < 0 && errno != ERANGE)
            return false;
    }
    return len >= 0;
}

static void copy_xattr(struct oak_arena *arena, const struct replacement *job, const char *name)
{
    oak_str value;
    /* Not every attribute may be set by us; the system has set those already. */
    if (read_xattr(arena, job->old, name, &value))
        (void)fsetxattr(job->temp, name, value.ptr, value.len, 0);
}

static void copy_xattrs(struct oak_arena *arena, const struct replacement *job)
{
    const ssize_t size = flistxattr(job->old, NULL, 0);
    if (size <= 0)
        return;
    char *const names = oak_arena_bytes(arena, (size_t)size + 1);
    const ssize_t len = flistxattr(job->old, names, (size_t)size);
    for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
        if (is_xattr_kept(oak_str_from(names + at)))
            copy_xattr(arena, job, names + at);
    }
}

static bool copy_owner_and_mode(const struct replacement *job, struct oak_error *err)
{
    struct stat temp;
    const struct stat *const old = &job->status;
    if (fstat(job->temp, &temp) != 0)
        return oak_file_fail(err, errno);
    mode_t mode = old->st_mode & 07777;
    if (old->st_gid != temp.st_gid && fchown(job->temp, (uid_t)-1, old->st_gid) != 0)
        mode = (mode & ~(mode_t)(S_ISGID | S_IRWXG)) | (mode & S_IRWXO) << 3;
    if (old->st_uid != temp.st_uid && fchown(job->temp, old->st_uid, (gid_t)-1) != 0)
        mode &= ~(mode_t)S_ISUID;
    if (mode != (temp.st_mode & 07777) && fchmod(job->temp, mode) != 0)
        return oak_file_fail(err, errno);
    return true;
}

static bool fill_temp(struct oak_arena *arena, const struct replacement *job, oak_str bytes, struct oak_error *err)
{
    if (!oak_file_write_all(job->temp, bytes, err) || !copy_owner_and_mode(job, err))
        return false;
    copy_xattrs(arena, job);
    if (fsync(job->temp) != 0)
        return oak_file_fail(err, errno);
    return true;
}

/* ---- changing places ---- */

/* Somebody saved between our last look and the swap: give the name back. If there was a third writer, the temporary
 * name may now hold bytes that exist nowhere else; such a file is left and named. */
static bool swap_back(struct replacement *job, struct oak_error *err)
{
    struct stat ours, there;
    const bool is_back =
        renameat2(job->folder, job->temp_name, job->folder, job->name, RENAME_EXCHANGE) == 0 &&
        fstat(job->temp, &ours) == 0 &&
        fstatat(job->folder, job->temp_name, &there, AT_SYMLINK_NOFOLLOW) == 0 && ours.st_ino == there.st_ino;
    if (is_back)
        return fail_changed(err);
    job->has_temp = false;
    return oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "changed since it was read; another version of it is now '%s'",
                    job->temp_name);
}

static bool rename_over(struct replacement *job, struct oak_error *err)
{
    struct oak_file_stamp now;
    if (!find_stamp(job, job->name, &now) || !is_unchanged(job, &now))
        return fail_changed(err);
    if (renameat(job->folder, job->temp_name, job->folder, job->name) != 0)
        return oak_file_fail(err, errno);
    job->has_temp = false;
    return true;
}

static bool change_places(struct replacement *job, struct oak_error *err)
{
    if (renameat2(job->folder, job->temp_name, job->folder, job->name, RENAME_EXCHANGE) != 0) {
        /* Overlays and network file systems know no exchange. */
        if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
            return rename_over(job, err);
        return errno == ENOENT ? fail_changed(err) : oak_file_fail(err, errno);
    }
    struct oak_file_stamp swapped_out;
    if (!find_stamp(job, job->temp_name, &swapped_out) || !is_same_file(&swapped_out, job->stamp))
        return swap_back(job, err);
    return true;
}

static bool replace_in_folder(struct oak_arena *arena, struct replacement *job, oak_str bytes, struct oak_error *err)
{
    return open_old(job, err) && make_temp(job, err) && fill_temp(arena, job, bytes, err) && change_places(job, err);
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

static struct replacement replacement_of(const char *path, const struct oak_file_stamp *stamp)
{
    return (struct replacement){ .stamp = stamp, .name = oak_path_name(path), .folder = -1, .old = -1, .temp = -1 };
}

bool oak_file_is_replaceable(const char *path, const struct oak_file_stamp *stamp, struct oak_error *err)
{
    struct oak_arena arena;
    oak_arena_init(&arena);
    struct replacement job = replacement_of(path, stamp);

    job.folder = open(oak_path_parent(&arena, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_replaceable = job.folder >= 0 ? open_old(&job, err) : oak_file_fail(err, errno);
    if (is_replaceable && faccessat(job.folder, ".", W_OK | X_OK, AT_EACCESS) != 0)
        is_replaceable = oak_file_fail(err, errno);

    close_if_open(job.old);
    close_if_open(job.folder);
    oak_arena_free(&arena);
    return is_replaceable;
}

void oak_desk_init(struct oak_desk *desk)
{
    *desk = (struct oak_desk){ .folder = -1, .file = -1 };
    oak_root_init(&desk->root);
    oak_arena_init(&desk->arena);
}

static void close_file(struct oak_desk *desk)
{
    close_if_open(desk->file);
    desk->file = -1;
}

/* Whether new names reach the disk does not change what the files are: old or new. Once for all of a folder is enough, and that it
 * fails is no reason to say that a file was not replaced (files.h). */
static void leave_folder(struct oak_desk *desk)
{
    if (desk->has_new_names)
        (void)fsync(desk->folder);
    close_if_open(desk->folder);
    desk->folder = -1;
    desk->has_new_names = false;
    oak_arena_reset(&desk->arena);
}

static bool enter_folder(struct oak_desk *desk, struct oak_arena *arena, oak_file_path file, struct oak_error *err)
{
    const char *const folder = oak_path_parent(arena, file.path);
    const oak_file_path path = { folder, file.given_len < strlen(folder) ? file.given_len : strlen(folder) };
    if (desk->folder >= 0 && desk->path.given_len == path.given_len && strcmp(desk->path.path, folder) == 0)
        return true;
    leave_folder(desk);
    desk->path = (oak_file_path){ oak_arena_cstr(&desk->arena, oak_str_from(folder)), path.given_len };
    desk->folder = oak_root_open(&desk->root, path, O_RDONLY | O_DIRECTORY);
    return desk->folder >= 0 || oak_file_fail(err, errno == ELOOP ? ENOTDIR : errno);
}

bool oak_desk_look(struct oak_desk *desk, struct oak_arena *arena, oak_file_path path, size_t max_bytes, oak_str *out,
                   struct oak_file_stamp *stamp, struct oak_error *err)
{
    const int fd = oak_file_opened(oak_root_open(&desk->root, path, OAK_FILE_OPEN_FLAGS), err);
    if (fd < 0)
        return false;
    const bool is_read = oak_file_read_open(arena, fd, max_bytes, out, stamp, err);
    close(fd);
    return is_read;
}

bool oak_desk_read(struct oak_desk *desk, struct oak_arena *arena, oak_file_path path, size_t max_bytes, oak_str *out,
                   struct oak_file_stamp *stamp, struct oak_error *err)
{
    struct oak_error ignored;
    close_file(desk);
    /* Who may search a folder but not list it can read in it. */
    if (!enter_folder(desk, arena, path, &ignored))
        return oak_desk_look(desk, arena, path, max_bytes, out, stamp, err);
    desk->file = oak_file_opened(openat(desk->folder, oak_path_name(path.path), OAK_FILE_OPEN_FLAGS), err);
    const bool is_read = desk->file >= 0 && oak_file_read_open(arena, desk->file, max_bytes, out, stamp, err);
    if (is_read)
        desk->stamp = *stamp;
    else
        close_file(desk);
    return is_read;
}

/* The file that was read last, if that is the one: nobody has to look for it again. */
static int take_file(struct oak_desk *desk, const struct oak_file_stamp *stamp)
{
    const bool is_it = desk->file >= 0 && desk->stamp.dev == stamp->dev && desk->stamp.ino == stamp->ino;
    const int file = is_it ? desk->file : -1;
    desk->file = is_it ? -1 : desk->file;
    return file;
}

bool oak_desk_replace(struct oak_desk *desk, oak_file_path path, const struct oak_file_stamp *stamp, oak_str bytes,
                      struct oak_error *err)
{
    struct oak_arena arena;
    oak_arena_init(&arena);
    struct replacement job = replacement_of(path.path, stamp);
    job.temp_name = desk->temp_name;

    bool is_replaced = enter_folder(desk, &arena, path, err);
    job.folder = desk->folder;
    job.old = take_file(desk, stamp);
    job.is_sure = true;
    is_replaced = is_replaced && replace_in_folder(&arena, &job, bytes, err);
    if (job.has_temp)
        unlinkat(job.folder, job.temp_name, 0);
    desk->has_new_names = desk->has_new_names || is_replaced;

    close_if_open(job.temp);
    close_if_open(job.old);
    oak_arena_free(&arena);
    return is_replaced;
}

void oak_desk_free(struct oak_desk *desk)
{
    close_file(desk);
    leave_folder(desk);
    oak_root_free(&desk->root);
    oak_arena_free(&desk->arena);
}

bool oak_file_replace(const char *path, const struct oak_file_stamp *stamp, oak_str bytes, struct oak_error *err)
{
    struct oak_desk desk;
    oak_desk_init(&desk);
    const bool is_replaced = oak_desk_replace(&desk, oak_file_path_given(path), stamp, bytes, err);
    oak_desk_free(&desk);
    return is_replaced;
}
