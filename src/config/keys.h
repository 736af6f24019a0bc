/* Mappings of keys to values, as tables. Strict: any other key is an error, and the one that was probably meant is named. */
#ifndef OAK_CONFIG_KEYS_H
#define OAK_CONFIG_KEYS_H

#include <oakum/config.h>

#include "patch/reader.h"

#include <stddef.h>

/* A table of these ends with one that has no name. */
struct oak_key {
    const char *name;
    bool (*read)(struct oak_reader *r, uint32_t node, void *to);
    size_t offset; /* of what `to` points to, in the struct of the mapping */
};

OAK_MUST_CHECK bool oak_keys_read(struct oak_reader *r, uint32_t node, const struct oak_key *keys, void *to);

/* What a struct oak_function_config is read from. */
extern const struct oak_key oak_function_keys[];

#endif
