/* SPDX-License-Identifier: ISC
 *
 * A notice as a hook sees it. Every value is made printable: parts of it came from the network.
 */
#include "monitor/hooks/hook_env.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/mem.h"
#include "lib/str.h"

#define ENV_MAX   24
#define HOOK_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct env_list {
    char **vars;
    size_t count; /* < ENV_MAX: the calls below are counted */
};

static void add(struct env_list *list, const char *name, const char *value)
{
    char clean[512];
    str_printable(clean, sizeof(clean), value, strlen(value));
    list->vars[list->count++] = mem_printf("%s=%s", name, clean);
}

static void add_number(struct env_list *list, const char *name, int64_t value)
{
    list->vars[list->count++] = mem_printf("%s=%lld", name, (long long)value);
}

/* What the subject is called besides REACHD_SUBJECT, by what the event is about. */
static const char *subject_name(enum notice_kind kind)
{
    switch (kind) {
    case NOTICE_TARGET_UP:
    case NOTICE_TARGET_DOWN:
    case NOTICE_TARGET_CAUSE:
    case NOTICE_TARGET_FLAPPING:
    case NOTICE_CERT_EXPIRING:
    case NOTICE_CERT_REMARK:
    case NOTICE_CERT_SETTLED:
    case NOTICE_DNS_REMARK:
    case NOTICE_DNS_SETTLED:
        return "REACHD_TARGET";
    case NOTICE_ADDRESS_CHANGED:
    case NOTICE_ADDRESS_LOST:
    case NOTICE_ADDRESS_DIFFERS:
    case NOTICE_ADDRESS_AGREES:
        return "REACHD_ADDRESS";
    case NOTICE_UPDATE_SENT:
    case NOTICE_UPDATE_FAILED:
    case NOTICE_UPDATE_HALTED:
    case NOTICE_UPDATE_VERIFIED:
    case NOTICE_UPDATE_MISMATCH:
    case NOTICE_UPDATE_TTL:
    case NOTICE_UPDATE_WITHDRAWN:
        return "REACHD_RECORD";
    case NOTICE_UPLINK_DOWN:
    case NOTICE_UPLINK_UP:
    case NOTICE_STARTED:
    case NOTICE_STOPPED:
    case NOTICE_KIND_COUNT:
        break;
    }
    return NULL;
}

static char *json_line(const struct notice *notice, const char *hook_name, int64_t event_id,
                       unsigned superseded, bool reminder)
{
    json_t *object = notice_json(notice);
    doc_int(object, "event_id", event_id);
    doc_int(object, "superseded", superseded);
    doc_bool(object, "reminder", reminder);
    doc_text(object, "hook", hook_name);
    doc_text(object, "version", PACKAGE_VERSION);
    char *text = doc_to_json(object, false);
    json_decref(object);
    char *line = mem_printf("%s\n", text);
    free(text);
    return line;
}

void hook_env_build(struct hook_env *env, const struct notice *notice, const char *hook_name,
                    int64_t event_id, unsigned superseded, bool reminder)
{
    struct env_list list = {.vars = mem_array(ENV_MAX, sizeof(char *))};
    const char *by_kind = subject_name(notice->kind);
    char time[CLOCK_TEXT_LEN];
    add(&list, "PATH", HOOK_PATH);
    add(&list, "REACHD_EVENT", notice_word(notice->kind));
    if (by_kind)
        add(&list, by_kind, notice->subject);
    add(&list, "REACHD_SUBJECT", notice->subject);
    add(&list, "REACHD_FAMILY", notice->has_family ? family_word(notice->family) : "");
    add(&list, "REACHD_HOST", notice->host);
    add(&list, "REACHD_OLD", notice->old_value);
    add(&list, "REACHD_NEW", notice->new_value);
    add(&list, "REACHD_CAUSE", notice->cause);
    add(&list, "REACHD_TEXT", notice->text);
    add(&list, "REACHD_ADVICE", notice->advice);
    add(&list, "REACHD_TIME", clock_format_utc(notice->wall_ms, time));
    add_number(&list, "REACHD_EVENT_ID", event_id);
    add_number(&list, "REACHD_SUPERSEDED", superseded);
    add_number(&list, "REACHD_REMINDER", reminder);
    add(&list, "REACHD_HOOK", hook_name);
    add(&list, "REACHD_VERSION", PACKAGE_VERSION);
    list.vars[list.count] = NULL;
    env->envp = list.vars;
    env->json = json_line(notice, hook_name, event_id, superseded, reminder);
}

void hook_env_clear(struct hook_env *env)
{
    for (size_t i = 0; env->envp && env->envp[i]; i++)
        free(env->envp[i]);
    free(env->envp);
    free(env->json);
    *env = (struct hook_env){0};
}
