/* Git and forges, embedded.   remote REPOSITORY URL   prints the commit of HEAD, and where its file f would be seen */
#include <oakum/forge.h>
#include <oakum/git.h>

#include <stdio.h>

static bool show(struct oak_arena *arena, char **argv, struct oak_repository **repository, struct oak_error *err)
{
    struct oak_base base;
    struct oak_forge_place place;
    if (!oak_repository_open(argv[1], repository, err) || !oak_base_find(*repository, NULL, &base, err) ||
        !oak_forge_place_parse(arena, oak_str_from(argv[2]), OAK_FORGE_UNKNOWN, &place, err))
        return false;
    const oak_str link = oak_forge_link(arena, &place, oak_str_from(base.commit.hex));
    printf("%s %.*sf\n", base.commit.hex, (int)link.len, link.ptr);
    return true;
}

int main(int argc, char **argv)
{
    struct oak_arena arena;
    struct oak_repository *repository = NULL;
    struct oak_error err;
    if (argc != 3)
        return 2;
    oak_arena_init(&arena);
    oak_git_start();
    const bool ok = show(&arena, argv, &repository, &err);
    if (!ok)
        fprintf(stderr, "%s\n", err.text);
    oak_repository_free(repository);
    oak_git_stop();
    oak_arena_free(&arena);
    return ok ? 0 : 1;
}
