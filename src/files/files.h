/* The door to the file system: read a file whole, walk a folder, replace a file or leave it.
 *
 * Nothing here hangs on a FIFO, follows a symbolic link that was not given by name, or leaves a file half written. A walk follows none
 * below its root, and neither does a desk on the way to what a walk has found, even if a folder becomes a link meanwhile. Functions that
 * take a path as it is follow the links in its folders, since a person may have meant them; never its last name.
 * Errors are of kind OAK_IO and do not name the file. No other room sees errno.
 * The program must ignore SIGXFSZ: otherwise a file size limit kills it in the middle of a write (the file stays whole,
 * the temporary one is left behind). */
#ifndef OAKUM_FILES_H
#define OAKUM_FILES_H

#include <oakum/base.h>

#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

/* ---- reading ---- */

/* Which file was read, and in which state. Two writes of the same size within one tick of the file system's clock
 * (some milliseconds) look the same. */
struct oak_file_stamp {
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec mtime, ctime;
    mode_t mode;
    nlink_t nlink;
};

enum oak_path_kind { OAK_PATH_FILE, OAK_PATH_FOLDER, OAK_PATH_ERROR };

/* What a path given by name is, and under which path to open it.
 *
 * real    the path itself, unless it is a symbolic link to a file: then the file behind it, in `arena`
 * fails   OAK_PATH_ERROR: missing (the error names the path that was probably meant), neither file nor folder, or a symbolic link to a file outside the link's folder. A
 *         symbolic link to a folder is a folder, wherever that is: it was asked for */
OAK_MUST_CHECK enum oak_path_kind oak_path_kind(struct oak_arena *arena, const char *path, const char **real,
                                                struct oak_error *err);

/* Of a path that is not there: the one that was probably meant; empty if none looks like it. */
oak_str oak_path_nearest(struct oak_arena *arena, const char *path);

/* Reads a regular file whole.
 *
 * stamp   what oak_file_replace wants back
 * fails   if it is a symbolic link or no regular file, is larger than max_bytes, or changes in length meanwhile */
OAK_MUST_CHECK bool oak_file_read(struct oak_arena *arena, const char *path, size_t max_bytes, oak_str *out,
                                  struct oak_file_stamp *stamp, struct oak_error *err);

/* Reads what is left of a stream, of any kind. */
OAK_MUST_CHECK bool oak_stream_read(struct oak_arena *arena, int fd, size_t max_bytes, oak_str *out,
                                    struct oak_error *err);

/* What a path leads to, whatever its name. */
struct oak_file_id {
    dev_t dev;
    ino_t ino;
};
/* Follows links; false if nothing is there. */
bool oak_file_id_of(const char *path, struct oak_file_id *out);

/* ---- adding ---- */

/* Adds to the end of a regular file, which need not be there; not if that would make it larger than `max_bytes`. */
OAK_MUST_CHECK bool oak_file_append(const char *path, oak_str text, size_t max_bytes, struct oak_error *err);

/* ---- looking around ---- */

/* The folder of a path that is there, as a real path; a folder is its own. Empty if there is none. */
oak_str oak_path_folder(struct oak_arena *arena, const char *path);

/* The last name of a path: what stands behind its last slash. */
const char *oak_path_name(const char *path);

/* Is there anything of this name? */
bool oak_path_is_there(const char *path);

/* Looks for a file `name` in the real folder `start` and above: up to the root of the repository, or, outside of one, up to
 * the current folder if that is above. Returns its folder; empty if there is none. */
oak_str oak_file_find_above(struct oak_arena *arena, oak_str start, const char *name);

/* Where a path that is there is, seen from the real folder `folder`: "" for itself; false if it is not inside. The last name of
 * a file is taken as it is: a link is known by its own name. */
bool oak_path_inside(struct oak_arena *arena, oak_str folder, const char *path, oak_str *inside);

/* A file in a real folder, named as from the current one: a/b, ../b. */
const char *oak_path_from_here(struct oak_arena *arena, oak_str folder, const char *name);

/* ---- walking ---- */

/* Leaves out a folder with all it holds, or a file. Asked once for each folder below the root and for each manifest;
 * `path` is spelt as oak_walk_next would. NULL leaves nothing out. */
typedef struct {
    bool (*skip)(void *context, const char *path, bool is_dir);
    void *context;
} oak_walk_filter;

enum oak_walk_result { OAK_WALK_FILE, OAK_WALK_ERROR, OAK_WALK_END };

/* A walk in progress: a stack of sorted listings, one for each folder on the way down. Its size depends on the depth
 * and the longest listings, not on the number of files. */
struct oak_walk {
    struct oak_arena arena; /* stack and path */
    OAK_LIST(struct oak_walk_folder *) stack; /* grown once; those above `depth` wait to be used again */
    size_t depth;
    struct oak_buf path; /* of the folder on top, with its final slash; then the entry's name and a NUL */
    size_t root_len;     /* bytes of each path that spell the root: the given_len of an oak_file_path */
    int root;            /* descriptor */
    oak_walk_filter filter;
};

/* Starts at a folder, which may be a symbolic link to one.
 * fails   if the root cannot be listed; nothing is left to free */
OAK_MUST_CHECK bool oak_walk_init(struct oak_walk *walk, const char *root, oak_walk_filter filter,
                                  struct oak_error *err);

/* Can a file of this name (without its folder) be a manifest: .yaml, .yml, .json, or Kustomization? */
bool oak_walk_wants(oak_str name);

/* Finds the next regular file that oak_walk_wants, in the order of the paths' bytes. Symbolic links
 * and folders named .git are passed over, other dot names are not. Paths begin with the root as it was given; those of
 * "." with nothing.
 *
 * path    valid until the next call; NULL at the end
 * err     filled for OAK_WALK_ERROR only: the folder at `path` cannot be listed; the walk goes on after it */
enum oak_walk_result oak_walk_next(struct oak_walk *walk, const char **path, struct oak_error *err);

void oak_walk_free(struct oak_walk *walk);

/* ---- writing ---- */

/* Replaces a file that was read before, wholly or not at all, even when killed or without power. After a loss of power, or if the
 * disk fails to write the folder, its name may lead to the old bytes again: never to half of the new ones.
 *
 * Mode, owner and extended attributes are kept. Without the right to give the file back to its owner it becomes ours
 * and loses setuid; without the right to its group, the new group may do what all others may.
 *
 * fails   and the file is untouched: if it changed since it was read, is a symbolic link, has several hard links, is
 *         read-only (for root, too), is being replaced by another process, or the disk is full */
OAK_MUST_CHECK bool oak_file_replace(const char *path, const struct oak_file_stamp *stamp, oak_str bytes,
                                     struct oak_error *err);

/* The way to a file: the first `given_len` bytes were given by a person, the rest was found by a walk. There, no link is followed. */
typedef struct {
    const char *path;
    size_t given_len;
} oak_file_path;
oak_file_path oak_file_path_given(const char *path); /* all of it */

/* The folder that was given by name, kept open for those below it. */
struct oak_root {
    struct oak_arena arena;
    oak_str given;
    int fd; /* -1: none */
};

/* For many files, read and replaced one after the other: the folder of the last one stays open, and the file itself until it is
 * replaced or another is read. Waits for the disk once for all new names in a folder. */
struct oak_desk {
    struct oak_root root;
    struct oak_arena arena;
    oak_file_path path; /* of the folder */
    int folder, file; /* descriptors; -1: none */
    struct oak_file_stamp stamp; /* of the file */
    char temp_name[16]; /* of the last temporary file in the folder: gone, so the next can have it */
    bool has_new_names;
};
void oak_desk_init(struct oak_desk *desk);
/* As oak_file_read, to be replaced perhaps. */
OAK_MUST_CHECK bool oak_desk_read(struct oak_desk *desk, struct oak_arena *arena, oak_file_path path, size_t max_bytes, oak_str *out,
                                  struct oak_file_stamp *stamp, struct oak_error *err);
/* The same, with fewer calls of the system, for a file that will not be. */
OAK_MUST_CHECK bool oak_desk_look(struct oak_desk *desk, struct oak_arena *arena, oak_file_path path, size_t max_bytes, oak_str *out,
                                  struct oak_file_stamp *stamp, struct oak_error *err);
/* As oak_file_replace. */
OAK_MUST_CHECK bool oak_desk_replace(struct oak_desk *desk, oak_file_path path, const struct oak_file_stamp *stamp, oak_str bytes,
                                     struct oak_error *err);
void oak_desk_free(struct oak_desk *desk);

/* Would it be replaced, as far as can be told without writing? Fails with the reason why not. */
OAK_MUST_CHECK bool oak_file_is_replaceable(const char *path, const struct oak_file_stamp *stamp, struct oak_error *err);

/* ---- within this room ---- */

/* Both fill `err` and return false: with our words, or with the system's. */
bool oak_file_refuse(struct oak_error *err, const char *text);
bool oak_file_fail(struct oak_error *err, int error_number);

struct oak_file_stamp oak_file_stamp_make(const struct stat *status);

/* How a file is opened to be read, so that nothing hangs and no link is followed. */
#define OAK_FILE_OPEN_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
/* Returns what such an open has returned; fills `err` if that is no file. */
int oak_file_opened(int fd, struct oak_error *err);

/* As openat, but fails with ELOOP (where that is not known: ENOTDIR) if any part of the path is a link. */
int oak_file_open_below(int root, const char *path, int flags);

void oak_root_init(struct oak_root *root);
/* As open, for a file or folder. */
int oak_root_open(struct oak_root *root, oak_file_path path, int flags);
void oak_root_free(struct oak_root *root);

/* Reads it whole; it stays open. */
bool oak_file_read_open(struct oak_arena *arena, int fd, size_t max_bytes, oak_str *out, struct oak_file_stamp *stamp,
                        struct oak_error *err);

/* All of it, to a file that is open; an interrupted write goes on. */
bool oak_file_write_all(int fd, oak_str bytes, struct oak_error *err);

/* The folder that holds `path`: "." for a bare name. */
const char *oak_path_parent(struct oak_arena *arena, const char *path);

#endif
