/* Bump allocation: the only malloc of the pure rooms. */
#include <oakum/base.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A piece ends where the next begins, so a sanitizer sees nothing wrong in a step too far, or in a piece of an arena that was reset.
 * Told what is free, it does. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OAK_HAS_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define OAK_HAS_ASAN
#endif
#ifdef OAK_HAS_ASAN
#include <sanitizer/asan_interface.h>
enum { LEAST_ALIGNMENT = 8, RED_ZONE = 16 }; /* the sanitizer knows of eight bytes how many may be used, not which */
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
enum { LEAST_ALIGNMENT = 1, RED_ZONE = 0 };
#endif

struct oak_arena_chunk {
    struct oak_arena_chunk *older;
    size_t size; /* bytes after this header */
    max_align_t bytes[];
};

enum { CHUNK_SIZE = 64 * 1024, ALIGNMENT = _Alignof(max_align_t) };

static void say_and_abort(void)
{
    fputs("oakum: out of memory\n", stderr);
    abort();
}

static void (*out_of_memory)(void) = say_and_abort;

void oak_set_out_of_memory(void (*handler)(void))
{
    out_of_memory = handler;
}

void oak_arena_init(struct oak_arena *arena)
{
    *arena = (struct oak_arena){ 0 };
}

static void free_chunks(struct oak_arena_chunk *chunk)
{
    while (chunk != NULL) {
        struct oak_arena_chunk *const older = chunk->older;
        free(chunk);
        chunk = older;
    }
}

void oak_arena_free(struct oak_arena *arena)
{
    free_chunks(arena->chunks);
    oak_arena_init(arena);
}

void oak_arena_reset(struct oak_arena *arena)
{
    struct oak_arena_chunk *const newest = arena->chunks;
    if (newest == NULL)
        return;
    /* One large file must not be paid for by all that follow. */
    if (newest->size > 16 * CHUNK_SIZE) {
        oak_arena_free(arena);
        return;
    }
    free_chunks(newest->older);
    newest->older = NULL;
    arena->used = 0;
    ASAN_POISON_MEMORY_REGION(newest->bytes, newest->size);
}

static _Noreturn void fail(void)
{
    out_of_memory();
    abort();
}

static void add_chunk(struct oak_arena *arena, size_t at_least)
{
    /* Growing with the arena keeps the number of chunks logarithmic for large files. */
    size_t size = arena->chunks != NULL ? arena->chunks->size * 2 : CHUNK_SIZE;
    if (size > 64 * CHUNK_SIZE)
        size = 64 * CHUNK_SIZE;
    if (size < at_least)
        size = at_least;
    struct oak_arena_chunk *const chunk =
        size <= SIZE_MAX - sizeof *chunk ? malloc(sizeof *chunk + size) : NULL;
    if (chunk == NULL)
        fail();
    chunk->older = arena->chunks;
    chunk->size = size;
    arena->chunks = chunk;
    arena->used = 0;
    ASAN_POISON_MEMORY_REGION(chunk->bytes, size);
}

static void *take(struct oak_arena *arena, size_t size, size_t alignment)
{
    if (alignment < LEAST_ALIGNMENT)
        alignment = LEAST_ALIGNMENT;
    size_t at = (arena->used + alignment - 1) & ~(alignment - 1);
    if (arena->chunks == NULL || at > arena->chunks->size || size > arena->chunks->size - at) {
        add_chunk(arena, size);
        at = 0;
    }
    arena->used = at + size + RED_ZONE; /* perhaps behind the end: the next piece begins a chunk */
    char *const piece = (char *)arena->chunks->bytes + at;
    ASAN_UNPOISON_MEMORY_REGION(piece, size);
    return piece;
}

void *oak_arena_alloc(struct oak_arena *arena, size_t size)
{
    void *const ptr = take(arena, size, ALIGNMENT);
    return memset(ptr, 0, size);
}

char *oak_arena_bytes(struct oak_arena *arena, size_t size)
{
    return take(arena, size, 1);
}

oak_str oak_arena_str(struct oak_arena *arena, oak_str text)
{
    char *const copy = oak_arena_bytes(arena, text.len);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return (oak_str){ copy, text.len };
}

const char *oak_arena_cstr(struct oak_arena *arena, oak_str text)
{
    char *const copy = oak_arena_bytes(arena, text.len + 1);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

oak_str oak_arena_join(struct oak_arena *arena, const oak_str *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    char *const text = oak_arena_bytes(arena, len);
    char *to = text;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > 0)
            memcpy(to, parts[i].ptr, parts[i].len);
        to += parts[i].len;
    }
    return (oak_str){ text, len };
}

oak_str oak_arena_printf(struct oak_arena *arena, const char *format, ...)
{
    char usual[192]; /* most texts fit: they are formatted once */
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const size_t len = (size_t)vsnprintf(usual, sizeof usual, format, args);
    char *const text = oak_arena_bytes(arena, len + 1);
    if (len < sizeof usual)
        memcpy(text, usual, len + 1);
    else
        vsnprintf(text, len + 1, format, again);
    va_end(again);
    va_end(args);
    return (oak_str){ text, len };
}

void *oak_list_room(struct oak_arena *arena, size_t capacity, size_t item_size)
{
    if (capacity > SIZE_MAX / item_size)
        fail();
    return take(arena, capacity * item_size, ALIGNMENT);
}

void *oak_list_grow(struct oak_arena *arena, void *items, size_t count, size_t *capacity, size_t item_size)
{
    const size_t larger = count == 0 ? 4 : count * 2;
    void *const moved = oak_list_room(arena, larger, item_size);
    if (count > 0)
        memcpy(moved, items, count * item_size);
    *capacity = larger;
    return moved;
}
