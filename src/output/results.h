/* The results of a KRM function. */
#ifndef OAK_OUTPUT_RESULTS_H
#define OAK_OUTPUT_RESULTS_H

#include "engine/resource_list.h"
#include "output/output.h"

/* One for each finding, for each remark, and for each place that was not looked into. `list` is the text that was passed. */
oak_value_list oak_results_of(struct oak_arena *arena, const struct oak_resource_list *list,
                              const struct oak_report *report);
/* One that says what could not be done. */
struct oak_value *oak_result_of_error(struct oak_arena *arena, oak_str text);

/* Does one of them have the severity `error`? */
bool oak_results_have_error(const oak_value_list *results);

/* Keeps what makes at most `room` nodes of YAML, without mere information if that does not do, and says how many
 * are left out. */
void oak_results_fit(struct oak_arena *arena, oak_value_list *results, size_t room);

/* Those that are no mere information, a line each. */
void oak_text_results(struct oak_buf *out, const oak_value_list *results);

#endif
