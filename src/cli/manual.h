/* What the manual page says of commands, options and patches, in the words of scdoc. packaging/manual.cmake asks for it. */
#ifndef OAK_CLI_MANUAL_H
#define OAK_CLI_MANUAL_H

#include "cli/commands.h"

#include <oakum/patch.h>

/* False if there is no such part: commands, options, patches. */
bool oak_manual(struct oak_buf *out, const struct oak_patches *patches, oak_str part);

#endif
