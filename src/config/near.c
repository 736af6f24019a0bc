/* Words that were nearly right: what was probably meant. */
#include <oakum/config.h>

#include <ctype.h>
#include <string.h>

enum { MAX_WORD = 48 };

static size_t min3(size_t a, size_t b, size_t c)
{
    const size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

/* How many letters must be put in, left out or replaced (Levenshtein). */
static size_t distance(oak_str a, oak_str b)
{
    size_t row[MAX_WORD + 1];
    for (size_t k = 0; k <= b.len; k++)
        row[k] = k;
    for (size_t i = 0; i < a.len; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < b.len; k++) {
            const bool is_same = tolower((unsigned char)a.ptr[i]) == tolower((unsigned char)b.ptr[k]);
            const size_t replaced = corner + !is_same;
            corner = row[k + 1];
            row[k + 1] = min3(replaced, row[k] + 1, row[k + 1] + 1);
        }
    }
    return row[b.len];
}

/* Smaller is nearer; SIZE_MAX: something else altogether. A plural, or a word that the other begins with, is near. */
static size_t nearness(oak_str word, oak_str candidate)
{
    if (word.len < 2 || word.len > MAX_WORD || candidate.len > MAX_WORD)
        return SIZE_MAX;
    const size_t steps = distance(word, candidate);
    const bool begins = oak_str_starts(candidate, word) || oak_str_starts(word, candidate);
    const size_t limit = candidate.len < 4 ? 1 : candidate.len < 9 ? 2 : 3;
    return steps <= limit || begins ? steps : SIZE_MAX;
}

const char *oak_nearest_word(oak_str word, const char *const *words)
{
    const char *found = NULL;
    size_t best = SIZE_MAX;
    for (; *words != NULL; words++) {
        const size_t steps = nearness(word, oak_str_from(*words));
        if (steps < best) {
            best = steps;
            found = *words;
        }
    }
    return found;
}

oak_str oak_nearest_patch(const struct oak_patches *patches, oak_str id)
{
    oak_str found = { "", 0 };
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < patches->items.count; i++) {
        const size_t steps = nearness(id, patches->items.items[i]->id);
        if (steps < best) {
            best = steps;
            found = patches->items.items[i]->id;
        }
    }
    return found;
}
