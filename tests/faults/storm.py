"""A storm of faults around all programs: uploads, workers and redrives, reproducible by its seed."""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote_plus, urlsplit

from tests.faults.cloud import QUEUE, STAGING, TIMEOUT_SECONDS, Cloud, Functions
from tests.faults.files import SIZE, File, a_file
from tests.faults.programs import CRASHES, ERRORS, STALLS, Fault, Plan, Program, Thread
from tests.faults.s3 import etag_of
from tests.faults.sqs import Message

SANDBOXES = 4
OUTAGES = (("connect", "scan"), ("update_item",), ("copy_object",), ("head_object", "copy_object", "get_object"))
URL_SECONDS = 3600
KILLED = 137
MAX_RELEASES = 60  # of a storm, so that it ends


@dataclass(slots=True)
class Sent:
    """One upload as its client knows it: `files` are those that S3 accepted, in order."""

    upload_id: str
    key: str
    url: str
    headers: dict[str, str]
    declared: str
    issued_at: float
    files: list[File] = field(default_factory=list)


class Storm:
    """One run. `likelihood` is the probability of a fault in each call of any program."""

    def __init__(self, functions: Functions, seed: int, likelihood: float) -> None:
        self.chance = random.Random(seed)
        self.cloud = functions.enter(Cloud(self.chance))
        self.cloud.created = self._announce
        self.sent: dict[str, Sent] = {}
        self.foreign: set[str] = set()
        self.faults: Counter[Fault] = Counter()
        self.exits: Counter[int] = Counter()
        self.releases: Counter[int] = Counter()
        self.functions = functions
        self._likelihood = likelihood
        self._threads: list[Thread] = []
        self._operators = 0
        self._releasers = 0
        self._status = 0
        self._outage: tuple[str, ...] = ()
        self._outage_ends = 0.0

    # ------------------------------------------------------------ events

    def run_storm(self, uploads: int, redrives: float = 0.002) -> None:
        """Runs clients, workers and redrives until every message is deleted or a dead letter."""
        while uploads or self._threads or self._next_message() < float("inf"):
            if uploads and self.chance.random() < 0.15:
                uploads -= self._client()
            if uploads and self.chance.random() < redrives and self._operators < 2:
                self.start_redrive()
            if self.chance.random() < redrives * 10 and self._releasers < 3 and self.releases.total() < MAX_RELEASES:
                self.start_release()
            self.cloud.clamd.knows_more = uploads < 20
            if uploads and self.chance.random() < self._likelihood / 20:
                self._outage = self.chance.choice(OUTAGES)
                self._outage_ends = self.cloud.now + self.chance.random() * 8 * 3600
            self.step()

    def step(self) -> None:
        """Resumes one program or starts a worker; if none can run, advances the clock."""
        self.cloud.now += self.chance.random()
        ready = [thread for thread in self._threads if thread.wake_at <= self.cloud.now]
        workers = sum(thread.deadline < float("inf") for thread in self._threads)
        message = None
        if workers < SANDBOXES and (not ready or self.chance.random() < 0.3):
            message = self.cloud.sqs.take(QUEUE)
        if message is not None:
            self._start_worker(message)
        elif ready:
            self._resume(self.chance.choice(ready))
        else:
            self._wait(with_messages=workers < SANDBOXES)

    def redrive(self, runs: int) -> int:
        """Redrives until the exit status is 0, at most `runs` times. Returns the last exit status."""
        for _ in range(runs):
            self.start_redrive()
            self._work_off()
            if self._status == 0:
                break
            self.cloud.now += 900  # messages locked by a killed run become visible again
        return self._status

    def _work_off(self) -> None:
        while self._threads or self._next_message() < float("inf"):
            self.step()

    def stop_faults(self) -> None:
        self._likelihood, self._outage = 0.0, ()

    # ------------------------------------------------------------ programs

    def _start_worker(self, message: Message) -> None:
        receipt = message.receipt

        def work() -> None:
            if self.functions.validate(message):
                self.cloud.sqs.delete_message(QueueUrl=QUEUE, ReceiptHandle=receipt)

        thread = self._start(work, (*ERRORS, *ERRORS, *CRASHES, *STALLS))
        thread.deadline = self.cloud.now + TIMEOUT_SECONDS
        if self.chance.random() < 0.5:
            thread.deadline = 1e12  # Lambda would end it; a worker that continues is the harder case
        self._resume(thread)

    def start_redrive(self) -> None:
        self._operators += 1

        def operate() -> None:
            status = KILLED
            try:
                status = self.functions.redrive("--wait", "40000")
            finally:
                self.exits[status] += 1
                self._status = status
                self._operators -= 1

        self._start(operate, (*ERRORS, *CRASHES, Fault.STALL_AFTER))

    def start_release(self) -> None:
        """Releases a quarantined upload, or one whose release was killed."""
        open_ = [upload for upload in self.sent.values() if self.is_quarantined(upload)]
        if open_:
            self._release(self.chance.choice(open_), self.chance.choice(("--judge-again", "--overrule")))

    def is_quarantined(self, upload: Sent) -> bool:
        return self.cloud.dynamodb.items[upload.upload_id].get("quarantined") == {"BOOL": True}

    def finish_releases(self) -> None:
        """Repeats the releases that were killed, which leave no verdict; a redrive cannot find all of them."""
        for upload in self.sent.values():
            status = self.cloud.dynamodb.items[upload.upload_id]["status"]["S"]
            if self.is_quarantined(upload) and status != "rejected":
                self._release(upload, "--judge-again")
                self._work_off()

    def _release(self, upload: Sent, mode: str) -> None:
        self._releasers += 1

        def operate() -> None:
            status = KILLED
            try:
                status = self.functions.release(upload.upload_id, mode, "--wait", "40000")
            finally:
                self.releases[status] += 1
                self._releasers -= 1

        self._start(operate, (*ERRORS, *CRASHES, Fault.STALL_AFTER))

    def _start(self, body: Callable[[], None], faults: tuple[Fault, ...]) -> Thread:
        thread = Thread(self._plan(faults), self.cloud.time, body)
        self._threads.append(thread)
        return thread

    def _plan(self, faults: tuple[Fault, ...]) -> Plan:
        def plan(_number: int, operation: str) -> Fault | None:
            """Returns faults for nearly all calls during an outage, otherwise at random."""
            if operation in self._outage and self.cloud.now < self._outage_ends and self.chance.random() < 0.95:
                return self.chance.choice((Fault.UNREACHABLE, Fault.THROTTLED, Fault.SERVER_ERROR))
            return self.chance.choice(faults) if self.chance.random() < self._likelihood else None

        return plan

    def _resume(self, thread: Thread) -> None:
        self.cloud.current = thread
        thread.resume()
        self.cloud.current = Program()
        if thread.done:
            self.faults.update(thread.faults)
            self._threads.remove(thread)

    def _wait(self, *, with_messages: bool) -> None:
        wakes = [thread.wake_at for thread in self._threads]
        moment = min([*wakes, self._next_message() if with_messages else float("inf")])
        if self.cloud.now < moment < float("inf"):
            self.cloud.now = moment

    def _next_message(self) -> float:
        return self.cloud.sqs.next_visible(QUEUE)

    # ------------------------------------------------------------ clients

    def _client(self) -> int:
        """Uploads a file, sends one to an old URL, or creates an object without an upload. Returns the new uploads."""
        kind = self.chance.random()
        if kind < 0.8 or not self.sent:
            return self._upload()
        upload = self.chance.choice(list(self.sent.values()))
        if kind < 0.97:
            self.unseal(upload)
            self.put(upload, a_file(self.chance, declared=upload.declared), self._parts())
        else:
            key = f"uploads/{upload.upload_id}.exe"
            self.foreign.add(key)
            self.cloud.s3.store(STAGING, key, b"MZ")
        return 0

    def _upload(self) -> int:
        file = a_file(self.chance)
        self.cloud.current = Program(self._plan(ERRORS))
        answer = self.functions.issue(file.declared, SIZE)
        if answer is None:
            return 0
        url, key = answer["uploadUrl"], answer["key"]
        upload = Sent(answer["uploadId"], key, url, answer["headers"], file.declared, self.cloud.now)
        self.sent[upload.upload_id] = upload
        for _ in range(self.chance.choice((0, 1, 1, 1, 1, 1, 1, 1, 1, 2))):  # twice if the answer was lost
            self.put(upload, file, self._parts())
        return 1

    def unseal(self, upload: Sent) -> None:
        """Removes the seal of a used URL, so that a second file arrives, as before there were seals."""
        stored = self.cloud.s3.objects.get((STAGING, upload.key))
        if stored is not None and stored.is_seal:
            del self.cloud.s3.objects[STAGING, upload.key]

    def _parts(self) -> int:
        return 2 if self.chance.random() < 0.2 else 0

    def put(self, upload: Sent, file: File, parts: int) -> None:
        """Does what S3 does with a PUT to a pre-signed URL; the ETag of an upload in parts differs from its copies'."""
        signed = parse_qs(urlsplit(upload.url).query)["X-Amz-SignedHeaders"][0].split(";")
        assert {"content-length", "content-type", "if-none-match"} <= set(signed)
        assert upload.headers == {"Content-Type": upload.declared, "If-None-Match": "*"}
        taken = (STAGING, upload.key) in self.cloud.s3.objects
        if taken or self.cloud.now > upload.issued_at + URL_SECONDS or len(file.body) != SIZE:
            return
        upload.files.append(file)
        etag = etag_of(file.body, parts)
        self.cloud.s3.store(STAGING, upload.key, file.body, content_type=file.declared, etag=etag)

    def _announce(self, key: str) -> None:
        """Sends the event to the queue: at least once, now or later, sometimes with a second object."""
        keys = [key]
        if self.chance.random() < 0.05 and self.sent:
            keys.append(self.chance.choice([upload.key for upload in self.sent.values() if upload.files] or keys))
        for _ in range(self.chance.choice((1, 1, 1, 1, 2, 3))):
            late = self.chance.random() < 0.05
            self.cloud.sqs.send(QUEUE, event(*keys), self.chance.random() * (6 * 3600 if late else 30))


def event(*keys: str) -> str:
    records = [
        {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": STAGING}, "object": {"key": quote_plus(key)}}}
        for key in keys
    ]
    return json.dumps({"Records": records})
