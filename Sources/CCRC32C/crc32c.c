#include "CCRC32C.h"

#include "internal.h"

uint32_t swkafka_crc32c_extend_portable(uint32_t crc, const void *data, size_t length) {
    return ~swkafka_crc32c_register_portable(~crc, data, length);
}

#if SWKAFKA_CRC32C_HARDWARE

int swkafka_crc32c_is_accelerated(void) {
    return swkafka_crc32c_hardware_available();
}

uint32_t swkafka_crc32c_extend(uint32_t crc, const void *data, size_t length) {
    if (swkafka_crc32c_hardware_available()) {
        return ~swkafka_crc32c_register_hardware(~crc, data, length);
    }
    return swkafka_crc32c_extend_portable(crc, data, length);
}

#else

int swkafka_crc32c_is_accelerated(void) {
    return 0;
}

uint32_t swkafka_crc32c_extend(uint32_t crc, const void *data, size_t length) {
    return swkafka_crc32c_extend_portable(crc, data, length);
}

#endif
