/* How the author writes, inferred from the nearest evidence; and new entries written that way. */
#ifndef OAK_YAML_STYLE_H
#define OAK_YAML_STYLE_H

#include <oakum/yaml.h>

/* Offsets of the physical line that holds `at`: its first byte, and its end without line break. */
size_t oak_line_start(oak_str text, size_t at);
size_t oak_line_end(oak_str text, size_t at);
oak_str oak_line_break(oak_str text, size_t at); /* as the lines at `at` end */

/* So many neighbours are asked how things are done here: in a list of thousands, each addition would ask them all. */
enum { OAK_WITNESSES = 64 };

struct oak_writer {
    const struct oak_index *index;
    oak_str eol;
    size_t step;         /* columns from a mapping to the mapping in it */
    size_t dash;         /* columns from a key to the dashes below it */
    enum oak_style keys; /* PLAIN, SINGLE, DOUBLE */
    enum oak_style strings;
    bool is_flow;
    bool is_multi_line;  /* flow style with an entry per line */
    bool is_padded;      /* { a: b } */
    char blank;          /* lines are indented with these: JSON knows tabs */
    oak_str colon, comma;
    uint32_t neighbours; /* the block mapping that gets new entries, as long as it is that: its lists show how lists look; 0: none */
};

/* The style for new entries of `collection`. */
struct oak_writer oak_writer_for(const struct oak_index *index, uint32_t collection);

/* `key: value`, its first line without indentation; `column` is that of the key. */
void oak_write_entry(struct oak_buf *out, const struct oak_writer *writer, const struct oak_value *value, size_t column);
/* The value alone, as the item of a sequence or in the place of a scalar. */
void oak_write_value(struct oak_buf *out, const struct oak_writer *writer, const struct oak_value *value, size_t column);
/* The members of a mapping or items of a sequence, a line each, from the second on indented by `column`. */
void oak_write_members(struct oak_buf *out, const struct oak_writer *writer, const struct oak_value *value,
                       size_t column);

#endif
