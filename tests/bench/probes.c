/* SPDX-License-Identifier: ISC
 *
 * reachd's own probes, many at once, as a daemon makes them: for comparison with floor.c.
 */
#include "lib/clock.h"
#include "probes/crypto.h"
#include "probes/probe.h"
#include "tests/bench/meter.h"

struct bench {
    struct bench_args args;
    struct loop *loop;
    struct trust *trust;
    struct addr addr;
    long started, ended, failed;
};

static void on_probe(struct probe_result *result, void *arg);

static void start(struct bench *bench)
{
    struct probe_spec spec = {.servername = bench->args.servername,
                              .port = bench->args.port,
                              .trust = bench->trust,
                              .deadline_ms = clock_mono_ms() + 30000};
    bench->started++;
    probe_start(bench->loop, &spec, &bench->addr, on_probe, bench);
}

static void on_probe(struct probe_result *result, void *arg)
{
    struct bench *bench = arg;
    bench->ended++;
    if (result->outcome != OUTCOME_OK || !result->cert)
        bench->failed++;
    if (bench->started < bench->args.count)
        start(bench);
    else if (bench->ended == bench->args.count)
        loop_stop(bench->loop);
}

int main(int argc, char **argv)
{
    char error[256];
    struct bench bench = {.args = bench_take(argc, argv)};
    crypto_expect_many(); /* as the daemon does */
    bench.loop = loop_new();
    bench.trust = trust_new(bench.args.ca, error, sizeof error);
    if (!bench.trust || !addr_parse("127.0.0.1", &bench.addr))
        return 1;
    int64_t before = bench_cpu_us();
    while (bench.started < bench.args.count && bench.started < bench.args.at_once)
        start(&bench);
    loop_run(bench.loop);
    int64_t used = bench_cpu_us() - before;
    trust_free(bench.trust);
    loop_free(bench.loop);
    return bench_tell(used, bench.args.count, bench.failed);
}
