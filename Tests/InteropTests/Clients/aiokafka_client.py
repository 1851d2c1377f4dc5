"""aiokafka against the broker at sys.argv[1]."""

import asyncio
import sys
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from exchange import CODECS, check, compare, records

bootstrap = sys.argv[1]


async def produce(topic, codec, sent):
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        compression_type=None if codec == "none" else codec,
        linger_ms=20,
    )
    await producer.start()
    pending = [await producer.send(topic, key=key, value=value, headers=headers) for key, value, headers in sent]
    await producer.stop()
    for future in pending:
        await future


async def consume(topic, partitions, count):
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, isolation_level="read_committed"
    )
    await consumer.start()
    assigned = [TopicPartition(topic, number) for number in range(partitions)]
    consumer.assign(assigned)
    await consumer.seek_to_beginning(*assigned)
    received = []
    deadline = time.monotonic() + 30
    while len(received) < count and time.monotonic() < deadline:
        for batch in (await consumer.getmany(timeout_ms=500)).values():
            received += [(record.key, record.value, list(record.headers)) for record in batch]
    ends = await consumer.end_offsets(assigned)
    check(sum(ends.values()) == count, f"{topic}: end offsets {ends}")
    await consumer.stop()
    return received


async def main():
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    for codec in CODECS:
        topic = f"aiokafka-{codec}"
        await admin.create_topics([NewTopic(topic, 3, 1)])
        sent = records(codec)
        await produce(topic, codec, sent)
        compare(codec, sent, await consume(topic, 3, len(sent)))

    topic = "aiokafka-admin"
    await admin.create_topics([NewTopic(topic, 1, 1, topic_configs={"retention.ms": "12345"})])
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    check("12345" in str(await admin.describe_configs([resource])), "retention.ms as created")
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={"retention.ms": "54321"})])
    check("54321" in str(await admin.describe_configs([resource])), "retention.ms as altered")
    await admin.create_partitions({topic: NewPartitions(4)})
    check(topic in await admin.list_topics(), "the topic is listed")
    await admin.delete_topics([topic])
    check(topic not in await admin.list_topics(), "the topic is deleted")
    await admin.close()
    print("admin: create, describe, alter, partitions, delete")


asyncio.run(main())
