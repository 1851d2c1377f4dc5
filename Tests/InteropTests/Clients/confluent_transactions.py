"""Consume, transform, produce with confluent-kafka (librdkafka): sys.argv is bootstrap, action, seed.

"fill N" writes N inputs; "work SEED" carries them over in transactions, of which it aborts some, and dies in the middle
of one now and then with status 9; "count LEVEL" prints how many outputs a reader sees and how many different ones.
"""

import os
import random
import sys
import time

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic

bootstrap, action, argument = sys.argv[1:4]
PARTITIONS = 3
SOURCE, TARGET, GROUP = "source", "target", "transformers"


def fill(count):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.create_topics([NewTopic(SOURCE, PARTITIONS, 1), NewTopic(TARGET, PARTITIONS, 1)]).values():
        future.result(20)
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
    for number in range(count):
        producer.produce(SOURCE, value=str(number), partition=number % PARTITIONS)
    sys.exit(producer.flush(30))


def remaining(consumer):
    left = 0
    places = [TopicPartition(SOURCE, number) for number in range(PARTITIONS)]
    for place in consumer.committed(places, timeout=30):
        end = consumer.get_watermark_offsets(TopicPartition(SOURCE, place.partition), timeout=30)[1]
        left += end - max(place.offset, 0)
    return left


def transaction(consumer, producer, source, messages):
    """Whether it was committed."""
    producer.begin_transaction()
    for message in messages:
        producer.produce(TARGET, value=message.value(), partition=message.partition())
    choice = source.random()
    if choice < 0.3:
        producer.flush(30)
        if choice < 0.1:
            os._exit(9)
        producer.abort_transaction(60)
        return False
    producer.send_offsets_to_transaction(
        consumer.position(consumer.assignment()), consumer.consumer_group_metadata(), 60
    )
    producer.commit_transaction(60)
    return True


def work(seed):
    """Until every input is carried over; whatever goes wrong meanwhile is a death."""
    try:
        carry(random.Random(seed))
    except KafkaException as problem:
        print(f"{time.time():.3f} {problem.args[0]}", file=sys.stderr)
        os._exit(9)


def carry(source):
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": GROUP,
            "group.instance.id": "only",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
    )
    consumer.subscribe([SOURCE])
    producer = Producer(
        {"bootstrap.servers": bootstrap, "transactional.id": "transformer", "transaction.timeout.ms": 30000}
    )
    producer.init_transactions(60)
    idle = 0
    while True:
        messages = [message for message in consumer.consume(20, timeout=1) if message.error() is None]
        if not messages:
            idle += 1
            if idle % 2 == 0 and remaining(consumer) == 0:
                break
            continue
        # What was aborted is sent again from memory: librdkafka 2.16 may answer a seek to the start, made while it still
        # looks for that start, once more half a second later, and read the partition twice.
        while not transaction(consumer, producer, source, messages):
            pass
    consumer.close()


def count(level):
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "counter",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": level,
        }
    )
    consumer.assign([TopicPartition(TARGET, number, OFFSET_BEGINNING) for number in range(PARTITIONS)])
    values, ended = [], set()
    while len(ended) < PARTITIONS:
        for message in consumer.consume(500, timeout=1):
            if message.error() is None:
                values.append(message.value())
            else:
                ended.add(message.partition())
    consumer.close()
    print(f"{len(values)} {len(set(values))}")


{"fill": lambda: fill(int(argument)), "work": lambda: work(argument), "count": lambda: count(argument)}[action]()
