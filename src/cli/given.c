/* Which paths of a command line name the same file or folder. A command with one path, the usual one, costs nothing. */
#include "cli/given.h"

#include <stdlib.h>

void oak_given_add(struct oak_arena *arena, struct oak_given *given, const char *path)
{
    struct oak_file_id id;
    const size_t number = given->count++;
    if (oak_file_id_of(path, &id))
        *oak_push(arena, &given->paths) = (struct oak_given_path){ id, number };
}

static int by_id(const void *a, const void *b)
{
    const struct oak_file_id *const x = &((const struct oak_given_path *)a)->id, *const y = &((const struct oak_given_path *)b)->id;
    if (x->dev != y->dev)
        return x->dev < y->dev ? -1 : 1;
    return (x->ino > y->ino) - (x->ino < y->ino);
}

static int by_id_and_number(const void *a, const void *b)
{
    const size_t x = ((const struct oak_given_path *)a)->number, y = ((const struct oak_given_path *)b)->number;
    const int order = by_id(a, b);
    return order != 0 ? order : (x > y) - (x < y);
}

void oak_given_finish(struct oak_given *given)
{
    size_t kept = 0;
    if (given->paths.count == 0)
        return;
    qsort(given->paths.items, given->paths.count, sizeof *given->paths.items, by_id_and_number);
    for (size_t i = 0; i < given->paths.count; i++)
        if (i == 0 || by_id(&given->paths.items[i], &given->paths.items[kept - 1]) != 0)
            given->paths.items[kept++] = given->paths.items[i];
    given->paths.count = kept;
}

static const struct oak_given_path *find(const struct oak_given *given, const char *path)
{
    struct oak_given_path wanted = { .number = 0 };
    if (given->count < 2 || given->paths.count == 0 || !oak_file_id_of(path, &wanted.id))
        return NULL;
    return bsearch(&wanted, given->paths.items, given->paths.count, sizeof wanted, by_id);
}

bool oak_given_is_again(const struct oak_given *given, const char *path, size_t number)
{
    const struct oak_given_path *const first = find(given, path);
    return first != NULL && first->number < number;
}

bool oak_given_has(const struct oak_given *given, const char *path)
{
    return find(given, path) != NULL;
}
