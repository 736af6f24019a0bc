/* What a plain scalar is, as sigs.k8s.io/yaml sees it: go-yaml v2 (resolve.go), YAML 1.1 booleans and octals included. */
#include <oakum/yaml.h>

#include <string.h>

struct word {
    char text[6];
    unsigned char len;
};
#define WORD(literal) { literal, sizeof literal - 1 }

static const struct word nulls[] = { WORD("~"), WORD("null"), WORD("Null"), WORD("NULL"), { "", 0 } };
static const struct word trues[] = { WORD("y"), WORD("Y"), WORD("yes"), WORD("Yes"), WORD("YES"), WORD("on"), WORD("On"),
                                     WORD("ON"), WORD("true"), WORD("True"), WORD("TRUE"), { "", 0 } };
static const struct word falses[] = { WORD("n"), WORD("N"), WORD("no"), WORD("No"), WORD("NO"), WORD("off"), WORD("Off"),
                                      WORD("OFF"), WORD("false"), WORD("False"), WORD("FALSE"), { "", 0 } };
static const struct word floats[] = { WORD(".inf"), WORD(".Inf"), WORD(".INF"), WORD("+.inf"), WORD("+.Inf"), WORD("+.INF"),
                                      WORD("-.inf"), WORD("-.Inf"), WORD("-.INF"), WORD(".nan"), WORD(".NaN"), WORD(".NAN"),
                                      { "", 0 } };

static bool is_one_of(oak_str text, const struct word *words)
{
    for (; words->len != 0; words++)
        if (text.len == words->len && memcmp(text.ptr, words->text, text.len) == 0)
            return true;
    return false;
}

/* What a plain scalar may be, by its first byte; most can only be strings. */
enum { MAY_BE_NULL = 1, MAY_BE_BOOL = 2, MAY_BE_NUMBER = 4 };
static const unsigned char may_be[256] = {
    ['~'] = MAY_BE_NULL, ['n'] = MAY_BE_NULL | MAY_BE_BOOL, ['N'] = MAY_BE_NULL | MAY_BE_BOOL,
    ['y'] = MAY_BE_BOOL, ['Y'] = MAY_BE_BOOL, ['t'] = MAY_BE_BOOL, ['T'] = MAY_BE_BOOL, ['f'] = MAY_BE_BOOL,
    ['F'] = MAY_BE_BOOL, ['o'] = MAY_BE_BOOL, ['O'] = MAY_BE_BOOL,
    ['+'] = MAY_BE_NUMBER, ['-'] = MAY_BE_NUMBER, ['.'] = MAY_BE_NUMBER, ['0'] = MAY_BE_NUMBER, ['1'] = MAY_BE_NUMBER,
    ['2'] = MAY_BE_NUMBER, ['3'] = MAY_BE_NUMBER, ['4'] = MAY_BE_NUMBER, ['5'] = MAY_BE_NUMBER, ['6'] = MAY_BE_NUMBER,
    ['7'] = MAY_BE_NUMBER, ['8'] = MAY_BE_NUMBER, ['9'] = MAY_BE_NUMBER,
};

/* The next byte that is no underscore; -1 at the end. */
static int next_byte(oak_str text, size_t *at)
{
    while (*at < text.len && text.ptr[*at] == '_')
        ++*at;
    return *at < text.len ? (unsigned char)text.ptr[(*at)++] : -1;
}

static unsigned digit_of(int c)
{
    enum { NO_DIGIT = 99 };
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : NO_DIGIT;
}

/* An integer as Go's strconv.ParseInt(text, 0, 64) reads it, underscores dropped. */
static bool read_int(oak_str text, int64_t *out)
{
    size_t at = 0;
    int c = next_byte(text, &at);
    const bool is_negative = c == '-';
    if (c == '-' || c == '+')
        c = next_byte(text, &at);
    unsigned base = 10;
    if (c == '0') {
        c = next_byte(text, &at);
        if (c == -1) {
            *out = 0;
            return true;
        }
        const int letter = c | 0x20;
        base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
        if (letter == 'x' || letter == 'b' || letter == 'o')
            c = next_byte(text, &at);
    }
    if (c == -1)
        return false;
    const uint64_t most = (uint64_t)INT64_MAX + is_negative;
    uint64_t value = 0;
    for (; c != -1; c = next_byte(text, &at)) {
        const unsigned digit = digit_of(c);
        if (digit >= base || value > (most - digit) / base)
            return false;
        value = value * base + digit;
    }
    *out = is_negative && value > 0 ? -(int64_t)(value - 1) - 1 : (int64_t)value; /* the least has no positive to negate */
    return true;
}

static bool is_float(oak_str text)
{
    size_t i = 0, digits = 0;
    if (i < text.len && (text.ptr[i] == '-' || text.ptr[i] == '+'))
        i++;
    for (bool had_point = false; i < text.len; i++) {
        if (text.ptr[i] == '.' && !had_point)
            had_point = true;
        else if (text.ptr[i] >= '0' && text.ptr[i] <= '9')
            digits++;
        else if (text.ptr[i] != '_')
            break;
    }
    if (digits == 0)
        return false;
    if (i < text.len && (text.ptr[i] | 0x20) == 'e') {
        i++;
        if (i < text.len && (text.ptr[i] == '-' || text.ptr[i] == '+'))
            i++;
        const size_t first = i;
        while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9')
            i++;
        if (i == first)
            return false;
    }
    return i == text.len;
}

enum oak_type oak_scalar_type(oak_str plain, bool *bool_value, int64_t *int_value)
{
    if (plain.len == 0)
        return OAK_TYPE_NULL;
    const unsigned maybe = may_be[(unsigned char)plain.ptr[0]];
    const bool may_be_word = plain.len <= sizeof "false" - 1;
    if (may_be_word && (maybe & MAY_BE_NULL) != 0 && is_one_of(plain, nulls))
        return OAK_TYPE_NULL;
    if (may_be_word && (maybe & MAY_BE_BOOL) != 0) {
        *bool_value = is_one_of(plain, trues);
        return *bool_value || is_one_of(plain, falses) ? OAK_TYPE_BOOL : OAK_TYPE_STRING;
    }
    if ((maybe & MAY_BE_NUMBER) == 0)
        return OAK_TYPE_STRING;
    if (read_int(plain, int_value))
        return OAK_TYPE_INT;
    return is_one_of(plain, floats) || is_float(plain) ? OAK_TYPE_FLOAT : OAK_TYPE_STRING;
}

enum oak_type oak_node_type(const struct oak_index *index, uint32_t node, bool *bool_value, int64_t *int_value)
{
    const struct oak_node *const n = &index->nodes[oak_node_real(index, node)];
    if (n->kind == OAK_NULL)
        return OAK_TYPE_NULL;
    if (n->style != OAK_PLAIN || oak_str_eq(n->tag, OAK_STR("!!str")) || oak_str_eq(n->tag, OAK_STR("!")))
        return OAK_TYPE_STRING;
    return oak_scalar_type(n->value, bool_value, int_value);
}
