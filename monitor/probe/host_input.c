/* SPDX-License-Identifier: ISC
 *
 * Hosts as they are needed (see host_input.h). Owns: the place in the words and in the list.
 */
#include "monitor/probe/host_input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"

struct host_input {
    struct loop *loop;
    struct loop_io *io;
    char **words;
    size_t count;
    size_t at;
    int fd;
    int error; /* errno of reading */
    struct host_list list;
    loop_fn *ready;
    void *arg;
};

bool host_input_is_list(const char *word)
{
    return strcmp(word, "-") == 0;
}

struct host_input *host_input_new(struct loop *loop, char **words, size_t count, int fd,
                                  loop_fn *ready, void *arg)
{
    struct host_input *input = mem_zalloc(sizeof *input);
    input->loop = loop;
    input->words = words;
    input->count = count;
    input->fd = fd;
    input->ready = ready;
    input->arg = arg;
    return input;
}

void host_input_free(struct host_input *input)
{
    if (!input)
        return;
    loop_io_free(input->io);
    free(input);
}

static void on_readable(unsigned ready, void *arg)
{
    struct host_input *input = arg;
    (void)ready;
    loop_io_want(input->io, 0);
    input->ready(input->arg);
}

/* Files and /dev/null are always ready, and nothing that epoll takes; so poll comes first. */
static bool is_readable(const struct host_input *input)
{
    struct pollfd poll_fd = {.fd = input->fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) != 0;
}

static void wait_for_more(struct host_input *input)
{
    if (!input->io)
        input->io = loop_io_new(input->loop, input->fd, on_readable, input);
    loop_io_want(input->io, LOOP_READ);
}

static void read_some(struct host_input *input)
{
    char chunk[HOST_LIST_CHUNK];
    ssize_t len = read(input->fd, chunk, sizeof chunk);
    if (len > 0) {
        host_list_add(&input->list, chunk, (size_t)len);
    } else if (len == 0 || (errno != EINTR && errno != EAGAIN)) {
        input->error = len < 0 ? errno : 0;
        host_list_end(&input->list);
    }
}

static enum host_list_step next_of_list(struct host_input *input, const char **text)
{
    for (;;) {
        enum host_list_step step = host_list_next(&input->list, text);
        if (step != HOST_LIST_MORE)
            return step;
        if (!is_readable(input)) {
            wait_for_more(input);
            return step;
        }
        read_some(input);
    }
}

enum host_list_step host_input_next(struct host_input *input, const char **text)
{
    while (input->at < input->count) {
        const char *word = input->words[input->at];
        if (!host_input_is_list(word)) {
            input->at++;
            *text = word;
            return HOST_LIST_HOST;
        }
        enum host_list_step step = next_of_list(input, text);
        if (step != HOST_LIST_END)
            return step;
        input->at++;
    }
    return HOST_LIST_END;
}

size_t host_input_line(const struct host_input *input)
{
    return input->list.line;
}

const char *host_input_error(const struct host_input *input)
{
    return input->error ? strerror(input->error) : NULL;
}
