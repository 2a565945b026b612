/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The module "top": the screen of "xl top", on ncurses. A table of columns, sorted by one of them;
 * below each domain, if asked for, its vCPUs, network interfaces and disks.
 */
#include "output.h"
#include "top.h"

#include <curses.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KIB          1024.0
#define MIB_PAGES    256.0
#define NAME_WIDTH   16
#define HEAD_LINES   4 /* above the table, with its titles */

extern const struct top_screen top_screen;

struct view {
    struct xl *xl;
    struct top_options *options;
    struct top_sample *sample;
    struct top_domain **rows; /* sorted */
    unsigned sort;            /* which column */
    bool reverse;
    int skip;                 /* lines scrolled away */
    int line;                 /* the next to draw, counted from the table's start */
};

static void screen_leave(void)
{
    if (!isendwin())
        endwin();
}

/* --- columns --- */

struct column {
    const char *title;
    int width, decimals;
    double (*value)(const struct top_sample *sample, const struct top_domain *domain);
};

static double value_id(const struct top_sample *sample, const struct top_domain *domain)
{
    (void)sample;
    return domain->info.domid;
}

static double value_cpu(const struct top_sample *sample, const struct top_domain *domain)
{
    (void)sample;
    return domain->percent;
}

static double value_steal(const struct top_sample *sample, const struct top_domain *domain)
{
    (void)sample;
    return domain->steal_percent;
}

static double value_time(const struct top_sample *sample, const struct top_domain *domain)
{
    (void)sample;
    return (double)domain->info.cpu_time_ns / 1e9;
}

static double value_vcpus(const struct top_sample *sample, const struct top_domain *domain)
{
    (void)sample;
    return domain->info.nr_online_vcpus;
}

static double value_memory(const struct top_sample *sample, const struct top_domain *domain)
{
    (void)sample;
    return (double)domain->info.nr_pages / MIB_PAGES;
}

static double value_memory_percent(const struct top_sample *sample,
                                   const struct top_domain *domain)
{
    return sample->host.total_pages
               ? 100 * (double)domain->info.nr_pages / (double)sample->host.total_pages : 0;
}

static double value_rx(const struct top_sample *sample, const struct top_domain *domain)
{
    (void)sample;
    return domain->rx_rate / KIB;
}

static double value_tx(const struct top_sample *sample, const struct top_domain *domain)
{
    (void)sample;
    return domain->tx_rate / KIB;
}

static double value_read(const struct top_sample *sample, const struct top_domain *domain)
{
    (void)sample;
    return domain->read_rate / KIB;
}

static double value_write(const struct top_sample *sample, const struct top_domain *domain)
{
    (void)sample;
    return domain->write_rate / KIB;
}

static double value_requests(const struct top_sample *sample, const struct top_domain *domain)
{
    (void)sample;
    return domain->request_rate;
}

static const struct column columns[] = {
    { "ID", 5, 0, value_id },
    { "CPU%", 6, 1, value_cpu },
    { "STEAL%", 6, 1, value_steal },
    { "CPU(sec)", 9, 0, value_time },
    { "VCPUS", 5, 0, value_vcpus },
    { "MEM(M)", 8, 1, value_memory },
    { "MEM%", 5, 1, value_memory_percent },
    { "NETRX(k/s)", 10, 1, value_rx },
    { "NETTX(k/s)", 10, 1, value_tx },
    { "DISK(req/s)", 11, 1, value_requests },
    { "RD(k/s)", 9, 1, value_read },
    { "WR(k/s)", 9, 1, value_write },
};

#define NR_COLUMNS (sizeof(columns) / sizeof(*columns))
#define SORT_CPU   1

/* qsort() gives no context. */
static const struct view *sorted_view;

static int row_compare(const void *left, const void *right)
{
    const struct view *view = sorted_view;
    const struct top_domain *a = *(struct top_domain *const *)left;
    const struct top_domain *b = *(struct top_domain *const *)right;
    double x = columns[view->sort].value(view->sample, a);
    double y = columns[view->sort].value(view->sample, b);
    int order = x > y ? -1 : x < y;

    if (view->sort == 0)
        order = -order; /* ids from the lowest on, all else from the largest on */
    if (view->reverse)
        order = -order;
    return order ? order : (a->info.domid < b->info.domid ? -1 : 1);
}

static void rows_sort(struct view *view)
{
    struct top_domain **rows = realloc(view->rows, (view->sample->nr + 1) * sizeof(*rows));

    if (!rows) {
        screen_leave();
        xl_die("Out of memory.");
    }
    view->rows = rows;
    for (unsigned i = 0; i < view->sample->nr; i++)
        rows[i] = &view->sample->domains[i];
    sorted_view = view;
    qsort(rows, view->sample->nr, sizeof(*rows), row_compare);
}

/* --- drawing --- */

static void state_text(const struct ctrl_domain_info *info, char text[7])
{
    text[0] = info->running ? 'r' : '-';
    text[1] = info->blocked ? 'b' : '-';
    text[2] = info->paused ? 'p' : '-';
    text[3] = info->shutdown ? 's' : '-';
    text[4] = info->shutdown && info->shutdown_reason == CTRL_SHUTDOWN_CRASH ? 'c' : '-';
    text[5] = info->dying ? 'd' : '-';
    text[6] = '\0';
}

/* One line of the table: put together first, because ncurses would wrap what is too long. */
struct line {
    char text[512];
    size_t length;
};

__attribute__((format(printf, 2, 3)))
static void line_add(struct line *line, const char *format, ...)
{
    size_t room = sizeof(line->text) - line->length;
    va_list args;
    int written;

    va_start(args, format);
    written = vsnprintf(line->text + line->length, room, format, args);
    va_end(args);
    if (written > 0)
        line->length += (size_t)written < room ? (size_t)written : room - 1;
}

static void line_draw(struct view *view, const struct line *line)
{
    int y = HEAD_LINES + view->line++ - view->skip;

    if (y >= HEAD_LINES && y < LINES - 1)
        mvaddnstr(y, 0, line->text, COLS - 1);
}

static void head_draw(const struct view *view)
{
    const struct top_sample *sample = view->sample;
    struct line line = { .length = 0 };
    unsigned running = 0, blocked = 0, paused = 0, ended = 0;
    time_t now = time(NULL);
    char clock[16];

    for (unsigned i = 0; i < sample->nr; i++) {
        const struct ctrl_domain_info *info = &sample->domains[i].info;

        running += info->running;
        blocked += info->blocked;
        paused += info->paused;
        ended += info->shutdown || info->dying;
    }
    strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
    line_add(&line, "xl top - %s  domains: %u, %u running, %u blocked, %u paused, %u ended",
             clock, sample->nr, running, blocked, paused, ended);
    mvaddnstr(0, 0, line.text, COLS - 1);
    line.length = 0;
    line_add(&line, "Memory: %.0f MiB, %.0f used, %.0f free   CPUs: %u @ %u MHz",
             (double)sample->host.total_pages / MIB_PAGES,
             (double)(sample->host.total_pages - sample->host.free_pages) / MIB_PAGES,
             (double)sample->host.free_pages / MIB_PAGES, sample->host.nr_cpus,
             sample->host.cpu_khz / 1000);
    if (sample->busy_percent >= 0)
        line_add(&line, ", %.1f%% busy", sample->busy_percent);
    mvaddnstr(1, 0, line.text, COLS - 1);
}

static void titles_draw(const struct view *view)
{
    struct line line = { .length = 0 };
    size_t from = 0, to = 0;

    line_add(&line, "%-*s %-6s", NAME_WIDTH, "NAME", "STATE");
    for (unsigned i = 0; i < NR_COLUMNS; i++) {
        if (i == view->sort)
            from = line.length + 1;
        line_add(&line, " %*s", columns[i].width, columns[i].title);
        if (i == view->sort)
            to = line.length;
    }
    attron(A_REVERSE);
    mvhline(HEAD_LINES - 1, 0, ' ', COLS);
    mvaddnstr(HEAD_LINES - 1, 0, line.text, COLS - 1);
    attroff(A_REVERSE);
    if ((int)to < COLS)
        mvchgat(HEAD_LINES - 1, (int)from, (int)(to - from), A_BOLD | A_UNDERLINE, 0, NULL);
}

static void domain_draw(struct view *view, const struct top_domain *domain)
{
    struct line line = { .length = 0 };
    char state[7];

    state_text(&domain->info, state);
    line_add(&line, "%-*.*s %s", NAME_WIDTH, view->options->full_names ? 255 : NAME_WIDTH,
             domain->name, state);
    for (unsigned i = 0; i < NR_COLUMNS; i++) {
        double value = columns[i].value(view->sample, domain);

        if (value < 0)
            line_add(&line, " %*s", columns[i].width, "-");
        else
            line_add(&line, " %*.*f", columns[i].width, columns[i].decimals, value);
    }
    line_draw(view, &line);
}

static void vcpu_draw(struct view *view, const struct top_vcpu *vcpu)
{
    struct line line = { .length = 0 };

    line_add(&line, "  vCPU %-3u ", vcpu->number);
    if (vcpu->online) {
        line_add(&line, "on CPU %-3u %c %6.1f%%", vcpu->cpu,
                 vcpu->running ? 'r' : vcpu->blocked ? 'b' : '-', vcpu->percent);
        if (vcpu->steal_percent >= 0)
            line_add(&line, "  steal %.1f%%", vcpu->steal_percent);
        line_add(&line, "  %.1f s", (double)vcpu->cpu_ns / 1e9);
    } else {
        line_add(&line, "offline");
    }
    line_draw(view, &line);
}

static void nic_draw(struct view *view, const struct top_nic *nic)
{
    struct line line = { .length = 0 };

    line_add(&line, "  net  %-3u rx %.0f KiB, %" PRIu64 " packets, %" PRIu64 " lost",
             nic->number, (double)nic->rx_bytes / KIB, nic->rx_packets,
             nic->rx_errors + nic->rx_drops);
    line_add(&line, "   tx %.0f KiB, %" PRIu64 " packets, %" PRIu64 " lost",
             (double)nic->tx_bytes / KIB, nic->tx_packets, nic->tx_errors + nic->tx_drops);
    line_draw(view, &line);
}

static void vbd_draw(struct view *view, const struct top_vbd *vbd)
{
    struct line line = { .length = 0 };

    line_add(&line, "  disk %-6u %" PRIu64 " reads, %.0f KiB   %" PRIu64 " writes, %.0f KiB",
             vbd->number, vbd->reads, (double)vbd->read_sectors / 2, vbd->writes,
             (double)vbd->written_sectors / 2);
    line_add(&line, "   %" PRIu64 " times out of requests", vbd->out_of_requests);
    line_draw(view, &line);
}

static void details_draw(struct view *view, const struct top_domain *domain)
{
    for (unsigned i = 0; view->options->vcpus && i < domain->nr_vcpus; i++)
        vcpu_draw(view, &domain->vcpus[i]);
    for (unsigned i = 0; view->options->networks && i < domain->nr_nics; i++)
        nic_draw(view, &domain->nics[i]);
    for (unsigned i = 0; view->options->vbds && i < domain->nr_vbds; i++)
        vbd_draw(view, &domain->vbds[i]);
}

static void screen_draw(struct view *view)
{
    struct line foot = { .length = 0 };

    erase();
    head_draw(view);
    titles_draw(view);
    view->line = 0;
    for (unsigned i = 0; i < view->sample->nr; i++) {
        domain_draw(view, view->rows[i]);
        details_draw(view, view->rows[i]);
    }
    line_add(&foot, "q quit  < > sort column  r reverse  v vCPUs  n networks  x disks  "
             "f names  + - delay %us", view->options->delay_s);
    mvaddnstr(LINES - 1, 0, foot.text, COLS - 1);
    refresh();
}

/* --- keys --- */

/* False: leave. */
static bool key_act(struct view *view, int key)
{
    struct top_options *options = view->options;

    switch (key) {
    case 'q':
    case 'Q':
        return false;
    case '<':
    case KEY_LEFT:
        view->sort = (view->sort + NR_COLUMNS - 1) % NR_COLUMNS;
        break;
    case '>':
    case 's':
    case KEY_RIGHT:
        view->sort = (view->sort + 1) % NR_COLUMNS;
        break;
    case 'r':
        view->reverse = !view->reverse;
        break;
    case 'v':
        options->vcpus = !options->vcpus;
        break;
    case 'n':
        options->networks = !options->networks;
        break;
    case 'x':
    case 'b':
        options->vbds = !options->vbds;
        break;
    case 'f':
        options->full_names = !options->full_names;
        break;
    case '+':
        options->delay_s += options->delay_s < 600;
        break;
    case '-':
        options->delay_s -= options->delay_s > 1;
        break;
    case KEY_UP:
        view->skip -= view->skip > 0;
        break;
    case KEY_DOWN:
        view->skip += view->skip + 1 < view->line;
        break;
    default:
        break;
    }
    return true;
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Show one sample until the next is due. False: leave. */
static bool sample_show(struct view *view)
{
    uint64_t start = now_ms();

    for (;;) {
        uint64_t passed = now_ms() - start, delay = view->options->delay_s * 1000u;

        rows_sort(view);
        screen_draw(view);
        if (passed >= delay)
            return true;
        timeout((int)(delay - passed));
        if (!key_act(view, getch()))
            return false;
    }
}

static void screen_run(struct xl *xl, struct top_options *options)
{
    struct view view = { .xl = xl, .options = options, .sort = SORT_CPU };
    struct top_sample *next;
    bool stay = true;

    initscr();
    atexit(screen_leave); /* a failing sample leaves by exit() */
    cbreak();
    noecho();
    curs_set(0);
    keypad(stdscr, TRUE);
    for (unsigned long done = 0; stay && (!options->iterations || done < options->iterations);
         done++) {
        next = top_sample_take(xl, view.sample, true);
        top_sample_free(view.sample);
        view.sample = next;
        stay = sample_show(&view);
    }
    screen_leave();
    top_sample_free(view.sample);
    free(view.rows);
}

const struct top_screen top_screen = { .run = screen_run };
