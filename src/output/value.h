/* What the pages for machines share. */
#ifndef OAK_OUTPUT_VALUE_H
#define OAK_OUTPUT_VALUE_H

#include <oakum/engine.h>

#include <jansson.h>

/* Of all lines of JSON: schema/output.schema.json. A key may come without a new number; none goes or changes its meaning. */
enum { OAK_JSON_VERSION = 1 };
json_t *oak_json_start(void); /* an object that says so */

/* A string; U+FFFD for bytes that are no UTF-8. */
json_t *oak_json_text(oak_str text);

/* NULL for a number that JSON has no word for. */
json_t *oak_json_value(const struct oak_value *value);

/* Prints an object as a line, and releases it. */
void oak_json_add_line(struct oak_buf *out, json_t *line);

#endif
