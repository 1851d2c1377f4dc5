# Completion of swkafka for fish. Written by "make docs".
function __swkafka_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command $words[1] __complete fish "$current" $words "$current" 2>/dev/null)
    if test "$lines[1]" = :files
        __fish_complete_path "$current"
        return
    end
    printf '%s\n' $lines
end
for name in swkafka kafka-topics kafka-topics.sh kafka-console-producer kafka-console-producer.sh kafka-console-consumer kafka-console-consumer.sh kafka-consumer-groups kafka-consumer-groups.sh kafka-groups kafka-groups.sh kafka-transactions kafka-transactions.sh kafka-configs kafka-configs.sh kafka-get-offsets kafka-get-offsets.sh kafka-delete-records kafka-delete-records.sh kafka-broker-api-versions kafka-broker-api-versions.sh kafka-producer-perf-test kafka-producer-perf-test.sh kafka-consumer-perf-test kafka-consumer-perf-test.sh kafka-e2e-latency kafka-e2e-latency.sh kafka-verifiable-producer kafka-verifiable-producer.sh kafka-verifiable-consumer kafka-verifiable-consumer.sh kafka-log-dirs kafka-log-dirs.sh kafka-leader-election kafka-leader-election.sh kafka-server-start kafka-server-start.sh kafka-dump-log kafka-dump-log.sh kafka-storage kafka-storage.sh kafka-cluster kafka-cluster.sh kafka-metadata-quorum kafka-metadata-quorum.sh kafka-reassign-partitions kafka-reassign-partitions.sh kafka-features kafka-features.sh kafka-acls kafka-acls.sh kafka-client-metrics kafka-client-metrics.sh kafka-delegation-tokens kafka-delegation-tokens.sh kafka-server-stop kafka-server-stop.sh kafka-streams-application-reset kafka-streams-application-reset.sh kafka-replica-verification kafka-replica-verification.sh kafka-share-groups kafka-share-groups.sh kafka-console-share-consumer kafka-console-share-consumer.sh
    complete -c $name -f -a '(__swkafka_complete)'
end
