/* The words that every room uses: borrowed bytes, spans, arenas, errors, edits.
 *
 * Ownership: there are two lifetimes, both arenas: that of a run (options, patches) and that of a file (all that is
 * learnt about it). A function that keeps memory takes the arena first; what it returns lives as long as that arena.
 * oak_str and oak_span never own.
 *
 * Errors: a function that can fail returns bool, false = failed, and fills its last parameter. On success the error is
 * untouched. Absence is not an error. */
#ifndef OAKUM_BASE_H
#define OAKUM_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define OAK_MUST_CHECK __attribute__((warn_unused_result))
#define OAK_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define OAK_INLINE static inline __attribute__((always_inline))
#else
#define OAK_MUST_CHECK
#define OAK_PRINTF(format_at, first_at)
#define OAK_INLINE static inline
#endif

/* Borrowed bytes; may hold NUL, not terminated. */
typedef struct {
    const char *ptr;
    size_t len; /* bytes */
} oak_str;

#define OAK_STR(literal) ((oak_str){ "" literal, sizeof(literal) - 1 })

/* [start, end): byte offsets into one source, BOM and carriage returns counted. */
typedef struct {
    size_t start;
    size_t end;
} oak_span;

/* Here, for the compiler: most differ in length or first byte, and a call would cost more than the answer. */
OAK_INLINE bool oak_str_eq(oak_str a, oak_str b)
{
    return a.len == b.len && (a.len == 0 || (a.ptr[0] == b.ptr[0] && memcmp(a.ptr, b.ptr, a.len) == 0));
}
int oak_str_cmp(oak_str a, oak_str b); /* by bytes, shorter first; for sorting */
/* The number of the first item whose string, at `offset` in each, is not before `key`; `count` if all are. The items are sorted by
 * that string. */
size_t oak_str_lower_bound(const void *items, size_t count, size_t item_size, size_t offset, oak_str key);
bool oak_str_starts(oak_str text, oak_str prefix);
bool oak_str_ends(oak_str text, oak_str suffix);
oak_str oak_str_trim(oak_str text); /* without blanks, tabs and line breaks at both ends */
oak_str oak_str_span(oak_str text, oak_span span);
oak_str oak_str_from(const char *terminated);

/* Offset of the first `needle` at or after `from`; false if there is none. */
bool oak_str_find(oak_str text, size_t from, oak_str needle, size_t *at);

/* Splits `text` at the first `separator`: `*head` gets what stands before it, `*rest` what follows. Without a separator
 * `*head` is all of it, `*rest` is empty, and the answer is false. */
bool oak_str_cut(oak_str text, char separator, oak_str *head, oak_str *rest);

/* The length of the UTF-8 sequence at `i`, and its character; 0 if there is none. */
size_t oak_utf8_decode(oak_str text, size_t i, uint32_t *out);

/* The word that somebody probably meant: feed it all that there are; `found` is the nearest of those that few slips of the
 * keyboard (a letter more, less, another, two swapped) lead to; empty if there is none. Case does not count. */
struct oak_nearest {
    oak_str wanted;
    oak_str found;
    size_t distance; /* of `found` */
};
void oak_nearest_try(struct oak_nearest *nearest, oak_str candidate);

/* ---- arenas ---- */

struct oak_arena {
    struct oak_arena_chunk *chunks; /* newest first */
    size_t used;                    /* bytes of the newest chunk */
};

void oak_arena_init(struct oak_arena *arena);
void oak_arena_free(struct oak_arena *arena);  /* everything; the arena can be used again */
void oak_arena_reset(struct oak_arena *arena); /* everything but one chunk, which serves the next file */

/* Zeroed bytes, aligned for any type. Never NULL: without memory the handler is called, which must not return. */
void *oak_arena_alloc(struct oak_arena *arena, size_t size);
char *oak_arena_bytes(struct oak_arena *arena, size_t size); /* the same, not zeroed, not aligned */
oak_str oak_arena_str(struct oak_arena *arena, oak_str text);
const char *oak_arena_cstr(struct oak_arena *arena, oak_str text); /* terminated, for the door to the system */
/* One text of several: what printf would do with "%s%s…", at a tenth of the cost. */
oak_str oak_arena_join(struct oak_arena *arena, const oak_str *parts, size_t count);
oak_str oak_arena_printf(struct oak_arena *arena, const char *format, ...) OAK_PRINTF(2, 3);
void oak_set_out_of_memory(void (*handler)(void));

/* A growing array in an arena: struct { T *items; size_t count, capacity; }, grown by doubling. The value of the macro
 * is a pointer to the new, zeroed last item; it is valid until the next push. */
#define OAK_LIST(type)                                                                                       \
    struct {                                                                                                 \
        type *items;                                                                                         \
        size_t count, capacity;                                                                              \
    }
#define oak_push(arena, list)                                                                                \
    ((list)->items = oak_list_next((arena), (list)->items, (list)->count, &(list)->capacity,                 \
                                   sizeof *(list)->items),                                                   \
     &(list)->items[(list)->count++])
void *oak_list_grow(struct oak_arena *arena, void *items, size_t count, size_t *capacity, size_t item_size);
/* Here, so that the compiler knows the size of an item: most pushes only zero one. */
OAK_INLINE void *oak_list_next(struct oak_arena *arena, void *items, size_t count, size_t *capacity, size_t item_size)
{
    if (count == *capacity)
        items = oak_list_grow(arena, items, count, capacity, item_size);
    memset((char *)items + count * item_size, 0, item_size);
    return items;
}
/* Room for that many items, to start a list with: not zeroed, since a push zeroes the item that it adds. */
void *oak_list_room(struct oak_arena *arena, size_t capacity, size_t item_size);

/* ---- growing text ---- */

struct oak_look; /* of where the text goes: only src/output/look.h knows what is in it */
struct oak_buf {
    struct oak_arena *arena;
    char *ptr;
    size_t len;
    size_t capacity;
    const struct oak_look *look; /* NULL: plain bytes */
};

void oak_buf_init(struct oak_buf *buf, struct oak_arena *arena);
void oak_buf_add(struct oak_buf *buf, oak_str text);
void oak_buf_add_lower(struct oak_buf *buf, oak_str text); /* A to Z as a to z */
void oak_buf_fill(struct oak_buf *buf, char byte, size_t count);
void oak_buf_add_all(struct oak_buf *buf, const oak_str *parts, size_t count);
void oak_buf_add_number(struct oak_buf *buf, size_t number);
void oak_buf_addf(struct oak_buf *buf, const char *format, ...) OAK_PRINTF(2, 3);
oak_str oak_buf_str(const struct oak_buf *buf); /* valid until the next addition */

/* ---- errors ---- */

enum oak_error_kind {
    OAK_USAGE,    /* an option or an argument */
    OAK_IO,       /* the file system */
    OAK_SYNTAX,   /* the text of a manifest */
    OAK_PATCH,    /* the text of a patch */
    OAK_TEMPLATE, /* a manifest that is a template: refused rather than broken */
    OAK_INTERNAL, /* a promise that we did not keep: found by verification */
    OAK_GIT,      /* a repository, a branch, a signature, a remote: the same call will fail again */
    OAK_FORGE,    /* a forge refuses it */
    OAK_AGAIN,    /* a lost race, a lock, a network, a rate limit: the same call may succeed later */
    OAK_UNSAFE    /* a repository that nothing may be written to: made to harm, or not ours */
};

struct oak_error {
    enum oak_error_kind kind;
    oak_span span; /* where, if it is in a source; {0,0} otherwise */
    char text[256]; /* one line, lower case, no full stop, without the file's name: the caller knows it */
};

/* Fills `err` and returns false, so that a failure is one line where it is found. */
bool oak_fail(struct oak_error *err, enum oak_error_kind kind, oak_span where, const char *format, ...)
    OAK_PRINTF(4, 5);

/* ---- edits ---- */

/* A wish in bytes: the bytes of `span` become `text`. An empty span inserts. */
struct oak_edit {
    oak_span span;
    oak_str text;
    uint32_t owner; /* whose it is, as a number that its maker gives; 0: nobody's */
};

/* Splices `edits` into `text`.
 *
 * edits   sorted by start; must not overlap; insertions at one point keep their order
 * out     bytes in `arena`; exactly text.len + Σ(new - old) long
 * fails   INTERNAL if the edits break the contract: a bug in the planner, not in the input */
OAK_MUST_CHECK bool oak_edits_apply(struct oak_arena *arena, oak_str text, const struct oak_edit *edits, size_t count,
                                    oak_str *out, struct oak_error *err);

#endif
