/* Holes in the values of a patch, and what fills them. */
#ifndef OAK_PATCH_FILL_H
#define OAK_PATCH_FILL_H

#include <oakum/patch.h>

/* {name}, and $1 … $9. */
struct oak_holes {
    const oak_str *groups; /* ten of them, those of the expression that matched; NULL: $1 is text */
    oak_str name;          /* of the target: a container, a volume */
};

bool oak_text_has_name(oak_str text);
bool oak_value_has_name(const struct oak_value *value);
bool oak_value_has_hole(const struct oak_value *value); /* {name}, $1 … $9, or the $name of an option */

/* The text itself if it has no hole. */
oak_str oak_text_fill(struct oak_arena *arena, oak_str text, const struct oak_holes *holes);
struct oak_value *oak_value_fill(struct oak_arena *arena, const struct oak_value *value, const struct oak_holes *holes);
/* The matches themselves if none has a hole. */
const oak_matches *oak_matches_fill(struct oak_arena *arena, const oak_matches *matches, oak_str name);

#endif
