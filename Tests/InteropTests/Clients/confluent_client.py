"""confluent-kafka (librdkafka) against the broker at sys.argv[1]."""

import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from exchange import CODECS, check, compare, records

bootstrap = sys.argv[1]
admin = AdminClient({"bootstrap.servers": bootstrap})


def produce(topic, codec, sent):
    failures = []
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "compression.type": codec,
            "linger.ms": 20,
        }
    )
    for key, value, headers in sent:
        producer.produce(
            topic,
            key=key,
            value=value,
            headers=headers,
            on_delivery=lambda error, _: failures.append(error) if error else None,
        )
    check(producer.flush(30) == 0, f"{topic}: records left unsent")
    check(not failures, f"{topic}: {failures[:3]}")


def consume(topic, partitions, count):
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "not-used",
            "enable.auto.commit": False,
            "check.crcs": True,
            "isolation.level": "read_committed",
        }
    )
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(partitions)])
    received = []
    deadline = time.monotonic() + 30
    while len(received) < count and time.monotonic() < deadline:
        for message in consumer.consume(count, timeout=0.5):
            check(message.error() is None, f"{topic}: {message.error()}")
            received.append((message.key(), message.value(), message.headers() or []))
    consumer.close()
    return received


def settings(topic):
    resource = ConfigResource(ResourceType.TOPIC, topic)
    return admin.describe_configs([resource])[resource].result(10)


def exchange(codec):
    topic = f"confluent-{codec}"
    admin.create_topics([NewTopic(topic, 3, 1)])[topic].result(10)
    sent = records(codec)
    produce(topic, codec, sent)
    compare(codec, sent, consume(topic, 3, len(sent)))

    offsets = admin.list_offsets({TopicPartition(topic, number): OffsetSpec.latest() for number in range(3)})
    check(sum(offset.result(10).offset for offset in offsets.values()) == len(sent), f"{topic}: end offsets")


for name in CODECS:
    exchange(name)

topic = "confluent-admin"
admin.create_topics([NewTopic(topic, 1, 1, config={"retention.ms": "12345"})])[topic].result(10)
check(settings(topic)["retention.ms"].value == "12345", "retention.ms as created")
change = ConfigResource(
    ResourceType.TOPIC,
    topic,
    incremental_configs=[
        ConfigEntry("retention.ms", "54321", incremental_operation=AlterConfigOpType.SET),
        ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.APPEND),
    ],
)
admin.incremental_alter_configs([change])[change].result(10)
check(settings(topic)["retention.ms"].value == "54321", "retention.ms as altered")
check(settings(topic)["cleanup.policy"].value == "delete,compact", "cleanup.policy as appended")
wrong = ConfigResource(
    ResourceType.TOPIC,
    topic,
    incremental_configs=[ConfigEntry("retention.ms", "soon", incremental_operation=AlterConfigOpType.SET)],
)
try:
    admin.incremental_alter_configs([wrong])[wrong].result(10)
    sys.exit("a retention.ms of 'soon' was accepted")
except KafkaException as refused:
    check(refused.args[0].name() == "INVALID_CONFIG", f"wrong value: {refused}")
admin.create_partitions([NewPartitions(topic, 4)])[topic].result(10)
check(len(admin.list_topics(topic, timeout=10).topics[topic].partitions) == 4, "partitions as altered")
cluster = admin.describe_cluster().result(10)
check(len(cluster.nodes) == 1 and cluster.cluster_id, "the cluster")
admin.delete_topics([topic])[topic].result(10)
check(topic not in admin.list_topics(timeout=10).topics, "the topic is deleted")
print("admin: create, describe, alter, append, refuse, partitions, cluster, delete")
