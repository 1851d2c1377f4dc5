#pragma once

#include <stddef.h>
#include <stdint.h>

/// Continues a CRC-32C (Castagnoli, reflected) over `length` more bytes.
///
/// `crc` is the finished checksum of what came before, 0 at the start. The result is finished too, so
/// `extend(extend(0, a), b)` is the checksum of `a` followed by `b`. Uses the instructions of the CPU where it has them.
uint32_t swkafka_crc32c_extend(uint32_t crc, const void *_Nullable data, size_t length);

/// The same checksum without special instructions; what `swkafka_crc32c_extend` falls back on.
uint32_t swkafka_crc32c_extend_portable(uint32_t crc, const void *_Nullable data, size_t length);

/// Whether `swkafka_crc32c_extend` uses instructions of this CPU made for the purpose.
int swkafka_crc32c_is_accelerated(void);
