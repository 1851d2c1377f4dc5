#include "internal.h"

#include <pthread.h>

// Slicing by eight: table[k][b] is the register after byte b followed by k zero bytes.

static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void fill_table(void) {
    const uint32_t polynomial = 0x82f63b78u;  // 0x1edc6f41 with its bits reversed
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t reg = byte;
        for (int bit = 0; bit < 8; bit++) {
            reg = (reg >> 1) ^ ((reg & 1) ? polynomial : 0);
        }
        table[0][byte] = reg;
    }
    for (int slice = 1; slice < 8; slice++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t before = table[slice - 1][byte];
            table[slice][byte] = (before >> 8) ^ table[0][before & 0xff];
        }
    }
}

uint32_t swkafka_crc32c_register_portable(uint32_t reg, const uint8_t *data, size_t length) {
    pthread_once(&table_once, fill_table);
    while (length >= 8) {
        // Bytes are taken one at a time so that the order of bytes in memory does not matter.
        uint32_t low = reg ^ ((uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16
                              | (uint32_t)data[3] << 24);
        reg = table[7][low & 0xff] ^ table[6][(low >> 8) & 0xff] ^ table[5][(low >> 16) & 0xff] ^ table[4][low >> 24]
            ^ table[3][data[4]] ^ table[2][data[5]] ^ table[1][data[6]] ^ table[0][data[7]];
        data += 8;
        length -= 8;
    }
    while (length > 0) {
        reg = (reg >> 8) ^ table[0][(reg ^ *data) & 0xff];
        data += 1;
        length -= 1;
    }
    return reg;
}
