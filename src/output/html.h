/* What the files of the HTML page share. */
#ifndef OAK_OUTPUT_HTML_H
#define OAK_OUTPUT_HTML_H

#include "output/output.h"

/* The frame: report.html with its style and script, and the hashes that allow these two and nothing else. {{name}} is a slot. */
extern const oak_str oak_html_frame;

/* What others wrote, as text: no byte of it is markup, neither between tags nor in an attribute in double quotes, and what would
 * hide or reorder something is spelt out. Line breaks and tabs become blanks, but not in `lines`. */
void oak_html_text(struct oak_buf *out, oak_str text);
void oak_html_lines(struct oak_buf *out, oak_str text);

/* With a comma between thousands. */
void oak_html_count(struct oak_buf *out, size_t count);
const char *oak_html_level(enum oak_profile level); /* the Pod Security level by its name: NONE is privileged */

/* What a part of the page has of one file: these pieces, a NUL behind each, which is in no text of the page. */
enum oak_html_piece { OAK_HTML_ERRORS, OAK_HTML_WARNINGS, OAK_HTML_UNREAD, OAK_HTML_VERDICTS, OAK_HTML_WORKLOADS };
void oak_html_file(struct oak_buf *out, const struct oak_report *report);

/* Sections. */
void oak_html_posture(struct oak_buf *out, const struct oak_page *page);
void oak_html_namespaces(struct oak_buf *out, const struct oak_page *page);
void oak_html_patches(struct oak_buf *out, const struct oak_page *page);
void oak_html_outcomes(struct oak_buf *out, const struct oak_page *page);

/* A bar of outcomes, as long as `sum` is of `max`. Only a picture: the numbers stand beside it. */
void oak_html_bar(struct oak_buf *out, const size_t *by_outcome, size_t max);
size_t oak_html_sum(const size_t *by_outcome);

void oak_html_page(struct oak_buf *out, const struct oak_page *page);

#endif
