/* SPDX-License-Identifier: ISC
 *
 * The provider that is a program of the user: told in its environment what to publish, asked by its
 * exit status and the first line of its output. Gap, queue and verification are as with any other.
 */
#include "ddns/providers/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ddns/exchange.h"
#include "ddns/provider_data.h"
#include "lib/mem.h"
#include "lib/str.h"

#define WAIT_MAX_S  (7 * 86400)
#define LINE_MAX    400
#define ENVIRONMENT 16

struct command {
    struct exchange_env env;
    void *run;
    exchange_fn *done;
    void *arg;
};

/* --- what it said --- */

static enum ddns_verdict verdict_of_code(int code)
{
    switch (code) {
    case 0:
        return DDNS_OK;
    case 77: /* EX_NOPERM */
        return DDNS_AUTH;
    case 78: /* EX_CONFIG */
        return DDNS_CONFIG;
    default:
        return DDNS_TEMPORARY;
    }
}

static void read_wait(const char *line, struct ddns_answer *out)
{
    char digits[12];
    uint64_t seconds;
    const char *at = strstr(line, "wait=");
    if (!at)
        return;
    at += strlen("wait=");
    str_ncopy(digits, sizeof(digits), at, strspn(at, "0123456789"));
    if (str_to_uint(digits, WAIT_MAX_S, &seconds))
        out->wait_ms = (int64_t)seconds * 1000;
}

/* False when its first word is none that we know. */
static bool read_words(const char *line, struct ddns_answer *out)
{
    char word[16];
    const struct reply_facts facts = {.status = 200, .body = line, .len = strlen(line)};
    if (reply_judge(dyndns2_rules, dyndns2_rule_count, &facts, out))
        return true;
    if (!str_ncopy(word, sizeof(word), line, strcspn(line, " \t:")) ||
        !ddns_verdict_from_word(word, &out->verdict))
        return false;
    str_copy(out->text, sizeof(out->text), line);
    if (out->verdict == DDNS_TEMPORARY)
        read_wait(line, out);
    return true;
}

void command_judge(const struct run_result *result, struct ddns_answer *out)
{
    char line[LINE_MAX];
    *out = (struct ddns_answer){.verdict = DDNS_TEMPORARY, .replied = result->exited};
    if (!result->exited) {
        str_append(out->text, sizeof(out->text), "the program: %s", result->failure);
        return;
    }
    size_t skip = strspn(result->output, " \t\r\n");
    str_printable(line, sizeof(line), result->output + skip,
                  strcspn(result->output + skip, "\r\n"));
    bool known = line[0] && read_words(line, out);
    if (known && (result->code == 0 || !ddns_verdict_is_success(out->verdict)))
        return;
    *out = (struct ddns_answer){.verdict = DDNS_TEMPORARY, .replied = true};
    if (!known && (!line[0] || result->code != 0))
        out->verdict = verdict_of_code(result->code);
    str_append(out->text, sizeof(out->text), "exit status %d%s%s", result->code,
               line[0] ? ": " : "", line);
}

/* --- running it --- */

static void on_end(const struct run_result *result, void *arg)
{
    struct command *command = arg;
    struct ddns_answer answer;
    exchange_fn *done = command->done;
    void *done_arg = command->arg;
    command_judge(result, &answer);
    free(command);
    done(&answer, done_arg);
}

struct environment {
    char *vars[ENVIRONMENT];
    size_t count;
};

static void add(struct environment *env, const char *name, const char *value)
{
    if (env->count + 1 < ENVIRONMENT)
        env->vars[env->count++] = mem_printf("%s=%s", name, value);
}

static void fill(struct environment *env, const struct provider_input *input)
{
    char text[ADDR_STRLEN];
    enum family family = addr_is_set(&input->addrs[FAMILY_IPV4]) ? FAMILY_IPV4 : FAMILY_IPV6;
    add(env, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    add(env, "LC_ALL", "C");
    add(env, "REACHD_FQDN", input->fqdn);
    add(env, "REACHD_HOST", input->host);
    add(env, "REACHD_DOMAIN", input->domain);
    add(env, "REACHD_FAMILY", family_word(family));
    add(env, "REACHD_TYPE", family == FAMILY_IPV4 ? "A" : "AAAA");
    add(env, "REACHD_ADDRESS", addr_format(&input->addrs[family], text));
    add(env, "REACHD_ID", input->id ? input->id : "");
    add(env, "REACHD_USER", input->user);
    add(env, "REACHD_PASSWORD", input->password);
}

static void *start(const struct exchange_env *env, const struct provider *provider,
                   const struct provider_input *input, exchange_fn *done, void *arg)
{
    struct command *command = mem_zalloc(sizeof(*command));
    struct environment environment = {0};
    (void)provider;
    command->env = *env;
    command->done = done;
    command->arg = arg;
    fill(&environment, input);
    command->run =
        env->runner->start(env->runner->arg, input->command, (const char *const *)environment.vars,
                           env->timeout_ms, on_end, command);
    for (size_t i = 0; i < environment.count; i++)
        mem_free_secret(environment.vars[i]);
    return command;
}

static void cancel(void *op)
{
    struct command *command = op;
    command->env.runner->cancel(command->run);
    free(command);
}

static const struct provider_protocol protocol = {start, cancel};

const struct provider provider_command = {
    .id = "command",
    .title = "a program of yours",
    .url = "",
    .link = "",
    .families = {true, true},
    .gap_ms = 60000,
    .error_gap_ms = 300000,
    .needs_command = true,
    .note = "command = {\"/path/program\", \"argument\"}; see PROVIDERS in reachd.conf(5)",
    .protocol = &protocol,
};
