/* SPDX-License-Identifier: ISC
 *
 * Keys of TSIG as people have them: "[ALGORITHM:]NAME" with a base64 secret, or the file that
 * tsig-keygen writes. Pure. Owns: which algorithms there are.
 */
#ifndef REACHD_DDNS_TSIG_KEY_H
#define REACHD_DDNS_TSIG_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/hostport.h"

#define TSIG_SECRET_MAX 512 /* bytes of a key */

struct tsig_key {
    char name[HOST_MAX];
    const char *algorithm; /* "hmac-sha256", … */
    const char *hash;      /* as digest_hmac has it */
    uint8_t secret[TSIG_SECRET_MAX];
    size_t secret_len;
};

/* name: "[ALGORITHM:]NAME" as nsupdate has it, hmac-sha256 when there is none; secret: base64. Or
 * secret is a whole `key "NAME" { algorithm …; secret "…"; };`, and name is "" or the same. NULL on
 * success, else what is wrong (static). */
const char *tsig_key_parse(const char *name, const char *secret, struct tsig_key *out);
void tsig_key_wipe(struct tsig_key *key);

#endif
