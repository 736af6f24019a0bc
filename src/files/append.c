/* Adds to a file that somebody else made and reads: the summary of a job. */
#include "files/files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool oak_file_write_all(int fd, oak_str bytes, struct oak_error *err)
{
    for (size_t done = 0; done < bytes.len;) {
        const ssize_t written = write(fd, bytes.ptr + done, bytes.len - done);
        if (written > 0)
            done += (size_t)written;
        else if (written < 0 && errno != EINTR)
            return oak_file_fail(err, errno);
    }
    return true;
}

bool oak_file_append(const char *path, oak_str text, size_t max_bytes, struct oak_error *err)
{
    struct stat before;
    const int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    if (fd < 0)
        return oak_file_fail(err, errno);
    bool is_done = fstat(fd, &before) == 0 || oak_file_fail(err, errno);
    if (is_done && !S_ISREG(before.st_mode))
        is_done = oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "is no regular file");
    if (is_done && (before.st_size > (off_t)max_bytes || text.len > max_bytes - (size_t)before.st_size))
        is_done = oak_fail(err, OAK_IO, (oak_span){ 0, 0 }, "would become larger than %zu bytes", max_bytes);
    is_done = is_done && oak_file_write_all(fd, text, err);
    if (close(fd) != 0 && is_done)
        is_done = oak_file_fail(err, errno);
    return is_done;
}
