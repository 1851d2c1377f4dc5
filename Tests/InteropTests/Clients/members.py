"""Members of a group, each in a process of its own, and what they read."""

import os
import re
import signal
import subprocess
import sys
import threading

from exchange import check, end_with_parent


class Member:
    """A client of one kind; `take` gets partition and offset of each record that it reads, on a thread of its own.

    The kinds "swkafka" and "swkafka-consumer" are our own console consumer, with the protocol of KIP-848 the second; the
    environment says where it is."""

    def __init__(self, kind, bootstrap, environment, group, topic, take, *options):
        self.kind = kind
        self.seen = 0
        self.take = take
        self.farewell = 0
        variables = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
        if kind == "kcat":
            command = ["/usr/bin/kcat", "-b", bootstrap, "-X", "auto.offset.reset=earliest"]
            command += ["-X", "session.timeout.ms=6000", "-X", "heartbeat.interval.ms=300"]
            command += ["-q", "-u", "-f", "%p %o\n", "-G", group, topic]
        elif kind.startswith("swkafka"):
            self.farewell = 128 + signal.SIGTERM
            command = [os.environ["SWKAFKA"], "console-consumer", "--bootstrap-server", bootstrap, "--topic", topic]
            command += ["--group", group, "--from-beginning"]
            for name in ["print.partition=true", "print.offset=true", "print.value=false"]:
                command += ["--property", name]
            settings = ["auto.commit.interval.ms=200"]
            if kind == "swkafka-consumer":
                settings += ["group.protocol=consumer"]
            else:
                settings += ["session.timeout.ms=6000", "heartbeat.interval.ms=300"]
            for setting in settings:
                command += ["--consumer-property", setting]
        else:
            if kind.startswith("kafka-python"):
                variables["PYTHONPATH"] = f"{environment}/{kind}"
            script = os.path.join(os.path.dirname(__file__), "group_member.py")
            command = [sys.executable, script, kind, bootstrap, group, topic, *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, env=variables, text=True, preexec_fn=end_with_parent
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            partition, offset = re.findall("[0-9]+", line)
            self.take(self, int(partition), int(offset))

    def leave(self, patience):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(patience)
        check(status == self.farewell, f"{self.kind} left with status {status}")
        self.reader.join()

    def crash(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
