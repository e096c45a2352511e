/* SPDX-License-Identifier: ISC
 *
 * Frames between daemon and spawner. What parses is what the writer would have written.
 */
#include "monitor/spawner/spawner_wire.h"
#include "tests/fuzz/fuzz.h"

static const char *take_strings(const char *at, size_t count, const char **list)
{
    for (size_t i = 0; i < count; i++) {
        list[i] = at;
        at += strlen(at) + 1;
    }
    list[count] = NULL;
    return at;
}

static void write_job(struct buf *out, const struct wire_frame *frame)
{
    const char *argv[SPAWNER_MAX_ARGS + 1], *envp[SPAWNER_MAX_ARGS + 1];
    const struct wire_job *job = &frame->job;
    MUST(job->argc > 0 && job->argc <= SPAWNER_MAX_ARGS && job->envc <= SPAWNER_MAX_ARGS);
    MUST(job->input_len <= SPAWN_MAX_INPUT);
    const char *end = take_strings(take_strings(job->strings, job->argc, argv), job->envc, envp);
    MUST(end == job->input && argv[0][0] == '/');
    const struct spawn_job made = {.argv = argv,
                                   .envp = envp,
                                   .input = job->input,
                                   .input_len = job->input_len,
                                   .timeout_ms = job->timeout_ms};
    MUST(spawner_wire_job(out, frame->id, &made));
}

/* Where the reader is more lenient than the writer: a limit of 0, any number for "cut". */
static bool is_written_so(const struct wire_frame *frame, const uint8_t *data)
{
    if (frame->type == WIRE_JOB)
        return frame->job.timeout_ms > 0;
    return frame->type != WIRE_RESULT || (data[10] <= 1 && frame->result.took_ms <= INT32_MAX);
}

static void check_frame(const struct wire_frame *frame, const uint8_t *data)
{
    struct buf out;
    buf_init(&out, SPAWNER_MAX_FRAME);
    if (frame->type == WIRE_JOB)
        write_job(&out, frame);
    else if (frame->type == WIRE_CANCEL)
        MUST(spawner_wire_cancel(&out, frame->id));
    else
        MUST(spawner_wire_result(&out, frame->id, &frame->result));
    MUST(out.len == frame->len);
    MUST(!is_written_so(frame, data) || memcmp(out.data, data, out.len) == 0);
    buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_frame frame;
    enum wire_status status;
    while ((status = spawner_wire_parse(data, size, &frame)) == WIRE_OK) {
        MUST(frame.len >= 9 && frame.len <= size && frame.len <= SPAWNER_MAX_FRAME);
        check_frame(&frame, data);
        /* a frame that is not all there yet is neither whole nor broken */
        MUST(spawner_wire_parse(data, frame.len - 1, &frame) == WIRE_MORE);
        MUST(spawner_wire_parse(data, size, &frame) == WIRE_OK);
        data += frame.len;
        size -= frame.len;
    }
    MUST(status != WIRE_MORE || size < SPAWNER_MAX_FRAME);
    return 0;
}
