/* SPDX-License-Identifier: ISC
 *
 * HTTP dates. Owns: the three syntaxes and the calendar arithmetic. Not its job: what a date is
 * for. The name of the day is checked to be one, not to be the right one.
 */
#include "probes/http_date.h"

#include <stddef.h>
#include <string.h>

#include "lib/str.h"

static const char *const days[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                   "Friday", "Saturday", "Sunday"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct date {
    int year, month, day, hour, minute, second;
};

/* A cursor over the text; the first mismatch makes it NULL and everything after it fails. */
struct scan {
    const char *at;
};

static void scan_text(struct scan *s, const char *text)
{
    s->at = s->at && str_starts(s->at, text) ? s->at + strlen(text) : NULL;
}

/* A number of exactly `width` digits; `padded`: the first may be a space. */
static int scan_number(struct scan *s, int width, bool padded)
{
    int value = 0;
    for (int i = 0; i < width && s->at; i++) {
        char c = *s->at;
        if (padded && i == 0 && c == ' ')
            c = '0';
        if (c < '0' || c > '9') {
            s->at = NULL;
            return 0;
        }
        value = value * 10 + (c - '0');
        s->at++;
    }
    return value;
}

static int scan_month(struct scan *s)
{
    for (int i = 0; i < 12 && s->at; i++)
        if (str_starts(s->at, months[i])) {
            s->at += 3;
            return i + 1;
        }
    s->at = NULL;
    return 0;
}

static void scan_time(struct scan *s, struct date *d)
{
    d->hour = scan_number(s, 2, false);
    scan_text(s, ":");
    d->minute = scan_number(s, 2, false);
    scan_text(s, ":");
    d->second = scan_number(s, 2, false);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" after the name of the day */
static void scan_imf(struct scan *s, struct date *d)
{
    scan_text(s, ", ");
    d->day = scan_number(s, 2, false);
    scan_text(s, " ");
    d->month = scan_month(s);
    scan_text(s, " ");
    d->year = scan_number(s, 4, false);
    scan_text(s, " ");
    scan_time(s, d);
    scan_text(s, " GMT");
}

/* "Sunday, 06-Nov-94 08:49:37 GMT" after the name of the day */
static void scan_rfc850(struct scan *s, struct date *d)
{
    scan_text(s, ", ");
    d->day = scan_number(s, 2, false);
    scan_text(s, "-");
    d->month = scan_month(s);
    scan_text(s, "-");
    d->year = scan_number(s, 2, false);
    d->year += d->year >= 70 ? 1900 : 2000;
    scan_text(s, " ");
    scan_time(s, d);
    scan_text(s, " GMT");
}

/* "Sun Nov  6 08:49:37 1994" after the name of the day */
static void scan_asctime(struct scan *s, struct date *d)
{
    scan_text(s, " ");
    d->month = scan_month(s);
    scan_text(s, " ");
    d->day = scan_number(s, 2, true);
    scan_text(s, " ");
    scan_time(s, d);
    scan_text(s, " ");
    d->year = scan_number(s, 4, false);
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

static bool is_plausible(const struct date *d)
{
    return d->year >= 1970 && d->month >= 1 && d->month <= 12 && d->day >= 1 &&
           d->day <= month_days(d->year, d->month) && d->hour <= 23 && d->minute <= 59 &&
           d->second <= 60;
}

static int64_t date_ms(const struct date *d)
{
    int64_t y = d->year - 1;
    int64_t days_before = 365 * y + y / 4 - y / 100 + y / 400 - 719162; /* 1970-01-01 is day 0 */
    for (int month = 1; month < d->month; month++)
        days_before += month_days(d->year, month);
    days_before += d->day - 1;
    return (((days_before * 24 + d->hour) * 60 + d->minute) * 60 + d->second) * 1000;
}

bool http_date_parse(const char *text, int64_t *out_ms)
{
    struct date d = {0};
    struct scan s = {NULL};
    for (size_t i = 0; i < 7 && !s.at; i++) {
        size_t full = strlen(days[i]);
        if (strncmp(text, days[i], 3) != 0)
            continue;
        bool is_full = strncmp(text, days[i], full) == 0;
        s.at = text + (is_full ? full : 3);
        if (is_full)
            scan_rfc850(&s, &d);
        else if (*s.at == ',')
            scan_imf(&s, &d);
        else
            scan_asctime(&s, &d);
        break;
    }
    if (!s.at || *s.at || !is_plausible(&d))
        return false;
    *out_ms = date_ms(&d);
    return true;
}
