/* SPDX-License-Identifier: BSD-2-Clause */
/* The ABI's error numbers under their short names. Functions return them negated. */
#ifndef XEN_ERRNO_H
#define XEN_ERRNO_H

#include <public/errno.h>

#define EPERM        XEN_EPERM
#define ENOENT       XEN_ENOENT
#define ESRCH        XEN_ESRCH
#define EINTR        XEN_EINTR
#define EIO          XEN_EIO
#define ENXIO        XEN_ENXIO
#define E2BIG        XEN_E2BIG
#define ENOEXEC      XEN_ENOEXEC
#define EBADF        XEN_EBADF
#define EAGAIN       XEN_EAGAIN
#define ENOMEM       XEN_ENOMEM
#define EACCES       XEN_EACCES
#define EFAULT       XEN_EFAULT
#define EBUSY        XEN_EBUSY
#define EEXIST       XEN_EEXIST
#define EXDEV        XEN_EXDEV
#define ENODEV       XEN_ENODEV
#define EINVAL       XEN_EINVAL
#define ENOSPC       XEN_ENOSPC
#define EROFS        XEN_EROFS
#define EDOM         XEN_EDOM
#define ERANGE       XEN_ERANGE
#define ENOSYS       XEN_ENOSYS
#define ENODATA      XEN_ENODATA
#define ETIME        XEN_ETIME
#define EOVERFLOW    XEN_EOVERFLOW
#define EILSEQ       XEN_EILSEQ
#define EOPNOTSUPP   XEN_EOPNOTSUPP
#define EADDRNOTAVAIL XEN_EADDRNOTAVAIL
#define ENOBUFS      XEN_ENOBUFS

/* Internal: the operation was preempted; the dispatcher re-arms the call. Never seen by a guest. */
#define ERESTART 85

#endif
