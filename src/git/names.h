/* Names in trees. */
#ifndef OAK_GIT_NAMES_H
#define OAK_GIT_NAMES_H

#include <oakum/base.h>

/* `.`, `..`, `.git` in any spelling that a file system takes for it, a slash, nothing. */
bool oak_git_name_is_hostile(oak_str name);

#endif
