/* What a plain scalar is, as sigs.k8s.io/yaml sees it: go-yaml v2 (resolve.go), YAML 1.1 booleans and octals included. */
#include <oakum/yaml.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_one_of(oak_str text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (oak_str_eq(text, oak_str_from(*words)))
            return true;
    return false;
}

static const char *const nulls[] = { "~", "null", "Null", "NULL", NULL };
static const char *const trues[] = { "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE", NULL };
static const char *const falses[] = { "n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE", NULL };
static const char *const floats[] = { ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF",
                                      "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN", NULL };

/* An integer as Go's strconv.ParseInt(text, 0, 64) reads it, underscores dropped. */
static bool read_int(oak_str text, int64_t *out)
{
    char digits[72];
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '_')
            continue;
        if (len + 1 == sizeof digits)
            return false;
        digits[len++] = text.ptr[i];
    }
    digits[len] = '\0';
    const char *at = digits;
    const bool is_negative = *at == '-';
    at += *at == '-' || *at == '+';
    int base = 10;
    if (at[0] == '0' && at[1] != '\0') {
        const char c = (char)(at[1] | 0x20);
        base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
        at += c == 'x' || c == 'b' || c == 'o' ? 2 : 1;
    }
    if (*at == '\0' || strchr("+- ", *at) != NULL)
        return false;
    char *end;
    errno = 0;
    const long long value = strtoll(at, &end, base);
    if (*end != '\0' || errno != 0)
        return false;
    *out = is_negative ? -value : value;
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
    const char c = plain.ptr[0];
    const bool may_be_word = plain.len <= sizeof "false" - 1;
    if (may_be_word && strchr("~nN", c) != NULL && is_one_of(plain, nulls))
        return OAK_TYPE_NULL;
    if (may_be_word && strchr("yYnNtTfFoO", c) != NULL) {
        *bool_value = is_one_of(plain, trues);
        return *bool_value || is_one_of(plain, falses) ? OAK_TYPE_BOOL : OAK_TYPE_STRING;
    }
    if (strchr("+-.0123456789", c) == NULL)
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
