/* Starts a program, feeds it and listens to both of its voices at once, so that none of the three can block. */
#include "files/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { MAX_ANSWER = 1024 * 1024 /* bytes */, IN = 0, OUT = 1, TALK = 2 };

struct pipes {
    int child[3], ours[3];
};

/* One of the voices, kept up to a limit. */
struct answer {
    struct oak_buf text;
    size_t max;
    bool is_cut;
};

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_all(int *ends)
{
    for (int i = 0; i < 3; i++)
        close_end(&ends[i]);
}

static bool open_pipes(struct pipes *p, int count)
{
    for (int i = 0; i < 3; i++)
        p->child[i] = p->ours[i] = -1;
    for (int i = 0; i < count; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
            return false;
        p->child[i] = i == IN ? ends[0] : ends[1];
        p->ours[i] = i == IN ? ends[1] : ends[0];
    }
    return fcntl(p->ours[IN], F_SETFL, O_NONBLOCK) == 0;
}

static int start(const struct oak_process *process, const struct pipes *p, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    /* We ignore these two; a program that we start must not inherit that. */
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    for (int i = 0; i < 3; i++)
        if (p->child[i] >= 0)
            posix_spawn_file_actions_adddup2(&actions, p->child[i], i);
    char *const *const env = process->env != NULL ? (char *const *)process->env : environ;
    const int rc = posix_spawnp(pid, process->argv[0], &actions, &attributes, (char *const *)process->argv, env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static void feed(int *fd, oak_str *input)
{
    const ssize_t written = input->len > 0 ? write(*fd, input->ptr, input->len) : 0;
    if (written > 0)
        *input = oak_str_span(*input, (oak_span){ (size_t)written, input->len });
    if (input->len == 0 || (written < 0 && errno != EAGAIN && errno != EINTR))
        close_end(fd);
}

static void listen(int *fd, struct answer *answer)
{
    char bytes[16384];
    const ssize_t len = read(*fd, bytes, sizeof bytes);
    if (len > 0 && answer->text.len < answer->max)
        oak_buf_add(&answer->text, (oak_str){ bytes, (size_t)len });
    else if (len > 0)
        answer->is_cut = true;
    if (len == 0 || (len < 0 && errno != EINTR))
        close_end(fd);
}

enum { LOOK_MS = 100, LAST_READS = 64 /* of 16 KiB: as much as a pipe holds at most */ };

static bool poll_ends(const int *ours, int timeout_ms, struct pollfd *ends)
{
    static const short events[3] = { POLLOUT, POLLIN, POLLIN };
    for (int i = 0; i < 3; i++)
        ends[i] = (struct pollfd){ .fd = ours[i], .events = events[i] };
    return poll(ends, 3, timeout_ms) > 0;
}

static void hear(int *ours, const struct pollfd *ends, struct answer *out, struct answer *talk)
{
    if (ends[OUT].revents != 0)
        listen(&ours[OUT], out);
    if (ends[TALK].revents != 0)
        listen(&ours[TALK], talk);
}

/* A program that has been started, until it is known how it ended. */
struct child {
    pid_t pid;
    int status;
    int error_number; /* why that is not known; 0: it is */
    bool has_ended;
};

/* Who ignores SIGCHLD is not told how it ended: that must not look like success. */
static void look_after(struct child *child, int flags)
{
    pid_t ended;
    while ((ended = waitpid(child->pid, &child->status, flags)) < 0 && errno == EINTR)
        continue;
    child->has_ended = ended != 0;
    child->error_number = ended < 0 ? errno : 0;
}

/* To the end of the voices or of the program. What it leaves behind may keep the voices open for hours (the master of ssh does): what
 * the program said itself is in the pipes when it has ended. */
static void converse(int *ours, oak_str input, struct child *child, struct answer *out, struct answer *talk)
{
    struct pollfd ends[3];
    while (!child->has_ended && (ours[IN] >= 0 || ours[OUT] >= 0 || ours[TALK] >= 0)) {
        if (poll_ends(ours, LOOK_MS, ends)) {
            if (ends[IN].revents != 0)
                feed(&ours[IN], &input);
            hear(ours, ends, out, talk);
        }
        look_after(child, WNOHANG);
    }
    close_end(&ours[IN]);
    for (int i = 0; i < LAST_READS && poll_ends(ours, 0, ends); i++)
        hear(ours, ends, out, talk);
    if (!child->has_ended)
        look_after(child, 0);
}

bool oak_process_run(struct oak_arena *arena, const struct oak_process *process, struct oak_process_result *out,
                     struct oak_error *err)
{
    struct pipes p;
    struct child child = { .pid = -1 };
    struct answer answer = { .max = process->max_answer > 0 ? process->max_answer : MAX_ANSWER }, talk = { .max = MAX_ANSWER };
    oak_buf_init(&answer.text, arena);
    oak_buf_init(&talk.text, arena);
    const int rc = open_pipes(&p, process->shares_talk ? TALK : TALK + 1) ? start(process, &p, &child.pid) : errno;
    close_all(p.child);
    if (rc != 0) {
        close_all(p.ours);
        return oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "cannot run '%s': %s", process->argv[0], strerror(rc));
    }
    converse(p.ours, process->input, &child, &answer, &talk);
    close_all(p.ours);
    out->out = oak_buf_str(&answer.text);
    out->talk = oak_buf_str(&talk.text);
    out->is_cut = answer.is_cut;
    if (child.error_number != 0)
        return oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "cannot learn how '%s' ended: %s", process->argv[0],
                        strerror(child.error_number));
    out->status = WIFEXITED(child.status) ? WEXITSTATUS(child.status) : 128 + WTERMSIG(child.status);
    return true;
}
