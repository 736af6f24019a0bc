/* Tokens → nodes. The checks before and after stand in index.c. */
#ifndef OAK_YAML_PARSE_H
#define OAK_YAML_PARSE_H

#include <oakum/yaml.h>

OAK_MUST_CHECK bool oak_parse_events(struct oak_arena *arena, oak_str text, oak_span document, struct oak_index *out,
                                     struct oak_error *err);

#endif
