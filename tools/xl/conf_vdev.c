/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names and numbers of virtual disks, as xen-vbd-interface(7) defines them: xvda1, sdb, hdc, d3p2,
 * or the number itself.
 */
#include "conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XVD_MAJOR 202u
#define SD_MAJOR  8u
#define HD_MAJOR  3u
#define HD2_MAJOR 22u
#define EXTENDED  (1u << 28)

#define MAX_DISK  (1u << 20)

/* "a" is 0, "z" 25, "aa" 26. */
static bool parse_letters(const char **text, unsigned *disk)
{
    unsigned value = 0;
    const char *at = *text;

    for (; *at >= 'a' && *at <= 'z'; at++) {
        value = value * 26 + (unsigned)(*at - 'a') + 1;
        if (value > MAX_DISK)
            return false;
    }
    if (at == *text)
        return false;
    *text = at;
    *disk = value - 1;
    return true;
}

/* Decimal digits without a leading 0, and nothing behind; nothing at all is 0. */
static bool parse_partition(const char *text, unsigned *partition)
{
    char *end;
    unsigned long value;

    *partition = 0;
    if (!*text)
        return true;
    if (*text < '0' || *text > '9' || (*text == '0' && text[1]))
        return false;
    value = strtoul(text, &end, 10);
    *partition = (unsigned)value;
    return !*end && value < 256;
}

static int xvd_number(unsigned disk, unsigned partition, uint32_t *number)
{
    if (disk < 16 && partition < 16)
        *number = XVD_MAJOR << 8 | disk << 4 | partition;
    else if (disk < MAX_DISK && partition < 256)
        *number = EXTENDED | disk << 8 | partition;
    else
        return -EINVAL;
    return 0;
}

static int sd_number(unsigned disk, unsigned partition, uint32_t *number)
{
    if (disk > 15 || partition > 15)
        return -EINVAL;
    *number = SD_MAJOR << 8 | disk << 4 | partition;
    return 0;
}

static int hd_number(unsigned disk, unsigned partition, uint32_t *number)
{
    if (disk > 3 || partition > 63)
        return -EINVAL;
    *number = (disk < 2 ? HD_MAJOR : HD2_MAJOR) << 8 | disk % 2 << 6 | partition;
    return 0;
}

/* d0p0 ... and plain numbers. */
static int parse_numeric(const char *vdev, uint32_t *number)
{
    char *end;
    unsigned long disk, partition = 0;

    if (*vdev == 'd' && vdev[1] >= '0' && vdev[1] <= '9') {
        disk = strtoul(vdev + 1, &end, 10);
        if (*end == 'p' && end[1] >= '0' && end[1] <= '9')
            partition = strtoul(end + 1, &end, 10);
        return *end || disk >= MAX_DISK || partition > 255
               ? -EINVAL : xvd_number((unsigned)disk, (unsigned)partition, number);
    }
    if (*vdev < '0' || *vdev > '9')
        return -EINVAL;
    disk = strtoul(vdev, &end, 0);
    if (*end || disk >= 2 * EXTENDED)
        return -EINVAL;
    *number = (uint32_t)disk;
    return 0;
}

int xl_vdev_number(const char *vdev, uint32_t *number)
{
    static const struct {
        const char *prefix;
        int (*number)(unsigned disk, unsigned partition, uint32_t *number);
    } kinds[] = { { "xvd", xvd_number }, { "sd", sd_number }, { "hd", hd_number } };

    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t size = strlen(kinds[i].prefix);
        const char *rest = vdev + size;
        unsigned disk, partition;

        if (strncmp(vdev, kinds[i].prefix, size) != 0)
            continue;
        if (!parse_letters(&rest, &disk) || !parse_partition(rest, &partition))
            return -EINVAL;
        return kinds[i].number(disk, partition, number);
    }
    return parse_numeric(vdev, number);
}

const char *xl_vdev_name(uint32_t number, char *name, size_t size)
{
    const char *prefix = "xvd";
    unsigned disk, partition;
    char letters[8], *at = letters + sizeof(letters) - 1;

    if (number & EXTENDED) {
        disk = (number & ~EXTENDED) >> 8;
        partition = number & 0xff;
    } else if (number >> 8 == XVD_MAJOR || number >> 8 == SD_MAJOR) {
        prefix = number >> 8 == SD_MAJOR ? "sd" : "xvd";
        disk = number >> 4 & 15;
        partition = number & 15;
    } else if (number >> 8 == HD_MAJOR || number >> 8 == HD2_MAJOR) {
        prefix = "hd";
        disk = (number >> 6 & 1) + (number >> 8 == HD2_MAJOR ? 2 : 0);
        partition = number & 63;
        if (number >> 7 & 1)
            disk = UINT32_MAX;
    } else {
        disk = UINT32_MAX;
        partition = 0;
    }
    if (disk == UINT32_MAX) {
        snprintf(name, size, "%u", number);
        return name;
    }
    *at = 0;
    for (unsigned value = disk + 1; value; value = (value - 1) / 26)
        *--at = (char)('a' + (value - 1) % 26);
    if (partition)
        snprintf(name, size, "%s%s%u", prefix, at, partition);
    else
        snprintf(name, size, "%s%s", prefix, at);
    return name;
}
