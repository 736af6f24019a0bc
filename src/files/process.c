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

static void converse(int *ours, oak_str input, struct answer *out, struct answer *talk)
{
    while (ours[IN] >= 0 || ours[OUT] >= 0 || ours[TALK] >= 0) {
        struct pollfd ends[3] = { { ours[IN], POLLOUT, 0 }, { ours[OUT], POLLIN, 0 }, { ours[TALK], POLLIN, 0 } };
        if (poll(ends, 3, -1) < 0 && errno != EINTR)
            break;
        if (ends[IN].revents != 0)
            feed(&ours[IN], &input);
        if (ends[OUT].revents != 0)
            listen(&ours[OUT], out);
        if (ends[TALK].revents != 0)
            listen(&ours[TALK], talk);
    }
}

/* Who ignores SIGCHLD is not told: that must not look like success. */
static bool wait_for(pid_t pid, const char *name, int *out, struct oak_error *err)
{
    int status;
    pid_t ended;
    while ((ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
        continue;
    if (ended < 0)
        return oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "cannot learn how '%s' ended: %s", name, strerror(errno));
    *out = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

bool oak_process_run(struct oak_arena *arena, const struct oak_process *process, struct oak_process_result *out,
                     struct oak_error *err)
{
    struct pipes p;
    pid_t pid = -1;
    struct answer answer = { .max = process->max_answer > 0 ? process->max_answer : MAX_ANSWER }, talk = { .max = MAX_ANSWER };
    oak_buf_init(&answer.text, arena);
    oak_buf_init(&talk.text, arena);
    const int rc = open_pipes(&p, process->shares_talk ? TALK : TALK + 1) ? start(process, &p, &pid) : errno;
    close_all(p.child);
    if (rc != 0) {
        close_all(p.ours);
        return oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "cannot run '%s': %s", process->argv[0], strerror(rc));
    }
    converse(p.ours, process->input, &answer, &talk);
    close_all(p.ours);
    out->out = oak_buf_str(&answer.text);
    out->talk = oak_buf_str(&talk.text);
    out->is_cut = answer.is_cut;
    return wait_for(pid, process->argv[0], &out->status, err);
}
