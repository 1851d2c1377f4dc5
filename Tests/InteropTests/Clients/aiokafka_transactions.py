"""Consume, transform, produce with aiokafka, as confluent_transactions.py does with its "work SEED"."""

import asyncio
import os
import random
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

bootstrap, action, seed = sys.argv[1:4]
PARTITIONS = 3
SOURCE, TARGET, GROUP = "source", "target", "transformers"


async def remaining(consumer):
    places = [TopicPartition(SOURCE, number) for number in range(PARTITIONS)]
    ends = await consumer.end_offsets(places)
    return sum([ends[place] - (await consumer.committed(place) or 0) for place in places])


async def rewind(consumer):
    for place in consumer.assignment():
        consumer.seek(place, await consumer.committed(place) or 0)


async def work():
    source = random.Random(seed)
    consumer = AIOKafkaConsumer(
        SOURCE,
        bootstrap_servers=bootstrap,
        group_id=GROUP,
        group_instance_id="only",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id="transformer", transaction_timeout_ms=30000
    )
    await consumer.start()
    await producer.start()
    while True:
        batches = await consumer.getmany(timeout_ms=1000, max_records=20)
        if not batches:
            if await remaining(consumer) == 0:
                break
            continue
        await producer.begin_transaction()
        for place, messages in batches.items():
            for message in messages:
                await producer.send(TARGET, value=message.value, partition=place.partition)
        choice = source.random()
        if choice < 0.3:
            await producer.flush()
            if choice < 0.1:
                os._exit(9)
            await producer.abort_transaction()
            await rewind(consumer)
            continue
        await producer.send_offsets_to_transaction(
            {place: messages[-1].offset + 1 for place, messages in batches.items()}, GROUP
        )
        await producer.commit_transaction()
    await producer.stop()
    await consumer.stop()


asyncio.run(work())
