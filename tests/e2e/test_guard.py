"""Who guesses has to wait, on the deployed API and its real permissions."""

from concurrent.futures import ThreadPoolExecutor

from tests.e2e.api import Answer, Application, wait_for
from tests.e2e.conftest import Reconfigure

LIMIT, WINDOW = 3, 12
FILE = {"fileName": "a.png", "contentType": "image/png", "fileSize": 1}


GUESSER, NEIGHBOUR, OTHER = "2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:3::1"


def attempt(application: Application, route: str, password: str, address: str = GUESSER) -> Answer:
    """The emulator believes X-Forwarded-For, and gives functions that address. API Gateway does not."""
    headers = {"x-api-key": application.stack["apiKey"], "X-Forwarded-For": address}
    return application.call("POST", f"/upload/{route}", {"password": password, **FILE}, headers)


def test_after_some_wrong_passwords_not_even_the_right_one_helps_until_the_window_is_over(
    application: Application, reconfigured: Reconfigure
):
    right = application.stack["password"]
    guard = {"WRONG_PASSWORD_LIMIT": str(LIMIT), "WRONG_PASSWORD_WINDOW_SECONDS": str(WINDOW)}
    with reconfigured("presign", **guard):
        assert [attempt(application, "generate-url", "wrong").status for _ in range(LIMIT)] == [401] * LIMIT
        for route, address in (("generate-url", GUESSER), ("multipart", GUESSER), ("multipart", NEIGHBOUR)):
            answer = attempt(application, route, right, address)
            assert (answer.status, answer.json["code"]) == (429, "throttled")
            assert 1 <= int(answer.headers["retry-after"]) <= WINDOW
            assert answer.headers["access-control-expose-headers"] == "Retry-After"
        assert attempt(application, "generate-url", right, OTHER).status == 200
        wait_for(lambda: attempt(application, "generate-url", right).status == 200, 2 * WINDOW, "end of the window")
        assert attempt(application, "multipart", right).status == 200


def test_many_guesses_at_once_are_all_counted(application: Application, reconfigured: Reconfigure):
    """Those that are on their way while the limit is reached may still be looked at; none of them is forgotten."""
    address = "2001:db8:1:4::1"
    with reconfigured("presign", WRONG_PASSWORD_LIMIT="5"), ThreadPoolExecutor(8) as pool:
        statuses = [
            a.status for a in pool.map(lambda _: attempt(application, "multipart", "wrong", address), range(16))
        ]
    looked_at = statuses.count(401)
    assert set(statuses) <= {401, 429}
    assert 5 <= looked_at <= 5 + 8
    key = {"address": {"S": "2001:db8:1:4::/64"}}
    table = application.stack["wrongPasswordsTable"]
    assert application.client("dynamodb").get_item(TableName=table, Key=key)["Item"]["wrong"] == {"N": str(looked_at)}
