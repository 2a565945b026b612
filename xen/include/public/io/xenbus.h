/* SPDX-License-Identifier: BSD-2-Clause */
/* States that the two halves of a split driver publish in xenstore, as decimal numbers. */
#ifndef PUBLIC_IO_XENBUS_H
#define PUBLIC_IO_XENBUS_H

typedef enum xenbus_state {
    XenbusStateUnknown = 0,
    XenbusStateInitialising = 1,
    XenbusStateInitWait = 2,    /* backend: waiting for the frontend's details */
    XenbusStateInitialised = 3, /* frontend: details written */
    XenbusStateConnected = 4,
    XenbusStateClosing = 5,
    XenbusStateClosed = 6,
    XenbusStateReconfiguring = 7,
    XenbusStateReconfigured = 8,
} XenbusState;

#endif /* PUBLIC_IO_XENBUS_H */
