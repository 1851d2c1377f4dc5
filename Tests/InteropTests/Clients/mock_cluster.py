"""librdkafka's mock cluster: prints its addresses on one line, and lives until standard input ends.

usage: mock_cluster.py BROKERS
"""

import sys

from confluent_kafka import Producer

producer = Producer({"test.mock.num.brokers": int(sys.argv[1]), "log_level": 0})
brokers = producer.list_topics(timeout=10).brokers.values()
print(",".join(f"{broker.host}:{broker.port}" for broker in brokers), flush=True)
sys.stdin.read()
