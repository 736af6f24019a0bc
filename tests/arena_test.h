/* An arena of its own for each test. */
#ifndef OAK_TESTS_ARENA_TEST_H
#define OAK_TESTS_ARENA_TEST_H

#include "check.h"

static struct oak_arena arena;
static struct oak_error err;

static inline void setup(void)
{
    oak_arena_init(&arena);
}

static inline void teardown(void)
{
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

#endif
