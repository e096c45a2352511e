/* SPDX-License-Identifier: ISC
 *
 * The syntax of the configuration, by libconfuse (the only owner of its header). Every section is
 * copied out with the lines of its values and taken out of libconfuse at once: so its memory stays
 * small, a title is not compared with ten thousand others, and no secret stays behind in it.
 */
#include "monitor/config/config_syntax.h"

#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fsio.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/config/config_scan.h"

#define MAX_SECTIONS 20000
#define MAX_DEPTH    8  /* of includes */
#define MAX_FILES    64 /* in all */
#define MAX_VALUE    4096
#define MAX_VALUES   1000 /* of one list */

/* A name that no file can hold (a control character): the option through which callbacks find the
 * load they belong to. libconfuse has no other way to pass a pointer, and there are no globals. */
#define CONTEXT_NAME "\001"

struct load {
    struct config_tree *tree;
    struct config_report *report;
    cfg_t *root;
    struct config_section *section; /* being read, NULL between sections */
    const char *file;               /* in the tree */
    unsigned depth;
    bool failed; /* not all of the text is in the tree */
};

static struct load *load_of(const cfg_t *cfg)
{
    for (const cfg_opt_t *opt = cfg->opts; opt && opt->name; opt++)
        if (strcmp(opt->name, CONTEXT_NAME) == 0)
            return (struct load *)(void *)opt->simple_value.ptr;
    return NULL;
}

static __attribute__((format(printf, 2, 0))) void on_error(cfg_t *cfg, const char *fmt,
                                                           va_list args)
{
    struct load *load = load_of(cfg);
    char text[400];
    vsnprintf(text, sizeof text, fmt, args);
    if (!load)
        return;
    load->failed = true;
    config_error(load->report, &(struct config_at){load->file, (unsigned)cfg->line}, "syntax: %s",
                 text);
}

/* The section that cfg stands for, started at its first value (or at its end when it has none).
 * The root's line stands still at the opening brace meanwhile. */
static struct config_section *current_section(struct load *load, const cfg_t *cfg)
{
    if (!load->section) {
        const struct config_kind *kind = config_kind_find(cfg->name);
        struct config_at at = {load->file, (unsigned)load->root->line};
        load->section = config_tree_add(load->tree, kind, cfg->title, &at);
    }
    return load->section;
}

static const char *check_value(const char *value)
{
    if (strlen(value) > MAX_VALUE)
        return "this value is too long";
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return "a control character in a value";
    return NULL;
}

/* The option to add a value to; NULL (reported) when it was given before or is too long. */
static struct config_option *open_option(struct load *load, struct config_section *section,
                                         const cfg_opt_t *opt, const struct config_at *at)
{
    const struct config_key *key = config_key_find(section->kind, opt->name);
    for (size_t i = 0; i < section->option_count; i++) {
        struct config_option *option = &section->options[i];
        if (option->key != key)
            continue;
        if (opt->nvalues <= 1) {
            config_error(load->report, at, "\"%s\" is given twice, first in line %u", key->name,
                         option->at.line);
            return NULL;
        }
        if (option->count < MAX_VALUES)
            return option;
        config_error(load->report, at, "\"%s\" holds more than %d values", key->name, MAX_VALUES);
        return NULL;
    }
    config_section_add(section, key, at);
    return &section->options[section->option_count - 1];
}

/* Called once for every value. libconfuse itself keeps an empty text only. */
static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    struct load *load = load_of(cfg);
    struct config_at at = {load->file, (unsigned)cfg->line};
    const char *problem = check_value(value);
    *(const char **)result = "";
    if (problem) {
        config_error(load->report, &at, "%s", problem);
        return 0;
    }
    struct config_option *option = open_option(load, current_section(load, cfg), opt, &at);
    if (option)
        config_option_add(option, value, at.line);
    return 0;
}

/* "only = {}" makes no value, but it was said. */
static void note_empty_lists(struct config_section *section, const cfg_t *cfg)
{
    for (const cfg_opt_t *opt = cfg->opts; opt && opt->name; opt++) {
        bool written = opt->type == CFGT_STR && (opt->flags & CFGF_MODIFIED) && opt->nvalues == 0;
        if (written && !config_option_find(section, opt->name))
            config_section_add(section, config_key_find(section->kind, opt->name), &section->at);
    }
}

static int on_section(cfg_t *root, cfg_opt_t *opt)
{
    struct load *load = load_of(root);
    const cfg_t *cfg = cfg_opt_getnsec(opt, 0);
    note_empty_lists(current_section(load, cfg), cfg);
    load->section = NULL;
    cfg_opt_rmnsec(opt, 0);
    if (load->tree->count <= MAX_SECTIONS)
        return 0;
    config_error(load->report, &(struct config_at){load->file, (unsigned)root->line},
                 "more than %d sections", MAX_SECTIONS);
    load->failed = true;
    return 1;
}

/* A name relative to the folder of the file that includes it. */
static char *include_path(const char *from, const char *name)
{
    const char *slash = strrchr(from, '/');
    if (name[0] == '/' || !slash)
        return mem_strdup(name);
    return mem_printf("%.*s/%s", (int)(slash - from), from, name);
}

static void read_file(struct load *load, const char *path, const struct config_at *from);

static int on_include(cfg_t *root, cfg_opt_t *opt, int argc, const char **argv)
{
    struct load *load = load_of(root);
    struct config_at at = {load->file, (unsigned)root->line};
    (void)opt;
    if (argc != 1) {
        config_error(load->report, &at, "include takes one file: include(\"file\")");
    } else if (load->depth >= MAX_DEPTH) {
        config_error(load->report, &at, "includes are nested more than %d deep", MAX_DEPTH);
    } else if (load->tree->file_count >= MAX_FILES) {
        config_error(load->report, &at, "more than %d files", MAX_FILES);
    } else {
        char *path = include_path(load->file, argv[0]);
        read_file(load, path, &at);
        free(path);
    }
    return 0;
}

/* The text of a file that the first pass let through. Nested for includes: the root's file and
 * line are put back afterwards. */
static void parse_text(struct load *load, char *text, size_t len)
{
    const char *outer_file = load->root->filename;
    int outer_line = load->root->line;
    FILE *fp = len ? fmemopen(text, len, "r") : NULL;
    if (!fp)
        return;
    size_t errors = load->report->errors;
    load->root->filename = mem_strdup(load->file);
    load->depth++;
    bool good = cfg_parse_fp(load->root, fp) == CFG_SUCCESS;
    if (!good && load->report->errors == errors)
        config_error(load->report, &(struct config_at){load->file, (unsigned)load->root->line},
                     "syntax error");
    load->failed = load->failed || !good;
    load->depth--;
    free(load->root->filename);
    load->root->filename = (char *)(uintptr_t)outer_file;
    load->root->line = outer_line;
    load->section = NULL;
    fclose(fp);
}

static void scan_and_parse(struct load *load, char *text, size_t len, const char *name)
{
    const char *outer = load->file;
    load->file = config_tree_file(load->tree, name);
    if (config_scan(text, len, load->file, load->report))
        parse_text(load, text, len);
    else
        load->failed = true;
    load->file = outer;
}

static void read_file(struct load *load, const char *path, const struct config_at *from)
{
    char error[FSIO_ERROR_LEN];
    size_t len;
    char *text = fsio_read(path, CONFIG_FILE_MAX, &len, error);
    if (!text) {
        config_error(load->report, from, "can't read %s", error);
        load->failed = true;
        return;
    }
    scan_and_parse(load, text, len, path);
    explicit_bzero(text, len);
    free(text);
}

static void context_option(cfg_opt_t *out, struct load *load)
{
    *out = (cfg_opt_t){.name = CONTEXT_NAME, .type = CFGT_PTR, .flags = CFGF_NODEFAULT};
    out->simple_value.ptr = (void **)(void *)load;
}

/* The options of one kind in libconfuse's terms. */
static cfg_opt_t *section_options(const struct config_kind *kind, struct load *load)
{
    cfg_opt_t *opts = mem_array(kind->key_count + 2, sizeof *opts);
    context_option(&opts[0], load);
    for (size_t i = 0; i < kind->key_count; i++) {
        int list = config_key_is_list(&kind->keys[i]) ? CFGF_LIST : 0;
        opts[i + 1] = (cfg_opt_t){.name = kind->keys[i].name,
                                  .type = CFGT_STR,
                                  .flags = CFGF_NODEFAULT | list,
                                  .parsecb = on_value};
    }
    return opts;
}

static cfg_t *make_root(struct load *load)
{
    cfg_opt_t opts[KIND_COUNT + 3] = {0};
    for (unsigned i = 0; i < KIND_COUNT; i++) {
        const struct config_kind *kind = config_kind((enum config_kind_id)i);
        opts[i] = (cfg_opt_t){.name = kind->name,
                              .type = CFGT_SEC,
                              .flags = CFGF_MULTI | (kind->titled ? CFGF_TITLE : 0),
                              .subopts = section_options(kind, load),
                              .validcb = on_section};
    }
    opts[KIND_COUNT] = (cfg_opt_t){.name = "include", .type = CFGT_FUNC, .func = on_include};
    context_option(&opts[KIND_COUNT + 1], load);
    cfg_t *root = cfg_init(opts, CFGF_NONE);
    for (unsigned i = 0; i < KIND_COUNT; i++)
        free(opts[i].subopts);
    cfg_set_error_function(root, on_error);
    return root;
}

static bool load_end(struct load *load)
{
    cfg_free(load->root);
    return !load->failed;
}

bool config_syntax_file(const char *path, struct config_tree *tree, struct config_report *report)
{
    struct load load = {.tree = tree, .report = report};
    load.root = make_root(&load);
    read_file(&load, path, NULL);
    return load_end(&load);
}

bool config_syntax_text(char *text, size_t len, const char *name, struct config_tree *tree,
                        struct config_report *report)
{
    struct load load = {.tree = tree, .report = report};
    load.root = make_root(&load);
    scan_and_parse(&load, text, len, name);
    return load_end(&load);
}

const char *config_version(void)
{
    return confuse_version;
}
