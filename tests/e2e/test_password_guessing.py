"""The failed-attempt limiter of the deployed API, with its real permissions."""

from concurrent.futures import ThreadPoolExecutor

from tests.e2e.api import Application, Response, wait_for
from tests.e2e.conftest import ChangeSettings

LIMIT, WINDOW = 3, 12
FILE = {"fileName": "a.png", "contentType": "image/png", "fileSize": 1}
GUESSER, NEIGHBOUR, OTHER = "2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:3::1"


def attempt(application: Application, route: str, password: str, address: str = GUESSER) -> Response:
    """Sends `address` as X-Forwarded-For, which the emulator takes for the source address; API Gateway ignores it."""
    headers = {"x-api-key": application.stack["apiKey"], "X-Forwarded-For": address}
    return application.call("POST", f"/upload/{route}", {"password": password, **FILE}, headers)


def test_right_password_after_the_limit_is_refused_until_the_window_ends(
    application: Application, changed_settings: ChangeSettings
):
    right = application.stack["password"]
    limits = {"WRONG_PASSWORD_LIMIT": str(LIMIT), "WRONG_PASSWORD_WINDOW_SECONDS": str(WINDOW)}
    with changed_settings("presign", **limits):
        assert [attempt(application, "generate-url", "wrong").status for _ in range(LIMIT)] == [401] * LIMIT
        for route, address in (("generate-url", GUESSER), ("multipart", GUESSER), ("multipart", NEIGHBOUR)):
            response = attempt(application, route, right, address)
            assert (response.status, response.json["code"]) == (429, "throttled")
            assert 1 <= int(response.headers["retry-after"]) <= WINDOW
            assert response.headers["access-control-expose-headers"] == "Retry-After"
        assert attempt(application, "generate-url", right, OTHER).status == 200
        wait_for(lambda: attempt(application, "generate-url", right).status == 200, 2 * WINDOW, "end of the window")
        assert attempt(application, "multipart", right).status == 200


def test_concurrent_wrong_passwords_are_all_counted(application: Application, changed_settings: ChangeSettings):
    """Requests in flight when the limit is reached may still be checked, but each is counted."""
    address = "2001:db8:1:4::1"
    with changed_settings("presign", WRONG_PASSWORD_LIMIT="5"), ThreadPoolExecutor(8) as pool:
        statuses = [
            a.status for a in pool.map(lambda _: attempt(application, "multipart", "wrong", address), range(16))
        ]
    checked = statuses.count(401)
    assert set(statuses) <= {401, 429}
    assert 5 <= checked <= 5 + 8
    key = {"address": {"S": "2001:db8:1:4::/64"}}
    table = application.stack["wrongPasswordsTable"]
    assert application.client("dynamodb").get_item(TableName=table, Key=key)["Item"]["wrong"] == {"N": str(checked)}
