"""How a command in the foreground ends: in good order, whoever asks it to."""

import signal


def end_as_by_ctrl_c() -> None:
    """`kill` and a closed terminal, too; but for a terminal that is meant to be closed, as nohup has it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are born without
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
