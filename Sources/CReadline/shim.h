#include <stdio.h>
#include <stdlib.h>
#include <readline/readline.h>
#include <readline/history.h>

/* Readline is set up through global variables, which Swift does not let one touch. */
static inline void swkafka_readline_setup(void) {
    /* Signals are the command's own business. */
    rl_catch_signals = 0;
    rl_readline_name = "swkafka";
    rl_bind_key('\t', rl_insert);
}

/* Completes with the matches that the function finds: malloc'ed words after what they have in common, or NULL. */
static inline void swkafka_readline_complete(char **(*matches)(const char *, int, int)) {
    rl_bind_key('\t', rl_complete);
    rl_attempted_completion_function = matches;
    /* A word of a command line as a shell sees it; paths and host:port are whole words. */
    rl_basic_word_break_characters = " \t\n|;&<>";
    rl_completer_word_break_characters = rl_basic_word_break_characters;
}

/* For the function above: the line as far as the cursor, no files when nothing matches, and what follows a match. */
static inline const char *swkafka_readline_line(void) { return rl_line_buffer ? rl_line_buffer : ""; }
static inline void swkafka_readline_matched(int files, int blank) {
    rl_attempted_completion_over = !files;
    rl_completion_append_character = blank ? ' ' : '\0';
}

/* Forgets a half typed line and shows the prompt anew. */
static inline void swkafka_readline_abandon(void) {
    rl_free_line_state();
    rl_callback_sigcleanup();
    rl_replace_line("", 0);
    rl_crlf();
    rl_on_new_line();
    rl_redisplay();
}
