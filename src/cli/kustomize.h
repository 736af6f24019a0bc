/* From -k to files. */
#ifndef OAK_CLI_KUSTOMIZE_H
#define OAK_CLI_KUSTOMIZE_H

#include "cli/options.h"

/* Adds to `line->files` what the kustomizations of -k name: themselves, resources, patches, and the same of those that they build
 * upon. What is not there on disk is told in `talk`. Fails if a kustomization cannot be read; `talk` has said which. */
OAK_MUST_CHECK bool oak_kustomize_files(struct oak_arena *arena, struct oak_command_line *line, struct oak_buf *talk);

#endif
