#include "internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

// One crc32 instruction takes three cycles but a new one can start in each, so three lanes run side by side.
// Lane results are joined by multiplying with a power of x: pclmul multiplies two reflected 32-bit polynomials
// (which leaves one factor x too many) and the crc32 instruction reduces the product (which adds x^32), so that the
// constant for "n bytes further" is x^(8n - 33) mod P, reflected.

#define LONG_LANE 1024
#define SHORT_LANE 128
static const uint32_t two_long_lanes = 0xa51b6135u;
static const uint32_t one_long_lane = 0x170076fau;
static const uint32_t two_short_lanes = 0xb9e02b86u;
static const uint32_t one_short_lane = 0x0d3b6092u;

int swkafka_crc32c_hardware_available(void) {
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}

__attribute__((target("sse4.2,pclmul"))) static inline uint64_t shift(uint64_t reg, uint32_t constant) {
    __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)reg), _mm_cvtsi32_si128((int)constant), 0);
    return _mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

__attribute__((target("sse4.2,pclmul"))) static inline uint64_t three_lanes(
    uint64_t reg, const uint8_t *data, size_t lane, uint32_t shift_one, uint32_t shift_two) {
    uint64_t first = reg, second = 0, third = 0;
    for (size_t at = 0; at < lane; at += 8) {
        first = _mm_crc32_u64(first, swkafka_load64(data + at));
        second = _mm_crc32_u64(second, swkafka_load64(data + lane + at));
        third = _mm_crc32_u64(third, swkafka_load64(data + 2 * lane + at));
    }
    return shift(first, shift_two) ^ shift(second, shift_one) ^ third;
}

__attribute__((target("sse4.2,pclmul"))) uint32_t swkafka_crc32c_register_hardware(
    uint32_t start, const uint8_t *data, size_t length) {
    uint64_t reg = start;
    while (length >= 3 * LONG_LANE) {
        reg = three_lanes(reg, data, LONG_LANE, one_long_lane, two_long_lanes);
        data += 3 * LONG_LANE;
        length -= 3 * LONG_LANE;
    }
    while (length >= 3 * SHORT_LANE) {
        reg = three_lanes(reg, data, SHORT_LANE, one_short_lane, two_short_lanes);
        data += 3 * SHORT_LANE;
        length -= 3 * SHORT_LANE;
    }
    while (length >= 8) {
        reg = _mm_crc32_u64(reg, swkafka_load64(data));
        data += 8;
        length -= 8;
    }
    while (length > 0) {
        reg = _mm_crc32_u8((uint32_t)reg, *data);
        data += 1;
        length -= 1;
    }
    return (uint32_t)reg;
}

#endif
