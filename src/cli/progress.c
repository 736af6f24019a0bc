/* The line at the foot of the terminal. */
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { DELAY_MS = 500, PAUSE_MS = 100, USUAL_WIDTH = 80 };

static struct timespec in_ms(unsigned ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* What fits into the line: a character that is not ASCII may take two columns. */
static oak_str cut_to_width(oak_str text, size_t width)
{
    size_t columns = 0, end = 0;
    while (end < text.len) {
        size_t next = end + 1;
        while (next < text.len && ((unsigned char)text.ptr[next] & 0xC0) == 0x80)
            next++;
        columns += next - end > 1 ? 2 : 1;
        if (columns > width)
            break;
        end = next;
    }
    return (oak_str){ text.ptr, end };
}

/* A job in the background of a shell must not write over what is in front. */
static bool is_in_front(void)
{
    const pid_t front = tcgetpgrp(STDERR_FILENO);
    return front < 0 || front == getpgrp();
}

static void hide(struct oak_progress *p)
{
    if (p->is_shown)
        fputs("\r\033[K", stderr);
    p->is_shown = false;
}

static void draw(struct oak_progress *p, struct oak_arena *arena)
{
    const unsigned width = oak_terminal_width(STDERR_FILENO);
    struct oak_buf line;
    if (!is_in_front())
        return;
    oak_buf_init(&line, arena);
    p->line.say(p->line.context, &line);
    const oak_str shown = cut_to_width(oak_buf_str(&line), (width > 0 ? width : USUAL_WIDTH) - 1);
    const oak_str all = oak_arena_printf(arena, "\r%.*s\033[K", (int)shown.len, shown.ptr);
    fwrite(all.ptr, 1, all.len, stderr);
    p->is_shown = true;
    oak_arena_reset(arena);
}

static void *watch(void *context)
{
    struct oak_progress *const p = context;
    struct oak_arena arena;
    oak_arena_init(&arena);
    pthread_mutex_lock(p->line.lock);
    for (unsigned pause = p->delay_ms; !p->is_stopping; pause = PAUSE_MS) {
        const struct timespec at = in_ms(pause);
        while (!p->is_stopping && pthread_cond_timedwait(&p->wake, p->line.lock, &at) == 0)
            ;
        if (!p->is_stopping)
            draw(p, &arena);
    }
    hide(p);
    pthread_mutex_unlock(p->line.lock);
    oak_arena_free(&arena);
    return NULL;
}

void oak_progress_start(struct oak_progress *p, const struct oak_terminal *terminal, enum oak_loudness loudness,
                        struct oak_progress_line line)
{
    pthread_condattr_t monotonic;
    const char *const delay = getenv("OAKUM_PROGRESS_DELAY");
    *p = (struct oak_progress){ .line = line, .delay_ms = DELAY_MS, .is_out_seen = terminal->is_out_seen };
    if (!terminal->may_progress || loudness == OAK_QUIET)
        return;
    if (delay != NULL && *delay != '\0')
        p->delay_ms = (unsigned)strtoul(delay, NULL, 10);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&p->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    p->is_running = pthread_create(&p->thread, NULL, watch, p) == 0;
}

void oak_progress_make_room(struct oak_progress *p, oak_str out, oak_str talk)
{
    if (talk.len > 0 || (out.len > 0 && p->is_out_seen))
        hide(p);
}

void oak_progress_stop(struct oak_progress *p)
{
    if (!p->is_running)
        return;
    pthread_mutex_lock(p->line.lock);
    p->is_stopping = true;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(p->line.lock);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->wake);
    p->is_running = false;
}
