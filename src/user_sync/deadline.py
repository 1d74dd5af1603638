"""A limit on the whole of a call: of looking up a name, of a server that drips, of a library's own retries."""

import queue
import threading
from collections.abc import Callable


class DeadlineError(Exception):
    """The call took too long. It may yet come to its end, unheard."""


def within[T](seconds: float, call: Callable[[], T]) -> T:
    """What `call` returns or raises; raises DeadlineError after `seconds`. What is abandoned must do no harm.

    Time-outs of sockets begin anew with each byte, and looking up a name has none: only a thread can be left alone.
    """
    outcome: queue.SimpleQueue[tuple[T, None] | tuple[None, BaseException]] = queue.SimpleQueue()

    def work() -> None:
        try:
            outcome.put((call(), None))
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
            outcome.put((None, error))

    threading.Thread(target=work, daemon=True).start()
    try:
        result, error = outcome.get(timeout=max(0, seconds))
    except queue.Empty:
        raise DeadlineError(f"no answer within {seconds:.1f} seconds") from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]  # there is a result where there is no error
