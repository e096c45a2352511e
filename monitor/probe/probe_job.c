/* SPDX-License-Identifier: ISC
 *
 * A host and the options together (see probe_job.h).
 */
#include "monitor/probe/probe_job.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "monitor/target/target_text.h"

#define DAY_MS        INT64_C(86400000)
#define PORTS_AT_ONCE 32
#define TEXT_SHOWN    80 /* of what is no target */

__attribute__((format(printf, 2, 3))) static bool refuse(char *error, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(error, PROBE_JOB_ERROR_LEN, fmt, args);
    va_end(args);
    return false;
}

/* The ports of the option, and the one behind the host. */
static bool set_ports(const struct probe_options *o, struct probe_job *job,
                      const struct prefix *prefix, char *error)
{
    struct round_spec *spec = &job->spec;
    char port[8];
    job->closed = o->closed;
    job->closed.parallel = PORTS_AT_ONCE;
    job->closed.prefix = *prefix;
    snprintf(port, sizeof port, "%u", spec->target.port);
    const char *wrong = spec->target.port ? port_set_add(&job->closed.ports, port) : NULL;
    if (!wrong && job->closed.ports.range_count == 0)
        wrong = "which ports? --ports 22,80,8000:8999, or one behind the host";
    wrong = wrong ? wrong : closed_prefix_problem(&job->closed);
    if (wrong)
        return refuse(error, "'%s': %s", spec->target.host, wrong);
    const struct port_set *ports = &job->closed.ports;
    spec->target.port = port_set_count(ports) == 1 ? port_set_at(ports, 0) : 0;
    spec->closed = &job->closed;
    return true;
}

/* Options that mean nothing for the kind; among many hosts they are for the others. */
static bool check_kind(const struct probe_options *o, const struct kind *kind, char *error)
{
    if (o->many)
        return true;
    if ((o->servername || o->ca || o->has_cert_days) && !(kind->takes & KIND_TAKES_SERVERNAME))
        return refuse(error, "--servername, --ca and --cert-days mean nothing for kind %s",
                      kind->word);
    if (o->http && !(kind->takes & KIND_TAKES_HTTP))
        return refuse(error, "the options for https and http mean nothing for kind %s", kind->word);
    if ((o->closed.ports.range_count > 0 || o->closed.mine) && !(kind->takes & KIND_TAKES_PORTS))
        return refuse(error, "--ports and --yes mean nothing for kind %s", kind->word);
    return true;
}

/* A source fixes the family, as an address of the target does. */
static bool set_families(const struct probe_options *o, struct round_spec *spec,
                         const struct addr *network, char *error)
{
    bool any = !o->only[FAMILY_IPV4] && !o->only[FAMILY_IPV6];
    const struct addr *source = &o->egress.source;
    const struct addr *addr = addr_is_set(&o->connect) ? &o->connect
                              : addr_is_set(network)   ? network
                                                       : &spec->target.literal;
    for (int f = 0; f < FAMILY_COUNT; f++)
        spec->families[f] =
            (any || o->only[f]) && (!addr_is_set(source) || addr_family(source) == (enum family)f);
    if (addr_is_set(network) && addr_is_set(&o->connect))
        return refuse(error, "--connect is for one host, not for a prefix");
    if (addr_is_set(source) && !spec->families[addr_family(source)])
        return refuse(error, "--source is an %s address", family_text(addr_family(source)));
    if (addr_is_set(addr) && !spec->families[addr_family(addr)])
        return refuse(error, "an %s address can't be reached over the other family",
                      family_text(addr_family(addr)));
    if (o->expect.count > 0 && addr_is_set(addr))
        return refuse(error, "--expect-address is about DNS, and the address is given");
    for (size_t i = 0; i < o->expect.count; i++)
        if (!spec->families[addr_family(&o->expect.addrs[i])])
            return refuse(error, "--expect-address is of %s, which is not looked at",
                          family_text(addr_family(&o->expect.addrs[i])));
    return true;
}

static bool fill(struct probe_job *job, const struct probe_options *o, const char *text,
                 char *error)
{
    struct round_spec *spec = &job->spec;
    struct target_text read;
    const char *wrong = target_text_parse(text, o->has_kind ? &o->kind : NULL, &read);
    if (wrong)
        return refuse(error, "'%.*s%s': %s", TEXT_SHOWN, text,
                      strlen(text) > TEXT_SHOWN ? "..." : "", wrong);
    const struct kind *kind = kind_of(read.kind);
    if (!check_kind(o, kind, error))
        return false;
    job->path = mem_strdup(read.path);
    *spec = (struct round_spec){
        .kind = read.kind,
        .target = read.at,
        .servername = o->servername,
        .path = job->path,
        .http = o->http,
        .connect = o->connect,
        .authoritative = o->authoritative,
        .check = o->verbose || o->authoritative ? ROUND_CHECK_ALWAYS : ROUND_CHECK_ON_FAILURE,
        .expect = o->expect,
        .full_size = o->full_size,
        .cert_soon_ms = o->cert_days * DAY_MS,
        .egress = o->egress,
        .timeout_ms = o->timeout_ms,
    };
    if ((kind->takes & KIND_TAKES_PORTS) && !set_ports(o, job, &read.prefix, error))
        return false;
    return set_families(o, spec, &read.prefix.addr, error);
}

struct probe_job *probe_job_new(const struct probe_options *o, const char *text,
                                char error[PROBE_JOB_ERROR_LEN])
{
    struct probe_job *job = mem_zalloc(sizeof *job);
    if (fill(job, o, text, error))
        return job;
    probe_job_free(job);
    return NULL;
}

void probe_job_free(struct probe_job *job)
{
    if (!job)
        return;
    free(job->path);
    free(job);
}
