/* SPDX-License-Identifier: ISC
 *
 * Runs the address watch on one interface and prints each change as a JSON line, for
 * tests/net/test_addr.py: the watch alone, without the daemon around it.
 *
 * usage: addrwatch_main [-s SETTLE_MS] [-t] [-a PREFIX]... INTERFACE
 *   -t  prefer = temporary
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/log.h"
#include "monitor/address/addrwatch.h"

#define MAX_ACCEPT 8

static void say(json_t *object)
{
    char *text = doc_to_json(object, false);
    puts(text);
    fflush(stdout);
    free(text);
    json_decref(object);
}

static void on_changed(const struct config_address *section, const struct addr *now,
                       const struct addr *before, const char *reason, void *arg)
{
    json_t *object = doc_object();
    (void)arg;
    doc_text(object, "family", family_word(section->family));
    doc_addr(object, "now", now);
    doc_addr(object, "before", before);
    doc_text(object, "reason", reason);
    doc_int(object, "mono_us", clock_mono_us());
    say(object);
}

static void on_check(void *arg)
{
    struct addrwatch **watch = arg;
    addrwatch_check(*watch);
}

static void on_status(void *arg)
{
    struct addrwatch **watch = arg;
    json_t *object = doc_object();
    doc_value(object, "status", addrwatch_json(*watch));
    say(object);
}

static void on_end(void *arg)
{
    loop_stop(arg);
}

int main(int argc, char **argv)
{
    struct prefix accept[MAX_ACCEPT];
    char names[FAMILY_COUNT][8] = {"v4", "v6"};
    struct config_address section = {
        .source = SOURCE_INTERFACE, .accept = accept, .settle_ms = 1000};
    int option;
    while ((option = getopt(argc, argv, "s:ta:")) != -1) {
        if (option == 's')
            section.settle_ms = strtol(optarg, NULL, 10);
        else if (option == 't')
            section.prefer = PREFER_TEMPORARY;
        else if (option != 'a' || section.accept_count == MAX_ACCEPT ||
                 !prefix_parse(optarg, &accept[section.accept_count++]))
            return 2;
    }
    section.interface = argv[optind];
    struct config_address sections[FAMILY_COUNT];
    for (enum family f = FAMILY_IPV4; f < FAMILY_COUNT; f++) {
        sections[f] = section;
        sections[f].family = f;
        sections[f].name = names[f];
    }
    log_open(LOG_SINK_STDERR, LOG_LEVEL_DEBUG);
    struct loop *loop = loop_new();
    char error[160];
    struct addrwatch_env env = {.loop = loop, .changed = on_changed};
    struct addrwatch *watch = addrwatch_new(&env, error, sizeof(error));
    if (!watch) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    struct loop_signal *check = loop_signal_new(loop, SIGUSR1, on_check, &watch);
    struct loop_signal *status = loop_signal_new(loop, SIGUSR2, on_status, &watch);
    struct loop_signal *end = loop_signal_new(loop, SIGTERM, on_end, loop);
    addrwatch_configure(watch, sections, FAMILY_COUNT);
    loop_run(loop);
    addrwatch_free(watch);
    loop_signal_free(end);
    loop_signal_free(status);
    loop_signal_free(check);
    loop_free(loop);
    return 0;
}
