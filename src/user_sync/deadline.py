"""Limits the total time of a call, which socket time-outs, name resolution and retries of libraries do not."""

import queue
import threading
from collections.abc import Callable


class DeadlineError(Exception):
    """The call took too long. It may still finish in the background."""


def call_with_deadline[T](seconds: float, call: Callable[[], T]) -> T:
    """Returns or raises what `call` does, or raises DeadlineError after `seconds`.

    A call that is too slow keeps running in its thread and must be safe to abandon. A thread is needed because a
    socket's time-out restarts with each byte and name resolution has none.
    """
    outcome: queue.SimpleQueue[tuple[T, None] | tuple[None, BaseException]] = queue.SimpleQueue()

    def work() -> None:
        try:
            outcome.put((call(), None))
        except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
            outcome.put((None, error))

    threading.Thread(target=work, daemon=True).start()
    try:
        result, error = outcome.get(timeout=max(0, seconds))
    except queue.Empty:
        raise DeadlineError(f"no answer within {seconds:.1f} seconds") from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]  # without an error there is a result
