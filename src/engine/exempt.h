/* Exemptions in force: those that a document holds, and those of the configuration that fit its file. */
#ifndef OAK_ENGINE_EXEMPT_H
#define OAK_ENGINE_EXEMPT_H

#include <oakum/engine.h>

/* A patch that an exemption names, and by which of its ids. */
struct oak_exempt_name {
    const struct oak_patch *patch;
    size_t id;
};

struct oak_exempt {
    struct oak_exemption what;
    OAK_LIST(struct oak_exempt_name) names;
    uint32_t node;                 /* in a document: about this and all below */
    const struct oak_where *where; /* in the configuration: about what fits; NULL otherwise */
    bool by_origin;                /* its paths are asked of each target: the text is no file */
    bool *is_used;                 /* by id: it has exempted something */
    bool is_answer;                /* no exemption: somebody was asked, and said no */
};

/* Of each of the first steps of a way the item of a list that was looked up last: the next is often the one behind it. */
enum { OAK_WAY_STEPS = 4 };
struct oak_way_items {
    struct {
        uint32_t list, node;
        size_t number;
    } at[OAK_WAY_STEPS];
};

struct oak_exempts {
    OAK_LIST(struct oak_exempt) items;  /* those of the document come first */
    OAK_LIST(size_t) by_node;           /* numbers of those of the document, sorted by their node */
    OAK_LIST(const struct oak_patch *) named; /* by those of the document */
    struct oak_way_items *last; /* NULL: not remembered */
};

/* Looks the ids up. False, with words for a person, at the first that no patch has. */
OAK_MUST_CHECK bool oak_exempt_name(struct oak_arena *arena, const struct oak_patches *patches, struct oak_exempt *exempt,
                                    struct oak_error *err);

/* The exemptions in force for one document. Those without effect are told in `notes`, unless that is NULL.
 *
 * file   of the configuration, those that fit the path of the file; they come behind those of the document */
struct oak_exempts oak_exempts_find(struct oak_arena *arena, const struct oak_run *run, const struct oak_index *index,
                                    const oak_targets *targets, const struct oak_exempts *file, oak_notes *notes);

/* Those that have exempted nothing, although all of their patches were looked for. */
void oak_exempts_tell_unused(struct oak_arena *arena, const struct oak_run *run, const struct oak_exempts *exempts,
                             oak_notes *notes);

/* The first exemption from `patch` that is about the target, or about some place on one of the routes; NULL if there is
 * none. All that are, are marked as used. */
const struct oak_exempt *oak_exempt_for(struct oak_arena *arena, const struct oak_exempts *exempts,
                                        const struct oak_index *index, const struct oak_patch *patch,
                                        const struct oak_target *target, const oak_route *routes, size_t route_count);

#endif
