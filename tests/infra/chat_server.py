"""Synapse as module chat runs it: rendered configuration, start script, nginx, PostgreSQL, a pool for the sign-in."""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
import urllib3

from local.emulator.process import Emulator
from local.paths import CloudPaths
from tests.infra.plans import ROOT, TERRAFORM
from tests.infra.postgresql import MASTER, MASTER_PASSWORD, Server
from tests.infra.tls_proxy import ConnectProxy, TlsProxy, running_connect_proxy, running_proxy
from tests.infra.waiting import SECONDS, free_port, wait_for

MODULE = TERRAFORM / "modules" / "chat"
PROGRAMS = ROOT / ".venvs" / "synapse" / "bin"
COGNITO = "cognito-idp.us-east-1.amazonaws.com"
APP = "https://app.example.org/"
ELSEWHERE = "https://try.example.org/"
HARNESS = {"PATH", "WORK_DIRECTORY", "https_proxy", "SSL_CERT_FILE"}  # variables that ECS does not set
CLIENT_PATHS = ("/_matrix/", "/_synapse/client/", "/.well-known/matrix/")
MAX_UPLOAD_MB = 1
SECRETS = {f"{name}_SECRET": secrets.token_hex(32) for name in ("MACAROON", "FORM", "REGISTRATION")}
SIGNING_KEY = "ed25519 a_Test " + "kZLuqcqNjK0Yx2c0kX4yJjG3Tt9vQ0m1p8s5o7u6w2A"
EMAIL, PASSWORD = "ada@example.org", "Long-enough-1"


def find_nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def render(template: str, **variables: Any) -> str:
    """Returns a template of the module as Terraform renders it."""
    expression = f"base64encode(templatefile({json.dumps(str(MODULE / template))}, {json.dumps(variables)}))"
    done = subprocess.run(
        ["terraform", "console"],
        input=f"base64decode({expression})",
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    return _unquoted(done.stdout)


def _unquoted(shown: str) -> str:
    """Returns the text of what the console shows: a heredoc, or a quoted string."""
    lines = shown.rstrip("\n").split("\n")
    return "\n".join(lines[1:-1]) if lines[0].startswith("<<") else str(json.loads(shown))


def start_environment(**changed: str) -> dict[str, str]:
    """Returns what ECS would set for start.sh, without the database."""
    return {
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "SIGNING_KEY": SIGNING_KEY,
        "SIGNING_KEY_STORE": "phenom-test-synapse-signing-key",
        **SECRETS,
        **changed,
    }


def encrypt_connections(server: Server, data: Path, certificate: trustme.LeafCert) -> None:
    """Makes PostgreSQL accept TLS, and nothing else, from all but its superuser."""
    owner = data.stat()
    for name, content in (("key", certificate.private_key_pem), ("crt", certificate.cert_chain_pems[0])):
        path = data / f"server.{name}"
        path.write_bytes(content.bytes())
        path.chmod(0o600)
        os.chown(path, owner.st_uid, owner.st_gid)
    rules = data / "pg_hba.conf"
    rules.write_text("host all rdsadmin all scram-sha-256\nhostssl all all all scram-sha-256\n")
    server.run_as_superuser("ALTER SYSTEM SET ssl = on")
    server.run_as_superuser("SELECT pg_reload_conf()")


def create_database(server: Server, password: str) -> None:
    environment = {
        "PATH": f"{server.programs}:{os.environ['PATH']}",
        "NAME": "synapse",
        "PASSWORD": password,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "MASTER_USER": MASTER,
        "MASTER_PASSWORD": MASTER_PASSWORD,
    }
    script = (TERRAFORM / "modules" / "chat_database" / "database.sh").read_text()
    done = subprocess.run(["/bin/sh", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True, slots=True)
class Pool:
    """The local user pool with a confidential client for Synapse."""

    issuer: str
    client_id: str
    client_secret: str
    user_id: str


@contextmanager
def running_pool(directory: Path) -> Iterator[tuple[int, Any]]:
    """Yields the emulator's port and a client for Cognito."""
    paths = CloudPaths(directory)
    paths.create()
    emulator = Emulator(paths)
    port = free_port()
    emulator.start(port)
    try:
        yield port, emulator.aws().client("cognito-idp")
    finally:
        emulator.stop()


def create_pool(cognito: Any, callback: str) -> Pool:
    """As module cognito makes it, with the app client of docs/operations/synapse.md."""
    pool = cognito.create_user_pool(PoolName="phenom-test", UsernameAttributes=["email"])["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="synapse",
        GenerateSecret=True,
        SupportedIdentityProviders=["COGNITO"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "profile"],
        CallbackURLs=[callback],
    )["UserPoolClient"]
    attributes = [{"Name": "email", "Value": EMAIL}, {"Name": "name", "Value": "Ada"}]
    user = cognito.admin_create_user(
        UserPoolId=pool, Username=EMAIL, UserAttributes=attributes, MessageAction="SUPPRESS"
    )["User"]
    cognito.admin_set_user_password(UserPoolId=pool, Username=EMAIL, Password=PASSWORD, Permanent=True)
    subject = next(each["Value"] for each in user["Attributes"] if each["Name"] == "sub")
    return Pool(f"https://{COGNITO}/{pool}", client["ClientId"], client["ClientSecret"], subject)


@dataclass
class Chat:
    """Addresses: `url` of the edge, `proxy_url` of nginx, `inner_url` of Synapse.

    `http` trusts the edge and Cognito, and is at 127.0.0.9: another address than that of the proxies.
    """

    directory: Path
    server: Server
    url: str
    proxy_url: str
    inner_url: str
    pool: Pool
    cognito_port: int
    authority: Path
    environment: dict[str, str] = field(default_factory=dict)
    http: urllib3.PoolManager = field(init=False)

    def __post_init__(self) -> None:
        self.http = urllib3.PoolManager(
            ca_certs=str(self.authority), source_address=("127.0.0.9", 0), retries=False, maxsize=1
        )

    def log(self) -> str:
        return (self.directory / "synapse.log").read_text()

    def call(self, method: str, path: str, token: str | None = None, **options: Any) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= options.pop("headers", {})
        return self.http.request(method, self.url + path, headers=headers, redirect=False, **options)

    def register(self, name: str, *, admin: bool) -> dict[str, Any]:
        """Creates a user from behind the proxies with the registration secret, and returns what Synapse answers."""
        address = f"{self.inner_url}/_synapse/admin/v1/register"
        nonce = urllib3.request("GET", address).json()["nonce"]
        password = secrets.token_hex(16)
        fields = (nonce, name, password, "admin" if admin else "notadmin")
        mac = hmac.new(SECRETS["REGISTRATION_SECRET"].encode(), "\0".join(fields).encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": password, "admin": admin, "mac": mac}
        answer = urllib3.request("POST", address, json=body)
        assert answer.status == 200, answer.data
        return dict(answer.json())


@contextmanager
def running_chat(directory: Path, server: Server, database_password: str) -> Iterator[Chat]:
    authority = trustme.CA()
    trusted = directory / "authority.pem"
    authority.cert_pem.write_to_path(trusted)
    nginx, synapse = free_port(), free_port()
    media = directory / "media"
    media.mkdir()
    edge = TlsProxy(nginx, _edge_redirect, lambda client: {"CF-Connecting-IP": client}, append_forwarded=True)
    with ExitStack() as stack:
        edge_port = stack.enter_context(running_proxy(edge, authority.issue_cert("127.0.0.1")))
        url = f"https://127.0.0.1:{edge_port}"
        emulator, cognito = stack.enter_context(running_pool(directory / "cloud"))
        pool = create_pool(cognito, f"{url}/_synapse/client/oidc/callback")
        local_host = f"127.0.0.1:{emulator}"  # the emulator answers to no other host
        rename = (f"http://{local_host}", f"https://{COGNITO}")
        front = TlsProxy(emulator, headers=lambda _: {"Host": local_host}, rename=rename)
        cognito_port = stack.enter_context(running_proxy(front, authority.issue_cert(COGNITO, "127.0.0.1")))
        outward = stack.enter_context(running_connect_proxy(ConnectProxy(cognito_port)))
        chat = Chat(
            directory,
            server,
            url,
            f"http://127.0.0.1:{nginx}",
            f"http://127.0.0.1:{synapse}",
            pool,
            cognito_port,
            trusted,
        )
        sign_in = {"issuer": pool.issuer, "client_id": pool.client_id, "client_urls": [APP]}
        environment = start_environment(
            HOMESERVER_YAML=render(
                "homeserver.yaml.tftpl",
                server_name="chat.example.org",
                public_url=f"{url}/",
                port=synapse,
                max_upload_mb=MAX_UPLOAD_MB,
                sign_in=sign_in | {"label": "Phenom", "user_claim": "sub"},
            ),
            WORK_DIRECTORY=str(directory / "memory"),
            MEDIA_DIRECTORY=str(media),
            CLIENT_ID=pool.client_id,
            CLIENT_SECRET=pool.client_secret,
            SIGN_IN_STORE="phenom-test-synapse-sign-in",
            PGHOST="127.0.0.1",
            PGPORT=str(server.port),
            PGDATABASE="synapse",
            PGUSER="synapse",
            PGPASSWORD=database_password,
            PGSSLMODE="require",
            https_proxy=f"http://127.0.0.1:{outward}",
            SSL_CERT_FILE=str(trusted),
        )
        chat.environment = environment
        script = (MODULE / "start.sh").read_text()
        stack.enter_context(_running(["/bin/sh", "-c", script], directory / "synapse.log", environment))
        stack.enter_context(_running_nginx(directory, nginx, synapse))
        wait_for("Synapse answers", lambda: _is_healthy(chat.proxy_url))
        yield chat
        chat.http.clear()


def _edge_redirect(path: str) -> str | None:
    """The load balancer's rules: only paths that begin with a client path are forwarded."""
    return None if path.startswith(CLIENT_PATHS) else ELSEWHERE


@contextmanager
def _running_nginx(directory: Path, port: int, synapse: int) -> Iterator[None]:
    memory = directory / "proxy"
    memory.mkdir()
    settings = {"port": port, "synapse_port": synapse, "max_upload_mb": MAX_UPLOAD_MB, "client_paths": CLIENT_PATHS}
    configuration = render("nginx.conf.tftpl", **settings).replace("/dev/shm/", f"{memory}/")
    (memory / "nginx.conf").write_text(configuration)
    program = find_nginx()
    assert program
    with _running([program, "-c", str(memory / "nginx.conf")], directory / "nginx.log", dict(os.environ)):
        yield


@contextmanager
def _running(command: list[str], log: Path, environment: dict[str, str]) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(SECONDS)


def _is_healthy(url: str) -> bool:
    with contextlib.suppress(urllib3.exceptions.HTTPError):
        return urllib3.request("GET", f"{url}/health", retries=False).status == 200
    return False
