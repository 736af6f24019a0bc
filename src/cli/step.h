/* What GitHub Actions shows of a step. */
#ifndef OAK_CLI_STEP_H
#define OAK_CLI_STEP_H

#include "output/output.h"

/* Adds to the file that GITHUB_STEP_SUMMARY names; where none is named there is nothing to add to. What goes wrong is told on stderr:
 * a summary decides nothing. */
void oak_step_summary(struct oak_arena *arena, const struct oak_format *format, const struct oak_page *page);

#endif
