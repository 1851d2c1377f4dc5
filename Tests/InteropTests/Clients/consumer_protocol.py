"""Groups of KIP-848 and groups that change their protocol while members are in them, against the broker at sys.argv[1].
The environment lies at sys.argv[2]."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from exchange import check, end_with_parent

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
        self.members.append(Member(self, kind))
        self.settle()

    def leave(self, kind):
        member = next(member for member in self.members if member.kind == kind)
        self.members.remove(member)
        member.process.send_signal(signal.SIGTERM)
        check(member.process.wait(30) == 0, f"{kind} left with status {member.process.returncode}")
        member.reader.join()
        if self.members:
            self.settle()

    def crash(self, kind):
        member = next(member for member in self.members if member.kind == kind)
        self.members.remove(member)
        member.process.kill()
        member.process.wait()
        member.reader.join()
        self.settle()

    def check_once(self, words):
        twice = [place for place, count in self.delivered.items() if count > 1]
        check(not twice, f"{self.name}: delivered twice {words}: {twice[:5]}")

    def type(self):
        for group in admin.list_consumer_groups().result(10).valid:
            if group.group_id == self.name:
                return group.type.name.lower()
        return "none"


class Member:
    def __init__(self, group, kind):
        self.group = group
        self.kind = kind
        self.seen = 0
        variables = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
        if kind == "kcat":
            command = ["/usr/bin/kcat", "-b", bootstrap, "-X", "auto.offset.reset=earliest"]
            command += ["-X", "session.timeout.ms=6000", "-X", "heartbeat.interval.ms=300"]
            command += ["-q", "-u", "-f", "%p %o\n", "-G", group.name, group.topic]
        else:
            if kind.startswith("kafka-python"):
                variables["PYTHONPATH"] = f"{environment}/{kind}"
            script = os.path.join(os.path.dirname(__file__), "consumer_protocol_member.py")
            command = [sys.executable, script, kind, bootstrap, group.name, group.topic]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, env=variables, text=True, preexec_fn=end_with_parent
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            partition, offset = line.split()
            with self.group.lock:
                self.seen += 1
                self.group.delivered[int(partition), int(offset)] += 1


def modern():
    group = Group("modern")
    for kind in ["consumer", "consumer", "pattern"]:
        group.add(kind)
    check(group.type() == "consumer", f"the group is {group.type()}")
    description = admin.describe_consumer_groups([group.name])[group.name].result(10)
    owned = sorted(part.partition for member in description.members for part in member.assignment.topic_partitions)
    check(owned == list(range(partitions)), f"assigned: {owned}")
    group.leave("consumer")
    group.check_once("after joining and leaving")
    print(f"modern: {group.written} records once")
    group.crash("pattern")
    group.add("consumer")
    print("modern: a crash loses nothing")
    while group.members:
        group.leave("consumer")


def migrating():
    group = Group("migrating")
    for kind in ["confluent", "kafka-python-current", "kcat"]:
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
    group.leave("confluent")
    print("migrating: every record at least once")
    twice = sum(count - 1 for count in group.delivered.values())
    print(f"migrating: {twice} of {group.written} delivered again")


modern()
migrating()
