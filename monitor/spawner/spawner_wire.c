/* SPDX-License-Identifier: ISC
 *
 * Frames between daemon and spawner: u32 length of the body, then u8 type, u32 id and what the type
 * asks for. Numbers are big endian, as lib/buf.h's reader wants them.
 */
#include "monitor/spawner/spawner_wire.h"

#include <string.h>

/* --- writing --------------------------------------------------------------------------------- */

static void put_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static uint8_t *append_u32(uint8_t *at, uint32_t value)
{
    put_u32(at, value);
    return at + 4;
}

static uint8_t *append_bytes(uint8_t *at, const void *data, size_t len)
{
    if (len)
        memcpy(at, data, len);
    return at + len;
}

/* Room for a frame with `len` bytes after type and id; NULL when the buffer's bound says no. */
static uint8_t *frame_start(struct buf *out, enum wire_type type, uint32_t id, size_t len)
{
    if (len > SPAWNER_MAX_BODY - 5)
        return NULL;
    uint8_t *at = buf_room(out, len + 9);
    if (!at)
        return NULL;
    out->len += len + 9;
    at = append_u32(at, (uint32_t)(len + 5));
    *at++ = (uint8_t)type;
    return append_u32(at, id);
}

/* False when there are too many or too long ones. */
static bool strings_measure(const char *const *list, size_t *count, size_t *bytes)
{
    for (*count = 0; list && list[*count]; ++*count) {
        *bytes += strlen(list[*count]) + 1;
        if (*count >= SPAWNER_MAX_ARGS || *bytes > SPAWNER_MAX_STRINGS)
            return false;
    }
    return true;
}

static uint8_t *append_strings(uint8_t *at, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        at = append_bytes(at, list[i], strlen(list[i]) + 1);
    return at;
}

bool spawner_wire_job(struct buf *out, uint32_t id, const struct spawn_job *job)
{
    size_t argc, envc, strings = 0;
    if (!strings_measure(job->argv, &argc, &strings) ||
        !strings_measure(job->envp, &envc, &strings) || argc == 0 || job->argv[0][0] != '/' ||
        job->input_len > SPAWN_MAX_INPUT)
        return false;
    uint8_t *at = frame_start(out, WIRE_JOB, id, 20 + strings + job->input_len);
    if (!at)
        return false;
    int64_t ms = job->timeout_ms < 1 ? 1 : job->timeout_ms;
    at = append_u32(at, ms > INT32_MAX ? INT32_MAX : (uint32_t)ms);
    at = append_u32(at, (uint32_t)argc);
    at = append_u32(at, (uint32_t)envc);
    at = append_u32(at, (uint32_t)strings);
    at = append_u32(at, (uint32_t)job->input_len);
    at = append_strings(at, job->argv, argc);
    at = append_strings(at, job->envp, envc);
    append_bytes(at, job->input, job->input_len);
    return true;
}

bool spawner_wire_cancel(struct buf *out, uint32_t id)
{
    return frame_start(out, WIRE_CANCEL, id, 0) != NULL;
}

bool spawner_wire_result(struct buf *out, uint32_t id, const struct spawn_result *result)
{
    uint8_t *at = frame_start(out, WIRE_RESULT, id, 14 + result->output_len);
    if (!at)
        return false;
    *at++ = (uint8_t)result->end;
    *at++ = result->output_cut;
    at = append_u32(at, (uint32_t)result->code);
    at = append_u32(at, result->took_ms > INT32_MAX ? INT32_MAX : (uint32_t)result->took_ms);
    at = append_u32(at, (uint32_t)result->output_len);
    append_bytes(at, result->output, result->output_len);
    return true;
}

/* --- reading --------------------------------------------------------------------------------- */

/* Exactly `count` terminated strings fill the block. */
static bool strings_are_whole(const char *block, size_t len, size_t count)
{
    size_t seen = 0;
    for (size_t i = 0; i < len; i++)
        seen += block[i] == '\0';
    return seen == count && (len == 0 || block[len - 1] == '\0');
}

static bool job_parse(struct reader *r, struct wire_job *job)
{
    job->timeout_ms = reader_u32(r);
    job->argc = reader_u32(r);
    job->envc = reader_u32(r);
    size_t strings = reader_u32(r);
    job->input_len = reader_u32(r);
    if (r->bad || job->timeout_ms > INT32_MAX || job->argc == 0 || job->argc > SPAWNER_MAX_ARGS ||
        job->envc > SPAWNER_MAX_ARGS || strings > SPAWNER_MAX_STRINGS ||
        job->input_len > SPAWN_MAX_INPUT)
        return false;
    job->strings = (const char *)reader_bytes(r, strings);
    job->input = (const char *)reader_bytes(r, job->input_len);
    return !r->bad && strings_are_whole(job->strings, strings, job->argc + job->envc) &&
           job->strings[0] == '/';
}

static bool result_parse(struct reader *r, struct spawn_result *result)
{
    unsigned end = reader_u8(r);
    result->output_cut = reader_u8(r) != 0;
    result->code = (int)reader_u32(r);
    result->took_ms = reader_u32(r);
    result->output_len = reader_u32(r);
    if (r->bad || end > SPAWN_LOST || result->output_len > SPAWN_MAX_OUTPUT)
        return false;
    result->end = (enum spawn_end)end;
    result->output = (const char *)reader_bytes(r, result->output_len);
    return !r->bad;
}

enum wire_status spawner_wire_parse(const void *data, size_t len, struct wire_frame *out)
{
    struct reader head = reader_of(data, len);
    size_t body_len = reader_u32(&head);
    if (head.bad)
        return WIRE_MORE;
    if (body_len < 5 || body_len > SPAWNER_MAX_BODY)
        return WIRE_BROKEN;
    const uint8_t *body = reader_bytes(&head, body_len);
    if (!body)
        return WIRE_MORE;
    struct reader r = reader_of(body, body_len);
    memset(out, 0, sizeof(*out));
    out->len = body_len + 4;
    unsigned type = reader_u8(&r);
    out->type = (enum wire_type)type;
    out->id = reader_u32(&r);
    bool ok = type == WIRE_JOB      ? job_parse(&r, &out->job)
              : type == WIRE_RESULT ? result_parse(&r, &out->result)
                                    : type == WIRE_CANCEL;
    return ok && r.left == 0 ? WIRE_OK : WIRE_BROKEN;
}
