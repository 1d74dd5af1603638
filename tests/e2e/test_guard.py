"""Who guesses has to wait, on the deployed API and its real permissions."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.api import Application, wait_for
from tests.e2e.conftest import Reconfigure

LIMIT, WINDOW = 3, 12
FILE = {"fileName": "a.png", "contentType": "image/png", "fileSize": 1}


@pytest.fixture
def forgotten(application: Application) -> Iterator[None]:
    """What these tests have counted does not keep other tests out: they all come from one address."""
    yield
    dynamodb, table = application.client("dynamodb"), application.stack["wrongPasswordsTable"]
    for item in dynamodb.scan(TableName=table)["Items"]:
        dynamodb.delete_item(TableName=table, Key={"address": item["address"]})


def attempt(application: Application, route: str, password: str) -> Any:
    body = {"password": password, **FILE}
    return application.call("POST", f"/upload/{route}", body, {"x-api-key": application.stack["apiKey"]})


@pytest.mark.usefixtures("forgotten")
def test_after_some_wrong_passwords_not_even_the_right_one_helps_until_the_window_is_over(
    application: Application, reconfigured: Reconfigure
):
    right = application.stack["password"]
    guard = {"WRONG_PASSWORD_LIMIT": str(LIMIT), "WRONG_PASSWORD_WINDOW_SECONDS": str(WINDOW)}
    with reconfigured("presign", **guard):
        assert [attempt(application, "generate-url", "wrong").status for _ in range(LIMIT)] == [401] * LIMIT
        for route in ("generate-url", "multipart"):
            answer = attempt(application, route, right)
            assert (answer.status, answer.json["code"]) == (429, "throttled")
            assert 1 <= int(answer.headers["retry-after"]) <= WINDOW
            assert answer.headers["access-control-expose-headers"] == "Retry-After"
        wait_for(lambda: attempt(application, "generate-url", right).status == 200, 2 * WINDOW, "end of the window")
        assert attempt(application, "multipart", right).status == 200


@pytest.mark.usefixtures("forgotten")
def test_an_address_cannot_be_made_up(application: Application, reconfigured: Reconfigure):
    with reconfigured("presign", WRONG_PASSWORD_LIMIT="1"):
        attempt(application, "generate-url", "wrong")
        headers = {"x-api-key": application.stack["apiKey"], "X-Forwarded-For": "198.51.100.7"}
        body = {"password": application.stack["password"], **FILE}
        assert application.call("POST", "/upload/generate-url", body, headers).status == 429
