/* Which word was meant? The distance of Damerau and Levenshtein, between adjacent letters only. */
#include <oakum/base.h>

#include <ctype.h>

enum { MAX_WORD = 48 }; /* bytes: longer words are not guessed */

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t least(size_t a, size_t b, size_t c)
{
    const size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Both at most MAX_WORD long. Rows are those of `a`: the last two and the one being filled. */
static size_t distance(oak_str a, oak_str b)
{
    size_t rows[3][MAX_WORD + 1];
    for (size_t k = 0; k <= b.len; k++)
        rows[0][k] = k;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *const row = rows[i % 3];
        const size_t *const above = rows[(i - 1) % 3], *const above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t k = 1; k <= b.len; k++) {
            const bool same = same_letter(a.ptr[i - 1], b.ptr[k - 1]);
            row[k] = least(above[k] + 1, row[k - 1] + 1, above[k - 1] + !same);
            const bool is_swapped = i > 1 && k > 1 && same_letter(a.ptr[i - 1], b.ptr[k - 2]) &&
                                    same_letter(a.ptr[i - 2], b.ptr[k - 1]);
            if (is_swapped && above2[k - 2] + 1 < row[k])
                row[k] = above2[k - 2] + 1;
        }
    }
    return rows[a.len % 3][b.len];
}

void oak_nearest_try(struct oak_nearest *nearest, oak_str candidate)
{
    const oak_str wanted = nearest->wanted;
    if (wanted.len == 0 || wanted.len > MAX_WORD || candidate.len > MAX_WORD)
        return;
    const size_t found = distance(wanted, candidate);
    /* A word of four letters may have one wrong, one of nine two … */
    const size_t most = (wanted.len + 1) / 5 + (wanted.len > 2);
    const bool is_nearer = nearest->found.len == 0 || found < nearest->distance ||
                           (found == nearest->distance && candidate.len == wanted.len && nearest->found.len != wanted.len);
    if (found <= most && is_nearer) {
        nearest->found = candidate;
        nearest->distance = found;
    }
}
