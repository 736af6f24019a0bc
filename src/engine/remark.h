/* Comments to oakum in a manifest: `# oakum: …`. */
#ifndef OAK_ENGINE_REMARK_H
#define OAK_ENGINE_REMARK_H

#include <oakum/yaml.h>

struct oak_remark {
    oak_span span;       /* from `#` to the end of its line */
    oak_str words;       /* behind `oakum:` */
    uint32_t node;       /* what it is about, with all that is below; 0: nothing */
    const char *nowhere; /* why it is about nothing */
};
typedef OAK_LIST(struct oak_remark) oak_remarks;

/* All of them, in order. A comment beside something is about the outermost node that begins on its line; one on a line of
 * its own, about the outermost node that begins on the next line that is no comment. */
oak_remarks oak_remarks_find(struct oak_arena *arena, const struct oak_index *index);

/* The outermost node that begins in [from, to); 0 if none does. */
uint32_t oak_node_starting_in(const struct oak_index *index, size_t from, size_t to);

#endif
