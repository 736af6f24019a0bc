/* Days, and the words of an exemption, the same in a comment, an annotation and the configuration. */
#include <oakum/config.h>

#include <string.h>

/* ---- days ---- */

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_of(unsigned year, unsigned month)
{
    static const unsigned days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* `count` digits at `at`. */
static bool number_at(oak_str text, size_t at, size_t count, unsigned *out)
{
    *out = 0;
    for (size_t i = at; i < at + count; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        *out = *out * 10 + (unsigned)(text.ptr[i] - '0');
    }
    return true;
}

bool oak_day_parse(oak_str text, oak_day *out)
{
    unsigned year, month, day;
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' || !number_at(text, 0, 4, &year) ||
        !number_at(text, 5, 2, &month) || !number_at(text, 8, 2, &day))
        return false;
    if (year == 0 || month < 1 || month > 12 || day < 1 || day > days_of(year, month))
        return false;
    *out = year * 10000 + month * 100 + day;
    return true;
}

oak_str oak_day_print(struct oak_arena *arena, oak_day day)
{
    return oak_arena_printf(arena, "%04u-%02u-%02u", day / 10000, day / 100 % 100, day % 100);
}

/* ---- exemptions ---- */

static bool fail(struct oak_error *err, const char *what, oak_str which)
{
    return oak_fail(err, OAK_PATCH, (oak_span){ 0, 0 }, "%s%s%.*s%s", what, which.len > 0 ? " '" : "", (int)which.len,
                    which.ptr, which.len > 0 ? "'" : "");
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Where `word` stands with blanks (or an end) on both sides. */
static bool find_word(oak_str text, oak_str word, size_t *at)
{
    for (size_t from = 0; oak_str_find(text, from, word, at); from = *at + 1) {
        const size_t end = *at + word.len;
        if ((*at == 0 || is_blank(text.ptr[*at - 1])) && (end == text.len || is_blank(text.ptr[end])))
            return true;
    }
    return false;
}

static bool take_until(oak_str *names, struct oak_exemption *out, struct oak_error *err)
{
    size_t at;
    if (!find_word(*names, OAK_STR("until"), &at))
        return true;
    const oak_str day = oak_str_trim(oak_str_span(*names, (oak_span){ at + 5, names->len }));
    names->len = at;
    return oak_day_parse(day, &out->until) ||
           fail(err, day.len == 0 ? "a day is missing behind 'until'" : "a day such as 2027-01-31 is expected behind 'until', "
                "not", day);
}

static bool take_ids(struct oak_arena *arena, oak_str names, struct oak_exemption *out, struct oak_error *err)
{
    oak_str id, rest = oak_str_trim(names);
    if (rest.len == 0)
        return fail(err, "which patch? Write: ignore ID -- REASON", rest);
    bool has_more = true;
    while (has_more) {
        has_more = oak_str_cut(rest, ',', &id, &rest);
        id = oak_str_trim(id);
        if (id.len == 0)
            return fail(err, "an id is missing at a comma", id);
        if (memchr(id.ptr, ' ', id.len) != NULL || memchr(id.ptr, '\t', id.len) != NULL)
            return fail(err, "ids are separated by commas, and the reason stands behind '--', but here is", id);
        *oak_push(arena, &out->ids) = id;
    }
    return true;
}

bool oak_exemption_parse(struct oak_arena *arena, oak_str text, struct oak_exemption *out, struct oak_error *err)
{
    size_t at;
    *out = (struct oak_exemption){ 0 };
    text = oak_str_trim(text);
    if (!find_word(text, OAK_STR("--"), &at))
        return fail(err, "a reason is missing: ignore ID -- REASON", OAK_STR(""));
    oak_str names = oak_str_span(text, (oak_span){ 0, at });
    out->reason = oak_str_trim(oak_str_span(text, (oak_span){ at + 2, text.len }));
    if (out->reason.len == 0)
        return fail(err, "a reason is missing behind '--'", OAK_STR(""));
    return take_until(&names, out, err) && take_ids(arena, names, out, err);
}
