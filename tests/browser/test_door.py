"""Pages of other sites in a real Chromium: they cannot use the local cloud, except for what is meant for pages."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as Tab

from tests.browser.network import Network
from tests.e2e.api import Application

PAGE = b"<!doctype html><title>evil</title><body></body>"
QUEUE = "made-by-a-page"
CALLBACK = "http://localhost:3000"


@pytest.fixture(scope="module")
def evil_site() -> Iterator[str]:
    """The address of a page on this machine under another name: for browsers another site."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, *_: Any) -> None:
            """Prints nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def tab(browser: Browser, network: Network) -> Iterator[Tab]:
    context = browser.new_context(proxy={"server": network.address, "bypass": "<-loopback>"})
    yield context.new_page()
    context.close()


def create_queue_url(application: Application) -> str:
    """A call with the root key and a signature of zeros in the query string, which a page can send without asking."""
    stack = application.stack
    names = {
        "Action": "CreateQueue",
        "QueueName": QUEUE,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{stack['accessKeyId']}/20260101/us-east-1/sqs/aws4_request",
        "X-Amz-Date": "20260101T000000Z",
        "X-Amz-Expires": "600",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "00",
    }
    return f"{stack['endpointUrl']}/?{urlencode(names, quote_via=quote)}"


def by_fetch(tab: Tab, url: str) -> None:
    tab.evaluate("url => fetch(url, {method: 'POST', mode: 'no-cors', body: 'x'}).catch(() => 0)", url)


def by_form(tab: Tab, url: str) -> None:
    script = """url => {
        const form = document.createElement('form');
        Object.assign(form, {method: 'POST', enctype: 'text/plain', action: url});
        document.body.append(form); form.submit();
    }"""
    with tab.expect_navigation():
        tab.evaluate(script, url)


def by_image(tab: Tab, url: str) -> None:
    script = "url => new Promise(done => Object.assign(new Image(), {src: url, onerror: done, onload: done}))"
    tab.evaluate(script, url)


@contextmanager
def no_queue_afterwards(application: Application) -> Iterator[None]:
    yield
    with pytest.raises(ClientError, match=r"QueueDoesNotExist|NonExistentQueue"):
        application.sqs.get_queue_url(QueueName=QUEUE)


@pytest.mark.parametrize("attack", [by_fetch, by_form, by_image])
def test_page_of_another_site_cannot_call_aws(
    application: Application, tab: Tab, evil_site: str, attack: Callable[[Tab, str], None]
) -> None:
    tab.goto(evil_site)
    with no_queue_afterwards(application):
        attack(tab, create_queue_url(application))


@pytest.mark.parametrize("attack", [by_fetch, by_form])
def test_page_of_another_site_cannot_reset_the_local_cloud(
    application: Application, tab: Tab, evil_site: str, attack: Callable[[Tab, str], None]
) -> None:
    tab.goto(evil_site)
    attack(tab, f"{application.stack['endpointUrl']}/_ministack/reset")
    application.s3.head_bucket(Bucket=application.stack["finalBucket"])
    assert application.functions.get_function_configuration(FunctionName=application.function_name("presign"))


def test_page_of_another_site_cannot_send_passwords_to_the_pool(
    application: Application, tab: Tab, evil_site: str
) -> None:
    """The header that chooses the call needs a preflight, which is refused."""
    tab.goto(evil_site)
    script = """url => fetch(url, {method: 'POST', body: '{}', headers: {
        'X-Amz-Target': 'AWSCognitoIdentityProviderService.InitiateAuth'}}).then(() => 'sent', () => 'refused')"""
    assert tab.evaluate(script, application.stack["endpointUrl"] + "/") == "refused"


def test_person_signs_in_at_the_hosted_page(application: Application, tab: Tab, evil_site: str) -> None:
    """From the page of an app, which then exchanges the code for tokens and reads the pool's keys."""
    stack = application.stack
    client = {"client_id": stack["userPoolClientId"], "redirect_uri": CALLBACK}
    start = {**client, "response_type": "code", "scope": "openid email", "state": "s"}
    tab.route(f"{CALLBACK}/**", lambda route: route.fulfill(body="<!doctype html><p>app", content_type="text/html"))
    tab.goto(evil_site)
    tab.evaluate("url => { location.href = url }", f"{stack['endpointUrl']}/oauth2/authorize?{urlencode(start)}")
    tab.get_by_label("Username").fill(stack["demoUser"]["username"])
    tab.get_by_label("Password").fill(stack["demoUser"]["password"])
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_text("app")).to_be_visible()
    (code,) = parse_qs(urlsplit(tab.url).query)["code"]
    form = urlencode({**client, "grant_type": "authorization_code", "code": code})
    script = """async ([url, body]) => (await fetch(url, {
        method: 'POST', body, headers: {'Content-Type': 'application/x-www-form-urlencoded'}})).json()"""
    tokens = tab.evaluate(script, [f"{stack['endpointUrl']}/oauth2/token", form])
    assert {"id_token", "access_token"} <= tokens.keys(), json.dumps(tokens)
    keys = "async url => (await fetch(url)).json()"
    issuer = f"{stack['endpointUrl']}/{stack['userPoolId']}/.well-known/jwks.json"
    assert tab.evaluate(keys, issuer)["keys"]
