/* The world: files that hang, hide, change and vanish; folders in order. Each test works in a folder of its own, which it
 * makes its current one. */
#include "files_test.h"

#include "git/git.h"

#include <fcntl.h>
#include <git2.h>
#include <sys/socket.h>
#include <sys/un.h>

TestSuite(files, .init = setup, .fini = teardown, .timeout = 120);

/* ---- reading ---- */

Test(files, reads_whole_files)
{
    put("web.yaml", "kind: Pod\n");
    put("empty.yaml", "");
    expect_text("web.yaml", "kind: Pod\n");
    expect_text("empty.yaml", "");
    const struct oak_file_stamp stamp = stamp_of("web.yaml");
    cr_assert_eq(stamp.size, 10);
    cr_assert_eq(stamp.nlink, 1);
    cr_assert(S_ISREG(stamp.mode));
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(files, refuses_what_is_no_file)
{
    static const struct {
        const char *path, *want;
    } cases[] = {
        { "fifo", "is not a regular file" },        { "folder", "is not a regular file" },
        { "socket", "is not a regular file" },      { "/dev/zero", "is not a regular file" },
        { "link", "is a symbolic link" },           { "missing", "no such file or directory" },
        { "file/below", "not a directory" },        { "large", "is larger than 8 bytes" },
    };
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    cr_assert_eq(mkfifo("fifo", 0600), 0);
    cr_assert_eq(mkdir("folder", 0700), 0);
    put("file", "12345678");
    put("large", "123456789");
    cr_assert_eq(symlink("file", "link"), 0);

    struct oak_file_stamp stamp;
    oak_str text;
    cr_assert(oak_file_read(&arena, "file", 8, &text, &stamp, &err));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_error(oak_file_read(&arena, cases[i].path, 8, &text, &stamp, &err), cases[i].want);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(files, says_sizes_in_mebibytes)
{
    put("sparse", "");
    cr_assert_eq(truncate("sparse", MAX_BYTES + 1), 0);
    struct oak_file_stamp stamp;
    oak_str text;
    expect_error(oak_file_read(&arena, "sparse", MAX_BYTES, &text, &stamp, &err), "is larger than 64 MiB");
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(files, reads_streams)
{
    const oak_str want = long_text(300 * 1000);
    int ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = fork();
    if (child == 0) {
        for (size_t at = 0; at < want.len; at += 1000) {
            if (write(ends[1], want.ptr + at, 1000) != 1000)
                _exit(1);
        }
        _exit(0);
    }
    close(ends[1]);
    cr_assert_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    oak_str text;
    cr_assert(oak_stream_read(&arena, ends[0], MAX_BYTES, &text, &err), "%s", err.text);
    cr_assert(oak_str_eq(text, want));
    cr_assert(oak_stream_read(&arena, ends[0], MAX_BYTES, &text, &err));
    cr_assert_eq(text.len, 0);
    close(ends[0]);
    cr_assert_eq(waitpid(child, NULL, 0), child);

    const int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    expect_error(oak_stream_read(&arena, zero, MIB, &text, &err), "is larger than 1 MiB");
    close(zero);
    expect_error(oak_stream_read(&arena, -1, MIB, &text, &err), "bad file descriptor");
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(files, tells_what_a_path_is)
{
    static const struct {
        const char *path;
        enum oak_path_kind kind;
        const char *want; /* end of the real path, or the error */
    } cases[] = {
        { "in/web.yaml", OAK_PATH_FILE, "in/web.yaml" },
        { "in", OAK_PATH_FOLDER, "in" },
        { "in/link.yaml", OAK_PATH_FILE, "/in/..data/web.yaml" },
        { "to-folder", OAK_PATH_FOLDER, "to-folder" },
        { "in/out.yaml", OAK_PATH_ERROR, "is a symbolic link that leaves its folder" },
        { "in/sly.yaml", OAK_PATH_ERROR, "is a symbolic link that leaves its folder" },
        { "in/lost.yaml", OAK_PATH_ERROR, "no such file or directory" },
        { "in/fifo", OAK_PATH_ERROR, "is not a regular file: standard input is '-'" },
        { "/dev/null", OAK_PATH_ERROR, "is not a regular file" },
        { "missing", OAK_PATH_ERROR, "no such file or directory" },
    };
    cr_assert_eq(mkdir("in", 0700) + mkdir("in/v1", 0700) + mkdir("in-other", 0700), 0);
    put("in/web.yaml", "a");
    put("in/v1/web.yaml", "b");
    put("in-other/x.yaml", "c");
    cr_assert_eq(mkfifo("in/fifo", 0600), 0);
    cr_assert_eq(symlink("v1", "in/..data") + symlink("..data/web.yaml", "in/link.yaml"), 0);
    cr_assert_eq(symlink("/etc/passwd", "in/out.yaml") + symlink("../in-other/x.yaml", "in/sly.yaml"), 0);
    cr_assert_eq(symlink("nowhere", "in/lost.yaml") + symlink("in", "to-folder"), 0);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *real = "";
        cr_assert_eq(oak_path_kind(&arena, cases[i].path, &real, &err), cases[i].kind, "%s", cases[i].path);
        if (cases[i].kind == OAK_PATH_ERROR)
            cr_assert_str_eq(err.text, cases[i].want, "%s: %s", cases[i].path, err.text);
        else if (strstr(cases[i].want, "..data") != NULL)
            cr_assert(oak_str_ends(oak_str_from(real), OAK_STR("/in/v1/web.yaml")), "%s", real);
        else
            cr_assert_str_eq(real, cases[i].want);
    }
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

/* ---- walking ---- */

static const oak_walk_filter no_filter = { NULL, NULL };

/* The paths of a walk, one a line; an error as "path: text". */
static const char *walked(const char *root, oak_walk_filter filter)
{
    struct oak_walk walk;
    struct oak_buf lines;
    oak_buf_init(&lines, &arena);
    cr_assert(oak_walk_init(&walk, root, filter, &err), "%s: %s", root, err.text);
    const char *path;
    enum oak_walk_result result;
    while ((result = oak_walk_next(&walk, &path, &err)) != OAK_WALK_END)
        oak_buf_addf(&lines, result == OAK_WALK_ERROR ? "%s: %s\n" : "%s\n", path, err.text);
    cr_assert_null(path);
    cr_assert_eq(oak_walk_next(&walk, &path, &err), OAK_WALK_END);
    oak_walk_free(&walk);
    oak_buf_add(&lines, (oak_str){ "", 1 });
    return lines.ptr;
}

static void make_tree(void)
{
    static const char *const folders[] = { "t", "t/a", "t/a/.git", "t/.github", "t/b", "t/dir.yaml", "t/none" };
    static const char *const files[] = {
        "t/z.yaml",      "t/a.yaml",  "t/a-b.yaml",         "t/a/x.yml",    "t/a/.git/config.yaml", "t/B.json",
        "t/.hidden.yml", "t/UP.YAML", "t/.github/ci.yaml", "t/dir.yaml/q.yaml", "t/b/readme.md",    "t/yaml",
        "t/\xc3\xa4.yaml", "t/a b\n.yaml",
    };
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        cr_assert_eq(mkdir(folders[i], 0755), 0);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        put(files[i], "");
    cr_assert_eq(symlink("a.yaml", "t/link.yaml") + symlink("a", "t/link") + symlink("..", "t/b/up"), 0);
    cr_assert_eq(mkfifo("t/fifo.yaml", 0600), 0);
}

Test(files, walks_in_the_order_of_bytes)
{
    make_tree();
    cr_assert_str_eq(walked("t", no_filter), "t/.github/ci.yaml\nt/.hidden.yml\nt/B.json\nt/a b\n.yaml\nt/a-b.yaml\n"
                                             "t/a.yaml\nt/a/x.yml\nt/dir.yaml/q.yaml\nt/z.yaml\nt/\xc3\xa4.yaml\n");
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(files, spells_paths_as_the_root_was_given)
{
    static const char *const cases[][2] = {
        { ".", "t/a/x.yml\n" },     { "./", "t/a/x.yml\n" },    { "t", "t/a/x.yml\n" },
        { "t/", "t/a/x.yml\n" },    { "t//", "t/a/x.yml\n" },   { "./t", "./t/a/x.yml\n" },
        { "t/a/..", "t/a/../a/x.yml\n" }, { "to-t", "to-t/a/x.yml\n" },
    };
    cr_assert_eq(mkdir("t", 0700) + mkdir("t/a", 0700) + symlink("t", "to-t"), 0);
    put("t/a/x.yml", "");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_str_eq(walked(cases[i][0], no_filter), cases[i][1], "root %s", cases[i][0]);
    const char *const absolute = walked(folder, no_filter);
    cr_assert(oak_str_starts(oak_str_from(absolute), oak_str_from(folder)));
    cr_assert(oak_str_ends(oak_str_from(absolute), OAK_STR("/t/a/x.yml\n")));

    struct oak_walk walk;
    expect_error(oak_walk_init(&walk, "missing", no_filter, &err), "no such file or directory");
    expect_error(oak_walk_init(&walk, "t/a/x.yml", no_filter, &err), "not a directory");
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

static bool skip_recorded(void *context, const char *path, bool is_dir)
{
    oak_buf_addf(context, "%s%s\n", path, is_dir ? "/" : "");
    return strcmp(path, "t/a") == 0 || strcmp(path, "t/z.yaml") == 0;
}

Test(files, asks_the_filter_once)
{
    cr_assert_eq(mkdir("t", 0700) + mkdir("t/a", 0700) + mkdir("t/b", 0700), 0);
    put("t/a/x.yml", "");
    put("t/b/x.yml", "");
    put("t/other", "");
    put("t/z.yaml", "");
    struct oak_buf asked;
    oak_buf_init(&asked, &arena);
    cr_assert_str_eq(walked("t", (oak_walk_filter){ skip_recorded, &asked }), "t/b/x.yml\n");
    cr_assert(oak_str_eq(oak_buf_str(&asked), OAK_STR("t/a/\nt/b/\nt/b/x.yml\nt/z.yaml\n")));
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(files, walks_deep_and_wide_with_little_memory)
{
    enum { DEPTH = 60, WIDTH = 40 };
    char path[1024] = "t";
    for (int depth = 0; depth < DEPTH; depth++) {
        cr_assert_eq(mkdir(path, 0700), 0);
        for (int i = 0; i < WIDTH; i++) {
            char file[sizeof path + 32];
            snprintf(file, sizeof file, "%s/%d.yaml", path, i);
            put(file, "");
        }
        strncat(path, "/deep", sizeof path - strlen(path) - 1);
    }
    size_t count = 0;
    for (const char *at = walked("t", no_filter); *at != '\0'; at++)
        count += *at == '\n';
    cr_assert_eq(count, DEPTH * WIDTH);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

static int walk_as_nobody(void)
{
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        return 2;
    return strcmp(walked("t", no_filter), "t/a.yaml\nt/b: permission denied\nt/c.yaml\n") == 0 ? 0 : 1;
}

/* Puts a link to what nobody asked for in the place of a folder, when the walk is on its way into it. */
static bool link_instead(void *context, const char *path, bool is_dir)
{
    (void)is_dir;
    if (strcmp(path, context) == 0)
        cr_assert_eq(rename("t/a", "gone") + symlink("../other", "t/a"), 0);
    return false;
}

static void expect_no_link_followed(void)
{
    static const struct {
        const char *at, *want;
    } cases[] = {
        { "t/a", "t/a: not a directory\nt/z.yaml\n" },
        { "t/a/b", "t/a/b: not a directory\nt/a/c.yaml\nt/z.yaml\n" },
    };
    cr_assert_eq(mkdir("other", 0700) + mkdir("other/b", 0700) + mkdir("t", 0700), 0);
    put("other/secret.yaml", "");
    put("other/b/secret.yaml", "");
    put("t/z.yaml", "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert_eq(mkdir("t/a", 0700) + mkdir("t/a/b", 0700), 0);
        put("t/a/b/x.yaml", "");
        put("t/a/c.yaml", "");
        cr_assert_str_eq(walked("t", no_filter), "t/a/b/x.yaml\nt/a/c.yaml\nt/z.yaml\n");
        cr_assert_str_eq(walked("t", (oak_walk_filter){ link_instead, (void *)cases[i].at }), cases[i].want);
        cr_assert_eq(unlink("t/a") + unlink("gone/b/x.yaml") + unlink("gone/c.yaml") + rmdir("gone/b") + rmdir("gone"), 0);
    }
}

Test(files, follows_no_link_that_came_later)
{
    expect_no_link_followed();
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

/* As Linux before 5.6, and old filters of containers. */
Test(files, follows_no_link_without_the_newest_call)
{
    forbid_openat2();
    expect_no_link_followed();
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

/* The path of a descriptor still opens what has lost its name. */
Test(files, ends_in_a_folder_that_was_removed)
{
    char path[64];
    cr_assert_eq(mkdir("gone", 0700), 0);
    const int fd = open("gone", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(rmdir("gone"), 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    cr_assert_str_eq(walked(path, no_filter), "");
    close(fd);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(files, hands_out_unreadable_folders)
{
    cr_assert_eq(mkdir("t", 0755) + mkdir("t/b", 0700) + chmod(folder, 0755), 0);
    put("t/a.yaml", "");
    put("t/b/x.yaml", "");
    put("t/c.yaml", "");
    cr_assert_eq(chmod("t/b", 0), 0);
    cr_assert_eq(status_of(walk_as_nobody), 0);
    cr_assert_eq(chmod("t/b", 0700), 0);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

/* ---- what git ignores ---- */

static void make_repository(void)
{
    git_repository *repository;
    git_index *index;
    cr_assert_geq(git_libgit2_init(), 1);
    /* Criterion may have started libgit2 before HOME was ours. */
    for (int level = GIT_CONFIG_LEVEL_SYSTEM; level <= GIT_CONFIG_LEVEL_GLOBAL; level++)
        cr_assert_eq(git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, folder), 0);
    cr_assert_eq(git_repository_init(&repository, "repo", 0), 0);
    cr_assert_eq(mkdir("repo/out", 0700) + mkdir("repo/out/deep", 0700) + mkdir("repo/src", 0700), 0);
    cr_assert_eq(mkdir("repo/kept", 0700), 0);
    put("repo/.gitignore", "out/\n/kept\n*.tmp.yaml\n!src/good.tmp.yaml\n");
    put("repo/src/.gitignore", "local.yaml\n");
    static const char *const files[] = {
        "repo/a.yaml",         "repo/out/o.yaml",         "repo/src/local.yaml",  "repo/src/x.tmp.yaml",
        "repo/src/s.yaml",     "repo/src/good.tmp.yaml",  "repo/kept/tracked.yaml", "repo/kept/other.yaml",
        "repo/tracked.tmp.yaml", "repo/out/deep/d.yaml",
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        put(files[i], "");
    cr_assert_eq(git_repository_index(&index, repository), 0);
    cr_assert_eq(git_index_add_bypath(index, "tracked.tmp.yaml"), 0);
    cr_assert_eq(git_index_add_bypath(index, "kept/tracked.yaml"), 0);
    cr_assert_eq(git_index_write(index), 0);
    git_index_free(index);
    git_repository_free(repository);
    git_libgit2_shutdown();
}

static bool skip_ignored(void *context, const char *path, bool is_dir)
{
    return oak_ignore_is_ignored(context, path, is_dir);
}

static const char *walked_by_git(const char *root)
{
    struct oak_ignore *const ignore = oak_ignore_open(root);
    const char *const lines = walked(root, (oak_walk_filter){ skip_ignored, ignore });
    oak_ignore_free(ignore);
    return lines;
}

Test(files, leaves_out_what_git_ignores)
{
    make_repository();
    cr_assert_str_eq(walked_by_git("repo"), "repo/a.yaml\nrepo/kept/tracked.yaml\nrepo/src/good.tmp.yaml\n"
                                            "repo/src/s.yaml\nrepo/tracked.tmp.yaml\n");
    cr_assert_str_eq(walked_by_git("repo/src/"), "repo/src/good.tmp.yaml\nrepo/src/s.yaml\n");
    cr_assert_str_eq(walked_by_git("./repo/src"), "./repo/src/good.tmp.yaml\n./repo/src/s.yaml\n");
    /* Named by hand: then it is wanted. */
    cr_assert_str_eq(walked_by_git("repo/out"), "repo/out/deep/d.yaml\nrepo/out/o.yaml\n");
    cr_assert_eq(symlink("repo/src", "link"), 0);
    cr_assert_str_eq(walked_by_git("link"), "link/good.tmp.yaml\nlink/s.yaml\n");
    cr_assert_eq(chdir("repo"), 0);
    cr_assert_str_eq(walked_by_git("."),
                     "a.yaml\nkept/tracked.yaml\nsrc/good.tmp.yaml\nsrc/s.yaml\ntracked.tmp.yaml\n");
    cr_assert_eq(chdir("src"), 0);
    cr_assert_str_eq(walked_by_git(".."), "../a.yaml\n../kept/tracked.yaml\n../src/good.tmp.yaml\n../src/s.yaml\n"
                                          "../tracked.tmp.yaml\n");
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(files, resolves_other_spellings)
{
    static const struct {
        const char *path;
        bool is_dir, want;
    } cases[] = {
        { "repo/out", true, true },           { "repo/out/", true, true },       { "repo/src/../out", true, true },
        { "repo/src/local.yaml", false, true }, { "./repo/src/local.yaml", false, true },
        { "repo/out/new.yaml", false, true },  { "repo/a.yaml", false, false },   { "repo", true, false },
        { "outside.yaml", false, false },      { "repo/missing/x", false, false },
        { "repo/tracked.tmp.yaml", false, false }, { "repo/kept", true, false },
    };
    make_repository();
    struct oak_ignore *const ignore = oak_ignore_open("repo");
    cr_assert_not_null(ignore);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(oak_ignore_is_ignored(ignore, cases[i].path, cases[i].is_dir), cases[i].want, "%s",
                     cases[i].path);
    const oak_str absolute = oak_arena_printf(&arena, "%s/repo/src/local.yaml", folder);
    cr_assert(oak_ignore_is_ignored(ignore, oak_arena_cstr(&arena, absolute), false));
    oak_ignore_free(ignore);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(files, ignores_nothing_without_a_repository)
{
    cr_assert_eq(mkdir("plain", 0700) + mkdir("broken", 0700) + mkdir("broken/.git", 0700), 0);
    cr_assert_null(oak_ignore_open("plain"));
    cr_assert_null(oak_ignore_open("broken"));
    cr_assert_null(oak_ignore_open("missing"));
    cr_assert_not(oak_ignore_is_ignored(NULL, "a.yaml", false));
    oak_ignore_free(NULL);
    CHECK_LEAKS();
}
