"""A storm of faults around the pipeline: clients, a queue and workers, reproducible by its seed."""

import random
from collections import Counter
from dataclasses import dataclass

from tests.fakes import FakeScanner, etag_of
from tests.unit.validator.world import LEASE_SECONDS, CrashError, Fault, Wire, World, bad, good
from uploads.errors import LeaseHeldError
from uploads.record import DECIDED, HELD_PREFIX, STAGING_PREFIX, Upload, upload_id_from_key
from validator.pipeline import Outcome
from validator.retries import ATTEMPTS

RECEIVES = 10  # maxReceiveCount of ValidatorQueue
VISIBILITY_SECONDS = 1800
SIZE = 40  # of all files, so that each can be sent to the URL of any other
GOOD = good().ljust(SIZE, b":")
NOT_YET_DETECTED = good(note=FakeScanner.NEW_SIGNATURE.decode()).ljust(SIZE, b":")
INFECTED = good(note=FakeScanner.SIGNATURE.decode()).ljust(SIZE, b":")
CONTENTS = (GOOD, NOT_YET_DETECTED, INFECTED, bad().ljust(SIZE), good("image/gif").ljust(SIZE, b":"))


@dataclass(slots=True)
class Message:
    """The event of one key in the queue."""

    key: str
    visible_at: float
    receives: int = 0
    in_flight: bool = False


class Storm:
    """One run. `likelihood` is the probability of a fault in each call of a worker."""

    def __init__(self, seed: int, likelihood: float) -> None:
        self.world = World()
        self.queue: list[Message] = []
        self.dead_letters: list[str] = []
        self.uploads: list[Upload] = []
        self.first: dict[str, bytes] = {}
        self.results: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._likelihood = likelihood
        self._faultless = False
        self._workers = 0
        self._depth = 0

    def run(self, uploads: int) -> None:
        """Sends uploads, also while workers run, until every message is deleted or a dead letter."""
        while uploads or self.queue:
            if uploads and self._random.random() < 0.5:
                self._client()
                uploads -= 1
            else:
                self._receive()
            self.world.scanner.knows_more = uploads < 20

    def redrive(self) -> None:
        """Does what `phenom redrive` does, without faults."""
        self._faultless = True
        letters, self.dead_letters = self.dead_letters, []
        for upload in map(self.world.now, self.uploads):
            held = self.world.storage.staging.get(upload.held_key)
            if held is not None and upload.status not in DECIDED:
                self.world.ledger.readmit(upload.upload_id, etag_of(held))
                self._announce(upload.staging_key)
        for key in letters:
            self._announce(key)
        while self.queue:
            self._receive()
        for key in [key for key in self.world.storage.staging if key.startswith(HELD_PREFIX)]:
            upload_id = upload_id_from_key(STAGING_PREFIX + key.removeprefix(HELD_PREFIX))
            if self.world.ledger.uploads[str(upload_id)].status in DECIDED:
                del self.world.storage.staging[key]

    def _client(self) -> None:
        """Uploads a file, sends one to an old URL, or creates an object without an upload.

        Some URLs are never used, but an event of their key may come.
        """
        kind = self._random.random()
        if kind < 0.8 or not self.uploads:
            content = self._random.choice(CONTENTS)
            upload = self.world.issue(file_size=len(content))
            self.uploads.append(upload)
            self._send(upload, content)
        elif kind < 0.95:
            upload = self._random.choice(self.uploads)
            self._send(upload, self._random.choice(CONTENTS))
        else:
            key = f"uploads/{self._random.choice(self.uploads).upload_id}.exe"
            self.world.storage.staging[key] = bad()
            self._announce(key)

    def _send(self, upload: Upload, content: bytes) -> None:
        if self._random.random() < 0.9 and self.world.put(upload, content):
            self.first.setdefault(upload.upload_id, content)
            for _ in range(self._random.choice((1, 1, 1, 2, 3))):
                self._announce(upload.staging_key)
        elif self._random.random() < 0.5:
            self._announce(upload.staging_key)

    def _announce(self, key: str) -> None:
        self.queue.append(Message(key, self._now() + self._random.random() * 30))

    def _now(self) -> float:
        return self.world.clock().timestamp()

    def _receive(self) -> None:
        """Receives a random visible message, or advances the clock to the next one."""
        waiting = [message for message in self.queue if not message.in_flight]
        if not waiting:
            return
        if self._depth == 0:
            self.world.clock.advance(max(0.0, min(message.visible_at for message in waiting) - self._now()) + 0.01)
        visible = [message for message in waiting if message.visible_at <= self._now()]
        if visible:
            self._work(self._random.choice(visible))

    def _work(self, message: Message) -> None:
        message.receives += 1
        message.in_flight = True
        self._workers += 1
        self._depth += 1
        wait = self._deliver(message, f"worker {self._workers}")
        self._depth -= 1
        message.in_flight = False
        if wait is None or message.receives >= RECEIVES:
            self.queue.remove(message)
            if wait is not None:
                self.dead_letters.append(message.key)
        else:
            message.visible_at = self._now() + wait

    def _deliver(self, message: Message, owner: str) -> float | None:
        """Returns None if the message is done, else the seconds until it is visible again, as in the handler."""
        try:
            result = self.world.deliver(message.key, message.receives, owner, Wire(self._plan))
        except CrashError:
            return VISIBILITY_SECONDS
        except LeaseHeldError as held:
            return held.until - self._now() + 1
        except Exception:  # noqa: BLE001 - any error of an adapter
            return min(3600, 15 * 4.0 ** (message.receives - 1))
        self.results[result.outcome] += 1
        return 0 if result.outcome is Outcome.HELD and message.receives > ATTEMPTS else None

    def _plan(self, _number: int, _name: str) -> Fault | None:
        """Lets other workers run between two calls of one, and returns the fault of the next call."""
        if self._faultless:
            return None
        if self._depth < 3 and self._random.random() < 0.05:
            self._receive()
        if self._depth < 2:
            self.world.clock.advance(self._random.random() * LEASE_SECONDS / 100)
        return self._random.choice(list(Fault)) if self._random.random() < self._likelihood else None
