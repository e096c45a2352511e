/* SPDX-License-Identifier: ISC
 *
 * JSON from outside: a notice as the store kept it, what a hook is given of it, and the renderings
 * of any document.
 */
#include "lib/doc.h"
#include "monitor/hooks/hook_env.h"
#include "monitor/notice.h"
#include "tests/fuzz/fuzz.h"

static void check_env(const struct notice *notice)
{
    struct hook_env env;
    hook_env_build(&env, notice, "log", 7, 1, true);
    for (size_t i = 0; env.envp[i]; i++) {
        const char *equals = strchr(env.envp[i], '=');
        MUST(equals && equals > env.envp[i] && fuzz_is_clean(env.envp[i], 4096));
    }
    size_t len = strlen(env.json);
    MUST(len > 1 && env.json[len - 1] == '\n' && !memchr(env.json, '\n', len - 1));
    json_t *value = json_loads(env.json, JSON_REJECT_DUPLICATES, NULL);
    MUST(json_is_object(value));
    json_decref(value);
    hook_env_clear(&env);
}

static void check_notice(const json_t *value)
{
    struct notice notice, again;
    char key[NOTICE_KEY_LEN];
    if (!notice_from_json(value, &notice))
        return;
    MUST((unsigned)notice.kind < NOTICE_KIND_COUNT);
    MUST(fuzz_is_clean(notice.subject, sizeof(notice.subject)));
    MUST(fuzz_is_clean(notice.host, sizeof(notice.host)));
    MUST(fuzz_is_clean(notice.text, sizeof(notice.text)));
    MUST(fuzz_is_clean(notice_key(&notice, key), sizeof(key)));
    json_t *made = notice_json(&notice);
    MUST(made && notice_from_json(made, &again));
    MUST(memcmp(&notice, &again, sizeof(notice)) == 0); /* both begin as zeros */
    json_decref(made);
    check_env(&notice);
}

static void check_renderings(const json_t *value)
{
    char *line = doc_to_json(value, false);
    MUST(line && !strchr(line, '\n'));
    json_t *again = json_loads(line, JSON_DECODE_ANY, NULL);
    MUST(again && json_equal(value, again));
    json_decref(again);
    free(line);
    free(doc_to_json(value, true));
    char *kv = doc_to_kv(value);
    MUST(kv);
    free(kv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* the flags of the control socket */
    json_t *value = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(value)) {
        doc_get_text(value, "cmd");
        check_renderings(value);
        check_notice(value);
    }
    json_decref(value);
    return 0;
}
