/* SPDX-License-Identifier: ISC
 *
 * What the daemon and its spawner process say to each other: length-framed messages on a stream.
 * Pure encoding and parsing with bounds, used by both sides. Not its job: sockets, processes.
 */
#ifndef REACHD_MONITOR_SPAWNER_SPAWNER_WIRE_H
#define REACHD_MONITOR_SPAWNER_SPAWNER_WIRE_H

#include "lib/buf.h"
#include "monitor/spawner/spawner.h"

#define SPAWNER_MAX_RUNNING 16
#define SPAWNER_MAX_STRINGS 65536 /* argv and envp with their terminators */
#define SPAWNER_MAX_ARGS    256   /* of each of the two */
#define SPAWNER_MAX_BODY    (SPAWN_MAX_INPUT + SPAWNER_MAX_STRINGS + 64)
#define SPAWNER_MAX_FRAME   (SPAWNER_MAX_BODY + 4)

enum wire_type {
    WIRE_JOB = 1, /* to the spawner: run this; answered by one WIRE_RESULT, whatever happens */
    WIRE_CANCEL,  /* to the spawner: end it now; the result still comes */
    WIRE_RESULT,  /* to the daemon */
};

/* A job as parsed; the pointers lead into the frame. */
struct wire_job {
    int64_t timeout_ms;
    size_t argc, envc;
    const char *strings; /* argc, then envc terminated strings, one after the other */
    const char *input;
    size_t input_len;
};

struct wire_frame {
    enum wire_type type;
    uint32_t id;
    struct wire_job job;        /* WIRE_JOB */
    struct spawn_result result; /* WIRE_RESULT; output is not terminated here */
    size_t len;                 /* of the whole frame: drop that much when done with it */
};

enum wire_status {
    WIRE_OK,
    WIRE_MORE, /* not complete yet */
    WIRE_BROKEN,
};

enum wire_status spawner_wire_parse(const void *data, size_t len, struct wire_frame *out);

/* Append one frame. A job that passes the bounds is refused: false, nothing appended. */
bool spawner_wire_job(struct buf *out, uint32_t id, const struct spawn_job *job);
bool spawner_wire_cancel(struct buf *out, uint32_t id);
bool spawner_wire_result(struct buf *out, uint32_t id, const struct spawn_result *result);

#endif
