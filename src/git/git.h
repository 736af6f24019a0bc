/* The door to libgit2. Reads a repository, never its hooks, never its network. */
#ifndef OAK_GIT_GIT_H
#define OAK_GIT_GIT_H

#include <oakum/base.h>

/* What a repository does not want to hold. One handle serves one walk and one thread. */
struct oak_ignore;

/* Finds the repository that holds a folder. NULL if there is none, if it cannot be opened, or if the folder itself is
 * ignored: who names it wants to see it. Without a .git above the folder libgit2 is not even started. */
struct oak_ignore *oak_ignore_open(const char *folder);

/* Asks the .gitignore files, .git/info/exclude and the user's core.excludesFile. What is tracked, or holds something
 * tracked, is never ignored.
 *
 * ignore  NULL ignores nothing
 * path    as the walk spells it: the folder given to oak_ignore_open, then names; others take longer to resolve */
bool oak_ignore_is_ignored(struct oak_ignore *ignore, const char *path, bool is_dir);

void oak_ignore_free(struct oak_ignore *ignore);
/* Ends the library, once for each that was opened. For the thread that outlives all others: what libgit2 keeps for a thread is
 * only freed by its own end, or by this call. */
void oak_ignore_stop(size_t opened);

#endif
