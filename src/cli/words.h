/* Options that take one of a few words: found, or refused with the one that was probably meant. */
#ifndef OAK_CLI_WORDS_H
#define OAK_CLI_WORDS_H

#include <oakum/base.h>

struct oak_word {
    const char *word; /* NULL: the end */
    int value;
};

/* `option` without its dashes. Fails with USAGE. */
OAK_MUST_CHECK bool oak_word_take(const char *option, const struct oak_word *words, const char *given, int *out,
                                  struct oak_error *err);
/* Says which words there are, and returns false. */
bool oak_word_fail(const char *option, const struct oak_word *words, const char *given, struct oak_error *err);

#endif
