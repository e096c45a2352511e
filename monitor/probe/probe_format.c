/* SPDX-License-Identifier: ISC
 *
 * The table of formats, and JSON, which is one call. Not its job: layout (probe_text.h,
 * probe_nagios.c, probe_prometheus.c).
 */
#include "monitor/probe/probe_format.h"

#include <stdlib.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/mem.h"
#include "lib/str.h"

static const struct probe_format *const formats[] = {
    &probe_format_text,
    &probe_format_json,
    &probe_format_nagios,
    &probe_format_prometheus,
};

#define FORMAT_COUNT (sizeof formats / sizeof *formats)

const struct probe_format *probe_format_find(const char *word)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (strcmp(formats[i]->word, word) == 0)
            return formats[i];
    }
    return NULL;
}

const char *probe_format_names(char buf[PROBE_FORMAT_NAMES_LEN])
{
    *buf = '\0';
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        str_append(buf, PROBE_FORMAT_NAMES_LEN, "%s%s", i ? ", " : "", formats[i]->word);
    return buf;
}

/* --- what is told as it comes --- */

struct stream {
    const struct probe_view *view;
    size_t count;
};

static void *stream_begin(const struct probe_view *view)
{
    struct stream *stream = mem_zalloc(sizeof *stream);
    stream->view = view;
    return stream;
}

static int stream_end(void *report, int status)
{
    free(report);
    return status;
}

static void text_host(void *report, const struct round_spec *spec,
                      const struct round_result *result, int64_t now_ms)
{
    struct stream *stream = report;
    if (stream->count++ > 0)
        fputc('\n', stream->view->out);
    probe_text_print(stream->view->out, &stream->view->style, spec, result, now_ms);
}

static void quiet_host(void *report, const struct round_spec *spec,
                       const struct round_result *result, int64_t now_ms)
{
    const struct stream *stream = report;
    (void)now_ms;
    probe_text_line(stream->view->out, &stream->view->style, spec, result);
    fputc('\n', stream->view->out);
}

static void json_host(void *report, const struct round_spec *spec,
                      const struct round_result *result, int64_t now_ms)
{
    const struct stream *stream = report;
    json_t *value = round_result_json(spec, result, now_ms);
    char *json = doc_to_json(value, stream->view->terminal);
    fprintf(stream->view->out, "%s\n", json);
    free(json);
    json_decref(value);
}

const struct probe_format probe_format_text = {
    .word = "text", .begin = stream_begin, .host = text_host, .end = stream_end};
const struct probe_format probe_format_quiet = {
    .word = "quiet", .begin = stream_begin, .host = quiet_host, .end = stream_end};
const struct probe_format probe_format_json = {
    .word = "json", .begin = stream_begin, .host = json_host, .end = stream_end};
