/* Where containers live in which kind. Has no opinion about them.
 *
 * Targets are enumerated logically: a container that an alias repeats is two targets at one node. Their order is that
 * of the document, so that two indexes of the same shape give targets that correspond by number. */
#ifndef OAKUM_KUBE_H
#define OAKUM_KUBE_H

#include <oakum/yaml.h>

/* A row of the table: one place in the objects of a kind. Container rows belong to the pod row above them. */
enum oak_row_kind {
    OAK_ROW_POD,       /* a PodSpec, a part of one, or what an operator makes pods from */
    OAK_ROW_CONTAINER, /* a container that does not stand in one of the lists of a PodSpec */
    OAK_ROW_OBJECTS,   /* whole objects */
    OAK_ROW_TEXT,      /* text that holds a manifest, or a patch of one: not looked into, and said so */
    OAK_ROW_NONE       /* nothing of the kind is for us */
};

struct oak_row {
    enum oak_row_kind what;
    struct oak_path path;     /* from the object; a container's starts with that of its pod */
    bool has_template;        /* the mapping above the pod holds its metadata */
    struct oak_path context;  /* from here to the security context; no steps: there is none */
    bool is_context_given;    /* the context may be changed where it is written, never added */
    OAK_LIST(struct oak_path) outer; /* from the object: what a pod, or a container, has that names nothing of its own */
    bool is_outer;            /* CONTAINER: others name it as theirs */
    bool has_only;            /* `fields` are all there is; otherwise they are what is not there */
    OAK_LIST(oak_str) fields;
    OAK_LIST(oak_str) given;  /* fields that may be changed where they are written, never added */
};

struct oak_kind {
    oak_str group; /* API group; empty: core */
    oak_str kind;
    OAK_LIST(struct oak_row) rows;
};

struct oak_kinds {
    struct oak_kind *items; /* sorted */
    size_t count;
    bool guesses; /* in a kind that is not in the table, what looks like a pod is one */
};

/* Reads a table as kinds.csv has it (src/README.md). The built-in one is oak_kinds_builtin. */
OAK_MUST_CHECK bool oak_kinds_load(struct oak_arena *arena, oak_str csv, struct oak_kinds *out, struct oak_error *err);
extern const oak_str oak_kinds_builtin;

/* Which pods an object of a kind leads to (src/kube/objects.csv). */
enum oak_pods {
    OAK_PODS_UNKNOWN,  /* nobody told us: a controller may make any of it */
    OAK_PODS_NONE,
    OAK_PODS_WRITTEN,  /* only those that stand in it */
    OAK_PODS_ELSEWHERE /* it deploys something that is not written in it, in any namespace */
};
struct oak_object_row {
    oak_str group, kind; /* `*`: any */
    enum oak_pods pods;
};
struct oak_objects {
    struct oak_object_row *items;
    size_t count, capacity;
};
OAK_MUST_CHECK bool oak_objects_load(struct oak_arena *arena, oak_str csv, struct oak_objects *out, struct oak_error *err);
enum oak_pods oak_objects_find(const struct oak_objects *objects, oak_str group, oak_str kind);
extern const oak_str oak_objects_builtin;

/* NULL if the table does not have it. */
const struct oak_kind *oak_kind_find(const struct oak_kinds *kinds, oak_str group, oak_str kind);

/* Does what the row describes have this field? May it be added there? */
bool oak_row_has(const struct oak_row *row, oak_str field);
bool oak_row_adds(const struct oak_row *row, oak_str field);

/* UNREAD is a place that may hold a pod and is not looked into. */
enum oak_target_kind { OAK_OBJECT, OAK_POD, OAK_CONTAINER, OAK_VOLUME, OAK_MOUNT, OAK_UNREAD, OAK_TARGET_KINDS };

/* Of a pod or container that is not simply a PodSpec or a Container: which fields it has, and where. */
struct oak_frame {
    const struct oak_row *row;
    uint32_t context;        /* the mapping that has its security context, or could get it; 0: there is no place for one */
    oak_str context_key;     /* the key there */
    oak_route context_route; /* from the document's root to that mapping */
    bool is_context_own;     /* not that of `outer` */
    uint32_t outer;          /* the pod, or container, whose values count where this one has none; 0: none */
};

struct oak_target {
    enum oak_target_kind kind;
    uint32_t node; /* the target itself, aliases followed */
    uint32_t item; /* the same as it stands in its list: an alias, or the node; 0: not in a list of targets */

    /* The scopes of a path: 0 where there is none. */
    uint32_t object, template, pod, container;
    uint32_t volume; /* of a mount: the volume that it names */

    oak_str group, object_kind, object_name, namespace; /* for people, and for patches that want one kind */
    oak_str origin;    /* of an item of a ResourceList: the file that it comes from, as its annotations say; else empty */
    oak_str name;      /* of the container, volume or mount path */
    const char *word;  /* "container", "init container", "ephemeral container", "volume", "mount" …; of UNREAD: why */
    oak_str container_name; /* for people: a container without a name is called by where it stands */
    const struct oak_frame *pod_frame, *container_frame; /* NULL: a PodSpec, a Container */
    uint32_t pod_number, container_number; /* numbers, in the list, of the pod and the container that hold it; 0: none does */
    oak_route route;   /* from the document's root to the target */
    bool is_part;      /* a pod or container of a strategic merge patch: what is not here may be in what it is merged into */
};
typedef OAK_LIST(struct oak_target) oak_targets;

/* A list of lists by way of aliases can be endless: the search stops somewhat above this number. */
enum { OAK_MAX_TARGETS = 100000, OAK_MAX_STEPS = 4 * OAK_MAX_TARGETS };
oak_targets oak_targets_find(struct oak_arena *arena, const struct oak_index *index, const struct oak_kinds *kinds);

/* Is it of a custom resource, or in one? Kubernetes' own groups for pods have no dot. */
bool oak_target_is_custom(const struct oak_target *target);

/* Is the target of this kind, written group/Kind, or Kind for the core group? */
bool oak_target_is(const struct oak_target *target, oak_str kind);

/* The key of a pod before which people put new keys: its first list of containers or templates. Empty if there is none. */
oak_str oak_pod_before(const struct oak_index *index, uint32_t pod);

/* A set of kinds, sorted by kind. */
struct oak_name {
    oak_str kind, group;
};
struct oak_names {
    struct oak_name *items;
    size_t count, capacity;
};
/* Adds a kind written group/Kind, or Kind for the core group. Sort before asking. */
void oak_names_add(struct oak_arena *arena, struct oak_names *names, oak_str kind);
void oak_names_sort(struct oak_names *names);

/* May this document be, or hold, an object of one of these kinds? Looks at bytes only. A wrong yes costs time; there
 * is no wrong no. */
bool oak_document_matters(oak_str text, oak_span document, const struct oak_names *kinds);

/* May this document hold a list of containers? Looks at bytes only, and is cheap: it is asked of documents of any kind. */
bool oak_document_has_containers(oak_str text, oak_span document);

#endif
