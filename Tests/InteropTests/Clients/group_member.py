"""A member of a group, of one client library: sys.argv is kind, broker, group, topic.

Prints partition and offset of each record, commits after each batch, leaves in good order on SIGTERM.
"""

import asyncio
import signal
import sys

kind, bootstrap, group, topic = sys.argv[1:5]
stopping = False


def stop(*_):
    global stopping
    stopping = True


def tell(records):
    sys.stdout.write("".join(f"{partition} {offset}\n" for partition, offset in records))
    sys.stdout.flush()


def confluent():
    from confluent_kafka import Consumer

    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 300,
            "partition.assignment.strategy": "range,roundrobin",
        }
    )
    consumer.subscribe([topic])
    while not stopping:
        messages = [message for message in consumer.consume(100, timeout=0.2) if message.error() is None]
        if messages:
            tell((message.partition(), message.offset()) for message in messages)
            consumer.commit(asynchronous=False)
    consumer.close()


def kafka_python():
    from kafka import KafkaConsumer

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
        batches = consumer.poll(timeout_ms=200)
        if batches:
            tell((record.partition, record.offset) for batch in batches.values() for record in batch)
            consumer.commit()
    consumer.close()


async def aiokafka():
    from aiokafka import AIOKafkaConsumer
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
            await consumer.commit()
    await consumer.stop()


signal.signal(signal.SIGTERM, stop)
if kind == "confluent":
    confluent()
elif kind == "aiokafka":
    asyncio.run(aiokafka())
else:
    kafka_python()
