/* Scalars: raw bytes → what they say. */
#ifndef OAK_YAML_SCALAR_H
#define OAK_YAML_SCALAR_H

#include <oakum/yaml.h>

/* `raw` is the scalar as written, quotes included; `column` is the indentation of the collection that holds a block
 * scalar (-1: none). A scalar on one line without escapes is not copied. */
oak_str oak_scalar_decode(struct oak_arena *arena, oak_str raw, enum oak_style style, int column);

/* Where the content of a block scalar ends, without the final line break: `raw` starts at its `|` or `>` and may reach
 * too far. Trailing blank lines belong to it only with `+`. */
size_t oak_block_scalar_end(oak_str raw, int column);

/* Columns of blank before the first line of a block scalar that says something; SIZE_MAX if none does. */
size_t oak_block_scalar_indent(oak_str raw);

/* The spelling of a string: plain where that is read back as the same string, quoted otherwise. */
oak_str oak_scalar_spell(struct oak_arena *arena, oak_str text, enum oak_style wanted);

#endif
