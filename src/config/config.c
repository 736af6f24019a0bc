/* The configuration file → struct oak_config. Keys are tables: what a mapping may hold, how it is read, and where it goes.
 * Strict, because a typo here would be a check that does not happen. */
#include "config/keys.h"

#include <string.h>

/* "… at 'key'" */
static bool fail_at(struct oak_reader *r, uint32_t node, const char *what)
{
    const oak_str key = oak_reader_at(r, node)->name;
    const oak_str words = oak_arena_printf(r->arena, "%s%s", what, key.len > 0 ? " at" : "");
    return oak_reader_fail(r, node, oak_arena_cstr(r->arena, words), key);
}

/* ---- single values ---- */

static bool read_text(struct oak_reader *r, uint32_t node, void *to)
{
    bool bool_value;
    int64_t int_value;
    if (oak_reader_at(r, node)->kind != OAK_SCALAR)
        return fail_at(r, node, "a single value is expected");
    if (oak_node_type(r->index, node, &bool_value, &int_value) != OAK_TYPE_STRING)
        return fail_at(r, node, "a text is expected (numbers, yes, no and the like need quotes)");
    if (!oak_read_str(r, node, to))
        return false;
    return ((oak_str *)to)->len > 0 || fail_at(r, node, "a text is expected, not an empty one");
}

static bool read_profile(struct oak_reader *r, uint32_t node, void *to)
{
    oak_str word;
    return read_text(r, node, &word) &&
           (oak_profile_parse(word, to) || oak_reader_fail(r, node, "baseline, restricted or hardened is expected, not", word));
}

static bool read_enforce(struct oak_reader *r, uint32_t node, void *to)
{
    enum oak_profile level;
    oak_str *const word = to;
    return read_text(r, node, word) &&
           (oak_str_eq(*word, OAK_STR("auto")) || (oak_profile_parse(*word, &level) && level <= OAK_RESTRICTED) ||
            oak_reader_fail(r, node, "baseline, restricted or auto is expected, not", *word));
}

static bool read_fix(struct oak_reader *r, uint32_t node, void *to)
{
    oak_str word;
    if (!read_text(r, node, &word))
        return false;
    enum oak_fix *const fix = to;
    *fix = oak_str_eq(word, OAK_STR("safe")) ? OAK_FIX_SAFE : oak_str_eq(word, OAK_STR("all")) ? OAK_FIX_ALL : OAK_FIX_DEFAULT;
    return *fix != OAK_FIX_DEFAULT || oak_reader_fail(r, node, "safe or all is expected, not", word);
}

static bool read_version(struct oak_reader *r, uint32_t node, void *to)
{
    oak_str word;
    unsigned *const minor = to;
    if (!read_text(r, node, &word))
        return false;
    oak_str digits = { word.ptr + 2, word.len > 2 ? word.len - 2 : 0 }, patch;
    *minor = 0;
    if (oak_str_cut(digits, '.', &digits, &patch) && (patch.len == 0 || patch.len > 4))
        return oak_reader_fail(r, node, "a version such as \"1.34\" is expected, not", word);
    for (size_t i = 0; i < patch.len; i++)
        if (patch.ptr[i] < '0' || patch.ptr[i] > '9')
            return oak_reader_fail(r, node, "a version such as \"1.34\" is expected, not", word);
    bool is_version = oak_str_starts(word, OAK_STR("1.")) && digits.len > 0 && digits.len <= 3;
    for (size_t i = 0; i < digits.len && is_version; i++) {
        is_version = digits.ptr[i] >= '0' && digits.ptr[i] <= '9';
        *minor = *minor * 10 + (unsigned)(digits.ptr[i] - '0');
    }
    return (is_version && *minor > 0) || oak_reader_fail(r, node, "a version such as \"1.34\" is expected, not", word);
}

static bool read_day(struct oak_reader *r, uint32_t node, void *to)
{
    oak_str word;
    return read_text(r, node, &word) &&
           (oak_day_parse(word, to) || oak_reader_fail(r, node, "a day such as 2027-01-31 is expected, not", word));
}

bool oak_is_class_name(oak_str text)
{
    bool is_name = text.len > 0 && text.len <= 253 && strchr("-.", text.ptr[0]) == NULL &&
                   strchr("-.", text.ptr[text.len - 1]) == NULL;
    for (size_t i = 0; i < text.len; i++)
        is_name = is_name && text.ptr[i] != '\0' && strchr("abcdefghijklmnopqrstuvwxyz0123456789-.", text.ptr[i]) != NULL;
    return is_name;
}

static bool read_class(struct oak_reader *r, uint32_t node, void *to)
{
    return read_text(r, node, to) &&
           (oak_is_class_name(*(oak_str *)to) ||
            oak_reader_fail(r, node, "the name of a RuntimeClass, such as gvisor, is expected, not", *(oak_str *)to));
}

/* ---- one or several ---- */

/* The items of a list, or the single value itself. */
static uint32_t first_of(const struct oak_reader *r, uint32_t node)
{
    const struct oak_node *const n = oak_reader_at(r, node);
    return n->kind == OAK_SEQUENCE ? n->child : node;
}

static uint32_t next_of(const struct oak_reader *r, uint32_t list, uint32_t item)
{
    return item == list ? 0 : oak_reader_at(r, item)->next;
}

static bool read_ids(struct oak_reader *r, uint32_t node, void *to)
{
    const uint32_t first = first_of(r, node);
    for (uint32_t i = first; i != 0; i = next_of(r, node, i))
        if (!read_text(r, i, oak_push(r->arena, (oak_ids *)to)))
            return false;
    return first != 0 || fail_at(r, node, "at least one is expected");
}

typedef bool (*add_glob)(struct oak_arena *arena, oak_globs *globs, oak_str pattern);

static bool read_globs(struct oak_reader *r, uint32_t node, oak_globs *to, add_glob add)
{
    oak_str pattern;
    const uint32_t first = first_of(r, node);
    for (uint32_t i = first; i != 0; i = next_of(r, node, i)) {
        if (!read_text(r, i, &pattern))
            return false;
        if (!add(r->arena, to, pattern))
            return oak_reader_fail(r, i, "not a pattern:", pattern);
    }
    return first != 0 || fail_at(r, node, "at least one is expected");
}

static bool read_paths(struct oak_reader *r, uint32_t node, void *to)
{
    return read_globs(r, node, to, oak_globs_add_path);
}

static bool read_names(struct oak_reader *r, uint32_t node, void *to)
{
    return read_globs(r, node, to, oak_globs_add_name);
}

/* ---- mappings ---- */

static bool fail_unknown(struct oak_reader *r, uint32_t node, const struct oak_key *keys)
{
    const oak_str word = oak_reader_at(r, node)->name;
    struct oak_nearest nearest = { .wanted = word };
    for (; keys->name != NULL; keys++)
        oak_nearest_try(&nearest, oak_str_from(keys->name));
    if (nearest.found.len == 0)
        return oak_reader_fail(r, node, "unknown key", word);
    return oak_fail(r->err, OAK_PATCH, oak_reader_at(r, node)->key, "unknown key '%.*s': did you mean '%.*s'?", (int)word.len,
                    word.ptr, (int)nearest.found.len, nearest.found.ptr);
}

bool oak_keys_read(struct oak_reader *r, uint32_t node, const struct oak_key *keys, void *to)
{
    if (oak_reader_at(r, node)->kind != OAK_MAPPING)
        return fail_at(r, node, "a mapping of keys to values is expected");
    for (uint32_t i = oak_reader_at(r, node)->child; i != 0; i = oak_reader_at(r, i)->next) {
        const struct oak_key *key = keys;
        if (oak_node_get(r->index, node, oak_reader_at(r, i)->name) != i)
            return oak_reader_fail(r, i, "key stands twice:", oak_reader_at(r, i)->name);
        while (key->name != NULL && !oak_str_eq(oak_reader_at(r, i)->name, oak_str_from(key->name)))
            key++;
        if (key->name == NULL)
            return fail_unknown(r, i, keys);
        if (!key->read(r, i, (char *)to + key->offset))
            return false;
    }
    return true;
}

static uint32_t first_item(struct oak_reader *r, uint32_t node)
{
    return oak_reader_at(r, node)->child;
}

static bool check_list(struct oak_reader *r, uint32_t node)
{
    return oak_reader_at(r, node)->kind == OAK_SEQUENCE || fail_at(r, node, "a list is expected");
}

#define WHERE(type)                                                                                          \
    { "path", read_paths, offsetof(type, where.paths) }, { "kind", read_names, offsetof(type, where.kinds) },  \
        { "namespace", read_names, offsetof(type, where.namespaces) }, { "name", read_names, offsetof(type, where.names) }

static const struct oak_key exempt_keys[] = {
    { "patch", read_ids, offsetof(struct oak_config_exempt, what.ids) },
    WHERE(struct oak_config_exempt),
    { "container", read_names, offsetof(struct oak_config_exempt, where.containers) },
    { "reason", read_text, offsetof(struct oak_config_exempt, what.reason) },
    { "until", read_day, offsetof(struct oak_config_exempt, what.until) },
    { NULL, NULL, 0 },
};
static const struct oak_key class_keys[] = {
    { "class", read_class, offsetof(struct oak_config_class, class) },
    WHERE(struct oak_config_class),
    { NULL, NULL, 0 },
};
static const struct oak_key profile_keys[] = {
    { "profile", read_profile, offsetof(struct oak_config_profile, profile) },
    WHERE(struct oak_config_profile),
    { NULL, NULL, 0 },
};

static bool read_exempt(struct oak_reader *r, uint32_t node, void *to)
{
    struct oak_config *const config = to;
    if (!check_list(r, node))
        return false;
    for (uint32_t i = first_item(r, node); i != 0; i = oak_reader_at(r, i)->next) {
        struct oak_config_exempt *const e = oak_push(r->arena, &config->exempt);
        if (!oak_keys_read(r, i, exempt_keys, e))
            return false;
        e->what.span = oak_reader_at(r, i)->span;
        if (e->what.ids.count == 0 || e->what.reason.len == 0)
            return oak_reader_fail(r, i, "an exemption needs 'patch' and 'reason'", OAK_STR(""));
    }
    return true;
}

static bool read_classes(struct oak_reader *r, uint32_t node, void *to)
{
    struct oak_config *const config = to;
    if (!check_list(r, node))
        return false;
    for (uint32_t i = first_item(r, node); i != 0; i = oak_reader_at(r, i)->next) {
        struct oak_config_class *const c = oak_push(r->arena, &config->classes);
        if (!oak_keys_read(r, i, class_keys, c))
            return false;
        c->span = oak_reader_at(r, i)->span;
        if (c->class.len == 0)
            return oak_reader_fail(r, i, "an entry of 'runtime-classes' needs 'class'", OAK_STR(""));
    }
    return true;
}

static bool read_profiles(struct oak_reader *r, uint32_t node, void *to)
{
    struct oak_config *const config = to;
    if (!check_list(r, node))
        return false;
    for (uint32_t i = first_item(r, node); i != 0; i = oak_reader_at(r, i)->next) {
        struct oak_config_profile *const p = oak_push(r->arena, &config->profiles);
        if (!oak_keys_read(r, i, profile_keys, p))
            return false;
        p->span = oak_reader_at(r, i)->span;
        if (p->profile == OAK_PROFILE_NONE)
            return oak_reader_fail(r, i, "an entry of 'profiles' needs 'profile'", OAK_STR(""));
    }
    return true;
}

/* Of a struct that begins with a struct oak_config. */
#define CONFIG_KEYS                                                                                           \
    { "profile", read_profile, offsetof(struct oak_config, profile) },                                        \
        { "fix", read_fix, offsetof(struct oak_config, fix) }, { "select", read_ids, offsetof(struct oak_config, select) }, \
        { "also", read_ids, offsetof(struct oak_config, also) }, { "ignore", read_ids, offsetof(struct oak_config, ignore) }, \
        { "force", read_ids, offsetof(struct oak_config, force) },                                            \
        { "kube-version", read_version, offsetof(struct oak_config, kube_minor) },                            \
        { "runtime-class", read_class, offsetof(struct oak_config, runtime_class) },                          \
        { "enforce", read_enforce, offsetof(struct oak_config, enforce) },                                    \
        { "patches", read_text, offsetof(struct oak_config, patches) }, { "exempt", read_exempt, 0 },         \
        { "runtime-classes", read_classes, 0 }, { "profiles", read_profiles, 0 }

static const struct oak_key file_keys[] = { CONFIG_KEYS, { NULL, NULL, 0 } };

static bool read_mode(struct oak_reader *r, uint32_t node, void *to)
{
    oak_str word;
    if (!read_text(r, node, &word))
        return false;
    *(bool *)to = oak_str_eq(word, OAK_STR("check"));
    return *(bool *)to || oak_str_eq(word, OAK_STR("fix")) || oak_reader_fail(r, node, "fix or check is expected, not", word);
}

const struct oak_key oak_function_keys[] = {
    CONFIG_KEYS, { "mode", read_mode, offsetof(struct oak_function_config, is_check) }, { NULL, NULL, 0 }
};

/* ---- the file ---- */

bool oak_config_read(struct oak_arena *arena, oak_str text, struct oak_config *out, struct oak_error *err)
{
    struct oak_index *const index = oak_arena_alloc(arena, sizeof *index);
    oak_span document, other;
    *out = (struct oak_config){ 0 };
    if (!oak_text_check(text, err))
        return false;
    const size_t count = oak_split_count(arena, text, &document, &other);
    if (count > 1)
        return oak_fail(err, OAK_PATCH, other, "a configuration is one document, and here starts another");
    if (count == 0)
        return true;
    if (!oak_index_parse(arena, text, document, index, err))
        return false;
    struct oak_reader reader = { .arena = arena, .index = index, .err = err };
    if (index->root == 0)
        return true;
    if (index->alias_count > 0)
        return oak_fail(err, OAK_PATCH, index->document, "aliases are not followed in a configuration");
    const uint32_t twice = oak_index_duplicate(index);
    if (twice != 0)
        return oak_reader_fail(&reader, twice, "key stands twice:", index->nodes[twice].name);
    return oak_keys_read(&reader, index->root, file_keys, out);
}

size_t oak_config_tables(struct oak_arena *arena, struct oak_config_table *out, size_t max)
{
    static const struct {
        const char *mapping;
        const struct oak_key *keys;
    } tables[] = { { "", file_keys }, { "exempt", exempt_keys }, { "runtime-classes", class_keys }, { "profiles", profile_keys } };
    const size_t count = sizeof tables / sizeof *tables;
    for (size_t i = 0; i < count && i < max; i++) {
        OAK_LIST(const char *) names = { 0 };
        for (const struct oak_key *key = tables[i].keys; key->name != NULL; key++)
            *oak_push(arena, &names) = key->name;
        *oak_push(arena, &names) = NULL;
        out[i] = (struct oak_config_table){ tables[i].mapping, names.items };
    }
    return count;
}
