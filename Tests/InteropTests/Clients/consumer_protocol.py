"""Groups of KIP-848 and groups that change their protocol while members are in them, against the broker at sys.argv[1].
The environment lies at sys.argv[2]."""

import sys
import threading
import time
from collections import Counter

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from exchange import check
from members import Member

bootstrap, environment = sys.argv[1:3]
partitions = 12
admin = AdminClient({"bootstrap.servers": bootstrap})
producer = Producer({"bootstrap.servers": bootstrap})


class Group:
    def __init__(self, name):
        self.name = name
        self.topic = "records-of-" + name
        self.delivered = Counter()
        self.written = 0
        self.lock = threading.Lock()
        self.members = []
        admin.create_topics([NewTopic(self.topic, partitions, 1)])[self.topic].result(10)

    def take(self, member, partition, offset):
        with self.lock:
            member.seen += 1
            self.delivered[partition, offset] += 1

    def write(self, count):
        for number in range(self.written, self.written + count):
            producer.produce(self.topic, f"{number}".encode(), partition=number % partitions)
        check(producer.flush(20) == 0, "records left unsent")
        self.written += count

    def settle(self, patience=60):
        """Every member reads its share, and everything is read."""
        for member in self.members:
            member.seen = 0
        deadline = time.monotonic() + patience
        while not all(member.seen for member in self.members):
            idle = [member.kind for member in self.members if not member.seen]
            check(time.monotonic() < deadline, f"{self.name}: {idle} get nothing")
            self.write(partitions)
            time.sleep(0.2)
        while len(self.delivered) < self.written:
            check(time.monotonic() < deadline, f"{self.name}: {len(self.delivered)} of {self.written}")
            time.sleep(0.05)

    def add(self, kind):
        self.members.append(
            Member(kind, bootstrap, environment, self.name, self.topic, self.take, "lenient")
        )
        self.settle()

    def leave(self, kind):
        member = next(member for member in self.members if member.kind == kind)
        self.members.remove(member)
        member.leave(30)
        if self.members:
            self.settle()

    def crash(self, kind):
        member = next(member for member in self.members if member.kind == kind)
        self.members.remove(member)
        member.crash()
        self.settle()

    def check_once(self, words):
        twice = [place for place, count in self.delivered.items() if count > 1]
        check(not twice, f"{self.name}: delivered twice {words}: {twice[:5]}")

    def type(self):
        for group in admin.list_consumer_groups().result(10).valid:
            if group.group_id == self.name:
                return group.type.name.lower()
        return "none"


def modern():
    group = Group("modern")
    for kind in ["consumer", "swkafka-consumer", "consumer", "pattern"]:
        group.add(kind)
    check(group.type() == "consumer", f"the group is {group.type()}")
    description = admin.describe_consumer_groups([group.name])[group.name].result(10)
    owned = sorted(part.partition for member in description.members for part in member.assignment.topic_partitions)
    check(owned == list(range(partitions)), f"assigned: {owned}")
    group.leave("consumer")
    group.leave("swkafka-consumer")
    group.add("swkafka-consumer")
    group.check_once("after joining and leaving")
    print(f"modern: {group.written} records once")
    group.crash("pattern")
    group.add("consumer")
    group.crash("swkafka-consumer")
    group.add("swkafka-consumer")
    print("modern: a crash loses nothing")
    while group.members:
        group.leave(group.members[0].kind)


def migrating():
    group = Group("migrating")
    for kind in ["confluent", "kafka-python-current", "swkafka", "kcat"]:
        group.add(kind)
    check(group.type() == "classic", f"the group is {group.type()}")
    group.add("consumer")
    check(group.type() == "consumer", f"the group is {group.type()}")
    print("migrating: turned into a consumer group with classic members in it")
    group.leave("kcat")
    group.add("consumer")
    group.leave("confluent")
    group.add("confluent")
    group.leave("consumer")
    group.leave("consumer")
    check(group.type() == "classic", f"the group is {group.type()}")
    print("migrating: turned back into a classic group")
    group.crash("kafka-python-current")
    group.leave("swkafka")
    group.leave("confluent")
    print("migrating: every record at least once")
    twice = sum(count - 1 for count in group.delivered.values())
    print(f"migrating: {twice} of {group.written} delivered again")


modern()
migrating()
