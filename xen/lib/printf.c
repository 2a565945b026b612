/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted text: parses one conversion at a time, then pads its digits into the buffer. */
#include <xen/printf.h>
#include <xen/string.h>
#include <xen/types.h>

struct out {
    char *buf;
    size_t size;
    size_t len; /* of the full text, stored or not */
};

struct spec {
    bool left, zero, plus, alt;
    int width;
    int precision; /* -1: none */
    int longs;     /* 2: long or size_t; 1: int; -1: short; -2: char */
};

static void put(struct out *o, char c)
{
    if (o->len + 1 < o->size) {
        o->buf[o->len] = c;
    }
    o->len++;
}

static void put_padded(struct out *o, const struct spec *sp, const char *prefix, const char *s,
                       size_t n)
{
    size_t total = strlen(prefix) + n;
    size_t pad = sp->width > 0 && (size_t)sp->width > total ? sp->width - total : 0;

    if (!sp->left && !sp->zero) {
        for (; pad > 0; pad--) {
            put(o, ' ');
        }
    }
    while (*prefix != '\0') {
        put(o, *prefix++);
    }
    if (!sp->left) {
        for (; pad > 0; pad--) {
            put(o, '0');
        }
    }
    while (n-- > 0) {
        put(o, *s++);
    }
    for (; pad > 0; pad--) {
        put(o, ' ');
    }
}

static void put_number(struct out *o, struct spec *sp, uint64_t v, unsigned int base, char conv)
{
    const char *digits = conv == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    const char *prefix = "";
    char tmp[24];
    size_t n = 0;
    int min = sp->precision >= 0 ? sp->precision : 1;

    if (conv == 'd') {
        if ((int64_t)v < 0) {
            prefix = "-";
            v = -v;
        } else if (sp->plus) {
            prefix = "+";
        }
    } else if (sp->alt && base == 16 && v != 0) {
        prefix = "0x";
    }
    while (v != 0 || ((int)n < min && n < sizeof(tmp))) {
        tmp[sizeof(tmp) - ++n] = digits[v % base];
        v /= base;
    }
    if (sp->precision >= 0) {
        sp->zero = false;
    }
    put_padded(o, sp, prefix, tmp + sizeof(tmp) - n, n);
}

static const char *parse_number(const char *f, int *v, va_list *ap)
{
    if (*f == '*') {
        *v = va_arg(*ap, int);
        return f + 1;
    }
    for (*v = 0; *f >= '0' && *f <= '9'; f++) {
        *v = *v * 10 + (*f - '0');
    }
    return f;
}

static const char *parse_spec(const char *f, struct spec *sp, va_list *ap)
{
    *sp = (struct spec){ .precision = -1, .longs = 1 };
    for (;; f++) {
        if (*f == '-') {
            sp->left = true;
        } else if (*f == '0') {
            sp->zero = true;
        } else if (*f == '+') {
            sp->plus = true;
        } else if (*f == '#') {
            sp->alt = true;
        } else {
            break;
        }
    }
    f = parse_number(f, &sp->width, ap);
    if (sp->width < 0) {
        sp->left = true;
        sp->width = -sp->width;
    }
    if (*f == '.') {
        f = parse_number(f + 1, &sp->precision, ap);
    }
    for (; *f == 'l' || *f == 'z' || *f == 't' || *f == 'j'; f++) {
        sp->longs = 2;
    }
    for (; *f == 'h'; f++) {
        sp->longs = sp->longs > 0 ? -1 : -2;
    }
    return f;
}

static uint64_t fetch_unsigned(const struct spec *sp, va_list *ap)
{
    if (sp->longs == 2) {
        return va_arg(*ap, unsigned long);
    }
    unsigned int v = va_arg(*ap, unsigned int);

    return sp->longs == -1 ? (uint16_t)v : sp->longs == -2 ? (uint8_t)v : v;
}

static int64_t fetch_signed(const struct spec *sp, va_list *ap)
{
    if (sp->longs == 2) {
        return va_arg(*ap, long);
    }
    int v = va_arg(*ap, int);

    return sp->longs == -1 ? (int16_t)v : sp->longs == -2 ? (int8_t)v : v;
}

static void put_string(struct out *o, struct spec *sp, const char *s)
{
    if (s == NULL) {
        s = "(null)";
    }
    sp->zero = false;
    put_padded(o, sp, "", s, sp->precision >= 0 ? strnlen(s, sp->precision) : strlen(s));
}

static void put_conversion(struct out *o, struct spec *sp, char conv, va_list *ap)
{
    char c;

    switch (conv) {
    case 'd':
    case 'i':
        put_number(o, sp, fetch_signed(sp, ap), 10, 'd');
        break;
    case 'u':
        put_number(o, sp, fetch_unsigned(sp, ap), 10, 'u');
        break;
    case 'x':
    case 'X':
        put_number(o, sp, fetch_unsigned(sp, ap), 16, conv);
        break;
    case 'p':
        sp->precision = 16;
        put_number(o, sp, (uint64_t)va_arg(*ap, void *), 16, 'x');
        break;
    case 's':
        put_string(o, sp, va_arg(*ap, const char *));
        break;
    case 'c':
        c = (char)va_arg(*ap, int);
        sp->zero = false;
        put_padded(o, sp, "", &c, 1);
        break;
    default:
        put(o, conv);
        break;
    }
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct out o = { buf, size, 0 };
    struct spec sp;
    va_list args;

    va_copy(args, ap);
    while (*fmt != '\0') {
        if (*fmt != '%') {
            put(&o, *fmt++);
            continue;
        }
        fmt = parse_spec(fmt + 1, &sp, &args);
        if (*fmt == '\0') {
            break;
        }
        put_conversion(&o, &sp, *fmt++, &args);
    }
    va_end(args);
    if (size > 0) {
        buf[MIN(o.len, size - 1)] = '\0';
    }
    return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}
