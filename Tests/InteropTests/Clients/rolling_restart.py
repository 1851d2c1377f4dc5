"""Produces with acks=all and consumes in a group until standard input ends, whatever brokers come and go meanwhile.

usage: rolling_restart.py confluent|kafka-python|aiokafka|kcat <bootstrap servers> <topic>

Ends with status 1 if the application was ever told of an error, or did not read what was acknowledged.
"""

import asyncio
import logging
import os
import subprocess
import sys
import threading
import time
import traceback

from exchange import end_with_parent

client, servers, topic = sys.argv[1:4]
stop = threading.Event()
errors = []
acknowledged = set()
seen = []
PAUSE = 0.005
PATIENCE = 60
POLL_MS = 10_000


def wait_for_end():
    sys.stdin.read()
    stop.set()


def is_complete():
    return acknowledged <= set(seen)


def tell_once_it_runs():
    while not seen:
        time.sleep(0.05)
    print("running", flush=True)


def confluent():
    from confluent_kafka import Consumer, Producer

    quiet = {"bootstrap.servers": servers, "log_level": 0, "error_cb": lambda error: None}
    producer = Producer({**quiet, "acks": "all", "enable.idempotence": True, "linger.ms": 5})
    consumer = Consumer({**quiet, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    finished = threading.Event()

    def delivered(error, message):
        if error:
            errors.append(f"produce: {error}")
        else:
            acknowledged.add(int(message.value()))

    def consume():
        end = None
        while True:
            message = consumer.poll(0.2)
            if message is not None and message.error():
                errors.append(f"consume: {message.error()}")
            elif message is not None:
                seen.append(int(message.value()))
            if finished.is_set():
                end = end or time.monotonic() + PATIENCE
                if is_complete() or time.monotonic() > end:
                    return

    reader = threading.Thread(target=consume)
    reader.start()
    number = 0
    while not stop.is_set():
        producer.produce(topic, str(number).encode(), key=str(number % 50).encode(), on_delivery=delivered)
        number += 1
        producer.poll(0)
        time.sleep(PAUSE)
    producer.flush(PATIENCE)
    finished.set()
    reader.join()
    consumer.close()
    return number


def kafka_python():
    from kafka import KafkaConsumer, KafkaProducer
    from kafka.errors import UnknownBrokerIdError

    logging.disable(logging.CRITICAL)
    producer = KafkaProducer(bootstrap_servers=servers.split(","), acks="all", linger_ms=5, retries=1000)

    def open_consumer():
        # A group that was divided before the client knew the topic's partitions is divided again with the next metadata.
        return KafkaConsumer(
            topic,
            bootstrap_servers=servers.split(","),
            group_id=topic,
            auto_offset_reset="earliest",
            metadata_max_age_ms=1000,
        )

    finished = threading.Event()

    def consume():
        consumer = open_consumer()
        end = None
        while True:
            try:
                # A poll that ends between joining and the assignment leaves kafka-python 3.0 without partitions for good.
                for records in consumer.poll(timeout_ms=POLL_MS).values():
                    seen.extend(int(record.value) for record in records)
            except UnknownBrokerIdError:
                # A leader that has left the metadata a moment ago: kafka-python 3.0 tells the application, and does not
                # read its partition any more. Another consumer goes on where the group is.
                consumer.close(autocommit=False)
                consumer = open_consumer()
            except Exception as error:
                errors.append(f"consume: {error!r}")
            if finished.is_set():
                end = end or time.monotonic() + PATIENCE
                if is_complete() or time.monotonic() > end:
                    return consumer.close()

    reader = threading.Thread(target=consume)
    reader.start()
    number = 0
    while not stop.is_set():
        future = producer.send(topic, str(number).encode(), key=str(number % 50).encode())
        future.add_callback(lambda _, sent=number: acknowledged.add(sent))
        future.add_errback(lambda error: errors.append(f"produce: {error!r}"))
        number += 1
        time.sleep(PAUSE)
    producer.flush(PATIENCE)
    finished.set()
    reader.join()
    producer.close()
    return number


async def aiokafka():
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

    logging.disable(logging.CRITICAL)
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True, linger_ms=5)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=servers, group_id=topic, auto_offset_reset="earliest")
    await producer.start()
    await consumer.start()
    finished = asyncio.Event()

    async def send(number):
        try:
            await producer.send_and_wait(topic, str(number).encode(), key=str(number % 50).encode())
            acknowledged.add(number)
        except Exception as error:
            errors.append(f"produce: {error!r}")

    async def consume():
        while not (finished.is_set() and is_complete()):
            try:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    seen.extend(int(record.value) for record in records)
            except Exception as error:
                errors.append(f"consume: {error!r}")
                await asyncio.sleep(0.2)

    reader = asyncio.create_task(consume())
    sending = []
    while not stop.is_set():
        sending.append(asyncio.create_task(send(len(sending))))
        await asyncio.sleep(PAUSE)
    await asyncio.gather(*sending)
    finished.set()
    try:
        await asyncio.wait_for(reader, PATIENCE)
    except asyncio.TimeoutError:
        pass
    await producer.stop()
    try:
        # Without a coordinator when it is stopped, aiokafka 0.14 tries its last commit again for ever.
        await asyncio.wait_for(consumer.stop(), 10)
    except asyncio.TimeoutError:
        pass
    return len(sending)


def kcat():
    """What kcat has read from its input and ended without an error for counts as acknowledged.

    With -E it goes on when no connection is open for a moment, as every library here does.
    """

    def start(*arguments, **streams):
        return subprocess.Popen(
            ["/usr/bin/kcat", "-q", "-E", "-b", servers, "-t", topic, *arguments],
            stderr=subprocess.DEVNULL,
            preexec_fn=end_with_parent,
            **streams,
        )

    producer = start("-P", "-X", "acks=all", "-X", "linger.ms=5", stdin=subprocess.PIPE)
    consumer = start("-C", "-u", "-o", "beginning", stdout=subprocess.PIPE)
    reader = threading.Thread(target=lambda: seen.extend(int(line) for line in consumer.stdout), daemon=True)
    reader.start()
    number = 0
    while not stop.is_set():
        try:
            producer.stdin.write(b"%d\n" % number)
            producer.stdin.flush()
        except BrokenPipeError:
            break
        number += 1
        time.sleep(PAUSE)
    producer.stdin.close()
    if producer.wait() != 0:
        errors.append(f"produce: kcat ended with {producer.returncode}")
    acknowledged.update(range(number))
    end = time.monotonic() + PATIENCE
    while not is_complete() and time.monotonic() < end:
        if consumer.poll() is not None:
            errors.append(f"consume: kcat ended with {consumer.returncode}")
            break
        time.sleep(0.1)
    consumer.kill()
    consumer.wait()
    return number


def run():
    client_main = {"confluent": confluent, "kafka-python": kafka_python, "kcat": kcat}.get(client)
    return asyncio.run(aiokafka()) if client_main is None else client_main()


threading.Thread(target=wait_for_end, daemon=True).start()
threading.Thread(target=tell_once_it_runs, daemon=True).start()
sent = -1
try:
    sent = run()
except Exception:
    # Threads of a library may go on for ever: what was thrown counts, and the process ends.
    errors.append(traceback.format_exc())
missing = acknowledged - set(seen)
print(f"sent {sent}, acknowledged {len(acknowledged)}, read {len(set(seen))}", flush=True)
if errors or missing or len(acknowledged) != sent:
    print(f"{client}: missing {sorted(missing)[:10]}, {len(errors)} errors: {errors[:5]}", file=sys.stderr, flush=True)
    os._exit(1)
os._exit(0)
