/* SPDX-License-Identifier: ISC
 *
 * Failures of APIs (see api_judge.h). Owns: where an API's own sentence stands.
 */
#include "ddns/api_judge.h"

#include <string.h>

#include "ddns/echo.h"
#include "lib/str.h"

#define DEPTH_MAX 4

/* Nothing of it is known to the common judgement: the status speaks. */
static const struct provider nobody = {.id = ""};

static const char *text_of(const json_t *json)
{
    static const char *const keys[] = {"message",     "error", "detail",
                                       "description", "title", "reason"};
    if (json_is_string(json))
        return json_string_value(json);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *value = json_object_get(json, keys[i]);
        if (json_is_object(value))
            value = json_object_get(value, "message");
        if (json_is_string(value))
            return json_string_value(value);
    }
    return NULL;
}

/* The sentence: where it usually stands, or that of the first error, or the first that is found on
 * the way down. */
static const char *message_of(json_t *json, unsigned depth)
{
    const char *text = text_of(json);
    if (text || depth == DEPTH_MAX)
        return text;
    if (json_is_array(json))
        return message_of(json_array_get(json, 0), depth + 1);
    json_t *errors = json_object_get(json, "errors");
    if (json_array_size(errors) > 0 || json_is_object(errors))
        return message_of(errors, depth + 1);
    return message_of(json_object_iter_value(json_object_iter(json)), depth + 1);
}

static void quote(json_t *json, const struct provider_input *input, struct ddns_answer *out)
{
    char shown[DDNS_TEXT_LEN];
    const char *message = message_of(json, 0);
    if (!message || !message[0])
        return;
    if (input && echo_is_in(input, message, strlen(message)))
        message = "a message with our secret in it";
    str_printable(shown, sizeof shown, message, strlen(message));
    str_append(out->text, sizeof out->text, " (%s)", shown);
}

void api_judge_failure(const struct api_spec *spec, const struct session_reply *reply, json_t *json,
                       const struct provider_input *input, struct ddns_answer *out)
{
    provider_judge(&nobody, reply, input, out);
    if (reply->outcome != OUTCOME_OK || reply->status < 400)
        return;
    int status = reply->status;
    if (status == 400 || status == 409 || status == 422) {
        out->verdict = DDNS_CONFIG;
        out->wait_ms = 0;
    }
    if (status == 429 && reply->retry_after_s <= 0)
        out->wait_ms = spec->busy_wait_ms;
    if (json) {
        out->text[0] = '\0';
        str_append(out->text, sizeof out->text, "HTTP %d", status);
        quote(json, input, out);
    }
    if (spec->refine)
        spec->refine(reply, input, json, out);
}

void api_judge_unknown(const struct session_reply *reply, const struct provider_input *input,
                       struct ddns_answer *out)
{
    provider_judge(&nobody, reply, input, out);
}
