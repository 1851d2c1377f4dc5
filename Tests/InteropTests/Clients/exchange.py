"""What every client of InteropTests sends and must get back, byte for byte."""

import ctypes
import signal
import random
import sys

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def records(codec, with_headers=True):
    """Keys and values that are text, binary, empty, null and large, with headers of every kind."""
    source = random.Random("exchange " + codec)
    result = [
        (None, b"null key", []),
        (b"null value", None, []),
        (b"", b"", []),
        (b"headers", b"h", [("a", b"1"), ("a", b"2"), ("empty", b""), ("nothing", None), ("\u00e9\u4e16", b"\x00\xff")]),
        (bytes(range(256)), bytes(reversed(range(256))), []),
        (b"large", b"0123456789" * 5000, []),
    ]
    for number in range(500):
        key = None if number % 3 == 0 else source.randbytes(source.randrange(20))
        value = None if key is not None and number % 17 == 0 else source.randbytes(source.randrange(300))
        headers = [("n", str(number).encode())] if number % 5 == 0 else []
        result.append((key, value, headers))
    if not with_headers:
        result = [(key, value, []) for key, value, _ in result]
    return result


def compare(codec, sent, received):
    """Ends the program unless both hold the same records, whatever their order across partitions."""

    def sortable(record):
        key, value, headers = record
        return repr((key, value, [(name, content) for name, content in headers]))

    if sorted(map(sortable, sent)) == sorted(map(sortable, received)):
        print(f"{codec}: {len(received)} records", flush=True)
        return
    missing = set(map(sortable, sent)) - set(map(sortable, received))
    extra = set(map(sortable, received)) - set(map(sortable, sent))
    sys.exit(
        f"{codec}: sent {len(sent)}, received {len(received)}\n"
        f"missing: {sorted(missing)[:3]}\nnot sent: {sorted(extra)[:3]}"
    )


def check(condition, message):
    if not condition:
        sys.exit(message)


def end_with_parent():
    """For `preexec_fn`: the kernel kills the child when the process that started it has gone (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
