/* SPDX-License-Identifier: ISC
 *
 * fork and exec for the spawner process. Standard input is a memory file, so that a program that
 * never reads can't block anyone; exec's errno comes back through a close-on-exec pipe.
 */
#include "monitor/spawner/spawner_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/mem.h"

#define ERRNO_FD 3

/* Kernels before 5.9 have no close_range: there one by one, up to a number nobody reaches. */
void spawner_close_from(int first)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0)
        return;
#endif
    struct rlimit limit;
    int end = 65536;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536)
        end = (int)limit.rlim_cur;
    for (int fd = first; fd < end; fd++)
        close(fd);
}

static int input_open(const struct wire_job *job)
{
    if (job->input_len == 0)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int fd = memfd_create("reachd-stdin", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    for (size_t done = 0; done < job->input_len;) {
        ssize_t n = write(fd, job->input + done, job->input_len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static void signals_reset(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int signo = 1; signo < NSIG; signo++)
        sigaction(signo, &action, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void report_errno(int fd)
{
    int code = errno;
    if (write(fd, &code, sizeof(code)) < 0)
        _exit(126);
    _exit(127);
}

/* In the new process; returns only by exec. All of our descriptors are >= 3. */
static void become(char **argv, char **envp, int input, int output, int failed, pid_t parent)
{
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(126); /* the spawner died before the line above took hold */
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
        report_errno(failed);
    if (failed != ERRNO_FD && dup3(failed, ERRNO_FD, O_CLOEXEC) < 0)
        report_errno(failed);
    spawner_close_from(ERRNO_FD + 1);
    signals_reset();
    umask(022);
    if (chdir("/") == 0)
        execve(argv[0], argv, envp);
    report_errno(ERRNO_FD);
}

static char **list_of(const char **at, size_t count)
{
    char **list = mem_array(count + 1, sizeof(*list));
    for (size_t i = 0; i < count; i++) {
        list[i] = mem_strdup(*at);
        *at += strlen(*at) + 1;
    }
    list[count] = NULL;
    return list;
}

static void list_free(char **list)
{
    for (size_t i = 0; list[i]; i++)
        free(list[i]);
    free(list);
}

static pid_t fork_job(const struct wire_job *job, int input, int output, int failed)
{
    const char *at = job->strings;
    char **argv = list_of(&at, job->argc);
    char **envp = list_of(&at, job->envc);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become(argv, envp, input, output, failed, parent);
    int code = errno;
    list_free(argv);
    list_free(envp);
    errno = code;
    return pid;
}

static void close_pair(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

/* Only our ends are non-blocking: the program sees an ordinary pipe. */
static int job_start(const struct wire_job *job, int input, struct spawned *out)
{
    int output[2], failed[2];
    if (pipe2(output, O_CLOEXEC) < 0)
        return errno;
    if (pipe2(failed, O_CLOEXEC) < 0) {
        int code = errno;
        close_pair(output);
        return code;
    }
    pid_t pid = fork_job(job, input, output[1], failed[1]);
    if (pid < 0) {
        int code = errno;
        close_pair(output);
        close_pair(failed);
        return code;
    }
    close(output[1]);
    close(failed[1]);
    fcntl(output[0], F_SETFL, O_NONBLOCK);
    fcntl(failed[0], F_SETFL, O_NONBLOCK);
    *out = (struct spawned){.pid = pid, .output = output[0], .failed = failed[0]};
    return 0;
}

int spawner_exec(const struct wire_job *job, struct spawned *out)
{
    int input = input_open(job);
    if (input < 0)
        return errno;
    int code = job_start(job, input, out);
    close(input);
    return code;
}
