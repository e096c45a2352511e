/* SPDX-License-Identifier: ISC
 *
 * The configuration as loaded: immutable after config_load, owned by struct config, freed as one.
 * The only owner of libconfuse. Owns: the syntax, defaults, bounds, cross references, secrets from
 * file, environment or systemd credentials. Reports every error it finds, with file and line.
 */
#ifndef REACHD_MONITOR_CONFIG_CONFIG_H
#define REACHD_MONITOR_CONFIG_CONFIG_H

#include "ddns/updater.h"
#include "lib/hostport.h"
#include "lib/log.h"
#include "monitor/notice.h"
#include "probes/expect.h"
#include "probes/probe.h"

enum address_source {
    SOURCE_INTERFACE, /* rtnetlink */
    SOURCE_WEB,       /* HTTPS echo services */
    SOURCE_COMMAND,   /* first line of a program's output */
    SOURCE_STATIC,    /* as configured: it never changes */
    SOURCE_FIRST,     /* of other sections the first that has one */
    SOURCE_DNS,       /* names whose answer is who asks (monitor/address/whoami.h) */
    SOURCE_NAT_PMP,   /* the router that does NAT */
    SOURCE_PCP,       /* the same, the newer protocol */
    SOURCE_UPNP,      /* the same, the protocol that most routers have */
    SOURCE_UBUS,      /* netifd of OpenWrt */
};

enum address_prefer {
    PREFER_STABLE,
    PREFER_TEMPORARY,
};

#define ADDR_OF_MAX 16 /* sections of SOURCE_FIRST */

/* address "name" { … }: one source of one family's address. */
#define CONFIG_UBUS "/bin/ubus" /* its own program */

struct config_address {
    char *name;
    enum family family;
    enum address_source source;
    char *interface; /* name; SOURCE_INTERFACE, and the way out for those that ask when set */
    enum address_prefer prefer;
    struct prefix *accept; /* lifts ranges of the reject list */
    size_t accept_count;
    bool by_neighbour;      /* of another host, as the kernel knows it (neigh_choice.h) */
    uint8_t neighbour[6];   /* its MAC address */
    struct addr suffix;     /* of another host; unset: the address itself (addr_suffix.h) */
    unsigned prefix_length; /* how much of ours is the network's; default 64 */
    struct addr value;      /* SOURCE_STATIC */
    struct addr server;     /* SOURCE_NAT_PMP, _PCP, _UPNP; unset: the default router */
    char *url;              /* SOURCE_UPNP: of its description; NULL: it is searched */
    int64_t settle_ms;      /* default 1 s */
    char **urls;            /* SOURCE_WEB, NULL-terminated */
    char **command;         /* SOURCE_COMMAND, _UBUS (NULL: its own): argv, NULL-terminated */
    char *network;          /* SOURCE_UBUS: netifd's name of an interface */
    char **services; /* SOURCE_DNS: words of monitor/address/whoami.h, NULL-terminated, or NULL */
    char *query;     /* a name of the configuration's own; NULL: none */
    char *servers;   /* who is asked for it: "192.0.2.53,[2001:db8::53]:5353" */
    unsigned query_type;  /* DNS type number; 0: by the family */
    unsigned query_class; /* DNS class number */
    char **of;            /* SOURCE_FIRST: names of sections, NULL-terminated */
    char *cross_check;    /* name of a section that should have the same; NULL: none */
    unsigned agree;       /* web and dns: so many must say the same; 0: the first counts */
    int64_t every_ms;     /* those that ask: how often; default 5 min */
    int64_t timeout_ms;
    int64_t missing_after_ms; /* none since the start for so long is told; 0: never */
};

/* target "name" { … }: a watched host. */
struct config_target {
    char *name; /* section title */
    enum probe_kind kind;
    struct hostport at;
    struct prefix prefix;        /* set: all of it, kind closed; at.host is its text */
    char *path;                  /* NULL: "/" */
    struct http_want *http;      /* of kinds http and https; NULL: nothing out of the ordinary */
    struct closed_want *closed;  /* kind closed */
    bool alike;                  /* another one has the same host and port */
    bool mine;                   /* the network is ours: many ports of it may be looked at */
    char *servername;            /* NULL: the host */
    struct addr connect;         /* probe this address instead of DNS's; unset normally */
    bool families[FAMILY_COUNT]; /* which are looked at; default both */
    bool require[FAMILY_COUNT];  /* absence is a failure */
    int64_t every_ms;            /* default 60 s */
    int64_t retry_every_ms;      /* while a failure is not confirmed; default 5 s */
    int64_t timeout_ms;          /* default 10 s */
    unsigned rise;               /* default 2 */
    unsigned fall;               /* default 3 */
    int64_t cert_warn_ms;        /* default 14 d */
    char *ca;                    /* trust store; NULL: the global one */
    bool authoritative;          /* the zone's own servers are asked */
    struct expect expect;        /* what DNS should hold */
    /* The same from sources of ours, as they change; NULL: none. */
    const struct config_address *expect_source[FAMILY_COUNT];
    bool full_size; /* the first packet that we send fills the MTU */
    struct egress egress;
};

/* record "name" { … }: ddns is what the updater needs, its strings owned here. */
struct config_record {
    struct ddns_record_conf ddns;
    const struct config_address *source[FAMILY_COUNT]; /* NULL: the family is not published */
};

/* hook "name" { … } */
struct config_hook {
    char *name;
    char **command;     /* argv, NULL-terminated, absolute program path */
    uint32_t events;    /* bit 1 << enum notice_kind */
    char **only;        /* subjects (target, record, address names), NULL: all; NULL-terminated */
    int64_t timeout_ms; /* default 30 s */
    int64_t remind_ms;  /* while the state lasts; 0: never */
};

struct catalog;

struct config {
    struct catalog *providers; /* monitor/config/catalog.h; owns those of the records */
    char *path;                /* NULL: none, built from the command line */
    struct config_address *addresses;
    size_t address_count;
    struct config_target *targets;
    size_t target_count;
    struct config_record *records;
    size_t record_count;
    struct config_hook *hooks;
    size_t hook_count;
    char *uplink[FAMILY_COUNT]; /* reference addresses of the own line; NULL: not looked at */
    int64_t uplink_every_ms;
    int64_t uplink_timeout_ms;
    char *resolver_servers; /* NULL: the system's */
    char *ca;               /* global trust store; NULL: the system's */
    char *crl;              /* revocation lists; NULL: none */
    char *state_path;       /* SQLite database; "" keeps the state in memory only */
    char *control_path;     /* socket; "" for none */
    char *control_group;    /* NULL: our own group */
    enum log_level log_level;
    enum log_sink log_sink;
    bool log_checks;          /* a line for every check, not only for changes */
    int64_t rtnl_settle_ms;   /* default of addresses */
    int64_t hook_debounce_ms; /* how long a storm is collected; default 2 s */
};

/* Where messages of the loader go; a line is "FILE:LINE: error: …" without newline. */
typedef void config_report_fn(const char *line, bool is_error, void *arg);

/* Loads and checks everything; NULL when there was any error. */
struct config *config_load(const char *path, config_report_fn *report, void *arg);

/* A check from a shell does not see the credentials and the environment of the service: what is
 * missing there is a warning then, and the password stays NULL. */
enum config_mode {
    CONFIG_FOR_RUN,
    CONFIG_FOR_CHECK,
};
struct config *config_load_as(const char *path, enum config_mode mode, config_report_fn *report,
                              void *arg);
/* The same as config_load from text in memory, as if it were a file of that name. */
struct config *config_from_text(const char *text, size_t len, const char *name,
                                config_report_fn *report, void *arg);
/* For `reachd run HOST...` without a file: watches the hosts, state in memory unless state_path. */
struct config *config_from_hosts(char *const *hosts, size_t count, config_report_fn *report,
                                 void *arg);
const char *config_version(void);        /* of libconfuse, at run time */
void config_free(struct config *config); /* wipes secrets; NULL is fine */
/* The word of the configuration: "interface" … */
const char *address_source_word(enum address_source source);
const struct config_address *config_address_find(const struct config *config, const char *name);

#endif
