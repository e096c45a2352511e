/* SPDX-License-Identifier: ISC
 *
 * The kinds of probes, included several times with different KIND(). No include guard on purpose.
 * Columns: the enum constant behind PROBE_, the word and the suffix of its `struct kind`, which
 * lives in probes/kinds. The first is the default.
 */
/* clang-format off */
KIND(TLS, tls)
KIND(HTTPS, https)
KIND(HTTP, http)
KIND(QUIC, quic)
KIND(CLOSED, closed)
KIND(TCP, tcp)
/* clang-format on */
