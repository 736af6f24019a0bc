/* What -v says besides: which configuration and rules, and of each file without findings, why. */
#ifndef OAK_CLI_VERBOSE_H
#define OAK_CLI_VERBOSE_H

#include "cli/config.h"
#include "output/output.h"

void oak_verbose_run(struct oak_buf *out, const struct oak_run *run, const struct oak_config_file *config);
/* Nothing if there are findings, or an error that says it. */
void oak_verbose_file(struct oak_buf *out, const struct oak_report *report);
void oak_verbose_passed_over(struct oak_buf *out, oak_str path, oak_str why);

#endif
