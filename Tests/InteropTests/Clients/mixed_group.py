"""A group of members of every client library, against the broker at sys.argv[1]: members join, leave and crash while
records are written. The environment lies at sys.argv[2]."""

import sys
import threading
import time
from collections import Counter

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from exchange import check
from members import Member

bootstrap, environment = sys.argv[1:3]
group, topic, partitions = "mixed", "twelve", 12
delivered = Counter()
written = 0
lock = threading.Lock()
admin = AdminClient({"bootstrap.servers": bootstrap})
admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(10)
producer = Producer({"bootstrap.servers": bootstrap})


def take(member, partition, offset):
    with lock:
        member.seen += 1
        delivered[partition, offset] += 1


def join(kind):
    return Member(kind, bootstrap, environment, group, topic, take)


def write(count):
    global written
    for number in range(count):
        producer.produce(topic, f"{written + number}".encode(), partition=(written + number) % partitions)
    check(producer.flush(20) == 0, "records left unsent")
    written += count


def until(words, condition, patience=40):
    deadline = time.monotonic() + patience
    while not condition():
        check(time.monotonic() < deadline, f"{words}: {len(delivered)} of {written} after {patience} s")
        time.sleep(0.05)


def settle(members, patience=40):
    """Every member reads its share."""
    for member in members:
        member.seen = 0
    deadline = time.monotonic() + patience
    while not all(member.seen for member in members):
        idle = [member.kind for member in members if not member.seen]
        check(time.monotonic() < deadline, f"{idle} get nothing")
        write(partitions)
        time.sleep(0.2)
    until("everything is read", lambda: len(delivered) == written)


kinds = ["confluent", "kafka-python-current", "kafka-python-2.0.2", "swkafka", "aiokafka", "kcat"]
members = []
for kind in kinds:
    members.append(join(kind))
    settle(members)
description = admin.describe_consumer_groups([group])[group].result(10)
check(len(description.members) == len(kinds), f"{len(description.members)} members")
owned = sorted(part.partition for member in description.members for part in member.assignment.topic_partitions)
check(owned == list(range(partitions)), f"assigned: {owned}")
for member in [members.pop(0), members.pop(0)]:
    member.leave(20)
    settle(members)
members.append(join("confluent"))
settle(members)
ours = next(member for member in members if member.kind == "swkafka")
members.remove(ours)
ours.leave(20)
settle(members)
members.insert(0, join("swkafka"))
settle(members)
twice = [place for place, count in delivered.items() if count > 1]
check(not twice, f"delivered twice after a clean handover: {twice[:5]}")
print(f"clean: {written} records once")

members.pop().crash()
settle(members)
members.append(join("kafka-python-current"))
settle(members)
members.pop(0).crash()
settle(members)
members.append(join("swkafka"))
settle(members)
print("crash: every record at least once")
for member in members:
    member.leave(20)

until("all are out", lambda: "EMPTY" in str(admin.describe_consumer_groups([group])[group].result(10).state))
reader = Consumer({"bootstrap.servers": bootstrap, "group.id": group})
places = [TopicPartition(topic, number) for number in range(partitions)]
committed = [place.offset for place in reader.committed(places, timeout=10)]
check(sum(committed) == written, f"committed: {committed}, written: {written}")
print("committed: " + " ".join(map(str, committed)))
reader.close()
