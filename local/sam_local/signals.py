"""Signal handling of foreground commands: every request to end leads to a clean stop."""

import signal


def end_as_by_ctrl_c() -> None:
    """Makes SIGTERM and SIGHUP act like Ctrl-C, unless SIGHUP is ignored, as under nohup."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start background jobs with SIGINT ignored
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
