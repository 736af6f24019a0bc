/* A folder of its own for each test, and what the tests of files share. */
#ifndef OAK_TESTS_FILES_TEST_H
#define OAK_TESTS_FILES_TEST_H

#include "files/files.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1024 * 1024, MAX_BYTES = 64 * MIB, NOBODY = 65534 };

static char folder[4096];
static struct oak_arena arena;
static struct oak_error err;

static inline void setup(void)
{
    const char *const tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/oakum-test-XXXXXX", tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    cr_assert_eq(setenv("HOME", folder, 1) + setenv("XDG_CONFIG_HOME", folder, 1), 0);
    oak_arena_init(&arena);
}

static inline int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static inline void teardown(void)
{
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* A skipped test is not torn down by Criterion. */
#define SKIP(...)                                                                                           \
    do {                                                                                                    \
        teardown();                                                                                         \
        cr_skip_test(__VA_ARGS__);                                                                          \
    } while (0)

static inline void put(const char *path, const char *text)
{
    FILE *const file = fopen(path, "w");
    cr_assert_not_null(file, "%s", path);
    cr_assert(fputs(text, file) >= 0);
    cr_assert_eq(fclose(file), 0);
}

static inline struct oak_file_stamp stamp_of(const char *path)
{
    struct oak_file_stamp stamp;
    oak_str text;
    cr_assert(oak_file_read(&arena, path, MAX_BYTES, &text, &stamp, &err), "%s: %s", path, err.text);
    return stamp;
}

static inline void expect_text(const char *path, const char *want)
{
    struct oak_file_stamp stamp;
    oak_str text;
    cr_assert(oak_file_read(&arena, path, MAX_BYTES, &text, &stamp, &err), "%s: %s", path, err.text);
    cr_assert(oak_str_eq(text, oak_str_from(want)), "%s is '%.*s'", path, (int)text.len, text.ptr);
}

static inline void expect_error(bool is_done, const char *want)
{
    cr_assert_not(is_done);
    cr_assert_str_eq(err.text, want);
    cr_assert_eq(err.kind, OAK_IO);
}

/* Runs `body` in a child; its answer is the child's exit status. */
static inline int status_of(int (*body)(void))
{
    const pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0)
        _exit(body());
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* From now on, this process has a kernel that does not know openat2. */
static inline void forbid_openat2(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = { .len = sizeof filter / sizeof *filter, .filter = filter };
    cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    cr_assert_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
    cr_assert(syscall(SYS_openat2, AT_FDCWD, ".", NULL, (size_t)0) == -1 && errno == ENOSYS);
}

static inline oak_str long_text(size_t len)
{
    struct oak_buf buf;
    oak_buf_init(&buf, &arena);
    for (size_t i = 0; buf.len < len; i++)
        oak_buf_addf(&buf, "line %zu\n", i);
    return (oak_str){ buf.ptr, len };
}

#endif
