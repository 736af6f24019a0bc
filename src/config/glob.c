/* Patterns of paths and names in the style of gitignore. PCRE2 turns them into expressions; what is added here is where a
 * pattern is anchored, that a folder stands for all below it, and that `!` takes back. */
#include <oakum/config.h>

#include "patch/when.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <string.h>

static const struct pcre2_real_code_8 *compile(struct oak_arena *arena, oak_str pattern)
{
    PCRE2_UCHAR *text = NULL;
    PCRE2_SIZE len = 0;
    if (pcre2_pattern_convert((PCRE2_SPTR)pattern.ptr, pattern.len, PCRE2_CONVERT_GLOB | PCRE2_CONVERT_UTF, &text, &len,
                              NULL) != 0)
        return NULL;
    const struct pcre2_real_code_8 *const regex = oak_regex_compile(arena, (oak_str){ (const char *)text, len });
    pcre2_converted_pattern_free(text);
    return regex;
}

/* Takes a leading `!` off. */
static bool take_negation(oak_str *pattern)
{
    const bool is_negated = oak_str_starts(*pattern, OAK_STR("!"));
    pattern->ptr += is_negated;
    pattern->len -= is_negated;
    return is_negated;
}

/* The leading folders that are spelt out. */
static oak_str plain_folder(oak_str anchored)
{
    size_t len = 0;
    for (size_t i = 0; i < anchored.len && strchr("*?[\\", anchored.ptr[i]) == NULL; i++)
        if (anchored.ptr[i] == '/')
            len = i;
        else if (i + 1 == anchored.len)
            len = anchored.len; /* no wildcard at all: the pattern itself */
    return (oak_str){ anchored.ptr, len };
}

bool oak_globs_add_path(struct oak_arena *arena, oak_globs *globs, oak_str pattern)
{
    struct oak_glob glob = { .is_negated = take_negation(&pattern) };
    const bool is_folder = oak_str_ends(pattern, OAK_STR("/"));
    pattern.len -= is_folder;
    const bool is_anchored = pattern.len > 0 && memchr(pattern.ptr, '/', pattern.len) != NULL;
    if (oak_str_starts(pattern, OAK_STR("/"))) {
        pattern.ptr++;
        pattern.len--;
    }
    if (pattern.len == 0)
        return false;
    const oak_str parts[] = { is_anchored ? OAK_STR("") : OAK_STR("**/"), pattern, OAK_STR("/**") };
    glob.own = is_folder ? NULL : compile(arena, oak_arena_join(arena, parts, 2));
    glob.below = compile(arena, oak_arena_join(arena, parts, 3));
    glob.folder = is_anchored ? plain_folder(pattern) : OAK_STR("");
    *oak_push(arena, globs) = glob;
    return (is_folder || glob.own != NULL) && glob.below != NULL;
}

bool oak_globs_add_name(struct oak_arena *arena, oak_globs *globs, oak_str pattern)
{
    struct oak_glob glob = { .is_negated = take_negation(&pattern) };
    glob.own = pattern.len > 0 ? compile(arena, pattern) : NULL;
    *oak_push(arena, globs) = glob;
    return glob.own != NULL;
}

bool oak_globs_match(const oak_globs *globs, oak_str text)
{
    bool is_match = globs->count == 0 || globs->items[0].is_negated;
    for (size_t i = 0; i < globs->count; i++) {
        const struct oak_glob *const g = &globs->items[i];
        if ((g->own != NULL && oak_regex_matches(g->own, text)) || (g->below != NULL && oak_regex_matches(g->below, text)))
            is_match = !g->is_negated;
    }
    return is_match;
}
