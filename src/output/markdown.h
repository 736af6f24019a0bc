/* Text that others wrote, as text in Markdown: of GitHub, GitLab, Gitea. */
#ifndef OAK_OUTPUT_MARKDOWN_H
#define OAK_OUTPUT_MARKDOWN_H

#include <oakum/engine.h>

/* In code marks: no markup, mention, issue or link comes alive there. Cut at 200 bytes. */
void oak_markdown_code(struct oak_buf *out, oak_str text);

/* As prose if it consists of plain words, else in code marks. */
void oak_markdown_plain(struct oak_buf *out, oak_str text);

/* Words of a patch: one paragraph, its punctuation escaped. */
void oak_markdown_prose(struct oak_buf *out, oak_str text);

/* [`path:line`](link path#Lline); without a link only the code. */
void oak_markdown_place(struct oak_buf *out, oak_str link, oak_str path, size_t line);

/* What it means that a finding is left, in bold. */
const char *oak_markdown_left(enum oak_outcome outcome);

/* A body that a forge takes: with as many places of each kind as there is room for. */
typedef oak_str oak_markdown_print(struct oak_arena *arena, const void *page, size_t max_places);
oak_str oak_markdown_fit(struct oak_arena *arena, const void *page, oak_markdown_print *print);

#endif
