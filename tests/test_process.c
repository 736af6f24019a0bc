/* Programs that fail, talk, and leave others behind. */
#include "files/process.h"

#include "check.h"

#include <signal.h>
#include <time.h>

TestSuite(process, .timeout = 60);

static struct oak_arena arena;
static struct oak_error err;
static struct oak_process_result result;

static bool run(const char *script)
{
    const char *const argv[] = { "sh", "-c", script, NULL };
    const struct oak_process process = { .argv = argv, .input = OAK_STR("in") };
    signal(SIGPIPE, SIG_IGN);
    oak_arena_init(&arena);
    return oak_process_run(&arena, &process, &result, &err);
}

Test(process, tells_how_it_ended)
{
    static const struct {
        const char *script;
        int status;
        const char *out, *talk;
    } cases[] = {
        { "exit 0", 0, "", "" },
        { "cat; echo talk >&2; exit 3", 3, "in", "talk\n" },
        { "echo out; kill -9 $$", 128 + SIGKILL, "out\n", "" },
        { "cat >/dev/null; head -c 300000 /dev/zero | tr '\\0' a | tail -c 3; exec >&-; exit 1", 1, "aaa", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert(run(cases[i].script), "%s", err.text);
        cr_assert_eq(result.status, cases[i].status, "%s: %d", cases[i].script, result.status);
        cr_assert(oak_str_eq(result.out, oak_str_from(cases[i].out)), "%s: %.*s", cases[i].script, (int)result.out.len, result.out.ptr);
        cr_assert(oak_str_eq(result.talk, oak_str_from(cases[i].talk)), "%s", cases[i].script);
        oak_arena_free(&arena);
    }
    CHECK_LEAKS();
}

static double seconds_of(const char *script)
{
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    cr_assert(run(script), "%s", err.text);
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* As the master of ssh does, which keeps standard error; quiet or not. */
Test(process, waits_for_no_one_left_behind)
{
    static const char *const scripts[] = {
        "sleep 9 >/dev/null & echo out; echo talk >&2; exit 4",
        "sleep 9 & echo out; echo talk >&2; exit 4",
        "(i=0; while [ $i -lt 90 ]; do sleep 0.05; echo; i=$((i + 1)); done) >/dev/null & echo out; echo talk >&2; sleep 0.3; exit 4",
        "(i=0; while [ $i -lt 90 ]; do sleep 0.05; echo; i=$((i + 1)); done) & echo out; echo talk >&2; exit 4",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        const double seconds = seconds_of(scripts[i]);
        cr_assert(seconds < 3, "%s: %f", scripts[i], seconds);
        cr_assert_eq(result.status, 4);
        cr_assert(oak_str_starts(result.out, OAK_STR("out\n")));
        cr_assert(oak_str_eq(result.talk, OAK_STR("talk\n")));
        oak_arena_free(&arena);
    }
    CHECK_LEAKS();
}

/* The end of a program is no end of what it said. */
Test(process, hears_all_that_was_said)
{
    cr_assert(run("sleep 9 2>/dev/null >&2 & head -c 900000 /dev/zero; exec sleep 0.2"), "%s", err.text);
    cr_assert_eq(result.out.len, 900000);
    oak_arena_free(&arena);
    cr_assert(run("sleep 9 & head -c 60000 /dev/zero"), "%s", err.text);
    cr_assert_eq(result.out.len, 60000, "%zu", result.out.len);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(process, is_no_success_if_nobody_tells)
{
    signal(SIGCHLD, SIG_IGN);
    cr_assert_not(run("exit 1"));
    cr_assert_str_eq(err.text, "cannot learn how 'sh' ended: No child processes");
    cr_assert_eq(err.kind, OAK_IO);
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

Test(process, says_what_cannot_be_run)
{
    const char *const argv[] = { "oakum-is-not-there", NULL };
    const struct oak_process process = { .argv = argv };
    oak_arena_init(&arena);
    cr_assert_not(oak_process_run(&arena, &process, &result, &err));
    cr_assert_str_eq(err.text, "cannot run 'oakum-is-not-there': No such file or directory");
    oak_arena_free(&arena);
    CHECK_LEAKS();
}
