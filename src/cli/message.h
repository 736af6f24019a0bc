/* What a commit says about itself. */
#ifndef OAK_CLI_MESSAGE_H
#define OAK_CLI_MESSAGE_H

#include <oakum/git.h>

#include "output/output.h"

struct oak_message {
    const struct oak_run *run;
    const struct oak_totals *totals; /* of what the commit holds */
    const struct oak_patch *area;    /* the patch that the commit is about; NULL: all */
    bool tells_left;                 /* what was not fixed, too */
    const oak_str *paths;            /* of the files changed, sorted */
    size_t path_count;
    oak_object_id base_tree, digest;
    const struct oak_identity *signoff; /* NULL: no such line */
};

oak_str oak_message_print(struct oak_arena *arena, const struct oak_message *message);

#endif
