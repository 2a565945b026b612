/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A core file of a domain, in Xen's form: an ELF file without segments, whose sections hold notes,
 * the vCPUs' contexts, a PV domain's shared page, a list of frames, and these pages in that order.
 * The list is of (pfn, mfn) pairs, or of a PVH domain's pfns.
 * Everything is counted before the first byte is written, so the file is written in one pass.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libctrl/domain.h>
#include <libctrl/dump.h>
#include <libctrl/memory.h>
#include <libctrl/vcpu.h>

#include <public/elfnote.h>
#include <public/version.h>

#include "internal.h"

#define CORE_MAGIC     0xf00febedull  /* of PV domains */
#define CORE_MAGIC_HVM 0xf00febeeull  /* of the others */
#define CORE_FORMAT    1u
#define PAGES_A_TURN   256u
#define TYPES_A_TURN   1024u
/* Marks of a PV domain's list: foreign frames and I/O memory, which are not its own. */
#define NOT_OWN      (3ull << 62)

enum { SEC_NULL, SEC_NAMES, SEC_NOTES, SEC_VCPUS, SEC_SHARED, SEC_P2M, SEC_PAGES, NR_SECTIONS };

static const char section_names[] =
    "\0.shstrtab\0.note.Xen\0.xen_prstatus\0.xen_shared_info\0.xen_p2m\0.xen_pfn\0.xen_pages";

struct core_header {
    uint64_t magic, nr_vcpus, nr_pages, page_size;
};

struct core_version {
    uint64_t major, minor;
    xen_extraversion_t extra;
    struct xen_compile_info compiler;
    xen_capabilities_info_t capabilities;
    xen_changeset_info_t changeset;
    struct xen_platform_parameters platform;
    uint64_t page_size;
};

struct note_head {
    uint32_t name_size, desc_size, type;
    char name[4];
};

/* All notes, as they stand in the file. */
struct core_notes {
    struct note_head none_head;
    struct note_head header_head;
    struct core_header header;
    struct note_head version_head;
    struct core_version version;
    struct note_head format_head;
    uint64_t format;
} __attribute__((packed));

struct core_page {
    uint64_t pfn, mfn;
};

struct dump {
    struct ctrl *ctrl;
    uint32_t domid;
    int fd;
    void (*progress)(void *arg, uint64_t done, uint64_t total);
    void *arg;
    bool hvm;
    struct core_page *pages;        /* of a PVH domain: both numbers are the same */
    uint64_t nr_pages;
    uint8_t *contexts;
    uint32_t nr_vcpus;
    uint64_t shared_info_mfn;
};

static int write_all(struct dump *d, const void *data, size_t size)
{
    const uint8_t *p = data;
    ssize_t put;

    while (size > 0) {
        put = write(d->fd, p, size);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return fail_errno(d->ctrl, put < 0 ? -errno : -EIO, "domain %u: writing its core "
                              "file", d->domid);
        }
        p += put;
        size -= (size_t)put;
    }
    return 0;
}

/* --- what there is to write --- */

/* Keeps those of nr pages from d->nr_pages on that are the domain's; types has room for all. */
static int keep_own_pages(struct dump *d, uint64_t nr)
{
    uint64_t *frames = malloc(nr * sizeof(*frames));
    uint8_t *types = malloc(nr);
    uint64_t i;
    int rc = frames && types ? 0 : fail_errno(d->ctrl, -ENOMEM, "domain %u: its frames",
                                              d->domid);

    for (i = 0; rc == 0 && i < nr; i++) {
        frames[i] = d->pages[i].mfn;
    }
    rc = rc ? rc : ctrl_frame_types(d->ctrl, d->domid, nr, frames, types);
    for (i = 0; rc == 0 && i < nr; i++) {
        if (types[i] != CTRL_FRAME_INVALID && types[i] != CTRL_FRAME_BROKEN) {
            d->pages[d->nr_pages++] = d->pages[i];
        }
    }
    free(frames);
    free(types);
    return rc;
}

/* A PVH domain's map has holes, of which the hypervisor tells by the types of frames. */
static int find_mapped_pages(struct dump *d)
{
    uint64_t frames[TYPES_A_TURN], last, gfn, nr, i, room = 0;
    uint8_t types[TYPES_A_TURN];
    struct core_page *more;
    int rc = ctrl_memory_max_gpfn(d->ctrl, d->domid, &last);

    for (gfn = 0; rc == 0 && gfn <= last; gfn += nr) {
        nr = last - gfn < TYPES_A_TURN - 1 ? last - gfn + 1 : TYPES_A_TURN;
        for (i = 0; i < nr; i++) {
            frames[i] = gfn + i;
        }
        rc = ctrl_frame_types(d->ctrl, d->domid, nr, frames, types);
        if (rc == 0 && d->nr_pages + nr > room) {
            room = (d->nr_pages + nr) * 2;
            more = realloc(d->pages, room * sizeof(*more));
            if (!more) {
                return fail_errno(d->ctrl, -ENOMEM, "domain %u: its frames", d->domid);
            }
            d->pages = more;
        }
        for (i = 0; rc == 0 && i < nr; i++) {
            if (types[i] != CTRL_FRAME_INVALID && types[i] != CTRL_FRAME_BROKEN) {
                d->pages[d->nr_pages++] = (struct core_page){ gfn + i, gfn + i };
            }
        }
    }
    return rc;
}

static int find_listed_pages(struct dump *d)
{
    uint64_t *list, i, nr = 0;
    size_t length;
    int rc = ctrl_p2m_read(d->ctrl, d->domid, &list, &length);

    if (rc != 0) {
        return rc;
    }
    d->pages = malloc((length + 1) * sizeof(*d->pages));
    if (!d->pages) {
        free(list);
        return fail_errno(d->ctrl, -ENOMEM, "domain %u: its frames", d->domid);
    }
    for (i = 0; i < length; i++) {
        if (!(list[i] & NOT_OWN)) {
            d->pages[nr++] = (struct core_page){ i, list[i] };
        }
    }
    free(list);
    return keep_own_pages(d, nr);
}

static int find_vcpus(struct dump *d)
{
    struct ctrl_domain_info info;
    uint32_t vcpu;
    int rc = ctrl_domain_info(d->ctrl, d->domid, &info);

    if (rc != 0) {
        return rc;
    }
    d->hvm = info.hvm;
    d->shared_info_mfn = info.shared_info_mfn;
    d->contexts = malloc((info.max_vcpu_id + 1) * (size_t)CTRL_VCPU_CONTEXT_SIZE);
    if (!d->contexts) {
        return fail_errno(d->ctrl, -ENOMEM, "domain %u: its registers", d->domid);
    }
    for (vcpu = 0; vcpu <= info.max_vcpu_id; vcpu++) {
        rc = ctrl_vcpu_get_context(d->ctrl, d->domid, vcpu,
                                   d->contexts + d->nr_vcpus * (size_t)CTRL_VCPU_CONTEXT_SIZE);
        /* A vCPU that the domain never started has none. */
        if (rc != 0 && rc != -ENODATA) {
            return rc;
        }
        d->nr_vcpus += rc == 0;
    }
    return 0;
}

/* --- the file --- */

static struct note_head note_head(uint32_t type, uint32_t size)
{
    return (struct note_head){ sizeof("Xen"), size, type, "Xen" };
}

static long ask(struct dump *d, unsigned int cmd, void *out, size_t size)
{
    struct arg_mark mark = arg_begin(d->ctrl);
    void *arg = arg_get_zeroed(d->ctrl, size);
    long rc = arg ? hypercall(d->ctrl, __HYPERVISOR_xen_version, cmd, (uintptr_t)arg, 0, 0)
                  : arg_error(d->ctrl);

    if (rc >= 0) {
        memcpy(out, arg, size);
    }
    arg_end(d->ctrl, mark);
    return rc;
}

static void fill_version(struct dump *d, struct core_version *v)
{
    long number = hypercall(d->ctrl, __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0);

    v->major = (uint64_t)number >> 16;
    v->minor = (uint64_t)number & 0xffff;
    ask(d, XENVER_extraversion, &v->extra, sizeof(v->extra));
    ask(d, XENVER_compile_info, &v->compiler, sizeof(v->compiler));
    ask(d, XENVER_capabilities, &v->capabilities, sizeof(v->capabilities));
    ask(d, XENVER_changeset, &v->changeset, sizeof(v->changeset));
    ask(d, XENVER_platform_parameters, &v->platform, sizeof(v->platform));
    v->page_size = CTRL_PAGE_SIZE;
}

static void fill_notes(struct dump *d, struct core_notes *notes)
{
    struct core_version version = { .major = 0 };

    fill_version(d, &version);
    *notes = (struct core_notes){
        .none_head = note_head(XEN_ELFNOTE_DUMPCORE_NONE, 0),
        .header_head = note_head(XEN_ELFNOTE_DUMPCORE_HEADER, sizeof(notes->header)),
        .header = {
            d->hvm ? CORE_MAGIC_HVM : CORE_MAGIC, d->nr_vcpus, d->nr_pages, CTRL_PAGE_SIZE,
        },
        .version_head = note_head(XEN_ELFNOTE_DUMPCORE_XEN_VERSION, sizeof(notes->version)),
        .version = version,
        .format_head = note_head(XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION, sizeof(notes->format)),
        .format = CORE_FORMAT,
    };
}

/* A section behind the one before it; a name's offset is found by its text. */
static void add_section(Elf64_Shdr *sections, unsigned int which, const char *name, uint32_t type,
                        uint64_t size, uint64_t entry_size)
{
    const Elf64_Shdr *before = &sections[which - 1];
    uint64_t align = which == SEC_PAGES ? CTRL_PAGE_SIZE : 8;
    uint64_t end = which == SEC_NAMES ? sizeof(Elf64_Ehdr) + NR_SECTIONS * sizeof(*sections)
                                      : before->sh_offset + before->sh_size;
    const char *at = memmem(section_names, sizeof(section_names), name, strlen(name) + 1);

    sections[which] = (Elf64_Shdr){
        .sh_name = (uint32_t)(at - section_names), .sh_type = type, .sh_size = size,
        .sh_offset = (end + align - 1) & ~(align - 1), .sh_addralign = align,
        .sh_entsize = entry_size,
    };
}

static size_t list_entry(const struct dump *d)
{
    return d->hvm ? sizeof(uint64_t) : sizeof(struct core_page);
}

static void lay_out(const struct dump *d, Elf64_Shdr *sections)
{
    memset(sections, 0, NR_SECTIONS * sizeof(*sections));
    add_section(sections, SEC_NAMES, ".shstrtab", SHT_STRTAB, sizeof(section_names), 0);
    add_section(sections, SEC_NOTES, ".note.Xen", SHT_NOTE, sizeof(struct core_notes), 0);
    add_section(sections, SEC_VCPUS, ".xen_prstatus", SHT_PROGBITS,
                d->nr_vcpus * (uint64_t)CTRL_VCPU_CONTEXT_SIZE, CTRL_VCPU_CONTEXT_SIZE);
    add_section(sections, SEC_SHARED, ".xen_shared_info", SHT_PROGBITS,
                d->hvm ? 0 : CTRL_PAGE_SIZE, CTRL_PAGE_SIZE);
    add_section(sections, SEC_P2M, d->hvm ? ".xen_pfn" : ".xen_p2m", SHT_PROGBITS,
                d->nr_pages * list_entry(d), list_entry(d));
    add_section(sections, SEC_PAGES, ".xen_pages", SHT_PROGBITS, d->nr_pages * CTRL_PAGE_SIZE,
                CTRL_PAGE_SIZE);
}

static int write_head(struct dump *d, const Elf64_Shdr *sections)
{
    Elf64_Ehdr head = {
        .e_ident = {
            ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT,
        },
        .e_type = ET_CORE, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
        .e_shoff = sizeof(head), .e_ehsize = sizeof(head), .e_phentsize = sizeof(Elf64_Phdr),
        .e_shentsize = sizeof(Elf64_Shdr), .e_shnum = NR_SECTIONS, .e_shstrndx = SEC_NAMES,
    };
    int rc = write_all(d, &head, sizeof(head));

    return rc ? rc : write_all(d, sections, NR_SECTIONS * sizeof(*sections));
}

/* A section, and zeros before it up to where it starts. */
static int write_section(struct dump *d, const Elf64_Shdr *sections, unsigned int which,
                         const void *data)
{
    static const uint8_t zeros[CTRL_PAGE_SIZE];
    uint64_t end = sections[which - 1].sh_offset + sections[which - 1].sh_size;
    int rc = 0;

    if (which > SEC_NAMES) {
        rc = write_all(d, zeros, sections[which].sh_offset - end);
    }
    return rc || !data ? rc : write_all(d, data, sections[which].sh_size);
}

static int write_shared_info(struct dump *d, const Elf64_Shdr *sections)
{
    void *page;
    int rc, unmapped;

    if (d->hvm) {       /* it is among its pages, if it wanted it at all */
        return write_section(d, sections, SEC_SHARED, NULL);
    }
    rc = ctrl_foreign_map(d->ctrl, d->domid, PROT_READ, 1, &d->shared_info_mfn, NULL, &page);
    if (rc != 0) {
        return rc;
    }
    rc = write_section(d, sections, SEC_SHARED, page);
    unmapped = ctrl_foreign_unmap(d->ctrl, page, 1);
    return rc ? rc : unmapped;
}

static int write_list(struct dump *d, const Elf64_Shdr *sections)
{
    uint64_t *pfns, i;
    int rc;

    if (!d->hvm) {
        return write_section(d, sections, SEC_P2M, d->pages);
    }
    pfns = malloc((d->nr_pages + 1) * sizeof(*pfns));
    if (!pfns) {
        return fail_errno(d->ctrl, -ENOMEM, "domain %u: its frames", d->domid);
    }
    for (i = 0; i < d->nr_pages; i++) {
        pfns[i] = d->pages[i].pfn;
    }
    rc = write_section(d, sections, SEC_P2M, pfns);
    free(pfns);
    return rc;
}

/* Pages that went away since they were counted are written as zeros. */
static int write_some_pages(struct dump *d, const struct core_page *pages, size_t nr)
{
    static const uint8_t zeros[CTRL_PAGE_SIZE];
    uint64_t frames[PAGES_A_TURN];
    int errors[PAGES_A_TURN];
    void *address;
    size_t i, run;
    int rc, unmapped;

    for (i = 0; i < nr; i++) {
        frames[i] = pages[i].mfn;
    }
    rc = ctrl_foreign_map(d->ctrl, d->domid, PROT_READ, nr, frames, errors, &address);
    if (rc != 0) {
        return rc;
    }
    for (i = 0; rc == 0 && i < nr; i += run) {
        for (run = 0; i + run < nr && errors[i + run] == 0; run++) {
        }
        rc = run ? write_all(d, (uint8_t *)address + i * CTRL_PAGE_SIZE, run * CTRL_PAGE_SIZE)
                 : write_all(d, zeros, sizeof(zeros));
        run = run ? run : 1;
    }
    unmapped = ctrl_foreign_unmap(d->ctrl, address, nr);
    return rc ? rc : unmapped;
}

static int write_pages(struct dump *d, const Elf64_Shdr *sections)
{
    uint64_t done = 0, some;
    int rc = write_section(d, sections, SEC_PAGES, NULL);

    while (rc == 0 && done < d->nr_pages) {
        some = d->nr_pages - done < PAGES_A_TURN ? d->nr_pages - done : PAGES_A_TURN;
        rc = write_some_pages(d, &d->pages[done], some);
        done += some;
        if (rc == 0 && d->progress) {
            d->progress(d->arg, done, d->nr_pages);
        }
    }
    return rc;
}

static int write_file(struct dump *d)
{
    Elf64_Shdr sections[NR_SECTIONS];
    struct core_notes notes;
    int rc;

    lay_out(d, sections);
    fill_notes(d, &notes);
    rc = write_head(d, sections);
    rc = rc ? rc : write_section(d, sections, SEC_NAMES, section_names);
    rc = rc ? rc : write_section(d, sections, SEC_NOTES, &notes);
    rc = rc ? rc : write_section(d, sections, SEC_VCPUS, d->contexts);
    rc = rc ? rc : write_shared_info(d, sections);
    rc = rc ? rc : write_list(d, sections);
    return rc ? rc : write_pages(d, sections);
}

int ctrl_dump_core(struct ctrl *ctrl, uint32_t domid, int fd,
                   void (*progress)(void *arg, uint64_t done, uint64_t total), void *arg)
{
    struct dump d = {
        .ctrl = ctrl, .domid = domid, .fd = fd, .progress = progress, .arg = arg,
    };
    int rc = find_vcpus(&d);

    rc = rc ? rc : d.hvm ? find_mapped_pages(&d) : find_listed_pages(&d);
    rc = rc ? rc : write_file(&d);
    free(d.pages);
    free(d.contexts);
    return rc;
}
