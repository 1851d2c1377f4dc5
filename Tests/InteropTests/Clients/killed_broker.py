"""Groups whose broker is killed while every kind of client reads: sys.argv is the address that the broker is to listen at,
the folder of its data, and the environment.

All records are delivered at least once, and in the end the groups have committed all of them.
"""

import os
import subprocess
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from exchange import check, end_with_parent
from members import Member

bootstrap, data, environment = sys.argv[1:4]
topic, partitions, kills = "twelve", 12, 2
kinds = {
    "classic": ["confluent", "kafka-python-current", "kafka-python-2.0.2", "aiokafka", "kcat", "swkafka"],
    "modern": ["consumer", "swkafka-consumer"],
}
written = 0
lock = threading.Lock()


class Broker:
    def __init__(self):
        command = [os.environ["SWKAFKA"], "broker", "--listen", bootstrap, "--data-dir", data]
        for setting in ["group.consumer.heartbeat.interval.ms=300", "group.consumer.session.timeout.ms=6000"]:
            command += ["--override", setting]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=end_with_parent)
        check(bootstrap in self.process.stdout.readline(), "the broker does not start")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Group:
    def __init__(self, name):
        self.name = name
        self.delivered = set()
        self.members = [self.join(kind) for kind in kinds[name]]

    def join(self, kind):
        return Member(kind, bootstrap, environment, self.name, topic, self.take, "lenient")

    def replace_kcat(self):
        """kcat gives up by itself when no broker is there."""
        for place, member in enumerate(self.members):
            if member.kind == "kcat" and member.process.poll() is not None:
                self.members[place] = self.join("kcat")

    def take(self, member, partition, offset):
        with lock:
            member.seen += 1
            self.delivered.add((partition, offset))

    def committed(self):
        """How many records the group has committed; none while nobody answers."""
        reader = Consumer({"bootstrap.servers": bootstrap, "group.id": self.name})
        try:
            places = [TopicPartition(topic, number) for number in range(partitions)]
            return sum(max(0, place.offset) for place in reader.committed(places, timeout=10))
        except KafkaException:
            return 0
        finally:
            reader.close()


def write(producer, count):
    global written
    for number in range(written, written + count):
        producer.produce(topic, f"{number}".encode(), partition=number % partitions)
    check(producer.flush(60) == 0, "records left unsent")
    written += count


def settle(producer, groups, patience=90):
    """Every member reads its share, and everything is read."""
    for group in groups:
        for member in group.members:
            member.seen = 0
    deadline = time.monotonic() + patience
    while True:
        write(producer, partitions)
        time.sleep(0.2)
        for group in groups:
            group.replace_kcat()
        members = [member for group in groups for member in group.members]
        idle = [member.kind for member in members if not member.seen]
        missing = {group.name: written - len(group.delivered) for group in groups}
        if not idle and not any(missing.values()):
            return
        ended = [member.kind for member in members if member.process.poll() is not None]
        check(not ended, f"{ended} have ended")
        check(time.monotonic() < deadline, f"{idle} get nothing; not delivered: {missing}")


broker = Broker()
admin = AdminClient({"bootstrap.servers": bootstrap})
admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(20)
producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
groups = [Group(name) for name in kinds]
settle(producer, groups)
for number in range(kills):
    broker.kill()
    broker = Broker()
    settle(producer, groups)
    print(f"kill {number + 1}: all members read on", flush=True)
for group in groups:
    for member in group.members:
        member.leave(30)
committed = {group.name: group.committed() for group in groups}
check(set(committed.values()) == {written}, f"committed: {committed} of {written}")
print(f"committed: all of {written}")
