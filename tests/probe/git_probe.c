/* Asks the room `git` what no command asks yet.
 *
 * usage: git-probe find URL BRANCH | fetch DIR URL BRANCH | push DIR URL BRANCH COMMIT [LEASE] | url DIR REMOTE |
 *        follow DIR BRANCH TIP | create DIR BRANCH TIP COUNT
 * The token stands in PROBE_TOKEN. Exit status: 0, 75 try again, 3 unsafe, 2 anything else. */
#include <oakum/git.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static oak_object_id parse(const char *text)
{
    oak_object_id id = { "" };
    if (text != NULL && strlen(text) == 40)
        memcpy(id.hex, text, 40);
    return id;
}

static bool find(struct oak_arena *arena, const struct oak_remote *remote, const char *branch, struct oak_error *err)
{
    oak_object_id tip;
    const bool ok = oak_remote_find_branch(arena, remote, branch, &tip, err);
    if (ok)
        puts(tip.hex);
    return ok;
}

static bool fetch(struct oak_arena *arena, struct oak_repository *repository, char **argv, struct oak_error *err)
{
    oak_object_id tip;
    const struct oak_remote remote = { .url = oak_str_from(argv[0]), .token = oak_str_from(getenv("PROBE_TOKEN")) };
    const bool ok = oak_remote_fetch(arena, repository, &remote, argv[1], &tip, err);
    if (ok)
        puts(tip.hex);
    return ok;
}

static bool push(struct oak_arena *arena, struct oak_repository *repository, char **argv, struct oak_error *err)
{
    const struct oak_remote remote = { .url = oak_str_from(argv[0]), .token = oak_str_from(getenv("PROBE_TOKEN")) };
    const struct oak_push what = { .branch = argv[1], .commit = parse(argv[2]), .lease = parse(argv[3]) };
    return oak_remote_push(arena, repository, &remote, &what, err);
}

static bool url(struct oak_arena *arena, struct oak_repository *repository, char **argv, struct oak_error *err)
{
    oak_str found;
    const bool ok = oak_remote_find_url(arena, repository, argv[0], &found, err);
    if (ok)
        printf("%.*s\n", (int)found.len, found.ptr);
    return ok;
}

static bool follow(struct oak_arena *arena, struct oak_repository *repository, char **argv, struct oak_error *err)
{
    struct oak_identity who;
    return oak_identity_find(arena, repository, OAK_COMMITTER, &who, err) &&
           oak_branch_follow(repository, argv[0], parse(argv[1]), &who, err);
}

/* Branches of that name and a number, for as long as nobody else was faster; prints the numbers of those that were made. */
static bool create(struct oak_arena *arena, struct oak_repository *repository, char **argv, struct oak_error *err)
{
    struct oak_branch_move move = { .to = parse(argv[1]), .reason = "create" };
    const int count = atoi(argv[2]);
    if (!oak_identity_find(arena, repository, OAK_COMMITTER, &move.who, err))
        return false;
    for (int i = 0; i < count; i++) {
        move.name = oak_arena_cstr(arena, oak_arena_printf(arena, "%s-%d", argv[0], i));
        if (oak_branch_move(repository, &move, err))
            printf("%d\n", i);
        else if (err->kind != OAK_AGAIN)
            return false;
    }
    return true;
}

static bool run(struct oak_arena *arena, char **argv, struct oak_error *err)
{
    const struct oak_remote remote = { .url = oak_str_from(argv[2]), .token = oak_str_from(getenv("PROBE_TOKEN")) };
    if (strcmp(argv[1], "find") == 0)
        return find(arena, &remote, argv[3], err);
    struct oak_repository *repository;
    if (!oak_repository_open(argv[2], &repository, err))
        return false;
    const bool ok = strcmp(argv[1], "fetch") == 0    ? fetch(arena, repository, argv + 3, err)
                    : strcmp(argv[1], "push") == 0   ? push(arena, repository, argv + 3, err)
                    : strcmp(argv[1], "follow") == 0 ? follow(arena, repository, argv + 3, err)
                    : strcmp(argv[1], "create") == 0 ? create(arena, repository, argv + 3, err)
                                                     : url(arena, repository, argv + 3, err);
    oak_repository_free(repository);
    return ok;
}

int main(int argc, char **argv)
{
    struct oak_arena arena;
    struct oak_error err;
    if (argc < 4)
        return 2;
    setenv("PROBE_TOKEN", "", 0);
    oak_arena_init(&arena);
    const bool ok = run(&arena, argv, &err);
    oak_arena_free(&arena);
    if (!ok)
        fprintf(stderr, "git-probe: %s\n", err.text);
    return ok ? 0 : err.kind == OAK_AGAIN ? 75 : err.kind == OAK_UNSAFE ? 3 : 2;
}
