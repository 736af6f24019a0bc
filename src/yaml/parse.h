/* Text → nodes, by two readers. The checks before and after stand in index.c. */
#ifndef OAK_YAML_PARSE_H
#define OAK_YAML_PARSE_H

#include <oakum/yaml.h>

/* All of YAML, by the events of libfyaml. */
OAK_MUST_CHECK bool oak_parse_events(struct oak_arena *arena, oak_str text, oak_span document, struct oak_index *out,
                                     struct oak_error *err);

/* The YAML of nearly all manifests, much faster. False: this document is not one of those, or it is no YAML. */
OAK_MUST_CHECK bool oak_parse_plain(struct oak_arena *arena, oak_str text, oak_span document, struct oak_index *out);

/* For both: an index without nodes; one more node, nobody's child; its place among the children of `parent`. A new node
 * makes pointers to others invalid. */
void oak_index_start(struct oak_arena *arena, oak_str text, oak_span document, struct oak_index *out, size_t *capacity);
struct oak_node *oak_index_add(struct oak_arena *arena, struct oak_index *index, size_t *capacity, uint32_t *number);
void oak_index_link(struct oak_index *index, uint32_t parent, uint32_t child);

#endif
