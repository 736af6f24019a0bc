/* Options that take one of a few words. */
#include "cli/words.h"

#include <stdio.h>
#include <string.h>

bool oak_word_fail(const char *option, const struct oak_word *words, const char *given, struct oak_error *err)
{
    char list[160] = "";
    struct oak_nearest nearest = { .wanted = oak_str_from(given) };
    size_t len = 0;
    for (size_t i = 0; words[i].word != NULL && len < sizeof list; i++) {
        const char *const separator = i == 0 ? "" : words[i + 1].word != NULL ? ", " : " or ";
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%s", separator, words[i].word);
        oak_nearest_try(&nearest, oak_str_from(words[i].word));
    }
    const bool is_near = nearest.found.len > 0;
    return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "--%s is %s, not '%.60s'%s%.*s%s", option, list, given,
                    is_near ? ": did you mean '" : "", (int)nearest.found.len, is_near ? nearest.found.ptr : "", is_near ? "'?" : "");
}

bool oak_word_take(const char *option, const struct oak_word *words, const char *given, int *out, struct oak_error *err)
{
    for (const struct oak_word *w = words; w->word != NULL; w++)
        if (strcmp(w->word, given) == 0) {
            *out = w->value;
            return true;
        }
    return oak_word_fail(option, words, given, err);
}
