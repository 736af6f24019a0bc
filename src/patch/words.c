/* Words of a command. `sysctl` is one in `/sbin/sysctl -w a=b`, in `sh -c "$(sysctl -n x); y"` and by itself; not in `sysctlx`,
 * `--with-sysctl`, `sysctl=1` or `https://example.org/sysctl`. No shell is read: a word in quotes is one, and so is one behind `echo`. */
#include "patch/words.h"

#include <string.h>

enum { LONG = 63 };

#define BIT(c) (UINT64_C(1) << ((c) % 64))
#define BITS(first, last) ((BIT(last) << 1) - BIT(first))

/* Everything else ends a word: blanks, slashes, quotes, brackets, and what a shell separates commands with. */
static const uint64_t of_words[4] = {
    BITS('0', '9') | BIT('%') | BIT('+') | BIT('-') | BIT('.') | BIT(':') | BIT('='),
    BITS('A', 'Z') | BITS('a', 'z') | BIT('@') | BIT('_') | BIT('~'),
};

static bool is_of_word(char c)
{
    return (of_words[(unsigned char)c / 64] & BIT((unsigned char)c)) != 0;
}

static uint64_t first_bit(oak_str word)
{
    return BIT((unsigned char)word.ptr[0]);
}

static uint64_t length_bit(oak_str word)
{
    return BIT(word.len < LONG ? word.len : LONG);
}

static size_t word_end(oak_str text, size_t at)
{
    while (at < text.len && is_of_word(text.ptr[at]))
        at++;
    return at;
}

bool oak_is_command_word(oak_str text)
{
    return text.len > 0 && word_end(text, 0) == text.len;
}

void oak_match_add_word(struct oak_match *match, oak_str word)
{
    if (word.len == 0)
        return;
    match->first_bytes |= first_bit(word);
    match->lengths |= length_bit(word);
}

static bool is_one_of(const struct oak_match *match, oak_str word)
{
    if ((match->first_bytes & first_bit(word)) == 0 || (match->lengths & length_bit(word)) == 0)
        return false;
    for (const struct oak_value *v = match->value->child; v != NULL; v = v->next)
        if (oak_str_eq(v->text, word))
            return true;
    return false;
}

/* What follows `://` names something of another host: up to a blank or a quote. */
static size_t address_end(oak_str text, size_t at)
{
    const bool is_address = at > 0 && text.ptr[at - 1] == ':' && at + 1 < text.len && text.ptr[at] == '/' && text.ptr[at + 1] == '/';
    while (is_address && at < text.len && memchr(" \t\n\"'", text.ptr[at], 5) == NULL)
        at++;
    return at;
}

bool oak_words_match(const struct oak_match *match, oak_str text)
{
    for (size_t i = 0; i < text.len;) {
        const size_t end = word_end(text, i);
        if (end > i && is_one_of(match, oak_str_span(text, (oak_span){ i, end })))
            return true;
        i = address_end(text, end) + 1;
    }
    return false;
}
