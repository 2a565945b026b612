/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copies from and to guest virtual addresses in the running address space, under SMAP's
 * permission, with the exception table behind the one string instruction that may fault.
 */
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/extable.h>
#include <asm/hvm.h>
#include <asm/page.h>
#include <asm/uaccess.h>
#include <xen/usercopy.h>

/*
 * Bytes not copied. Eight at a time; on a fault the rest is tried byte by byte, up to the very
 * byte.
 */
static size_t copy_guarded(void *dst, const void *src, size_t len)
{
    size_t words = len / 8, bytes = len % 8;

    guest_access_begin();
    __asm__ __volatile__("1: rep movsq\n"
                         "   mov %[bytes], %%rcx\n"
                         "2: rep movsb\n"
                         "   jmp 4f\n"
                         "3: lea (%[bytes], %%rcx, 8), %%rcx\n"
                         "5: rep movsb\n"
                         "4:\n"
                         EXTABLE(1b, 3b)
                         EXTABLE(2b, 4b)
                         EXTABLE(5b, 4b)
                         : "+D"(dst), "+S"(src), "+c"(words)
                         : [bytes] "r"(bytes)
                         : "memory");
    guest_access_end();
    return words;
}

size_t copy_from_guest(void *dst, const void *guest_src, size_t len)
{
    if (unlikely(is_hvm(current->domain))) {
        return hvm_copy_from_guest(dst, (uint64_t)guest_src, len);
    }
    return guest_range_ok((uint64_t)guest_src, len) ? copy_guarded(dst, guest_src, len) : len;
}

size_t copy_to_guest(void *guest_dst, const void *src, size_t len)
{
    if (unlikely(is_hvm(current->domain))) {
        return hvm_copy_to_guest((uint64_t)guest_dst, src, len);
    }
    return guest_range_ok((uint64_t)guest_dst, len) ? copy_guarded(guest_dst, src, len) : len;
}

size_t clear_guest(void *guest_dst, size_t len)
{
    size_t left = len;

    if (unlikely(is_hvm(current->domain))) {
        return hvm_clear_guest((uint64_t)guest_dst, len);
    }
    if (!guest_range_ok((uint64_t)guest_dst, len)) {
        return len;
    }
    guest_access_begin();
    __asm__ __volatile__("1: rep stosb\n"
                         "2:\n"
                         EXTABLE(1b, 2b)
                         : "+D"(guest_dst), "+c"(left)
                         : "a"(0)
                         : "memory");
    guest_access_end();
    return left;
}
