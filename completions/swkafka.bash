#!/bin/bash

__swkafka_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__swkafka_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__swkafka_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__swkafka_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_swkafka() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __swkafka_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    broker|topics|console-producer|console-consumer|consumer-groups|groups|transactions|describe|configs|get-offsets|delete-records|broker-api-versions|producer-perf-test|consumer-perf-test|e2e-latency|verifiable-producer|verifiable-consumer|log-dirs|leader-election|server-start|dump-log|log|storage|cluster|links|run|help)
        # Offer subcommand argument completions
        "_swkafka_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'broker topics console-producer console-consumer consumer-groups groups transactions describe configs get-offsets delete-records broker-api-versions producer-perf-test consumer-perf-test e2e-latency verifiable-producer verifiable-consumer log-dirs leader-election server-start dump-log log storage cluster links run help' -- "${cur}"))
        ;;
    esac
}

_swkafka_broker() {
    repeating_flags=()
    non_repeating_flags=(--ephemeral --version -h --help)
    repeating_options=(--override)
    non_repeating_options=(--config --listen --data-dir --auto-create-topics --fsync --clock)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--override')
        return
        ;;
    '--listen')
        return
        ;;
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    '--auto-create-topics')
        return
        ;;
    '--fsync')
        __swkafka_add_completions -W 'always'$'\n''system'
        return
        ;;
    '--clock')
        return
        ;;
    esac

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    clock)
        # Offer subcommand argument completions
        "_swkafka_broker_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'clock' -- "${cur}"))
        ;;
    esac
}

_swkafka_broker_clock() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __swkafka_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __swkafka_add_completions -W 'show'$'\n''advance'$'\n''set'$'\n''freeze'$'\n''run'
        return
        ;;
    esac
}

_swkafka_topics() {
    repeating_flags=()
    non_repeating_flags=(--list --describe --create --alter --delete --if-exists --if-not-exists --exclude-internal --under-replicated-partitions --unavailable-partitions --under-min-isr-partitions --at-min-isr-partitions --topics-with-overrides --version -h --help)
    repeating_options=(--config)
    non_repeating_options=(--bootstrap-server --command-config --output --topic --topic-id --partitions --replication-factor --replica-assignment --partition-size-limit-per-response)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    '--topic')
        return
        ;;
    '--topic-id')
        return
        ;;
    '--partitions')
        return
        ;;
    '--replication-factor')
        return
        ;;
    '--replica-assignment')
        return
        ;;
    '--config')
        return
        ;;
    '--partition-size-limit-per-response')
        return
        ;;
    esac
}

_swkafka_console-producer() {
    repeating_flags=()
    non_repeating_flags=(--sync --version -h --help)
    repeating_options=(--reader-property --command-property)
    non_repeating_options=(--bootstrap-server --command-config --topic --input --reader-config --compression-codec --request-required-acks --batch-size --timeout --message-send-max-retries --retry-backoff-ms --request-timeout-ms --metadata-expiry-ms --max-block-ms --max-memory-bytes --socket-buffer-size)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--topic')
        return
        ;;
    '--input')
        __swkafka_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--reader-property')
        return
        ;;
    '--reader-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--compression-codec')
        return
        ;;
    '--request-required-acks')
        return
        ;;
    '--batch-size')
        return
        ;;
    '--timeout')
        return
        ;;
    '--message-send-max-retries')
        return
        ;;
    '--retry-backoff-ms')
        return
        ;;
    '--request-timeout-ms')
        return
        ;;
    '--metadata-expiry-ms')
        return
        ;;
    '--max-block-ms')
        return
        ;;
    '--max-memory-bytes')
        return
        ;;
    '--socket-buffer-size')
        return
        ;;
    '--command-property')
        return
        ;;
    esac
}

_swkafka_console-consumer() {
    repeating_flags=()
    non_repeating_flags=(--from-beginning --exit-at-end --skip-message-on-error --count --version -h --help)
    repeating_options=(--grep --header --where --formatter-property --command-property)
    non_repeating_options=(--bootstrap-server --command-config --topic --include --partition --offset --group --max-messages --timeout-ms --isolation-level --from --until --tail --tail-total --order --key --formatter --formatter-config --key-deserializer --value-deserializer --output --format)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--topic')
        return
        ;;
    '--include')
        return
        ;;
    '--partition')
        return
        ;;
    '--offset')
        return
        ;;
    '--group')
        return
        ;;
    '--max-messages')
        return
        ;;
    '--timeout-ms')
        return
        ;;
    '--isolation-level')
        return
        ;;
    '--from')
        return
        ;;
    '--until')
        return
        ;;
    '--tail')
        return
        ;;
    '--tail-total')
        return
        ;;
    '--order')
        __swkafka_add_completions -W 'time'
        return
        ;;
    '--grep')
        return
        ;;
    '--key')
        return
        ;;
    '--header')
        return
        ;;
    '--where')
        return
        ;;
    '--formatter')
        return
        ;;
    '--formatter-property')
        return
        ;;
    '--formatter-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--key-deserializer')
        return
        ;;
    '--value-deserializer')
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--format')
        return
        ;;
    '--command-property')
        return
        ;;
    esac
}

_swkafka_consumer-groups() {
    repeating_flags=()
    non_repeating_flags=(--list --describe --reset-offsets --delete --delete-offsets --all-groups --all-topics --offsets --members --verbose --to-earliest --to-latest --to-current --dry-run --execute --export --version -h --help)
    repeating_options=(--group --topic)
    non_repeating_options=(--bootstrap-server --command-config --output --validate-regex --timeout --state --type --watch --to-offset --shift-by --to-datetime --by-duration --from-file)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    '--validate-regex')
        return
        ;;
    '--group')
        return
        ;;
    '--topic')
        return
        ;;
    '--timeout')
        return
        ;;
    '--state')
        return
        ;;
    '--type')
        return
        ;;
    '--watch')
        return
        ;;
    '--to-offset')
        return
        ;;
    '--shift-by')
        return
        ;;
    '--to-datetime')
        return
        ;;
    '--by-duration')
        return
        ;;
    '--from-file')
        __swkafka_add_completions -o plusdirs -fX '!*.@(csv)'
        return
        ;;
    esac
}

_swkafka_groups() {
    repeating_flags=()
    non_repeating_flags=(--list --consumer --share --streams --version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --output --group-type --protocol)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    '--group-type')
        return
        ;;
    '--protocol')
        return
        ;;
    esac
}

_swkafka_transactions() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __swkafka_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|describe|describe-producers|abort|find-hanging|force-terminate)
        # Offer subcommand argument completions
        "_swkafka_transactions_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list describe describe-producers abort find-hanging force-terminate' -- "${cur}"))
        ;;
    esac
}

_swkafka_transactions_list() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --output --duration-filter --transactional-id-pattern)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    '--duration-filter')
        return
        ;;
    '--transactional-id-pattern')
        return
        ;;
    esac
}

_swkafka_transactions_describe() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --output --transactional-id)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    '--transactional-id')
        return
        ;;
    esac
}

_swkafka_transactions_describe-producers() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --output --topic --partition --broker-id)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    '--topic')
        return
        ;;
    '--partition')
        return
        ;;
    '--broker-id')
        return
        ;;
    esac
}

_swkafka_transactions_abort() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --topic --partition --start-offset --producer-id --producer-epoch --coordinator-epoch)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--topic')
        return
        ;;
    '--partition')
        return
        ;;
    '--start-offset')
        return
        ;;
    '--producer-id')
        return
        ;;
    '--producer-epoch')
        return
        ;;
    '--coordinator-epoch')
        return
        ;;
    esac
}

_swkafka_transactions_find-hanging() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --output --broker-id --topic --partition --max-transaction-timeout)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    '--broker-id')
        return
        ;;
    '--topic')
        return
        ;;
    '--partition')
        return
        ;;
    '--max-transaction-timeout')
        return
        ;;
    esac
}

_swkafka_transactions_force-terminate() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --transactional-id)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--transactional-id')
        return
        ;;
    esac
}

_swkafka_describe() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --output)
    __swkafka_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    esac
}

_swkafka_configs() {
    repeating_flags=()
    non_repeating_flags=(--describe --alter --all --entity-default --broker-defaults --version -h --help)
    repeating_options=(--entity-type --entity-name --delete-config)
    non_repeating_options=(--bootstrap-server --command-config --output --topic --broker --add-config --add-config-file)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    '--entity-type')
        return
        ;;
    '--entity-name')
        return
        ;;
    '--topic')
        return
        ;;
    '--broker')
        return
        ;;
    '--add-config')
        return
        ;;
    '--add-config-file')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--delete-config')
        return
        ;;
    esac
}

_swkafka_get-offsets() {
    repeating_flags=()
    non_repeating_flags=(--exclude-internal-topics --version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --output --topic --partitions --topic-partitions --time)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    '--topic')
        return
        ;;
    '--partitions')
        return
        ;;
    '--topic-partitions')
        return
        ;;
    '--time')
        return
        ;;
    esac
}

_swkafka_delete-records() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --offset-json-file)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--offset-json-file')
        __swkafka_add_completions -o plusdirs -fX '!*.@(json)'
        return
        ;;
    esac
}

_swkafka_broker-api-versions() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --output)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    esac
}

_swkafka_producer-perf-test() {
    repeating_flags=()
    non_repeating_flags=(--payload-monotonic --print-metrics --version -h --help)
    repeating_options=(--command-property --producer-props)
    non_repeating_options=(--topic --num-records --record-size --payload-file --payload-delimiter --throughput --warmup-records --reporting-interval --bootstrap-server --command-config --transactional-id --transaction-duration-ms --output)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--topic')
        return
        ;;
    '--num-records')
        return
        ;;
    '--record-size')
        return
        ;;
    '--payload-file')
        __swkafka_add_completions -f
        return
        ;;
    '--payload-delimiter')
        return
        ;;
    '--throughput')
        return
        ;;
    '--warmup-records')
        return
        ;;
    '--reporting-interval')
        return
        ;;
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--command-property')
        return
        ;;
    '--producer-props')
        return
        ;;
    '--transactional-id')
        return
        ;;
    '--transaction-duration-ms')
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    esac
}

_swkafka_consumer-perf-test() {
    repeating_flags=()
    non_repeating_flags=(--from-latest --show-detailed-stats --hide-header --version -h --help)
    repeating_options=(--command-property)
    non_repeating_options=(--bootstrap-server --command-config --topic --include --num-records --messages --group --fetch-size --socket-buffer-size --timeout --reporting-interval --date-format --output)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--topic')
        return
        ;;
    '--include')
        return
        ;;
    '--num-records')
        return
        ;;
    '--messages')
        return
        ;;
    '--group')
        return
        ;;
    '--fetch-size')
        return
        ;;
    '--socket-buffer-size')
        return
        ;;
    '--command-property')
        return
        ;;
    '--timeout')
        return
        ;;
    '--reporting-interval')
        return
        ;;
    '--date-format')
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    esac
}

_swkafka_e2e-latency() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --topic --num-records --producer-acks --record-size --record-key-size --num-headers --record-header-key-size --record-header-size --command-config --output)
    __swkafka_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--topic')
        return
        ;;
    '--num-records')
        return
        ;;
    '--producer-acks')
        return
        ;;
    '--record-size')
        return
        ;;
    '--record-key-size')
        return
        ;;
    '--num-headers')
        return
        ;;
    '--record-header-key-size')
        return
        ;;
    '--record-header-size')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    esac
}

_swkafka_verifiable-producer() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --topic --max-messages --throughput --acks --message-create-time --value-prefix --repeating-keys)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--topic')
        return
        ;;
    '--max-messages')
        return
        ;;
    '--throughput')
        return
        ;;
    '--acks')
        return
        ;;
    '--message-create-time')
        return
        ;;
    '--value-prefix')
        return
        ;;
    '--repeating-keys')
        return
        ;;
    esac
}

_swkafka_verifiable-consumer() {
    repeating_flags=()
    non_repeating_flags=(--verbose --enable-autocommit --version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --topic --group-id --group-protocol --group-remote-assignor --group-instance-id --max-messages --session-timeout --reset-policy --assignment-strategy)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--topic')
        return
        ;;
    '--group-id')
        return
        ;;
    '--group-protocol')
        return
        ;;
    '--group-remote-assignor')
        return
        ;;
    '--group-instance-id')
        return
        ;;
    '--max-messages')
        return
        ;;
    '--session-timeout')
        return
        ;;
    '--reset-policy')
        return
        ;;
    '--assignment-strategy')
        return
        ;;
    esac
}

_swkafka_log-dirs() {
    repeating_flags=()
    non_repeating_flags=(--describe --version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --output --topic-list --broker-list)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    '--topic-list')
        return
        ;;
    '--broker-list')
        return
        ;;
    esac
}

_swkafka_leader-election() {
    repeating_flags=()
    non_repeating_flags=(--all-topic-partitions --version -h --help)
    repeating_options=()
    non_repeating_options=(--bootstrap-server --command-config --output --election-type --topic --partition --path-to-json-file)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--bootstrap-server')
        return
        ;;
    '--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    '--election-type')
        return
        ;;
    '--topic')
        return
        ;;
    '--partition')
        return
        ;;
    '--path-to-json-file')
        __swkafka_add_completions -o plusdirs -fX '!*.@(json)'
        return
        ;;
    esac
}

_swkafka_server-start() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--override)
    non_repeating_options=()
    __swkafka_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--override')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    esac
}

_swkafka_dump-log() {
    repeating_flags=()
    non_repeating_flags=(--print-data-log --deep-iteration --skip-record-metadata --verify-index-only --index-sanity-check --offsets-decoder --transaction-log-decoder --cluster-metadata-decoder --share-group-state-decoder --version -h --help)
    repeating_options=()
    non_repeating_options=(--files --max-bytes --max-message-size --key-decoder-class --value-decoder-class)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--files')
        __swkafka_add_completions -f
        return
        ;;
    '--max-bytes')
        return
        ;;
    '--max-message-size')
        return
        ;;
    '--key-decoder-class')
        return
        ;;
    '--value-decoder-class')
        return
        ;;
    esac
}

_swkafka_log() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __swkafka_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    verify)
        # Offer subcommand argument completions
        "_swkafka_log_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'verify' -- "${cur}"))
        ;;
    esac
}

_swkafka_log_verify() {
    repeating_flags=()
    non_repeating_flags=(--shallow --allow-gaps --version -h --help)
    repeating_options=()
    non_repeating_options=(--output)
    __swkafka_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __swkafka_add_completions -d
        return
        ;;
    esac
}

_swkafka_storage() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __swkafka_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    info|format|version-mapping|random-uuid)
        # Offer subcommand argument completions
        "_swkafka_storage_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'info format version-mapping random-uuid' -- "${cur}"))
        ;;
    esac
}

_swkafka_storage_info() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(-c --config)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '-c'|'--config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    esac
}

_swkafka_storage_format() {
    repeating_flags=()
    non_repeating_flags=(-g --ignore-formatted -N --no-initial-controllers --version -h --help)
    repeating_options=(-f --feature)
    non_repeating_options=(-c --config -t --cluster-id -r --release-version)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '-c'|'--config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '-t'|'--cluster-id')
        return
        ;;
    '-r'|'--release-version')
        return
        ;;
    '-f'|'--feature')
        return
        ;;
    esac
}

_swkafka_storage_version-mapping() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(-r --release-version)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '-r'|'--release-version')
        return
        ;;
    esac
}

_swkafka_storage_random-uuid() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __swkafka_offer_flags_options 0
}

_swkafka_cluster() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __swkafka_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    start|status|scale|stop|kill|pause|resume|restart|fault|play|down|logs|env|cluster-id|list-endpoints|unregister)
        # Offer subcommand argument completions
        "_swkafka_cluster_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'start status scale stop kill pause resume restart fault play down logs env cluster-id list-endpoints unregister' -- "${cur}"))
        ;;
    esac
}

_swkafka_cluster_start() {
    repeating_flags=()
    non_repeating_flags=(--detach --restart-on-crash --version -h --help)
    repeating_options=(--override)
    non_repeating_options=(--data-dir --brokers --ports --rack)
    __swkafka_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    '--brokers')
        return
        ;;
    '--ports')
        return
        ;;
    '--rack')
        return
        ;;
    '--override')
        return
        ;;
    esac
}

_swkafka_cluster_status() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir --output)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    esac
}

_swkafka_cluster_scale() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __swkafka_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    esac
}

_swkafka_cluster_stop() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __swkafka_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    esac
}

_swkafka_cluster_kill() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __swkafka_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    esac
}

_swkafka_cluster_pause() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __swkafka_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    esac
}

_swkafka_cluster_resume() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __swkafka_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    esac
}

_swkafka_cluster_restart() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __swkafka_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    esac
}

_swkafka_cluster_fault() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir --output)
    __swkafka_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    '--output')
        __swkafka_add_completions -W 'text'$'\n''table'$'\n''json'$'\n''yaml'
        return
        ;;
    esac
}

_swkafka_cluster_play() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir --seed --duration)
    __swkafka_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    '--seed')
        return
        ;;
    '--duration')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __swkafka_add_completions -f
        return
        ;;
    esac
}

_swkafka_cluster_down() {
    repeating_flags=()
    non_repeating_flags=(--wipe --version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    esac
}

_swkafka_cluster_logs() {
    repeating_flags=()
    non_repeating_flags=(--follow -f --version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __swkafka_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    esac
}

_swkafka_cluster_env() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __swkafka_add_completions -d
        return
        ;;
    esac
}

_swkafka_cluster_cluster-id() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(-b --bootstrap-server -C --bootstrap-controller -c --config --command-config)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '-b'|'--bootstrap-server')
        return
        ;;
    '-C'|'--bootstrap-controller')
        return
        ;;
    '-c'|'--config'|'--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    esac
}

_swkafka_cluster_list-endpoints() {
    repeating_flags=()
    non_repeating_flags=(--include-fenced-brokers --version -h --help)
    repeating_options=()
    non_repeating_options=(-b --bootstrap-server -C --bootstrap-controller -c --config --command-config)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '-b'|'--bootstrap-server')
        return
        ;;
    '-C'|'--bootstrap-controller')
        return
        ;;
    '-c'|'--config'|'--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    esac
}

_swkafka_cluster_unregister() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(-b --bootstrap-server -C --bootstrap-controller -c --config --command-config --id -i)
    __swkafka_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '-b'|'--bootstrap-server')
        return
        ;;
    '-C'|'--bootstrap-controller')
        return
        ;;
    '-c'|'--config'|'--command-config')
        __swkafka_add_completions -o plusdirs -fX '!*.@(properties)'
        return
        ;;
    '--id'|'-i')
        return
        ;;
    esac
}

_swkafka_links() {
    repeating_flags=()
    non_repeating_flags=(--force --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __swkafka_offer_flags_options 1

    # Offer positional completions
    case "${positional_number}" in
    1)
        __swkafka_add_completions -d
        return
        ;;
    esac
}

_swkafka_run() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--topic --override)
    non_repeating_options=()
    __swkafka_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--topic')
        return
        ;;
    '--override')
        return
        ;;
    esac
}

_swkafka_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __swkafka_offer_flags_options -1
}

complete -o filenames -F _swkafka swkafka
