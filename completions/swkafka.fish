function __swkafka_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __swkafka_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __swkafka_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __swkafka_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __swkafka_parse_tokens -S
    set -l unparsed_tokens (__swkafka_tokens -pc)
    switch $unparsed_tokens[1]
    case 'swkafka'
        __swkafka_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'broker'
            __swkafka_parse_subcommand 0 'config=' 'override=+' 'listen=' 'data-dir=' 'ephemeral' 'auto-create-topics=' 'fsync=' 'clock=' 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'clock'
                __swkafka_parse_subcommand 2 'data-dir=' 'version' 'h/help'
            end
        case 'topics'
            __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'output=' 'list' 'describe' 'create' 'alter' 'delete' 'topic=' 'topic-id=' 'partitions=' 'replication-factor=' 'replica-assignment=' 'config=+' 'if-exists' 'if-not-exists' 'exclude-internal' 'under-replicated-partitions' 'unavailable-partitions' 'under-min-isr-partitions' 'at-min-isr-partitions' 'topics-with-overrides' 'partition-size-limit-per-response=' 'version' 'h/help'
        case 'console-producer'
            __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'topic=' 'reader-property=+' 'reader-config=' 'sync' 'compression-codec=' 'request-required-acks=' 'batch-size=' 'timeout=' 'message-send-max-retries=' 'retry-backoff-ms=' 'request-timeout-ms=' 'metadata-expiry-ms=' 'max-block-ms=' 'max-memory-bytes=' 'socket-buffer-size=' 'command-property=+' 'version' 'h/help'
        case 'console-consumer'
            __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'topic=' 'include=' 'partition=' 'offset=' 'from-beginning' 'group=' 'max-messages=' 'timeout-ms=' 'isolation-level=' 'formatter=' 'formatter-property=+' 'formatter-config=' 'key-deserializer=' 'value-deserializer=' 'skip-message-on-error' 'command-property=+' 'version' 'h/help'
        case 'consumer-groups'
            __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'output=' 'list' 'describe' 'reset-offsets' 'delete' 'delete-offsets' 'validate-regex=' 'group=+' 'all-groups' 'topic=+' 'all-topics' 'timeout=' 'offsets' 'members' 'state=' 'type=' 'verbose' 'watch=' 'to-earliest' 'to-latest' 'to-current' 'to-offset=' 'shift-by=' 'to-datetime=' 'by-duration=' 'from-file=' 'dry-run' 'execute' 'export' 'version' 'h/help'
        case 'groups'
            __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'output=' 'list' 'group-type=' 'protocol=' 'consumer' 'share' 'streams' 'version' 'h/help'
        case 'transactions'
            __swkafka_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'output=' 'duration-filter=' 'transactional-id-pattern=' 'version' 'h/help'
            case 'describe'
                __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'output=' 'transactional-id=' 'version' 'h/help'
            case 'describe-producers'
                __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'output=' 'topic=' 'partition=' 'broker-id=' 'version' 'h/help'
            case 'abort'
                __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'topic=' 'partition=' 'start-offset=' 'producer-id=' 'producer-epoch=' 'coordinator-epoch=' 'version' 'h/help'
            case 'find-hanging'
                __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'output=' 'broker-id=' 'topic=' 'partition=' 'max-transaction-timeout=' 'version' 'h/help'
            case 'force-terminate'
                __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'transactional-id=' 'version' 'h/help'
            end
        case 'describe'
            __swkafka_parse_subcommand 2 'bootstrap-server=' 'command-config=' 'output=' 'version' 'h/help'
        case 'configs'
            __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'output=' 'describe' 'alter' 'all' 'entity-type=+' 'entity-name=+' 'entity-default' 'topic=' 'broker=' 'broker-defaults' 'add-config=' 'add-config-file=' 'delete-config=+' 'version' 'h/help'
        case 'get-offsets'
            __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'output=' 'topic=' 'partitions=' 'topic-partitions=' 'time=' 'exclude-internal-topics' 'version' 'h/help'
        case 'delete-records'
            __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'offset-json-file=' 'version' 'h/help'
        case 'broker-api-versions'
            __swkafka_parse_subcommand 0 'bootstrap-server=' 'command-config=' 'output=' 'version' 'h/help'
        case 'dump-log'
            __swkafka_parse_subcommand 0 'files=' 'print-data-log' 'deep-iteration' 'skip-record-metadata' 'max-bytes=' 'max-message-size=' 'verify-index-only' 'index-sanity-check' 'key-decoder-class=' 'value-decoder-class=' 'offsets-decoder' 'transaction-log-decoder' 'cluster-metadata-decoder' 'share-group-state-decoder' 'version' 'h/help'
        case 'storage'
            __swkafka_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'random-uuid'
                __swkafka_parse_subcommand 0 'version' 'h/help'
            end
        case 'links'
            __swkafka_parse_subcommand 1 'force' 'version' 'h/help'
        case 'help'
            __swkafka_parse_subcommand -r 1 'version'
        end
    end
end

function __swkafka_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __swkafka_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __swkafka_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __swkafka_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__swkafka_tokens -p)
    if test -z "$(__swkafka_tokens -t)"
        set -l index (count (__swkafka_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'swkafka' -f
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'broker' -d 'Run the bundled broker.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'topics' -d 'Create, list, describe, change and delete topics.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'console-producer' -d 'Write lines of standard input to a topic.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'console-consumer' -d 'Read topics and print their records.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'consumer-groups' -d 'List, describe, reset and delete consumer groups.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'groups' -d 'List groups of all types.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'transactions' -d 'List and describe transactions, and end those that hang.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'describe' -d 'Show a cluster, a topic or a broker at one look.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'configs' -d 'Show and change settings of topics and brokers.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'get-offsets' -d 'Show first, last or timed offsets of partitions.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'delete-records' -d 'Delete the records of partitions before given offsets.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'broker-api-versions' -d 'Show which APIs and versions each broker offers.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'dump-log' -d 'Print what files of a data directory hold.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'storage' -d 'Prepare data directories, and tell what they are.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'links' -d 'Make links under the names of Kafka\'s scripts.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker" config' -l 'config' -d 'A property file, as Kafka\'s server.properties.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker"' -l 'override' -d 'A setting that wins over the file; may be repeated.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker" listen' -l 'listen' -d 'Where to listen. (default: 127.0.0.1:9092)' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker" data-dir' -l 'data-dir' -d 'Where data live. (default: ~/.local/share/swkafka)' -rfa '(__swkafka_complete_directories)'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker" ephemeral' -l 'ephemeral' -d 'Keep data in a temporary directory and remove it at the end.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker" auto-create-topics' -l 'auto-create-topics' -d 'Whether using an unknown topic creates it: true or false.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker" fsync' -l 'fsync' -d 'Answer a producer when its records are on the disk (always) or with the operating system (system). (default: system)' -rfka 'always system'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker" clock' -l 'clock' -d 'Give the broker a clock that can be set, starting at now, an ISO 8601 time or @milliseconds; frozen or running at a factor.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka broker" -eq 1' -fa 'clock' -d 'Show or set the clock of a broker that runs with --clock.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka broker clock" -eq 1' -fka 'show advance set freeze run'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker clock" data-dir' -l 'data-dir' -d 'The broker\'s data directory. (default: ~/.local/share/swkafka)' -rfa '(__swkafka_complete_directories)'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker clock" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker clock" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" output' -l 'output' -d 'Print Kafka\'s own text, a table, JSON or YAML.' -rfka 'text table json yaml'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" list' -l 'list' -d 'List the names of topics.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" describe' -l 'describe' -d 'Show partitions, leaders, replicas and settings of topics.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" create' -l 'create' -d 'Create a topic.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" alter' -l 'alter' -d 'Raise the number of partitions.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" delete' -l 'delete' -d 'Delete topics.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" topic' -l 'topic' -d 'The topic to create; else a regular expression for whole names.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" topic-id' -l 'topic-id' -d 'Describe the topic with this id; wins over --topic.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" partitions' -l 'partitions' -d 'Number of partitions; with --alter the new total.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" replication-factor' -l 'replication-factor' -d 'Replicas of each partition.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" replica-assignment' -l 'replica-assignment' -d 'Broker ids for each partition, the preferred leader first.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics"' -l 'config' -d 'A setting of the new topic; may be repeated.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" if-exists' -l 'if-exists' -d 'Do nothing when no topic matches (--describe, --alter, --delete).'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" if-not-exists' -l 'if-not-exists' -d 'Do nothing when the topic is there already (--create).'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" exclude-internal' -l 'exclude-internal' -d 'Leave out Kafka\'s own topics (--list, --describe).'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" under-replicated-partitions' -l 'under-replicated-partitions' -d 'Partitions with fewer replicas in sync than there are replicas.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" unavailable-partitions' -l 'unavailable-partitions' -d 'Partitions whose leader is missing or not alive.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" under-min-isr-partitions' -l 'under-min-isr-partitions' -d 'Partitions with fewer replicas in sync than min.insync.replicas.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" at-min-isr-partitions' -l 'at-min-isr-partitions' -d 'Partitions with exactly min.insync.replicas replicas in sync.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" topics-with-overrides' -l 'topics-with-overrides' -d 'Only topics with settings of their own, without their partitions.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" partition-size-limit-per-response' -l 'partition-size-limit-per-response' -d 'Partitions asked for in one request.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka topics" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" topic' -l 'topic' -d 'The topic to write to.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer"' -l 'reader-property' -d 'How to take a line apart; may be repeated.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" reader-config' -l 'reader-config' -d 'A file with reader properties.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" sync' -l 'sync' -d 'Wait for each record; the first that fails ends the command.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" compression-codec' -l 'compression-codec' -d 'none, gzip, snappy, lz4 or zstd; gzip without a value.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" request-required-acks' -l 'request-required-acks' -d '-1 or all (every replica in sync), 1 (the leader), 0 (nobody).' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" batch-size' -l 'batch-size' -d 'Bytes of a batch. (default: what suits the link)' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" timeout' -l 'timeout' -d 'How long a batch may wait for more records. (default: 1000)' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" message-send-max-retries' -l 'message-send-max-retries' -d 'How often a record is sent again. (default: for 2 minutes)' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" retry-backoff-ms' -l 'retry-backoff-ms' -d 'How long to wait before that. (default: 100)' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" request-timeout-ms' -l 'request-timeout-ms' -d 'How long a broker may take to answer. (default: 30000)' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" metadata-expiry-ms' -l 'metadata-expiry-ms' -d 'How old metadata may get. (default: 300000)' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" max-block-ms' -l 'max-block-ms' -d 'How long to wait for metadata or memory. (default: 60000)' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" max-memory-bytes' -l 'max-memory-bytes' -d 'Memory for records that wait. (default: 33554432)' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" socket-buffer-size' -l 'socket-buffer-size' -d 'Size of the socket\'s send buffer. (default: the system\'s)' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer"' -l 'command-property' -d 'A setting of the producer; wins over --command-config.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-producer" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" topic' -l 'topic' -d 'The topic to read.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" include' -l 'include' -d 'Topics to read: a regular expression for whole names.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" partition' -l 'partition' -d 'Only this partition of --topic.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" offset' -l 'offset' -d 'Where to start in --partition: earliest, latest or an offset.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" from-beginning' -l 'from-beginning' -d 'Start with the first record.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" group' -l 'group' -d 'A name for the group of consumers.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" max-messages' -l 'max-messages' -d 'Stop after this many records.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" timeout-ms' -l 'timeout-ms' -d 'Stop when no record came for this long.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" isolation-level' -l 'isolation-level' -d 'read_uncommitted (default) or read_committed.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" formatter' -l 'formatter' -d 'DefaultMessageFormatter, NoOpMessageFormatter, …' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer"' -l 'formatter-property' -d 'A setting of the formatter; may be repeated.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" formatter-config' -l 'formatter-config' -d 'A file with settings of the formatter.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" key-deserializer' -l 'key-deserializer' -d 'How to read keys.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" value-deserializer' -l 'value-deserializer' -d 'How to read values.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" skip-message-on-error' -l 'skip-message-on-error' -d 'Pass over records that the formatter cannot print.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer"' -l 'command-property' -d 'A setting of the consumer; wins over --command-config.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka console-consumer" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" output' -l 'output' -d 'Print Kafka\'s own text, a table, JSON or YAML.' -rfka 'text table json yaml'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" list' -l 'list' -d 'List groups.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" describe' -l 'describe' -d 'Show offsets, members or states of groups.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" reset-offsets' -l 'reset-offsets' -d 'Move groups to other offsets.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" delete' -l 'delete' -d 'Delete groups with their offsets.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" delete-offsets' -l 'delete-offsets' -d 'Delete offsets of one group.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" validate-regex' -l 'validate-regex' -d 'Check a regular expression for subscriptions (RE2).' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups"' -l 'group' -d 'A group; may be repeated.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" all-groups' -l 'all-groups' -d 'All groups of consumers.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups"' -l 'topic' -d 'A topic, or some of its partitions; may be repeated.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" all-topics' -l 'all-topics' -d 'All partitions that the group has offsets for.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" timeout' -l 'timeout' -d 'How long each step may take.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" offsets' -l 'offsets' -d 'Describe offsets and lag (default).'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" members' -l 'members' -d 'Describe members.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" state' -l 'state' -d 'Describe states; with --list show the state of each group, and only groups in the states given.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" type' -l 'type' -d 'With --list show the type of each group, and only groups of the types given (classic, consumer, share).' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" verbose' -l 'verbose' -d 'Describe more: epochs and assignments.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" watch' -l 'watch' -d 'List or describe again and again, every 2 seconds unless given.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" to-earliest' -l 'to-earliest' -d 'Go to the first record.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" to-latest' -l 'to-latest' -d 'Go to the end.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" to-current' -l 'to-current' -d 'Stay, and go to the end where there is no offset yet.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" to-offset' -l 'to-offset' -d 'Go to an offset.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" shift-by' -l 'shift-by' -d 'Go forward by some records, or back by a negative number.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" to-datetime' -l 'to-datetime' -d 'Go to the first record at or after a time.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" by-duration' -l 'by-duration' -d 'Go back from now by an ISO 8601 duration.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" from-file' -l 'from-file' -d 'Go to the offsets in a CSV file.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'csv\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" dry-run' -l 'dry-run' -d 'Only show the new offsets (default).'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" execute' -l 'execute' -d 'Store the new offsets.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" export' -l 'export' -d 'Print the new offsets as CSV.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka consumer-groups" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka groups" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka groups" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka groups" output' -l 'output' -d 'Print Kafka\'s own text, a table, JSON or YAML.' -rfka 'text table json yaml'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka groups" list' -l 'list' -d 'List groups (the one action).'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka groups" group-type' -l 'group-type' -d 'Only groups of this type: classic, consumer, share or streams.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka groups" protocol' -l 'protocol' -d 'Only groups of this protocol.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka groups" consumer' -l 'consumer' -d 'Only groups of consumers, those included that only have offsets.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka groups" share' -l 'share' -d 'Only share groups.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka groups" streams' -l 'streams' -d 'Only streams groups.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka groups" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka groups" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka transactions" -eq 1' -fa 'list' -d 'List transactional ids.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka transactions" -eq 1' -fa 'describe' -d 'Describe a transactional id and its current or last transaction.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka transactions" -eq 1' -fa 'describe-producers' -d 'Describe the producers that a partition remembers.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka transactions" -eq 1' -fa 'abort' -d 'Abort a transaction that hangs in a partition.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka transactions" -eq 1' -fa 'find-hanging' -d 'Find transactions that no coordinator will end.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka transactions" -eq 1' -fa 'force-terminate' -d 'Fence a producer and abort its open transaction.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions list" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions list" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions list" output' -l 'output' -d 'Print Kafka\'s own text, a table, JSON or YAML.' -rfka 'text table json yaml'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions list" duration-filter' -l 'duration-filter' -d 'Only transactions that run for longer; a negative number for all.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions list" transactional-id-pattern' -l 'transactional-id-pattern' -d 'Only ids that match (RE2; needs Kafka 4.1).' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions list" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe" output' -l 'output' -d 'Print Kafka\'s own text, a table, JSON or YAML.' -rfka 'text table json yaml'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe" transactional-id' -l 'transactional-id' -d 'The transactional id.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe-producers" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe-producers" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe-producers" output' -l 'output' -d 'Print Kafka\'s own text, a table, JSON or YAML.' -rfka 'text table json yaml'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe-producers" topic' -l 'topic' -d 'The topic.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe-producers" partition' -l 'partition' -d 'The partition.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe-producers" broker-id' -l 'broker-id' -d 'Ask this replica, not the leader.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe-producers" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions describe-producers" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions abort" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions abort" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions abort" topic' -l 'topic' -d 'The topic.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions abort" partition' -l 'partition' -d 'The partition.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions abort" start-offset' -l 'start-offset' -d 'Where the transaction starts.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions abort" producer-id' -l 'producer-id' -d 'The producer.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions abort" producer-epoch' -l 'producer-epoch' -d 'The producer\'s epoch.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions abort" coordinator-epoch' -l 'coordinator-epoch' -d 'The epoch of the coordinator; -1 counts as 0.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions abort" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions abort" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions find-hanging" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions find-hanging" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions find-hanging" output' -l 'output' -d 'Print Kafka\'s own text, a table, JSON or YAML.' -rfka 'text table json yaml'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions find-hanging" broker-id' -l 'broker-id' -d 'Only partitions of this broker.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions find-hanging" topic' -l 'topic' -d 'Only this topic.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions find-hanging" partition' -l 'partition' -d 'Only this partition of --topic.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions find-hanging" max-transaction-timeout' -l 'max-transaction-timeout' -d 'Only transactions that have been open for longer.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions find-hanging" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions find-hanging" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions force-terminate" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions force-terminate" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions force-terminate" transactional-id' -l 'transactional-id' -d 'The transactional id.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions force-terminate" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka transactions force-terminate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka describe" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka describe" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka describe" output' -l 'output' -d 'Print Kafka\'s own text, a table, JSON or YAML.' -rfka 'text table json yaml'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka describe" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka describe" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" output' -l 'output' -d 'Print Kafka\'s own text, a table, JSON or YAML.' -rfka 'text table json yaml'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" describe' -l 'describe' -d 'Show settings.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" alter' -l 'alter' -d 'Change settings.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" all' -l 'all' -d 'With --describe: static and default settings too.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs"' -l 'entity-type' -d 'topics or brokers.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs"' -l 'entity-name' -d 'The topic or broker id.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" entity-default' -l 'entity-default' -d 'The defaults of the type (brokers).'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" topic' -l 'topic' -d 'The same as --entity-type topics --entity-name.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" broker' -l 'broker' -d 'The same as --entity-type brokers --entity-name.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" broker-defaults' -l 'broker-defaults' -d 'The same as --entity-type brokers --entity-default.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" add-config' -l 'add-config' -d 'Settings to make.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" add-config-file' -l 'add-config-file' -d 'A property file of settings to make.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs"' -l 'delete-config' -d 'Settings to take back.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka configs" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka get-offsets" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka get-offsets" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka get-offsets" output' -l 'output' -d 'Print Kafka\'s own text, a table, JSON or YAML.' -rfka 'text table json yaml'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka get-offsets" topic' -l 'topic' -d 'Topics: a regular expression for whole names, commas mean "or".' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka get-offsets" partitions' -l 'partitions' -d 'Only these partitions.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka get-offsets" topic-partitions' -l 'topic-partitions' -d 'Patterns for topics and partitions.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka get-offsets" time' -l 'time' -d 'latest (-1), earliest (-2), max-timestamp (-3), earliest-local (-4), latest-tiered (-5), or the first offset at or after a time in milliseconds since 1970.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka get-offsets" exclude-internal-topics' -l 'exclude-internal-topics' -d 'Leave out Kafka\'s own topics.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka get-offsets" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka get-offsets" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka delete-records" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka delete-records" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka delete-records" offset-json-file' -l 'offset-json-file' -d 'The JSON file with topics, partitions and offsets.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'json\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka delete-records" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka delete-records" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker-api-versions" bootstrap-server' -l 'bootstrap-server' -d 'Brokers to start from.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker-api-versions" command-config' -l 'command-config' -d 'A Java property file with client settings.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'properties\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker-api-versions" output' -l 'output' -d 'Print Kafka\'s own text, a table, JSON or YAML.' -rfka 'text table json yaml'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker-api-versions" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka broker-api-versions" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" files' -l 'files' -d 'Files to print, with commas between them.' -rF
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" print-data-log' -l 'print-data-log' -d 'Print keys and values. Any decoder does so too.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" deep-iteration' -l 'deep-iteration' -d 'Print a line for each record, without its data.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" skip-record-metadata' -l 'skip-record-metadata' -d 'Print nothing of a record but its key and value.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" max-bytes' -l 'max-bytes' -d 'Read at most so many bytes of a segment.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" max-message-size' -l 'max-message-size' -d 'The largest batch, when an index is checked.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" verify-index-only' -l 'verify-index-only' -d 'Check indexes against their segment, and print only what does not fit.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" index-sanity-check' -l 'index-sanity-check' -d 'Only check whether a starting broker would take an index as it is.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" key-decoder-class' -l 'key-decoder-class' -d 'StringDecoder, IntegerDecoder, LongDecoder or DefaultDecoder.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" value-decoder-class' -l 'value-decoder-class' -d 'StringDecoder, IntegerDecoder, LongDecoder or DefaultDecoder.' -rfka ''
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" offsets-decoder' -l 'offsets-decoder' -d 'Records are those of __consumer_offsets.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" transaction-log-decoder' -l 'transaction-log-decoder' -d 'Records are those of __transaction_state.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" cluster-metadata-decoder' -l 'cluster-metadata-decoder' -d 'Records are those of the metadata log.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" share-group-state-decoder' -l 'share-group-state-decoder' -d 'Records are those of __share_group_state.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka dump-log" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka storage" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka storage" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka storage" -eq 1' -fa 'random-uuid' -d 'Print a random id for a cluster.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka storage random-uuid" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka storage random-uuid" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka links" force' -l 'force' -d 'Replace files and links of these names that lead elsewhere.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_positional "swkafka links" -eq 1' -fa '(__swkafka_complete_directories)'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka links" version' -l 'version' -d 'Show the version.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka links" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swkafka' -n '__swkafka_should_offer_completions_for_flags_or_options "swkafka help" version' -l 'version' -d 'Show the version.'
