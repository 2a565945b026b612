/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests about domains. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "domain.h"
#include "wire.h"

/* The body is so many numbers, the first of which is a domain's. */
static int numbers(const struct request *request, uint64_t *values, int nr)
{
    const char *words[4];
    int rc = wire_words(request, words, 4);

    if (rc < nr) {
        return -EINVAL;
    }
    for (int i = 0; i < nr; i++) {
        rc = wire_number(words[i], i ? UINT64_MAX / 2 : DOMID_LIMIT - 1, &values[i]);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

static int reply_ok_if(struct request *request, int rc)
{
    if (!rc) {
        wire_reply_ok(request);
    }
    return rc;
}

int op_introduce(struct request *request)
{
    uint64_t values[3];
    int rc = numbers(request, values, 3);

    if (rc || values[2] == 0 || values[2] > UINT32_MAX) {
        return -EINVAL;
    }
    return reply_ok_if(request, domain_introduce((uint32_t)values[0], values[1],
                                                 (uint32_t)values[2]));
}

int op_release(struct request *request)
{
    uint64_t domid;
    int rc = numbers(request, &domid, 1);

    return reply_ok_if(request, rc ? rc : domain_release((uint32_t)domid));
}

int op_resume(struct request *request)
{
    uint64_t domid;
    int rc = numbers(request, &domid, 1);

    return reply_ok_if(request, rc ? rc : domain_resume((uint32_t)domid));
}

int op_set_target(struct request *request)
{
    uint64_t values[2];
    int rc = numbers(request, values, 2);

    if (!rc && values[1] >= DOMID_LIMIT) {
        rc = -EINVAL;
    }
    return reply_ok_if(request, rc ? rc : domain_set_target((uint32_t)values[0],
                                                            (uint32_t)values[1]));
}

int op_is_domain_introduced(struct request *request)
{
    const struct domain *d;
    uint64_t domid;
    int rc = numbers(request, &domid, 1);

    if (!rc) {
        d = domain_find((uint32_t)domid);
        wire_reply_text(request, d && (d->conn || d->privileged) ? "T" : "F");
    }
    return rc;
}

int op_get_domain_path(struct request *request)
{
    char path[32];
    uint64_t domid;
    int rc = numbers(request, &domid, 1);

    if (!rc) {
        snprintf(path, sizeof(path), "/local/domain/%u", (uint32_t)domid);
        wire_reply_text(request, path);
    }
    return rc;
}
