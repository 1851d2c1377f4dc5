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
