/* One line at the foot of the terminal for work that takes long: a thread of its own looks ten times a second, so that the work
 * pays nothing for it. It appears after half a second (OAKUM_PROGRESS_DELAY: milliseconds), and vanishes in the end. */
#ifndef OAK_CLI_PROGRESS_H
#define OAK_CLI_PROGRESS_H

#include "cli/terminal.h"

#include <pthread.h>

struct oak_progress_line {
    pthread_mutex_t *lock; /* held while `say` runs, and by who prints anything else */
    void (*say)(void *context, struct oak_buf *line);
    void *context;
};

struct oak_progress {
    struct oak_progress_line line;
    pthread_cond_t wake;
    pthread_t thread;
    unsigned delay_ms;
    bool is_running, is_stopping;
    bool is_shown; /* guarded by the lock */
    bool is_out_seen;
};

/* With `loudness` QUIET, or where nobody would see it, there is none: the other calls do nothing then. */
void oak_progress_start(struct oak_progress *progress, const struct oak_terminal *terminal, enum oak_loudness loudness,
                        struct oak_progress_line line);
/* Makes room for what is about to be printed. With the lock held. */
void oak_progress_make_room(struct oak_progress *progress, oak_str out, oak_str talk);
/* Without the lock. */
void oak_progress_stop(struct oak_progress *progress);

#endif
