/* A ResourceList, in which a KRM function gets objects and gives them back: where its parts are, and its results. */
#ifndef OAK_ENGINE_RESOURCE_LIST_H
#define OAK_ENGINE_RESOURCE_LIST_H

#include "engine/engine.h"

struct oak_resource_list {
    struct oak_index index;
    uint32_t items, config, results; /* nodes as written; 0: not there */
};

/* Fails with SYNTAX for anything but one document with a ResourceList of config.kubernetes.io. */
OAK_MUST_CHECK bool oak_resource_list_read(struct oak_arena *arena, oak_str text, struct oak_resource_list *out,
                                           struct oak_error *err);

/* Are there items? */
bool oak_resource_list_has_items(const struct oak_resource_list *list);

/* The item of that number, aliases followed; 0: there is none. Cheap if asked for in order. */
struct oak_item_cursor {
    uint32_t node;
    size_t number;
};
uint32_t oak_resource_list_item(const struct oak_resource_list *list, size_t number, struct oak_item_cursor *cursor);
/* The item in which an offset of the text is; 0: in none. Cheap if asked for in order. */
uint32_t oak_resource_list_item_at(const struct oak_resource_list *list, size_t offset, struct oak_item_cursor *cursor);

/* Adds results behind those that are there already, and proves that nothing else changes. `text` is that of the list. */
typedef OAK_LIST(struct oak_value *) oak_value_list;
OAK_MUST_CHECK bool oak_resource_list_add(struct oak_arena *arena, const struct oak_resource_list *list,
                                          const oak_value_list *results, oak_str *out, struct oak_error *err);

#endif
