/* A fresh bare repository for one run of the git program, in which nothing of the user's repository is obeyed. */
#ifndef OAK_GIT_WORKSHOP_H
#define OAK_GIT_WORKSHOP_H

#include <oakum/git.h>

#include "files/process.h"

struct oak_workshop {
    const char *folder;  /* removed by oak_workshop_free */
    const char *objects; /* where fetched objects go; NULL: into the workshop */
    const char *shallow; /* where history is cut off, in the user's repository */
    oak_str shallow_text; /* what that file said when the workshop was made */
    bool was_shallow;
};

/* "https://me:secret@example.org:8443/x": the scheme with `://`, who is before the last `@` of the host, the host with its port, and
 * what follows. False: an address of another form. */
struct oak_address {
    oak_str scheme, user, host, rest;
};
bool oak_address_split(oak_str url, struct oak_address *out);

/* Makes one that sees the objects of `repository`; NULL: those of nobody. */
OAK_MUST_CHECK bool oak_workshop_init(struct oak_arena *arena, struct oak_repository *repository,
                                      const struct oak_remote *remote, struct oak_workshop *out, struct oak_error *err);
void oak_workshop_free(struct oak_workshop *workshop);

/* With all that is in it, as far as that goes. */
void oak_folder_remove(const char *folder);

/* All that is in a file; false if that cannot be told. */
OAK_MUST_CHECK bool oak_workshop_read(struct oak_arena *arena, const char *path, oak_str *out);

/* Makes `to`, which is not there yet, wholly or not at all: git takes a lock of ours that is left behind for that of another. */
OAK_MUST_CHECK bool oak_workshop_copy(const char *from, const char *to);

/* Runs `git WORDS` in `folder` (NULL: in the workshop) with an environment of our own: no configuration but ours, no hook, no
 * prompt, no redirection; the token is handed over by a script of ours, and only if git asks for it.
 * fails   if git cannot be run; its exit status is in `out` */
OAK_MUST_CHECK bool oak_workshop_run(struct oak_arena *arena, const struct oak_workshop *workshop,
                                     const struct oak_remote *remote, const char *folder, const char *const *words,
                                     struct oak_process_result *out, struct oak_error *err);

#endif
