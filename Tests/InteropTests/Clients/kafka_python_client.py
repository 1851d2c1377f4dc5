"""kafka-python, 2.0.2 or current (as PYTHONPATH says), against the broker at sys.argv[1]."""

import sys
import time

import kafka
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic

from exchange import CODECS, check, compare, records

bootstrap = sys.argv[1]
current = not kafka.__version__.startswith("2.0.")
prefix = "kafka-python-" + kafka.__version__.replace(".", "-")
admin = KafkaAdminClient(bootstrap_servers=bootstrap)


def produce(topic, codec, sent):
    options = {"enable_idempotence": True} if current else {"acks": "all"}
    producer = KafkaProducer(
        bootstrap_servers=bootstrap,
        compression_type=None if codec == "none" else codec,
        linger_ms=20,
        **options,
    )
    pending = [producer.send(topic, key=key, value=value, headers=headers) for key, value, headers in sent]
    producer.flush(30)
    for future in pending:
        future.get(10)
    producer.close()


def consume(topic, partitions, count):
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, check_crcs=True)
    assigned = [TopicPartition(topic, number) for number in range(partitions)]
    consumer.assign(assigned)
    consumer.seek_to_beginning()
    received = []
    deadline = time.monotonic() + 30
    while len(received) < count and time.monotonic() < deadline:
        for batch in consumer.poll(500).values():
            received += [(record.key, record.value, list(record.headers)) for record in batch]
    ends = consumer.end_offsets(assigned)
    check(sum(ends.values()) == count, f"{topic}: end offsets {ends}")
    consumer.close()
    return received


def exchange(codec):
    topic = f"{prefix}-{codec}"
    admin.create_topics([NewTopic(topic, 3, 1)])
    # kafka-python refuses to send a null header value.
    sent = [(key, value, [pair for pair in headers if pair[1] is not None]) for key, value, headers in records(codec)]
    produce(topic, codec, sent)
    compare(codec, sent, consume(topic, 3, len(sent)))


for name in CODECS:
    exchange(name)

topic = f"{prefix}-admin"
admin.create_topics([NewTopic(topic, 1, 1, topic_configs={"retention.ms": "12345"})])
resource = ConfigResource(ConfigResourceType.TOPIC, topic)
check("12345" in str(admin.describe_configs([resource])), "retention.ms as created")
admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={"retention.ms": "54321"})])
check("54321" in str(admin.describe_configs([resource])), "retention.ms as altered")
admin.create_partitions({topic: 4 if current else NewPartitions(4)})
check(topic in admin.list_topics(), "the topic is listed")
admin.describe_cluster()
admin.delete_topics([topic])
check(topic not in admin.list_topics(), "the topic is deleted")
admin.close()
print("admin: create, describe, alter, partitions, cluster, delete")
