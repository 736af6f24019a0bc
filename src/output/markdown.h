/* Text that others wrote, as text in Markdown: of GitHub, GitLab, Gitea. */
#ifndef OAK_OUTPUT_MARKDOWN_H
#define OAK_OUTPUT_MARKDOWN_H

#include <oakum/base.h>

/* In code marks: no markup, mention, issue or link comes alive there. Cut at 200 bytes. */
void oak_markdown_code(struct oak_buf *out, oak_str text);

/* As prose if it consists of plain words, else in code marks. */
void oak_markdown_plain(struct oak_buf *out, oak_str text);

/* Words of a patch: one paragraph, its punctuation escaped. */
void oak_markdown_prose(struct oak_buf *out, oak_str text);

/* [`path:line`](link path#Lline); without a link only the code. */
void oak_markdown_place(struct oak_buf *out, oak_str link, oak_str path, size_t line);

#endif
