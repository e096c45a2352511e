/* SPDX-License-Identifier: ISC
 *
 * What routers say over UPnP, read: SSDP answers, descriptions, links, replies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/address/sources/upnp_xml.h"

#define IGD "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
#define OK  "HTTP/1.1 200 OK\r\n"

static void test_search(void **state)
{
    char text[SSDP_ASK_LEN];
    (void)state;
    size_t len = ssdp_ask(1, text);
    assert_int_equal(len, strlen(text));
    assert_string_equal(text, "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
                              "MAN: \"ssdp:discover\"\r\nMX: 1\r\n"
                              "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:2\r\n\r\n");
}

static void test_answers(void **state)
{
    static const struct {
        const char *text;
        const char *wrong; /* NULL: the url */
        const char *url;
    } rows[] = {
        {OK "ST: " IGD "\r\nLOCATION: http://192.168.1.1:5000/rootDesc.xml\r\n\r\n", NULL,
         "http://192.168.1.1:5000/rootDesc.xml"},
        {OK "location:http://192.168.1.1/\nst:" IGD "\n", NULL, "http://192.168.1.1/"},
        {"HTTP/1.0 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:2\r\n"
         "Location: \t http://192.168.1.1:80/a?b=c\r\n",
         NULL, "http://192.168.1.1:80/a?b=c"},
        {OK "ST: " IGD "\r\nLOCATION: http://192.168.1.1/1\r\nLOCATION: http://192.168.1.9/\r\n",
         NULL, "http://192.168.1.1/1"},
        /* elsewhere */
        {OK "ST: " IGD "\r\nLOCATION: http://192.168.1.9/\r\n", "another address", NULL},
        {OK "ST: " IGD "\r\nLOCATION: http://evil.example/\r\n", "another address", NULL},
        {OK "ST: " IGD "\r\nLOCATION: http://192.168.1.1.evil.example/\r\n", "another address",
         NULL},
        {OK "ST: " IGD "\r\nLOCATION: http://192.168.1.1@evil.example/\r\n", "user", NULL},
        {OK "ST: " IGD "\r\nLOCATION: https://192.168.1.1/\r\n", "plain HTTP", NULL},
        {OK "ST: " IGD "\r\nLOCATION: file:///etc/passwd\r\n", "must start with", NULL},
        {OK "ST: " IGD "\r\nLOCATION: http://192.168.1.1/a b\r\n", "spaces", NULL},
        /* no answer of a router */
        {OK "ST: " IGD "\r\n\r\nLOCATION: http://192.168.1.1/\r\n", "says not where", NULL},
        {OK "ST: upnp:rootdevice\r\nLOCATION: http://192.168.1.1/\r\n", "another kind", NULL},
        {"HTTP/1.1 404 Not Found\r\nST: " IGD "\r\nLOCATION: http://192.168.1.1/\r\n",
         "no answer to", NULL},
        {"NOTIFY * HTTP/1.1\r\nST: " IGD "\r\nLOCATION: http://192.168.1.1/\r\n", "no answer to",
         NULL},
        {"HTTP/1.1", "no answer to", NULL},
        {"", "no answer to", NULL},
    };
    struct addr from;
    (void)state;
    assert_true(addr_parse("192.168.1.1", &from));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = strlen(rows[i].text);
        char *exact = malloc(len + 1); /* for the sanitizer */
        char url[UPNP_URL_LEN] = "";
        memcpy(exact, rows[i].text, len);
        const char *wrong = ssdp_read(exact, len, &from, url);
        free(exact);
        if (!wrong != !rows[i].wrong || (wrong && !strstr(wrong, rows[i].wrong)) ||
            (!wrong && strcmp(url, rows[i].url) != 0))
            fail_msg("%s: %s, %s", rows[i].text, wrong ? wrong : "taken", url);
    }
}

static void test_links(void **state)
{
    static const struct {
        const char *base, *ref;
        const char *want; /* NULL: refused */
    } rows[] = {
        {"http://192.168.1.1:5000/rootDesc.xml", "/ctl/IPConn",
         "http://192.168.1.1:5000/ctl/IPConn"},
        {"http://192.168.1.1:5000/a/b.xml", "ctl", "http://192.168.1.1:5000/a/ctl"},
        {"http://192.168.1.1:5000", "ctl", "http://192.168.1.1:5000/ctl"},
        {"http://192.168.1.1:5000/", "ctl", "http://192.168.1.1:5000/ctl"},
        {"http://192.168.1.1/d?x=/y", "ctl", "http://192.168.1.1/ctl"},
        {"http://192.168.1.1?x", "/ctl", "http://192.168.1.1/ctl"},
        {"http://192.168.1.1/d", "http://192.168.1.1:49152/ctl", "http://192.168.1.1:49152/ctl"},
        {"http://192.168.1.1/d", "HTTP://192.168.1.1/ctl", "HTTP://192.168.1.1/ctl"},
        {"http://192.168.1.1/d", "http://192.168.1.9/ctl", NULL},
        {"http://192.168.1.1/d", "https://192.168.1.1/ctl", NULL},
        {"http://192.168.1.1/d", "http://192.168.1.1.evil.example/ctl", NULL},
        {"http://192.168.1.1", "//evil.example/", "http://192.168.1.1//evil.example/"},
        {"http://192.168.1.1", "@evil.example/", "http://192.168.1.1/@evil.example/"},
        {"http://192.168.1.1", ".evil.example/", "http://192.168.1.1/.evil.example/"},
        {"http://192.168.1.1/d", "/ctl\r\nX: y", NULL},
        {"http://192.168.1.1/d", "/ctl x", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[UPNP_URL_LEN] = "";
        bool good = upnp_url_join(rows[i].base, rows[i].ref, out);
        if (good != (rows[i].want != NULL) || (good && strcmp(out, rows[i].want) != 0))
            fail_msg("%s + %s: %s", rows[i].base, rows[i].ref, out);
    }
}

#define SERVICE(type, control)                                                                     \
    "<service><serviceType>urn:schemas-upnp-org:service:" type "</serviceType>"                    \
    "<serviceId>x</serviceId><controlURL>" control "</controlURL><SCPDURL>/x.xml</SCPDURL>"        \
    "</service>"
#define HEAD "<?xml version=\"1.0\"?><root><device><serviceList>"
#define TAIL "</serviceList></device></root>"
#define URL  "http://192.168.1.1:5000/rootDesc.xml"

static const char *read_description(const char *xml, struct upnp_services *services)
{
    return upnp_description_read(xml, strlen(xml), URL, services);
}

static void test_description(void **state)
{
    struct upnp_services services;
    (void)state;
    assert_null(read_description(HEAD SERVICE("Layer3Forwarding:1", "/ctl/L3F")
                                     SERVICE("WANPPPConnection:1", "/ctl/PPP")
                                         SERVICE("WANIPConnection:2", "ctl/IP") TAIL,
                                 &services));
    assert_int_equal(services.count, 2);
    assert_string_equal(services.list[0].type, "urn:schemas-upnp-org:service:WANPPPConnection:1");
    assert_string_equal(services.list[0].control, "http://192.168.1.1:5000/ctl/PPP");
    assert_string_equal(services.list[1].control, "http://192.168.1.1:5000/ctl/IP");
    /* a base of its own, and one that is not its own */
    assert_null(read_description("<root><URLBase>http://192.168.1.1:49152/x/</URLBase>" SERVICE(
                                     "WANIPConnection:1", "c") "</root>",
                                 &services));
    assert_string_equal(services.list[0].control, "http://192.168.1.1:49152/x/c");
    assert_null(read_description(
        "<root><URLBase>http://evil.example/</URLBase>" SERVICE("WANIPConnection:1", "c") "</root>",
        &services));
    assert_string_equal(services.list[0].control, "http://192.168.1.1:5000/c");
}

static void test_descriptions_that_name_nothing(void **state)
{
    static const char *const rows[] = {
        "",
        "<html><body>Login</body></html>",
        HEAD TAIL,
        HEAD SERVICE("WANIPConnection:1", "http://evil.example/ctl") TAIL,
        HEAD SERVICE("WANIPConnection:1", "") TAIL,
        HEAD SERVICE("WANIPConnection:", "/c") TAIL,
        HEAD SERVICE("WANIPConnection:1\r\nX: y", "/c") TAIL,
        HEAD SERVICE("WANIPConnection:1234", "/c") TAIL,
        HEAD "<service><controlURL>/c</controlURL></service>" TAIL,
        HEAD "<service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>",
        "<!DOCTYPE root [<!ENTITY a \"b\">]>" HEAD SERVICE("WANIPConnection:1", "/c") TAIL,
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct upnp_services services;
        if (!read_description(rows[i], &services) || services.count != 0)
            fail_msg("%s", rows[i]);
    }
}

static void test_many_services_are_bounded(void **state)
{
    char xml[8192] = HEAD;
    struct upnp_services services;
    (void)state;
    for (int i = 0; i < 20; i++)
        strcat(xml, SERVICE("WANIPConnection:1", "/c"));
    assert_null(read_description(xml, &services));
    assert_int_equal(services.count, UPNP_MAX_SERVICES);
}

static void test_replies(void **state)
{
    static const struct {
        int status;
        const char *xml;
        const char *said; /* the text, or a part of why */
        bool good;
    } rows[] = {
        {200, "<a><NewExternalIPAddress>8.8.4.27</NewExternalIPAddress></a>", "8.8.4.27", true},
        {200, "<NewExternalIPAddress> 8.8.4.27\n</NewExternalIPAddress>", " 8.8.4.27\n", true},
        {200, "<NewExternalIPAddress></NewExternalIPAddress>", "connection is down", false},
        {200, "<NewExternalIPAddress/>", "connection is down", false},
        {200, "<NewExternalIPAddress><b>8.8.4.27</b></NewExternalIPAddress>", "something else",
         false},
        {200, "<NewExternalIPAddress>8.8.4.27", "without an address", false},
        {200, "<html>", "without an address", false},
        {500, "<errorCode>501</errorCode><errorDescription>Action Failed</errorDescription>",
         "UPnP error 501: Action Failed", false},
        {500, "<errorCode>606</errorCode>", "UPnP error 606", false},
        {500, "<errorCode>x\033</errorCode>", "HTTP status 500", false},
        {500, "<errorCode>1</errorCode><errorDescription>\033[2J</errorDescription>", "1: ?[2J",
         false},
        {302, "", "HTTP status 302", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[ADDR_STRLEN] = "", why[128] = "";
        bool good = upnp_reply_read(rows[i].status, rows[i].xml, strlen(rows[i].xml), text,
                                    sizeof text, why, sizeof why);
        if (good != rows[i].good || !strstr(good ? text : why, rows[i].said))
            fail_msg("%s: %s %s", rows[i].xml, text, why);
    }
}

static void test_question(void **state)
{
    struct upnp_service service = {.type = "urn:schemas-upnp-org:service:WANPPPConnection:1"};
    char body[UPNP_ASK_LEN], headers[UPNP_ASK_LEN];
    (void)state;
    memset(service.type + strlen(service.type), '1', 12); /* as long as one may be */
    upnp_ask(&service, body, headers);
    assert_non_null(strstr(body, "</s:Envelope>\r\n"));
    assert_non_null(strstr(headers, "#GetExternalIPAddress\"\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_description),
        cmocka_unit_test(test_descriptions_that_name_nothing),
        cmocka_unit_test(test_many_services_are_bounded),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
