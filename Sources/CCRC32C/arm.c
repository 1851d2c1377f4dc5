#include "internal.h"

#if defined(__aarch64__) && SWKAFKA_CRC32C_HARDWARE

#if defined(__linux__)
#include <sys/auxv.h>
#endif

int swkafka_crc32c_hardware_available(void) {
#if defined(__ARM_FEATURE_CRC32) || defined(__APPLE__)
    return 1;
#else
    const unsigned long crc32_capability = 1ul << 7;  // HWCAP_CRC32
    return (getauxval(AT_HWCAP) & crc32_capability) != 0;
#endif
}

__attribute__((target("crc"))) uint32_t swkafka_crc32c_register_hardware(
    uint32_t reg, const uint8_t *data, size_t length) {
    while (length >= 32) {
        reg = __builtin_arm_crc32cd(reg, swkafka_load64(data));
        reg = __builtin_arm_crc32cd(reg, swkafka_load64(data + 8));
        reg = __builtin_arm_crc32cd(reg, swkafka_load64(data + 16));
        reg = __builtin_arm_crc32cd(reg, swkafka_load64(data + 24));
        data += 32;
        length -= 32;
    }
    while (length >= 8) {
        reg = __builtin_arm_crc32cd(reg, swkafka_load64(data));
        data += 8;
        length -= 8;
    }
    while (length > 0) {
        reg = __builtin_arm_crc32cb(reg, *data);
        data += 1;
        length -= 1;
    }
    return reg;
}

#endif
