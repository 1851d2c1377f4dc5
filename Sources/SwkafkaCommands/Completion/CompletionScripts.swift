/// The scripts that shells complete with. They only carry words to swkafka and candidates back.
enum CompletionScripts {
    static func script(_ shell: CompletionCommand.Shell) -> String {
        switch shell {
        case .bash: bash
        case .zsh: zsh
        case .fish: fish
        }
    }

    /// All names that swkafka is called by.
    private static var names: String {
        (["swkafka"] + ScriptName.commands.flatMap(ScriptName.fileNames)).joined(separator: " ")
    }

    private static var bash: String {
        """
        # Completion of swkafka for bash. Written by "make docs".
        _swkafka() {
            local current=$2 line value
            COMPREPLY=()
            while IFS= read -r line; do
                if [ "$line" = :files ]; then
                    compopt -o filenames 2>/dev/null
                    while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$current")
                    return
                fi
                COMPREPLY+=("$line")
            done < <("$1" __complete bash "$current" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
            # After a name and "=", or a comma, more follows.
            case ${COMPREPLY[0]} in
            *=) compopt -o nospace 2>/dev/null ;;
            esac
        }
        complete -F _swkafka \(names)

        """
    }

    private static var zsh: String {
        """
        #compdef \(names)
        # Completion of swkafka for zsh. Written by "make docs".
        _swkafka() {
            local line value
            local -a lines plain plain_shown open open_shown
            lines=("${(@f)$(${words[1]} __complete zsh "${(Q)words[CURRENT]}" "${(@Q)words[1,CURRENT]}" 2>/dev/null)}")
            if [[ $lines[1] == :files ]]; then
                _files
                return
            fi
            for line in $lines; do
                value=${line%%$'\\t'*}
                [[ $line == *$'\\t'* ]] && line="$value  -- ${line#*$'\\t'}"
                if [[ $value == *= ]]; then
                    open+=("$value")
                    open_shown+=("$line")
                else
                    plain+=("$value")
                    plain_shown+=("$line")
                fi
            done
            (( $#plain )) && compadd -l -d plain_shown -a plain
            (( $#open )) && compadd -S '' -l -d open_shown -a open
            return 0
        }
        if [[ $funcstack[1] == _swkafka ]]; then
            _swkafka "$@"
        else
            compdef _swkafka \(names)
        fi

        """
    }

    private static var fish: String {
        """
        # Completion of swkafka for fish. Written by "make docs".
        function __swkafka_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            set -l lines (command $words[1] __complete fish "$current" $words "$current" 2>/dev/null)
            if test "$lines[1]" = :files
                __fish_complete_path "$current"
                return
            end
            printf '%s\\n' $lines
        end
        for name in \(names)
            complete -c $name -f -a '(__swkafka_complete)'
        end

        """
    }
}
