/* SPDX-License-Identifier: ISC
 *
 * One exchange with a provider: from what is to be published to the answer, over whatever the
 * provider speaks. Most speak one HTTP request and reply (build and classify of struct provider);
 * any other way is a struct provider_protocol. Not its job: when, limits, what an answer does.
 */
#ifndef REACHD_DDNS_EXCHANGE_H
#define REACHD_DDNS_EXCHANGE_H

#include "ddns/provider.h"
#include "ddns/runner.h"
#include "lib/loop.h"

struct exchange;

struct exchange_env {
    struct loop *loop;
    struct resolver *resolver;
    struct trust *trust;
    const struct runner *runner; /* of programs */
    struct api_cache *cache;     /* of the account; NULL: no ids are kept */
    struct egress egress;
    enum session_family via; /* family of the connection to the provider */
    int64_t timeout_ms;
};

/* Exactly once, never before exchange_start returns, never after exchange_cancel. */
typedef void exchange_fn(const struct ddns_answer *answer, void *arg);

/* env and input are copied, the input's strings too: a reload may free them meanwhile. */
struct exchange *exchange_start(const struct exchange_env *env, const struct provider *provider,
                                const struct provider_input *input, exchange_fn *done, void *arg);
void exchange_cancel(struct exchange *exchange); /* NULL is fine */
/* The same provider of a new configuration, before the former one is freed. NULL is fine. */
void exchange_adopt(struct exchange *exchange, const struct provider *provider);

/* For a provider that speaks something else. The contract is that of exchange_start and
 * exchange_cancel; what start returns is given to cancel, and is gone after done. The input lasts
 * as long; provider is for use during start only. */
struct provider_protocol {
    void *(*start)(const struct exchange_env *env, const struct provider *provider,
                   const struct provider_input *input, exchange_fn *done, void *arg);
    void (*cancel)(void *op);
};

#endif
