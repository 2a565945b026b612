/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The module that reads libvirt's domain XML (mod_xml.c, with libxml2). It says what the document
 * means as keys and values of xl.cfg; the reader takes them as if a file had said so.
 */
#ifndef XL_CONF_XML_H
#define XL_CONF_XML_H

#include <stdbool.h>
#include <stddef.h>

/* Where the module puts what it finds. Texts are copied. */
struct conf_xml_sink {
    void *opaque;
    void (*string)(void *opaque, const char *key, const char *text, unsigned line);
    void (*number)(void *opaque, const char *key, long long number, unsigned line);
    /* One more item of a list of strings. */
    void (*item)(void *opaque, const char *key, const char *text, unsigned line);
    /* A mistake, or with 'warning' something left out; "what" names the element. */
    void (*problem)(void *opaque, bool warning, const char *what, const char *text, unsigned line);
};

struct conf_xml {
    /* All mistakes go to the sink; nothing is returned. */
    void (*parse)(const char *text, size_t size, const struct conf_xml_sink *sink);
};

#define CONF_XML_MODULE "xml"
#define CONF_XML_SYMBOL "xl_module_xml"

#endif
