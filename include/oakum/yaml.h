/* YAML: bytes → a flat index of nodes with exact spans; wishes → edits in the author's style.
 *
 * One index is one document. It never changes, holds no copy of the text, and nothing is ever printed from it: bytes
 * outside the edits are not ours. Nodes are numbers; 0 is "none". Spans are offsets into the whole file.
 * Rules: YAML 1.2.2 for structure; scalars are typed as sigs.k8s.io/yaml types them, because the API server does. */
#ifndef OAKUM_YAML_H
#define OAKUM_YAML_H

#include <oakum/base.h>

enum oak_node_kind {
    OAK_NULL, /* nothing was written: `key:` */
    OAK_SCALAR,
    OAK_MAPPING,
    OAK_SEQUENCE,
    OAK_ALIAS
};

enum oak_style {
    OAK_PLAIN,
    OAK_SINGLE,
    OAK_DOUBLE,
    OAK_LITERAL,
    OAK_FOLDED,
    OAK_BLOCK,
    OAK_FLOW,
    OAK_PAIR /* the implicit mapping of [a: b]: readable, not editable */
};

struct oak_node {
    /* What a search for a key looks at stands together. */
    enum oak_node_kind kind;
    uint32_t parent, next, child, last; /* node numbers; 0 = none */
    uint32_t count;   /* children */
    uint64_t keys;    /* of a mapping: a bit for each key, by its first byte and its length; most keys that are asked for have none */
    oak_str name;     /* decoded key */
    oak_str value;    /* decoded scalar; an alias's name */
    enum oak_style style;
    uint32_t target;  /* an alias's node */
    oak_span span;    /* as written: quotes, anchor, tag included; ends with its last byte, never in a comment */
    size_t body;      /* where the node starts behind its anchor and tag */
    size_t entry;     /* where its entry starts: the key, the `?`, the `-`; span.start otherwise */
    oak_span key;     /* of a mapping's entry, quotes included; empty otherwise */
    oak_str anchor;   /* without `&`; empty: none */
    oak_str tag;      /* with `!`; empty: none */
    uint32_t column;  /* block collections: column of the keys or dashes, 0-based, in characters */
    bool odd;         /* a mapping with a key that is no scalar, an explicit `?` key, or a key without value */
};

struct oak_index {
    oak_str text;            /* the whole file */
    oak_span document;       /* the part that was parsed */
    struct oak_node *nodes;  /* nodes[0] is unused */
    size_t count;            /* with nodes[0] */
    uint32_t root;           /* 0: the document is empty */
    uint32_t alias_count;
    uint32_t merge_count;    /* entries called `<<` */
};

enum {
    OAK_MAX_DEPTH = 200,                    /* levels of nesting */
    OAK_MAX_NODES = 1000000,                /* of one document: more would be gigabytes of index, and no manifest */
    OAK_MAX_FLOW_LINE = 1024 * 1024,        /* bytes of one line in flow style that only libfyaml can read: it queues all of them */
    OAK_MAX_FILE = 64 * 1024 * 1024         /* bytes */
};

/* Refuses text that no YAML parser should be given: UTF-16, NUL, invalid UTF-8, control characters, a lone carriage
 * return. Fails with SYNTAX and the offset. */
OAK_MUST_CHECK bool oak_text_check(oak_str text, struct oak_error *err);

/* Cuts a file into documents without parsing: a line that starts with `---` or `...` ends a document whatever it stands
 * in (YAML 1.2.2, 9.1.4). Comments and directives belong to what follows them. `is_empty` marks a part that holds no document. */
struct oak_document {
    oak_span span;
    bool is_empty;
};
typedef OAK_LIST(struct oak_document) oak_documents;
oak_documents oak_split(struct oak_arena *arena, oak_str text);
/* How many documents there are, and where the first two of them are. */
size_t oak_split_count(struct oak_arena *arena, oak_str text, oak_span *first, oak_span *second);

/* Parses one document of `text`. Fails with SYNTAX, or TEMPLATE if the text is no YAML because of an action
 * (`{{ … }}`, `{% … %}`) where a node would start. SYNTAX also for what other readers see otherwise: a `<<` that is no plain key
 * with aliases behind it, and a value that is not indented further than its key. */
OAK_MUST_CHECK bool oak_index_parse(struct oak_arena *arena, oak_str text, oak_span document, struct oak_index *out,
                                    struct oak_error *err);

/* ---- ask ---- */

/* Follows aliases. */
uint32_t oak_node_real(const struct oak_index *index, uint32_t node);
/* The value under `key`: own entries first, then those of merge keys. Of equal keys the last counts, as for kubectl.
 * 0 if there is none. */
uint32_t oak_node_get(const struct oak_index *index, uint32_t mapping, oak_str key);
/* The bits of all keys that the node may have: of one whose bit (oak_key_bit) is missing, it surely has none. */
uint64_t oak_node_keys(const struct oak_index *index, uint32_t node);
uint64_t oak_key_bit(oak_str key);
/* The value under `key` in what the value of a `<<` merges: a mapping, or a list of which the first that has it counts. 0 if none. */
uint32_t oak_node_merged(const struct oak_index *index, uint32_t merge, oak_str key);
/* The decoded scalar, aliases followed; false if the node is none. */
bool oak_node_scalar(const struct oak_index *index, uint32_t node, oak_str *out);
/* The decoded scalar under `key`; empty if there is none, or `mapping` is none. */
oak_str oak_node_text(const struct oak_index *index, uint32_t mapping, oak_str key);
/* Nothing: not there, `key:`, `~`, `null`. */
bool oak_node_is_null(const struct oak_index *index, uint32_t node);
/* A scalar that holds a template action: neither judged nor edited. */
bool oak_node_is_templated(const struct oak_index *index, uint32_t node);
/* The first key that stands twice in one mapping; 0 if there is none. */
uint32_t oak_index_duplicate(const struct oak_index *index);
/* The first in one of the mappings that begin behind this one. */
uint32_t oak_index_next_duplicate(const struct oak_index *index, uint32_t mapping);
/* How often the node is used when every alias is expanded; 1 if no alias reaches it. Where it stands itself does not count below
 * a key `x-…` of the document. Saturates. */
uint32_t oak_node_uses(const struct oak_index *index, uint32_t node);
/* The first alias through which the node is used again; 0 if there is none. */
uint32_t oak_node_alias(const struct oak_index *index, uint32_t node);

/* ---- scalars ---- */

enum oak_type { OAK_TYPE_NULL, OAK_TYPE_BOOL, OAK_TYPE_INT, OAK_TYPE_FLOAT, OAK_TYPE_STRING };

/* What sigs.k8s.io/yaml makes of a plain scalar (go-yaml v2, resolve.go: y, yes, on, 0644, 0x1F, 1_000 …). */
enum oak_type oak_scalar_type(oak_str plain, bool *bool_value, int64_t *int_value);
enum oak_type oak_node_type(const struct oak_index *index, uint32_t node, bool *bool_value, int64_t *int_value);

/* ---- values: what a change wants to write, and what patches compare with ---- */

struct oak_value {
    enum oak_node_kind kind; /* SCALAR, MAPPING, SEQUENCE */
    enum oak_type type;      /* of a scalar */
    oak_str text;            /* of a scalar */
    oak_str key;             /* as a member of a mapping */
    struct oak_value *child, *next;
};

struct oak_value *oak_value_of(struct oak_arena *arena, const struct oak_index *index, uint32_t node);
bool oak_value_eq(const struct oak_value *a, const struct oak_value *b);
bool oak_value_is(const struct oak_value *value, const struct oak_index *index, uint32_t node);
/* Is the node a mapping that has all entries of this one, and perhaps more? */
bool oak_value_is_part(const struct oak_value *value, const struct oak_index *index, uint32_t node);
/* In one line, as flow style would write it. */
oak_str oak_value_print(struct oak_arena *arena, const struct oak_value *value);

/* ---- paths:  spec.containers[].securityContext   metadata.annotations.[a.b/c]   resources.limits.[*]   [!name, csi]
 *              plugins[name=PodSecurity].configuration   ranges[0].min ---- */

struct oak_step {
    enum { OAK_STEP_KEY, OAK_STEP_GLOB, OAK_STEP_OTHERS, OAK_STEP_ITEMS } kind;
    /* Of KEY; a pattern with `*` of GLOB; which ITEMS: all if empty, `0`, or `name=value`. */
    oak_str key;
    OAK_LIST(oak_str) left_out; /* keys that OTHERS does not mean */
};
struct oak_path {
    struct oak_step *steps;
    size_t count;
    bool is_plain; /* only keys: leads to one place */
};
OAK_MUST_CHECK bool oak_path_parse(struct oak_arena *arena, oak_str text, struct oak_path *out, struct oak_error *err);

/* One step of a way through a document: a key, or an index if `key.ptr` is NULL. */
struct oak_seg {
    oak_str key;
    size_t index;
};
typedef OAK_LIST(struct oak_seg) oak_route;
/* Do the first `count` steps of both agree? Both have that many. */
bool oak_route_starts_alike(const oak_route *a, const oak_route *b, size_t count);
bool oak_route_eq(const oak_route *a, const oak_route *b);
oak_str oak_route_print(struct oak_arena *arena, const struct oak_seg *segs, size_t count);

/* Where a path leads: a node, or the deepest node on the way to it and the keys that are missing below. */
struct oak_place {
    uint32_t node;       /* aliases not followed if it is the end of the path */
    oak_str *missing;    /* keys; none if the node was found */
    size_t missing_count;
    uint32_t item;       /* the last sequence item on the way; 0 if there was none */
    oak_route route;     /* from the start to the end of the path, missing keys included */
    bool blocked;        /* something on the way is neither a mapping nor nothing: nothing can be added */
};
typedef OAK_LIST(struct oak_place) oak_places;

/* All places that `path` leads to from `start`. `[]` and patterns give one each; a sequence that is not there gives none. */
oak_places oak_path_resolve(struct oak_arena *arena, const struct oak_index *index, uint32_t start,
                            const struct oak_path *path);
/* The same places in the same order as nodes, 0 for what is missing: enough to judge, and much cheaper. */
typedef OAK_LIST(uint32_t) oak_node_list;
oak_node_list oak_path_find(struct oak_arena *arena, const struct oak_index *index, uint32_t start,
                            const struct oak_path *path);

/* The node at the end of a plain path; 0 if it is missing. */
uint32_t oak_path_get(const struct oak_index *index, uint32_t start, const struct oak_path *path);

/* ---- changes ---- */

enum oak_change_op { OAK_SET, OAK_ADD, OAK_REMOVE, OAK_APPEND };

/* A wish in YAML terms at a node as it was written.
 *
 * SET     `node`, a scalar, alias or nothing, becomes `value`
 * ADD     the mapping `node` (or nothing, or {}) gets the entry `value`, whose key is value->key
 * REMOVE  the entry or item `node` goes; a collection that it empties goes too, up to the first that keeps something
 * APPEND  the sequence `node` gets the item `value` at its end */
struct oak_change {
    enum oak_change_op op;
    uint32_t node;
    const struct oak_value *value;
    oak_str before; /* ADD: stand before this key if it is there, unless the neighbours know better; empty: last */
};

/* Why this change can't be written as an edit of the text, in words; NULL if it can. */
const char *oak_change_obstacle(const struct oak_index *index, const struct oak_change *change);

/* Turns changes into sorted, disjoint edits, written as the author would have written them. The owner of an edit is the node that was
 * set, or the collection that got or lost something. The same node has at most one change besides ADD and APPEND. Fails with INTERNAL where a place can't be edited as text (and says why). */
typedef OAK_LIST(struct oak_edit) oak_edit_list;
OAK_MUST_CHECK bool oak_changes_to_edits(struct oak_arena *arena, const struct oak_index *index,
                                         const struct oak_change *changes, size_t count, oak_edit_list *out,
                                         struct oak_error *err);

/* Does `after` say exactly what `before` says, but for `changes`? On failure the error tells the first difference. */
OAK_MUST_CHECK bool oak_changes_verify(struct oak_arena *arena, const struct oak_index *before,
                                       const struct oak_index *after, const struct oak_change *changes, size_t count,
                                       struct oak_error *err);

#endif
