/* Replacing a file against every odd: changed, linked, foreign, read-only, full disk, killed, raced. */
#include "files_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/xattr.h>

TestSuite(replace, .init = setup, .fini = teardown, .timeout = 120);

static bool replace(const char *path, const struct oak_file_stamp *stamp, const char *text)
{
    return oak_file_replace(path, stamp, oak_str_from(text), &err);
}

/* Counts what temporary files were left in the current folder, and removes them. */
static int remove_temps(void)
{
    int count = 0;
    DIR *const stream = opendir(".");
    cr_assert_not_null(stream);
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        if (strncmp(entry->d_name, ".oakum-", 7) == 0 && unlink(entry->d_name) == 0)
            count++;
    }
    closedir(stream);
    return count;
}

Test(replace, replaces_and_keeps_the_mode)
{
    static const mode_t modes[] = { 0644, 0600, 0755, 0666, 04755, 0200 | 0044 };
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct stat status;
        put("web.yaml", "old");
        cr_assert_eq(chmod("web.yaml", modes[i]), 0);
        if (access("web.yaml", R_OK) != 0)
            continue;
        if (geteuid() == 0)
            cr_assert_eq(chown("web.yaml", NOBODY, 1234) + chmod("web.yaml", modes[i]), 0);
        const struct oak_file_stamp stamp = stamp_of("web.yaml");
        cr_assert(replace(i % 2 == 0 ? "web.yaml" : "./web.yaml", &stamp, "new text"), "%s", err.text);
        expect_text("web.yaml", "new text");
        cr_assert_eq(stat("web.yaml", &status), 0);
        cr_assert_eq(status.st_mode & 07777, modes[i], "%o", status.st_mode);
        if (geteuid() == 0)
            cr_assert(status.st_uid == NOBODY && status.st_gid == 1234);
        cr_assert_eq(remove_temps(), 0);
        cr_assert_eq(unlink("web.yaml"), 0);
    }
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(replace, keeps_extended_attributes)
{
    char value[8];
    put("web.yaml", "old");
    if (setxattr("web.yaml", "user.note", "kept", 4, 0) != 0)
        SKIP("no extended attributes here: %s", strerror(errno));
    const struct oak_file_stamp stamp = stamp_of("web.yaml");
    cr_assert(replace("web.yaml", &stamp, "new"), "%s", err.text);
    cr_assert_eq(getxattr("web.yaml", "user.note", value, sizeof value), 4);
    cr_assert_eq(memcmp(value, "kept", 4), 0);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

static void make_longer(void) { put("web.yaml", "old, longer"); }
static void make_another(void)
{
    put("other.yaml", "old");
    cr_assert_eq(rename("other.yaml", "web.yaml"), 0);
}
static void make_missing(void) { cr_assert_eq(unlink("web.yaml"), 0); }
static void make_folder(void) { cr_assert_eq(unlink("web.yaml") + mkdir("web.yaml", 0700), 0); }
static void make_fifo(void) { cr_assert_eq(unlink("web.yaml") + mkfifo("web.yaml", 0700), 0); }
static void make_linked(void) { cr_assert_eq(link("web.yaml", "twin.yaml"), 0); }
static void make_read_only(void) { cr_assert_eq(chmod("web.yaml", 0444), 0); }
static void make_mode(void) { cr_assert_eq(chmod("web.yaml", 0640), 0); }
static void make_link(void)
{
    cr_assert_eq(rename("web.yaml", "real.yaml") + symlink("real.yaml", "web.yaml"), 0);
}
static void make_later(void)
{
    const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = 1000 } };
    cr_assert_eq(utimensat(AT_FDCWD, "web.yaml", times, 0), 0);
}

Test(replace, refuses_to_replace)
{
    static const struct {
        void (*change)(void);
        const char *want, *text; /* text = NULL: no file is left */
    } cases[] = {
        { make_longer, "changed since it was read", "old, longer" },
        { make_another, "changed since it was read", "old" },
        { make_later, "changed since it was read", "old" },
        { make_mode, "changed since it was read", "old" },
        { make_missing, "no such file or directory", NULL },
        { make_folder, "is not a regular file", NULL },
        { make_fifo, "is not a regular file", NULL },
        { make_linked, "has more than one hard link", "old" },
        { make_read_only, "is read-only", "old" },
        { make_link, "is a symbolic link", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put("web.yaml", "old");
        const struct oak_file_stamp stamp = stamp_of("web.yaml");
        /* The clock of the file system must tick before a change can show. */
        nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
        cases[i].change();
        expect_error(replace("web.yaml", &stamp, "new"), cases[i].want);
        if (cases[i].text != NULL)
            expect_text("web.yaml", cases[i].text);
        cr_assert_eq(remove_temps(), 0, "%zu", i);
        remove("web.yaml");
        remove("twin.yaml");
    }
    expect_text("real.yaml", "old");
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

static struct oak_file_stamp shared_stamp;

static int replace_as_nobody(void)
{
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        return 2;
    return !replace("web.yaml", &shared_stamp, "new") && strcmp(err.text, "permission denied") == 0 ? 0 : 1;
}

Test(replace, needs_the_right_to_write_the_file)
{
    if (geteuid() != 0)
        SKIP("needs root to make a file of somebody else");
    /* The folder is everybody's: a rename alone would succeed. */
    cr_assert_eq(chmod(folder, 0777), 0);
    put("web.yaml", "old");
    cr_assert_eq(chmod("web.yaml", 0644), 0);
    shared_stamp = stamp_of("web.yaml");
    cr_assert_eq(status_of(replace_as_nobody), 0);
    expect_text("web.yaml", "old");
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

static int replace_foreign_file_as_nobody(void)
{
    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
        return 2;
    return replace("web.yaml", &shared_stamp, "new") ? 0 : 1;
}

Test(replace, gives_rights_to_no_other_group)
{
    struct stat status;
    if (geteuid() != 0)
        SKIP("needs root to make a file of somebody else");
    cr_assert_eq(chmod(folder, 0777), 0);
    put("web.yaml", "old");
    cr_assert_eq(chmod("web.yaml", 04676), 0);
    shared_stamp = stamp_of("web.yaml");
    cr_assert_eq(status_of(replace_foreign_file_as_nobody), 0);
    cr_assert_eq(stat("web.yaml", &status), 0);
    cr_assert_eq(status.st_mode & 07777, 0666, "%o", status.st_mode);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

static int replace_on_full_disk(void)
{
    const struct rlimit limit = { 64 * 1024, 64 * 1024 };
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 2;
    const oak_str text = long_text(200 * 1000);
    const bool is_done = oak_file_replace("web.yaml", &shared_stamp, text, &err);
    return !is_done && strcmp(err.text, "file too large") == 0 && remove_temps() == 0 ? 0 : 1;
}

/* ---- a desk: many files, one after the other ---- */

static struct oak_desk desk;

static struct oak_file_stamp read_at_desk(const char *path, const char *expected)
{
    struct oak_file_stamp stamp;
    oak_str text;
    cr_assert(oak_desk_read(&desk, &arena, oak_file_path_given(path), MAX_BYTES, &text, &stamp, &err), "%s: %s", path, err.text);
    cr_assert(oak_str_eq(text, oak_str_from(expected)), "%s", path);
    return stamp;
}

static bool replace_at_desk(const char *path, const struct oak_file_stamp *stamp, const char *text)
{
    return oak_desk_replace(&desk, oak_file_path_given(path), stamp, oak_str_from(text), &err);
}

Test(replace, works_through_files_at_a_desk)
{
    static const char *const paths[] = { "a/web.yaml", "a/db.yaml", "b/web.yaml", "b/web.yaml", "top.yaml", "a/web.yaml" };
    cr_assert_eq(mkdir("a", 0755) + mkdir("b", 0755), 0);
    oak_desk_init(&desk);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        put(paths[i], "old");
        const struct oak_file_stamp stamp = read_at_desk(paths[i], "old");
        cr_assert(replace_at_desk(paths[i], &stamp, "new"), "%s: %s", paths[i], err.text);
        expect_text(paths[i], "new");
        read_at_desk(paths[i], "new");
    }
    oak_desk_free(&desk);
    cr_assert_eq(rmdir("a") + rmdir("b"), -2); /* the files are there, */
    cr_assert_eq(unlink("a/web.yaml") + unlink("a/db.yaml") + unlink("b/web.yaml"), 0);
    cr_assert_eq(rmdir("a") + rmdir("b"), 0); /* and nothing else */
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

/* Of a path that a walk has found: a folder on it is another one now. */
static void expect_no_link_replaced(void)
{
    static const size_t given[] = { 0, 2, 4 }; /* bytes of t/a/b/web.yaml: from where no link is followed */
    oak_desk_init(&desk);
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        const oak_file_path path = { "t/a/b/web.yaml", given[i] };
        struct oak_file_stamp stamp;
        oak_str text;
        cr_assert_eq(mkdir("t", 0755) + mkdir("t/a", 0755) + mkdir("t/a/b", 0755) + mkdir("c", 0755), 0);
        put("t/a/b/web.yaml", "old");
        put("c/next.yaml", "");
        cr_assert(oak_desk_read(&desk, &arena, path, MAX_BYTES, &text, &stamp, &err), "%s", err.text);
        cr_assert(oak_desk_replace(&desk, path, &stamp, OAK_STR("new"), &err), "%s", err.text);
        cr_assert(oak_desk_look(&desk, &arena, path, MAX_BYTES, &text, &stamp, &err) && oak_str_eq(text, OAK_STR("new")));
        /* The desk leaves the folder; then a link stands for the last one. */
        cr_assert(oak_desk_read(&desk, &arena, oak_file_path_given("c/next.yaml"), MAX_BYTES, &text, &stamp, &err));
        stamp = stamp_of("t/a/b/web.yaml");
        cr_assert_eq(rename("t/a/b", "elsewhere") + symlink("../../elsewhere", "t/a/b"), 0);
        expect_text("t/a/b/web.yaml", "new");
        cr_assert_not(oak_desk_replace(&desk, path, &stamp, OAK_STR("newer"), &err));
        cr_assert_not(oak_desk_read(&desk, &arena, path, MAX_BYTES, &text, &stamp, &err), "%zu: %.*s", given[i], (int)text.len, text.ptr);
        cr_assert_not(oak_desk_look(&desk, &arena, path, MAX_BYTES, &text, &stamp, &err));
        expect_text("elsewhere/web.yaml", "new");
        cr_assert_eq(unlink("t/a/b") + unlink("elsewhere/web.yaml") + rmdir("elsewhere") + rmdir("t/a") + rmdir("t"), 0);
        cr_assert_eq(unlink("c/next.yaml") + rmdir("c"), 0);
    }
    oak_desk_free(&desk);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(replace, follows_no_link_that_came_later)
{
    expect_no_link_replaced();
}

Test(replace, follows_no_link_without_the_newest_call)
{
    forbid_openat2();
    expect_no_link_replaced();
}

/* A link that was given by name was meant. */
Test(replace, follows_links_given_by_name)
{
    struct oak_file_stamp stamp;
    oak_str text;
    cr_assert_eq(mkdir("t", 0755) + mkdir("t/b", 0755) + symlink("t", "link"), 0);
    put("t/b/web.yaml", "old");
    oak_desk_init(&desk);
    static const size_t given[] = { 5, 7, 99 };
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        const oak_file_path path = { "link/b/web.yaml", given[i] };
        cr_assert(oak_desk_read(&desk, &arena, path, MAX_BYTES, &text, &stamp, &err), "%s", err.text);
        cr_assert(oak_desk_replace(&desk, path, &stamp, OAK_STR("new"), &err), "%s", err.text);
    }
    cr_assert_not(oak_desk_look(&desk, &arena, (oak_file_path){ "link/b/web.yaml", 0 }, MAX_BYTES, &text, &stamp, &err));
    oak_desk_free(&desk);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

/* It still holds the file that it read; what counts is what has its name now. */
Test(replace, refuses_at_a_desk_what_is_another_file_now)
{
    oak_desk_init(&desk);
    put("web.yaml", "old");
    struct oak_file_stamp stamp = read_at_desk("web.yaml", "old");
    put("other", "of somebody else");
    cr_assert_eq(rename("other", "web.yaml"), 0);
    cr_assert_not(replace_at_desk("web.yaml", &stamp, "new"));
    cr_assert_str_eq(err.text, "changed since it was read");
    expect_text("web.yaml", "of somebody else");

    stamp = read_at_desk("web.yaml", "of somebody else");
    cr_assert_eq(rename("web.yaml", "there") + symlink("there", "web.yaml"), 0);
    cr_assert_not(replace_at_desk("web.yaml", &stamp, "new"));
    expect_text("there", "of somebody else");

    cr_assert_eq(unlink("web.yaml"), 0);
    put("web.yaml", "old");
    stamp = read_at_desk("web.yaml", "old");
    cr_assert_eq(unlink("web.yaml"), 0);
    cr_assert_not(replace_at_desk("web.yaml", &stamp, "new"));
    cr_assert_eq(access("web.yaml", F_OK), -1);

    put("first.yaml", "first");
    put("second.yaml", "second");
    const struct oak_file_stamp first = read_at_desk("first.yaml", "first");
    const struct oak_file_stamp second = read_at_desk("second.yaml", "second");
    cr_assert(replace_at_desk("first.yaml", &first, "new"), "%s", err.text);
    cr_assert(replace_at_desk("second.yaml", &second, "new"), "%s", err.text);
    cr_assert_not(replace_at_desk("second.yaml", &second, "newer"));
    expect_text("first.yaml", "new");
    expect_text("second.yaml", "new");
    cr_assert_eq(remove_temps(), 0);
    oak_desk_free(&desk);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(replace, survives_a_full_disk)
{
    put("web.yaml", "old");
    shared_stamp = stamp_of("web.yaml");
    cr_assert_eq(status_of(replace_on_full_disk), 0);
    expect_text("web.yaml", "old");
    cr_assert_eq(remove_temps(), 0);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

static void replace_until_killed(oak_str a, oak_str b)
{
    for (;;) {
        struct oak_file_stamp stamp;
        oak_str text;
        if (!oak_file_read(&arena, "web.yaml", MAX_BYTES, &text, &stamp, &err))
            _exit(1);
        if (!oak_file_replace("web.yaml", &stamp, oak_str_eq(text, a) ? b : a, &err))
            _exit(2);
        oak_arena_reset(&arena);
    }
}

Test(replace, is_whole_when_killed)
{
    enum { ROUNDS = 50 };
    const oak_str a = long_text(150 * 1000);
    struct oak_arena texts = arena; /* survives the resets below */
    oak_arena_init(&arena);
    const oak_str b = { a.ptr, 70 * 1000 };
    put("web.yaml", "");
    struct oak_file_stamp stamp = stamp_of("web.yaml");
    cr_assert(oak_file_replace("web.yaml", &stamp, a, &err), "%s", err.text);
    srandom(1);
    for (int round = 0; round < ROUNDS; round++) {
        const pid_t child = fork();
        if (child == 0)
            replace_until_killed(a, b);
        nanosleep(&(struct timespec){ .tv_nsec = 1000 * (random() % 20000) }, NULL);
        cr_assert_eq(kill(child, SIGKILL), 0);
        int status;
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert(WIFSIGNALED(status), "the child gave up: %d", WEXITSTATUS(status));
        oak_str text;
        cr_assert(oak_file_read(&arena, "web.yaml", MAX_BYTES, &text, &stamp, &err), "%s", err.text);
        cr_assert(oak_str_eq(text, a) || oak_str_eq(text, b), "%zu bytes", text.len);
        remove_temps();
        oak_arena_reset(&arena);
    }
    oak_arena_free(&texts);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

/* Adds one to the number in the file, again and again: an update that is lost is missing in the sum. */
static int count_up(void)
{
    for (int done = 0; done < 100;) {
        struct oak_file_stamp stamp;
        oak_str text;
        if (!oak_file_read(&arena, "count", MAX_BYTES, &text, &stamp, &err))
            return 1;
        const oak_str next = oak_arena_printf(&arena, "%ld", strtol(oak_arena_cstr(&arena, text), NULL, 10) + 1);
        if (oak_file_replace("count", &stamp, next, &err))
            done++;
        else if (!oak_str_starts(oak_str_from(err.text), OAK_STR("changed")) &&
                 !oak_str_starts(oak_str_from(err.text), OAK_STR("is being replaced")))
            return 2;
        oak_arena_reset(&arena);
    }
    return 0;
}

Test(replace, loses_no_update)
{
    enum { WRITERS = 3 };
    put("count", "0");
    for (int i = 0; i < WRITERS; i++) {
        if (fork() == 0)
            _exit(count_up());
    }
    for (int i = 0; i < WRITERS; i++) {
        int status;
        cr_assert_gt(wait(&status), 0);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%d", status);
    }
    expect_text("count", "300");
    cr_assert_eq(remove_temps(), 0);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}
