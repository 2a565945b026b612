/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon's one loop: it waits for clients, domains and signals, and serves all in turns. */
#ifndef XENSTORED_LOOP_H
#define XENSTORED_LOOP_H

/* Negative errno, and a sentence is logged. */
int loop_open(int listener, int door, int signals);
/* Polls the sockets that were taken over. */
int loop_add_sockets(void);

enum loop_end {
    LOOP_STOP,      /* a signal says so */
    LOOP_RESTART,   /* the next program is to take over */
};

/* Until the daemon is to end or to start anew. */
enum loop_end loop_run(void);
/* From a request or signal: the loop ends with LOOP_RESTART after this turn. */
void loop_restart(void);

#endif
