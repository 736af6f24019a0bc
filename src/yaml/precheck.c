/* What no YAML parser should be given, refused before any parse: cheap, and it keeps known parser bugs out of reach
 * (a `%` line with invalid UTF-8 hangs libfyaml 0.7.12; a NUL ends its input silently). */
#include <oakum/yaml.h>

#include <string.h>

/* Length of the UTF-8 sequence at `at`, 0 if it is none (RFC 3629: no surrogates, nothing above U+10FFFF). */
static size_t utf8_len(const unsigned char *at, size_t left)
{
    static const struct {
        unsigned char first, last, second_low, second_high;
        size_t len;
    } forms[] = {
        { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 }, { 0xE1, 0xEC, 0x80, 0xBF, 3 },
        { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 },
        { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (at[0] < forms[i].first || at[0] > forms[i].last)
            continue;
        if (left < forms[i].len || at[1] < forms[i].second_low || at[1] > forms[i].second_high)
            return 0;
        for (size_t k = 2; k < forms[i].len; k++)
            if (at[k] < 0x80 || at[k] > 0xBF)
                return 0;
        return forms[i].len;
    }
    return 0;
}

static bool refuse_control(oak_str text, size_t at, struct oak_error *err)
{
    const unsigned char c = (unsigned char)text.ptr[at];
    const oak_span where = { at, at + 1 };
    if (c == 0)
        return oak_fail(err, OAK_SYNTAX, where, "NUL byte: only UTF-8 text can be read");
    if (c == '\r')
        return oak_fail(err, OAK_SYNTAX, where, "carriage return without a line feed: only LF and CRLF end a line");
    return oak_fail(err, OAK_SYNTAX, where, "control character 0x%02X is not allowed in YAML", c);
}

static bool is_known_directive(oak_str text, size_t at)
{
    const oak_str rest = { text.ptr + at, text.len - at };
    return oak_str_starts(rest, OAK_STR("%YAML")) || oak_str_starts(rest, OAK_STR("%TAG"));
}

/* `%}` and `% ` at the start of a line are no directive but the end of a template's action. */
static bool is_action_end(oak_str text, size_t at)
{
    return at < text.len && (text.ptr[at] == '}' || text.ptr[at] == ' ');
}

/* NEL, LS and PS: what stands behind them is hidden in a comment for one reader, and a key for another (YAML 1.1, §4.2.4). */
static bool is_old_break(oak_str text, size_t at)
{
    const oak_str rest = { text.ptr + at, text.len - at };
    return oak_str_starts(rest, OAK_STR("\xC2\x85")) || oak_str_starts(rest, OAK_STR("\xE2\x80\xA8")) ||
           oak_str_starts(rest, OAK_STR("\xE2\x80\xA9"));
}

/* Nearly every byte of a manifest: printable ASCII, line feeds, tabs; not `%`, which may start a directive. */
#define OAK_ROW 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
static const bool is_ordinary[256] = {
    ['\t'] = 1,   ['\n'] = 1,   [0x20] = 1, 1, 1, 1, 1, [0x26] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* up to '/' */
    [0x30] = 1, OAK_ROW, [0x40] = 1, OAK_ROW, [0x50] = 1, OAK_ROW, [0x60] = 1, OAK_ROW, [0x70] = OAK_ROW,
};

enum { STRIDE = 32 };

/* Are all these bytes printable ASCII or line feeds, and none of them a `%`? Written without a branch: it becomes vectors. */
static bool are_plain(const unsigned char *at)
{
    unsigned char odd = 0;
    for (size_t i = 0; i < STRIDE; i++)
        odd |= (unsigned char)((((unsigned char)(at[i] - ' ') > '~' - ' ') & (at[i] != '\n')) | (at[i] == '%'));
    return odd == 0;
}

bool oak_text_check(oak_str text, struct oak_error *err)
{
    const unsigned char *const bytes = (const unsigned char *)text.ptr;
    if (oak_str_starts(text, OAK_STR("\xFF\xFE")) || oak_str_starts(text, OAK_STR("\xFE\xFF")))
        return oak_fail(err, OAK_SYNTAX, (oak_span){ 0, 2 }, "UTF-16 text: only UTF-8 can be read");

    size_t slow_until = 0; /* something odd is before it: byte by byte */
    for (size_t i = 0; i < text.len;) {
        if (i >= slow_until) {
            while (i + STRIDE <= text.len && are_plain(bytes + i))
                i += STRIDE;
            slow_until = i + STRIDE;
            if (i == text.len)
                break;
        }
        const unsigned char c = bytes[i];
        if (is_ordinary[c]) {
            i++;
        } else if (c == '%') {
            if ((i == 0 || bytes[i - 1] == '\n') && !is_known_directive(text, i) && !is_action_end(text, i + 1))
                return oak_fail(err, OAK_SYNTAX, (oak_span){ i, i + 1 },
                                "'%%' at the start of a line is a directive, and only %%YAML and %%TAG are known");
            i++;
        } else if (c == '\r' && i + 1 < text.len && bytes[i + 1] == '\n') {
            i += 2;
        } else if (c < 0x80) {
            return refuse_control(text, i, err);
        } else {
            const size_t len = utf8_len(bytes + i, text.len - i);
            if (len == 0)
                return oak_fail(err, OAK_SYNTAX, (oak_span){ i, i + 1 }, "invalid UTF-8");
            if (is_old_break(text, i))
                return oak_fail(err, OAK_SYNTAX, (oak_span){ i, i + len }, "a line separator of Unicode: YAML 1.1 ends a line, and a "
                                "comment, here; YAML 1.2 does not");
            i += len;
        }
    }
    return true;
}
