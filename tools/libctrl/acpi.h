/* SPDX-License-Identifier: BSD-2-Clause */
/* The ACPI tables of a PVH guest. */
#ifndef CTRL_ACPI_H
#define CTRL_ACPI_H

#include <stddef.h>
#include <stdint.h>

/* Enough for PVH_MAX_VCPUS. */
#define ACPI_TABLES_MAX 8192u

/*
 * Writes all tables for a guest of nr_vcpus, to lie at paddr, the RSDP first. tables: zeros,
 * ACPI_TABLES_MAX bytes. Returns how many are used.
 */
size_t acpi_build(uint8_t *tables, uint64_t paddr, uint32_t nr_vcpus);

#endif
