"""A few uploads and one program after another, for tests of every step."""

from collections.abc import Callable

from tests.faults.cloud import QUEUE, STAGING, Functions
from tests.faults.files import SIZE, File, Kind, a_file
from tests.faults.programs import CrashError, Program
from tests.faults.sqs import Message
from tests.faults.storm import Sent, Storm, event

FIRST, EXHAUSTED = 1, 6


class Scene(Storm):
    """A storm without faults and chance: only the test acts."""

    def __init__(self, functions: Functions) -> None:
        super().__init__(functions, seed=1, likelihood=0.0)
        self.cloud.created = lambda _key: None
        self.cloud.idle = self.drain

    def send(self, kind: Kind, parts: int = 0) -> Sent:
        """Issues an upload and sends its file, in one piece or in parts."""
        return self.send_file(a_file(self.chance, kind, "image/jpeg"), parts)

    def send_file(self, file: File, parts: int = 0) -> Sent:
        answer = self.functions.issue(file.declared, SIZE)
        assert answer
        upload = Sent(
            answer["uploadId"], answer["key"], answer["uploadUrl"], answer["headers"], file.declared, self.cloud.now
        )
        self.sent[upload.upload_id] = upload
        self.put(upload, file, parts)
        return upload

    def replay(self, upload: Sent) -> None:
        """Sends a bad file to the same URL. S3 accepts it if the key is free, and sends an event."""
        self.unseal(upload)
        self.put(upload, a_file(self.chance, Kind.BAD, upload.declared), 0)
        if (STAGING, upload.key) in self.cloud.s3.objects:
            self.cloud.sqs.send(QUEUE, event(upload.key))

    def deliver(self, upload: Sent, receives: int = FIRST, program: Program | None = None) -> None:
        message = Message("event", event(upload.key), self.cloud.now, self.cloud.now, receives, "receipt 0 of event")
        self.run(lambda: self.functions.validate(message), program)

    def operate(self, program: Program | None = None) -> int:
        """Runs `phenom redrive local`, then processes the queue. Returns the exit code."""
        statuses: list[int] = [137]
        self.run(lambda: statuses.append(self.functions.redrive("--wait", "60")), program)
        self.drain()
        return statuses[-1]

    def release(self, upload: Sent, *arguments: str, program: Program | None = None) -> int:
        """Runs `phenom release`, then processes the queue. Returns the exit code."""
        statuses: list[int] = [137]
        command = (upload.upload_id, "--wait", "120", *arguments)
        self.run(lambda: statuses.append(self.functions.release(*command)), program)
        self.drain()
        return statuses[-1]

    def operate_until_done(self) -> None:
        for _ in range(4):
            if self.operate() == 0:
                return
            self.cloud.now += 900
        raise AssertionError("the redrive does not finish")

    def run(self, body: Callable[[], object], program: Program | None = None) -> None:
        outer, self.cloud.current = self.cloud.current, program or Program()
        try:
            body()
        except CrashError:
            pass
        finally:
            self.cloud.current = outer

    def drain(self) -> None:
        while (moment := self.cloud.sqs.next_visible(QUEUE)) < float("inf"):
            self.cloud.now = max(self.cloud.now, moment)
            message = self.cloud.sqs.take(QUEUE)
            if message is not None:
                self.run(lambda message=message: self._work(message))

    def _work(self, message: Message) -> None:
        if self.functions.validate(message):
            self.cloud.sqs.delete_message(QueueUrl=QUEUE, ReceiptHandle=message.receipt)

    def expire_lease(self) -> None:
        self.cloud.now += 400
