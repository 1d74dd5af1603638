"""The fake ledger of the unit tests behaves like the real one, for random sequences of calls."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes import NOON, FakeClock, FakeLedger
from tests.integration.validator.conftest import TABLE
from uploads.ledger import DynamoDbLedger
from uploads.reasons import Reason
from uploads.record import Status, Upload

IDS = ["a" * 32, "b" * 32, "f" * 32]  # the last one is never issued

type Step = Callable[[Any], object]


def step(chance: random.Random) -> Step:
    upload_id, owner = chance.choice(IDS), chance.choice("AB")
    return chance.choice(
        [
            lambda ledger: ledger.claim(upload_id, owner, 100),
            lambda ledger: ledger.claim(upload_id, owner, 100),
            lambda ledger: ledger.claim(upload_id, owner, 100),
            lambda ledger: ledger.release(upload_id, owner),
            lambda ledger: ledger.withdraw(upload_id, owner),
            lambda ledger: ledger.accept(upload_id, owner, final_key="images/x", etag='"e"', sha256="c2hh"),
            lambda ledger: ledger.reject(upload_id, owner, reason=Reason.POLYGLOT, detail="A ZIP.", etag='"e"'),
            lambda ledger: ledger.approve(upload_id, owner, etag='"e"'),
            lambda ledger: ledger.hold(upload_id, owner, etag='"e"', held_etag='"h"'),
            lambda ledger: ledger.readmit(upload_id, '"h"') if upload_id != IDS[-1] else None,
        ]
    )


def answer(ledger: DynamoDbLedger | FakeLedger, ask: Step) -> object:
    try:
        return ask(ledger)
    except Exception as error:  # noqa: BLE001 - the errors are compared
        return type(error), getattr(error, "until", None), getattr(error, "upload", None)


@pytest.mark.parametrize("seed", range(10), ids="seed {}".format)
def test_fake_and_real_ledger_agree(dynamodb, seed):
    clock, chance = FakeClock(), random.Random(seed)
    real, fake = DynamoDbLedger(dynamodb, TABLE, clock), FakeLedger(clock)
    for upload_id in IDS[:-1]:
        upload = Upload(
            upload_id=upload_id,
            status=Status.ISSUED,
            content_type="image/png",
            file_size=70,
            file_name="a.png",
            created_at=NOON,
            updated_at=NOON,
        )
        real.issue(upload)
        fake.issue(upload)
    for _ in range(40):
        clock.advance(chance.choice([0, 1, 60, 100, 101]))
        ask = step(chance)
        assert answer(real, ask) == answer(fake, ask)
        assert [real.find(upload_id) for upload_id in IDS] == [fake.find(upload_id) for upload_id in IDS]
