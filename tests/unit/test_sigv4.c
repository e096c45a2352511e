/* SPDX-License-Identifier: ISC
 *
 * ddns/sigv4.h against the test suite that Amazon published, and the example of its documentation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ddns/sigv4.h"

#define WHEN         "20150830T123600Z"
#define SECRET       "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct sigv4_header plain[] = {{"host", "example.amazonaws.com"},
                                            {"x-amz-date", WHEN}};
static const struct sigv4_header form[] = {{"content-type", "application/x-www-form-urlencoded"},
                                           {"host", "example.amazonaws.com"},
                                           {"x-amz-date", WHEN}};
static const struct sigv4_header iam[] = {
    {"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
    {"host", "iam.amazonaws.com"},
    {"x-amz-date", WHEN}};

static void check(const struct sigv4_request *request, const char *service, const char *names,
                  const char *signature)
{
    const struct sigv4_scope scope = {WHEN, "us-east-1", service, "AKIDEXAMPLE", SECRET};
    struct buf out, expected;
    buf_init(&out, 1000);
    buf_init(&expected, 1000);
    assert_true(sigv4_authorization(request, &scope, &out));
    assert_true(buf_printf(&expected,
                           "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/%s/"
                           "aws4_request, SignedHeaders=%s, Signature=%s",
                           service, names, signature));
    assert_string_equal(buf_text(&out), buf_text(&expected));
    buf_clear(&out);
    buf_clear(&expected);
}

static void signs_the_published_vectors(void **state)
{
    (void)state;
    static const struct sigv4_request get = {"GET", "/", "", plain, COUNT(plain), ""};
    static const struct sigv4_request post = {"POST", "/", "", plain, COUNT(plain), ""};
    static const struct sigv4_request query = {"GET", "/",          "Param1=value1&Param2=value2",
                                               plain, COUNT(plain), ""};
    static const struct sigv4_request body = {"POST", "/", "", form, COUNT(form), "Param1=value1"};
    check(&get, "service", "host;x-amz-date",
          "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"); /* get-vanilla */
    check(&post, "service", "host;x-amz-date",
          "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"); /* post-vanilla */
    check(&query, "service", "host;x-amz-date", /* get-vanilla-query-order-key-case */
          "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    check(&body, "service", "content-type;host;x-amz-date", /* post-x-www-form-urlencoded */
          "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

static void signs_the_example_of_the_documentation(void **state)
{
    (void)state;
    static const struct sigv4_request list = {
        "GET", "/", "Action=ListUsers&Version=2010-05-08", iam, COUNT(iam), ""};
    check(&list, "iam", "content-type;host;x-amz-date",
          "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

static void refuses_what_it_cant_sign(void **state)
{
    (void)state;
    static const struct sigv4_request get = {"GET", "/", "", plain, COUNT(plain), ""};
    char secret[200];
    struct buf out;
    memset(secret, 'x', sizeof secret - 1);
    secret[sizeof secret - 1] = '\0';
    const struct sigv4_scope lengthy = {WHEN, "us-east-1", "iam", "AKID", secret};
    const struct sigv4_scope no_time = {"", "us-east-1", "iam", "AKID", SECRET};
    const struct sigv4_scope good = {WHEN, "us-east-1", "iam", "AKID", SECRET};
    buf_init(&out, 1000);
    assert_false(sigv4_authorization(&get, &lengthy, &out));
    assert_false(sigv4_authorization(&get, &no_time, &out));
    buf_clear(&out);
    buf_init(&out, 20);
    assert_false(sigv4_authorization(&get, &good, &out));
    buf_clear(&out);
}

static void writes_the_time(void **state)
{
    (void)state;
    char when[SIGV4_WHEN_LEN];
    assert_string_equal(sigv4_when(INT64_C(1440938160999), when), WHEN);
    assert_string_equal(sigv4_when(0, when), "19700101T000000Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_the_published_vectors),
        cmocka_unit_test(signs_the_example_of_the_documentation),
        cmocka_unit_test(refuses_what_it_cant_sign),
        cmocka_unit_test(writes_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
