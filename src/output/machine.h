/* What the formats for machines share: how grave a finding is, what is said about it, and lines that are kept until all files are known. */
#ifndef OAK_OUTPUT_MACHINE_H
#define OAK_OUTPUT_MACHINE_H

#include "output/output.h"

/* By the profile that asks for the fix: baseline, restricted, anything above or beside them; a note, too, is what no level of the
 * standards refuses and what is safe to fix: labels that are missing. */
enum oak_grade { OAK_GRADE_ERROR, OAK_GRADE_WARNING, OAK_GRADE_NOTE, OAK_GRADES };
enum oak_grade oak_grade_of(const struct oak_rule *rule);
/* That of the gravest of its rules. */
enum oak_grade oak_grade_of_patch(const struct oak_patch *patch);

/* container 'web' has all the rights of its host */
oak_str oak_finding_says(struct oak_arena *arena, const struct oak_finding *f);
/* Deployment shop/web */
oak_str oak_finding_object(struct oak_arena *arena, const struct oak_finding *f);
/* The field as seen from its target: containers and volumes have names, and their numbers change. */
oak_str oak_finding_field(struct oak_arena *arena, const struct oak_finding *f);
/* set securityContext.privileged: false, set … */
oak_str oak_finding_changes(struct oak_arena *arena, const struct oak_finding *f);
/* fix (risky): set …   held: the reason */
oak_str oak_finding_outcome(struct oak_arena *arena, const struct oak_report *report, const struct oak_finding *f);
/* The same as a patch or a manifest wrote it, without control bytes and line breaks. */
oak_str oak_plain_line(struct oak_arena *arena, oak_str text);

/* Why nothing could be done about the file: NULL if it could. */
const struct oak_error *oak_report_error(const struct oak_report *report);

/* FNV-1a, 64 bits, never 0: it tells findings of one file apart, and keeps no secret. */
uint64_t oak_hash(const oak_str *parts, size_t count);
/* How often each hash was there: a table with room for `count` of them. */
struct oak_seen {
    struct {
        uint64_t sum;
        size_t times;
    } *slots;
    size_t room;
};
void oak_seen_init(struct oak_arena *arena, size_t count, struct oak_seen *out);
size_t oak_seen_before(struct oak_seen *seen, uint64_t sum);

/* A part is made of lines, each with a mark before it. */
struct oak_part_cursor {
    size_t part, offset;
};
/* The next line with this mark, without it and the line break. */
bool oak_part_next(const struct oak_page *page, struct oak_part_cursor *at, char mark, oak_str *line);

#endif
