"""The offsets that the group of mixed_group.py has committed, at the broker at sys.argv[1]."""

import sys

from confluent_kafka import Consumer, TopicPartition

reader = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "mixed"})
places = [TopicPartition("twelve", number) for number in range(12)]
print("committed: " + " ".join(str(place.offset) for place in reader.committed(places, timeout=20)))
reader.close()
