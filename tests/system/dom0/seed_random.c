/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Credits the bytes on standard input to the kernel's random pool. An emulated machine gathers
 * entropy so slowly that programs would wait seconds for it.
 */
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void)
{
    struct {
        struct rand_pool_info info;
        char bytes[256];
    } pool;
    ssize_t len = read(STDIN_FILENO, pool.info.buf, sizeof(pool.bytes));
    int fd = open("/dev/random", O_WRONLY);

    if (len <= 0 || fd < 0) {
        perror("seed_random");
        return 1;
    }
    pool.info.buf_size = (int)len;
    pool.info.entropy_count = (int)len * 8;
    if (ioctl(fd, RNDADDENTROPY, &pool.info) < 0) {
        perror("seed_random: RNDADDENTROPY");
        return 1;
    }
    return 0;
}
