"""Registers brokers in a ZooKeeper, as brokers before Kafka 4 did: PORT CHROOT JSON…, one JSON for each broker."""

import socket
import struct
import sys
import time

port, chroot, registrations = int(sys.argv[1]), sys.argv[2], sys.argv[3:]


def frame(body):
    return struct.pack(">i", len(body)) + body


def text(value):
    data = value.encode()
    return struct.pack(">i", len(data)) + data


def receive(connection):
    def exactly(count):
        data = b""
        while len(data) < count:
            more = connection.recv(count - len(data))
            if not more:
                raise OSError("closed")
            data += more
        return data

    return exactly(struct.unpack(">i", exactly(4))[0])


def session():
    # A server that has just begun to listen closes what comes before it is ready.
    end = time.time() + 60
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), 10)
            connection.sendall(frame(struct.pack(">iqiqi", 0, 0, 30000, 0, 16) + bytes(17)))
            receive(connection)
            return connection
        except OSError:
            if time.time() > end:
                raise
            time.sleep(0.1)


connection = session()
number = 0


def create(path, data=b""):
    global number
    number += 1
    everyone = struct.pack(">ii", 1, 31) + text("world") + text("anyone")
    body = struct.pack(">ii", number, 1) + text(path) + struct.pack(">i", len(data)) + data + everyone
    connection.sendall(frame(body + struct.pack(">i", 0)))
    error = struct.unpack(">iqi", receive(connection)[:16])[2]
    if error != 0:
        raise SystemExit(f"{path}: error {error}")


folder = ""
for part in (chroot + "/brokers/ids").strip("/").split("/"):
    folder += "/" + part
    create(folder)
for broker, registration in enumerate(registrations):
    create(f"{folder}/{broker}", registration.encode())
print("registered")
