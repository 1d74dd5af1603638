"""Programs that call the cloud, and the faults of their calls."""

import threading
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

SERVICE = "https://service.us-east-1.amazonaws.com"
STALL_SECONDS = 320  # longer than any lease


class CrashError(BaseException):
    """The program died: it was killed, or ran out of memory or time."""


class Fault(StrEnum):
    """Faults of a call: it fails before or after its effect, or the program dies or stalls around it."""

    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    SERVER_ERROR = "server error"
    FALSE_ERROR = "server error although the call took effect"
    ANSWER_LOST = "the call took effect, but its answer was lost"
    REPEATED = "the call was repeated, because its first answer was lost"
    CRASH_BEFORE = "crash before the call"
    CRASH_AFTER = "crash after the call"
    STALL_BEFORE = "stalls before the call for longer than its lease"
    STALL_AFTER = "stalls after the call for longer than its lease"
    BROKEN_BODY = "the body breaks in the middle"


ERRORS = (
    Fault.UNREACHABLE,
    Fault.THROTTLED,
    Fault.SERVER_ERROR,
    Fault.FALSE_ERROR,
    Fault.ANSWER_LOST,
    Fault.REPEATED,
    Fault.BROKEN_BODY,
)
CRASHES = (Fault.CRASH_BEFORE, Fault.CRASH_AFTER)
STALLS = (Fault.STALL_BEFORE, Fault.STALL_AFTER)

type Plan = Callable[[int, str], Fault | None]


def nothing_fails(_number: int, _operation: str) -> None:
    """The plan without faults."""


def at(step: int, fault: Fault) -> Plan:
    """Returns the plan in which only call number `step` fails, counted from 0."""
    return lambda number, _operation: fault if number == step else None


class Program:
    """A program that makes calls. A dead one makes no more calls, not even to release its lease."""

    def __init__(self, plan: Plan = nothing_fails) -> None:
        self.calls: list[str] = []
        self.faults: Counter[Fault] = Counter()
        self.dead = False
        self._plan = plan

    def pause(self, seconds: float) -> None:
        """Lets other programs run for at least `seconds`."""

    def call(self, operation: str, effect: Callable[[], Any]) -> Any:
        self._live(0)
        self.calls.append(operation)
        fault = self._plan(len(self.calls) - 1, operation)
        if fault is Fault.BROKEN_BODY and operation != "get_object":
            fault = None
        if fault:
            self.faults[fault] += 1
        self._before(fault, operation)
        answer = effect()
        if fault is Fault.REPEATED:
            answer = effect()
        self._after(fault, operation)
        return answer.broken() if fault is Fault.BROKEN_BODY else answer

    def _live(self, seconds: float) -> None:
        if not self.dead:
            self.pause(seconds)
        if self.dead:
            raise CrashError

    def _before(self, fault: Fault | None, operation: str) -> None:
        if fault is Fault.STALL_BEFORE:
            self._live(STALL_SECONDS)
        if fault is Fault.CRASH_BEFORE:
            self.dead = True
            raise CrashError
        if fault is Fault.UNREACHABLE:
            raise EndpointConnectionError(endpoint_url=SERVICE)
        if fault is Fault.THROTTLED:
            raise refusal(503, "SlowDown" if "object" in operation else "ThrottlingException", operation)
        if fault is Fault.SERVER_ERROR:
            raise refusal(500, "InternalError", operation)

    def _after(self, fault: Fault | None, operation: str) -> None:
        if fault is Fault.STALL_AFTER:
            self._live(STALL_SECONDS)
        if fault is Fault.CRASH_AFTER:
            self.dead = True
            raise CrashError
        if fault is Fault.ANSWER_LOST:
            raise ReadTimeoutError(endpoint_url=SERVICE)
        if fault is Fault.FALSE_ERROR:
            raise refusal(500, "InternalError", operation)


def refusal(status: int, code: str, operation: str, **more: Any) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(answer, operation)


class Thread(Program):
    """A program among others. One runs at a time and yields at each call, so that the seed decides the order."""

    def __init__(self, plan: Plan, now: Callable[[], float], body: Callable[[], None]) -> None:
        super().__init__(plan)
        self.wake_at = now()
        self.done = False
        self.deadline = float("inf")
        self._now = now
        self._body = body
        self._error: BaseException | None = None
        self._go, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started = False

    def resume(self) -> None:
        """Runs the program until its next pause or its end."""
        if self._now() > self.deadline:
            self.dead = True
        if self._started:
            self._go.release()
        else:
            self._started = True
            self._thread.start()
        self._back.acquire()
        if self._error is not None:
            raise self._error

    def pause(self, seconds: float) -> None:
        self.wake_at = self._now() + seconds
        self._back.release()
        self._go.acquire()

    def _run(self) -> None:
        try:
            self._body()
        except CrashError:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again in resume()
            self._error = error
        self.done = True
        self._back.release()
