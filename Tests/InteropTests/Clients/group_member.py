"""A member of a group, of one client library: sys.argv is kind, broker, group, topic, and perhaps "lenient".

The kinds "consumer" and "pattern" speak the protocol of KIP-848. Prints partition and offset of each record, commits after
each batch, leaves in good order on SIGTERM. A commit that fails is the end of it, unless it is lenient: while a group
changes its protocol, or its broker dies, that may happen.
"""

import asyncio
import signal
import sys

kind, bootstrap, group, topic = sys.argv[1:5]
lenient = sys.argv[5:] == ["lenient"]
stopping = False


def stop(*_):
    global stopping
    stopping = True


def tell(records):
    sys.stdout.write("".join(f"{partition} {offset}\n" for partition, offset in records))
    sys.stdout.flush()


def confluent(protocol):
    from confluent_kafka import Consumer, KafkaException

    settings = {
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "group.protocol": protocol,
    }
    if protocol == "classic":
        settings["session.timeout.ms"] = 6000
        settings["heartbeat.interval.ms"] = 300
    consumer = Consumer(settings)
    consumer.subscribe(["^" + topic if kind == "pattern" else topic])
    while not stopping:
        messages = [message for message in consumer.consume(100, timeout=0.2) if message.error() is None]
        if messages:
            tell((message.partition(), message.offset()) for message in messages)
            try:
                consumer.commit(asynchronous=False)
            except KafkaException as error:
                if not lenient:
                    raise
                sys.stderr.write(f"{kind}: {error}\n")
    consumer.close()


def kafka_python():
    from kafka import KafkaConsumer
    from kafka.errors import KafkaError

    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=6000,
        heartbeat_interval_ms=300,
    )
    while not stopping:
        # Not shorter: a poll that ends between joining and the assignment leaves kafka-python 3.0 without partitions.
        batches = consumer.poll(timeout_ms=2000)
        if batches:
            tell((record.partition, record.offset) for batch in batches.values() for record in batch)
            try:
                consumer.commit()
            except KafkaError as error:
                if not lenient:
                    raise
                sys.stderr.write(f"{kind}: {error}\n")
    consumer.close()


async def aiokafka():
    from aiokafka import AIOKafkaConsumer
    from aiokafka.errors import KafkaError
    from aiokafka.coordinator.assignors.range import RangePartitionAssignor

    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=6000,
        heartbeat_interval_ms=300,
        partition_assignment_strategy=[RangePartitionAssignor],
    )
    await consumer.start()
    while not stopping:
        batches = await consumer.getmany(timeout_ms=200)
        if batches:
            tell((record.partition, record.offset) for batch in batches.values() for record in batch)
            try:
                await consumer.commit()
            except KafkaError as error:
                if not lenient:
                    raise
                sys.stderr.write(f"{kind}: {error}\n")
    await consumer.stop()


signal.signal(signal.SIGTERM, stop)
if kind in ("consumer", "pattern"):
    confluent("consumer")
elif kind == "confluent":
    confluent("classic")
elif kind == "aiokafka":
    asyncio.run(aiokafka())
else:
    kafka_python()
