/* Objects of a cluster, read by kubectl. */
#ifndef OAK_CLI_LIVE_H
#define OAK_CLI_LIVE_H

#include "cli/options.h"

struct oak_live_object {
    const char *name; /* as printed: shop/deployment/web */
    oak_str text;
    oak_str owner;    /* what is to be changed instead; empty: the object itself */
};
struct oak_live {
    OAK_LIST(struct oak_live_object) objects;
    bool is_live;  /* the command line names objects */
    bool is_partial; /* kubectl failed, and has said why */
};

/* Are the words of the command line files, or objects? A word is a file if it looks like a path (a slash at an end, a dot in front,
 * the ending of a manifest), or if there is one of that name, unless an option chooses objects. Fails with USAGE for a mixture. */
OAK_MUST_CHECK bool oak_live_decide(const struct oak_command_line *line, bool *is_live, struct oak_error *err);

/* Has kubectl read them. The words leave the command line. */
OAK_MUST_CHECK bool oak_live_read(struct oak_arena *arena, struct oak_command_line *line, struct oak_live *out,
                                  struct oak_error *err);

#endif
