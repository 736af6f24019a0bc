/* A question about findings, as a person is asked it. */
#ifndef OAK_OUTPUT_QUESTION_H
#define OAK_OUTPUT_QUESTION_H

#include "engine/ask.h"
#include "output/output.h"

/* What was found, why it matters, what may break, and the change alone as lines of a diff. `text`: of the file. */
void oak_text_question(struct oak_buf *out, oak_str path, oak_str text, const struct oak_question *question);
/* "(2/7) fix this [y,n,…,?]? " */
void oak_text_prompt(struct oak_buf *out, const struct oak_question *question);
/* What the letters mean. */
void oak_text_keys(struct oak_buf *out, const struct oak_question *question);
/* All that the patches say. */
void oak_text_question_at_length(struct oak_buf *out, const struct oak_question *question);
/* What is left with what was declined, a line each. */
void oak_text_fallen(struct oak_buf *out, oak_str path, oak_str text, const oak_finding_list *fallen);
/* What became of the file: how many findings ended how. */
void oak_text_answered(struct oak_buf *out, oak_str path, const struct oak_result *result, bool is_written);

#endif
