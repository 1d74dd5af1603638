"""Secrets Manager in memory, its clock, and its errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError


@dataclass
class FakeMonotonicClock:
    """A clock in seconds that the test moves."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class FakeSecrets:
    """Secrets Manager with one secret; raises `value` when it is an exception, after `seconds` on the clock."""

    clock: FakeMonotonicClock
    value: str | Exception | None
    seconds: float = 0.0
    reads: int = 0

    def get_secret_value(self, **kwargs: Any) -> Mapping[str, Any]:
        assert kwargs == {"SecretId": "the-secret"}
        self.reads += 1
        self.clock.sleep(self.seconds)
        if isinstance(self.value, Exception):
            raise self.value
        described = {"Name": "the-secret", "VersionId": "v7"}
        return described if self.value is None else described | {"SecretString": self.value}


def client_error(code: str, operation: str = "GetSecretValue", **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "no value of the request"}, **more}
    return ClientError(response, operation)
