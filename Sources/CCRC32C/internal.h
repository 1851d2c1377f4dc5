#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// All of these work on the raw register: the caller inverts it before and after.

uint32_t swkafka_crc32c_register_portable(uint32_t reg, const uint8_t *data, size_t length);

#if defined(__x86_64__)
#define SWKAFKA_CRC32C_HARDWARE 1
#elif defined(__aarch64__) && (defined(__linux__) || defined(__APPLE__))
#define SWKAFKA_CRC32C_HARDWARE 1
#else
#define SWKAFKA_CRC32C_HARDWARE 0
#endif

#if SWKAFKA_CRC32C_HARDWARE
int swkafka_crc32c_hardware_available(void);
uint32_t swkafka_crc32c_register_hardware(uint32_t reg, const uint8_t *data, size_t length);
#endif

static inline uint64_t swkafka_load64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}
