/* What people write down about a run: the configuration file, and exemptions in any spelling. Pure: text in, structs out;
 * who finds and reads the file is no business of this room.
 *
 * All strings point into the text that was read or into the arena. What was read never changes and can be shared by
 * threads. Errors have the kind PATCH and a place in the text. */
#ifndef OAKUM_CONFIG_H
#define OAKUM_CONFIG_H

#include <oakum/patch.h>

/* ---- days ---- */

/* 20270131 is the 31st of January 2027: days compare as numbers. 0: no day. */
typedef uint32_t oak_day;

/* YYYY-MM-DD, a day that exists. */
bool oak_day_parse(oak_str text, oak_day *out);
oak_str oak_day_print(struct oak_arena *arena, oak_day day);

/* ---- globs ---- */

/* A pattern in the style of gitignore. */
struct oak_glob {
    const struct pcre2_real_code_8 *own;   /* what is named; NULL: only what is below */
    const struct pcre2_real_code_8 *below; /* what lies below a folder that is named; NULL for names, which have no below */
    oak_str folder;                        /* nothing outside this folder can match; "": anything may */
    bool is_negated;
};
typedef OAK_LIST(struct oak_glob) oak_globs;

/* Adds a pattern of paths: `*` stays within a folder, `**` does not, without a slash (but at the end) it is found in any
 * folder, a folder stands for all below it, and `!` takes back. Fails if it is no pattern. */
OAK_MUST_CHECK bool oak_globs_add_path(struct oak_arena *arena, oak_globs *globs, oak_str pattern);
/* The same for names, which have no slashes of meaning. */
OAK_MUST_CHECK bool oak_globs_add_name(struct oak_arena *arena, oak_globs *globs, oak_str pattern);

/* The last pattern that fits decides. Without any pattern, everything matches; with only negated ones, all but those. */
bool oak_globs_match(const oak_globs *globs, oak_str text);

/* ---- exemptions ---- */

typedef OAK_LIST(oak_str) oak_ids;

struct oak_exemption {
    oak_ids ids;    /* of patches, oakum's or other tools' */
    oak_day until;  /* the last day on which it holds; 0: for good */
    oak_str reason;
    oak_span span;  /* where it stands in its text */
};

/* ID[, ID…] [until YYYY-MM-DD] -- REASON     as it stands behind `# oakum: ignore` and in the annotation. Fails with the
 * words for a person; the error has no place. */
OAK_MUST_CHECK bool oak_exemption_parse(struct oak_arena *arena, oak_str text, struct oak_exemption *out,
                                        struct oak_error *err);

/* ---- which objects an entry of the configuration is about ---- */

struct oak_where {
    oak_globs paths; /* below the folder of the configuration */
    oak_globs kinds, namespaces, names, containers;
};

/* `path` is that of a file, or of an item of a ResourceList; empty for what is neither, or outside the configuration's folder: no
 * pattern of paths matches that. */
bool oak_where_has_path(const struct oak_where *where, oak_str path);
/* All but the path. A Namespace is in the namespace that it makes. */
bool oak_where_has_target(const struct oak_where *where, const struct oak_target *target);

/* ---- the file ---- */

enum oak_fix { OAK_FIX_DEFAULT, OAK_FIX_SAFE, OAK_FIX_ALL };

struct oak_config_exempt {
    struct oak_exemption what;
    struct oak_where where;
};
struct oak_config_class {
    oak_str class;
    struct oak_where where;
    oak_span span;
};
struct oak_config_profile {
    enum oak_profile profile;
    struct oak_where where;
    oak_span span;
};

/* Defaults of the options of the same names, and what has no option. What is not there is zero, lists have no items. */
struct oak_config {
    enum oak_profile profile;
    enum oak_fix fix;
    oak_ids select, also, ignore, force;
    unsigned kube_minor;
    oak_str runtime_class, enforce;
    oak_str patches;                                /* a folder, from the file's own */
    OAK_LIST(struct oak_config_exempt) exempt;
    OAK_LIST(struct oak_config_class) classes;      /* the first that fits decides */
    OAK_LIST(struct oak_config_profile) profiles;   /* the first that fits decides */
};

/* Strict: a key that it does not know, a key that stands twice, or a value of another type is an error. Ids are not looked up.
 * `text` must live as long as the arena. */
OAK_MUST_CHECK bool oak_config_read(struct oak_arena *arena, oak_str text, struct oak_config *out, struct oak_error *err);

/* What a KRM function is told, its `functionConfig`: a configuration, and whether anything is to be changed. */
struct oak_function_config {
    struct oak_config config; /* its spans are those of the ResourceList's text */
    bool is_check;
};

/* Reads the node: a ConfigMap, whose data have the same keys (several ids separated by commas), or a Harden of
 * oakum.dev/v1alpha1 with the keys in its spec. Nothing, or null, says nothing. As strict as oak_config_read. */
OAK_MUST_CHECK bool oak_function_config_read(struct oak_arena *arena, const struct oak_index *index, uint32_t node,
                                             struct oak_function_config *out, struct oak_error *err);

/* The keys of one mapping of the file, for the test that compares them with the schema. Ends with a NULL. */
struct oak_config_table {
    const char *mapping; /* "", "exempt", "runtime-classes", "profiles" */
    const char *const *keys;
};
size_t oak_config_tables(struct oak_arena *arena, struct oak_config_table *out, size_t max);

/* A RuntimeClass is named as a DNS subdomain; the API server refuses anything else (ValidateRuntimeClassName). */
bool oak_is_class_name(oak_str text);

#endif
