"""Users of the local cloud's user pool, and control of Hasura, its database and its admin secret."""

import json
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg.rows import dict_row

from local import stack, user_session
from local.hasura import daemon
from local.paths import CloudPaths
from local.stack import LocalUser, Stack
from local.user_session import Tokens
from phenom.commands import hasura_jwt
from tests.commands import run_phenom
from tests.e2e.api import Application, wait_for

PASSWORD = "Correct-horse-1"
SECRET_ID = "phenom-local-app-secrets"


@dataclass(frozen=True)
class PoolUser:
    """A user of the pool, with a password."""

    sub: str
    login: LocalUser

    @property
    def email(self) -> str:
        return self.login.username


@dataclass(frozen=True)
class SignInBackend:
    """The user pool, Hasura and its database of one local cloud."""

    application: Application

    @cached_property
    def cloud(self) -> Stack:
        return stack.read(self.application.stack_file)

    @cached_property
    def cognito(self) -> Any:
        return self.application.client("cognito-idp")

    @property
    def pool(self) -> str:
        return self.cloud.user_pool_id

    def create_user(self, email: str | None = None, **attributes: str) -> PoolUser:
        """Creates a user with a password, by default with a new address."""
        email = email or f"{uuid.uuid4().hex}@example.org"
        sub = self._create(email, attributes)
        self.cognito.admin_set_user_password(UserPoolId=self.pool, Username=email, Password=PASSWORD, Permanent=True)
        return PoolUser(sub, LocalUser(email, PASSWORD))

    def invite_user(self, number: int) -> str:
        """Creates a user who has never signed in. Returns their id."""
        return self._create(f"invited-{number}@example.org", {"name": f"Invited {number}"})

    def _create(self, email: str, more: dict[str, str]) -> str:
        attributes = {"email": email, "email_verified": "true"} | more
        created = self.cognito.admin_create_user(
            UserPoolId=self.pool,
            Username=email,
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
            MessageAction="SUPPRESS",
        )["User"]
        return next(str(each["Value"]) for each in created["Attributes"] if each["Name"] == "sub")

    def row_ids(self) -> set[str]:
        return {str(row["id"]) for row in self.rows()}

    def sign_in(self, user: PoolUser) -> Tokens:
        return user_session.sign_in(self.cloud, user.login)

    def rows(self, **where: object) -> list[dict[str, Any]]:
        """Reads rows of `users` from the database, without Hasura."""
        with psycopg.connect(self.cloud.database_url, row_factory=dict_row) as connection:
            rows = connection.execute("SELECT * FROM users").fetchall()
        return [row for row in rows if all(str(row[name]) == str(value) for name, value in where.items())]

    def row(self, user: PoolUser) -> dict[str, Any] | None:
        return next(iter(self.rows(id=user.sub)), None)

    def wait_for_row(self, user: PoolUser, seconds: float = 60) -> dict[str, Any]:
        return wait_for(lambda: self.row(user), seconds, f"row of {user.sub}")

    def queue_url(self, name: str) -> str:
        return str(self.application.sqs.get_queue_url(QueueName=f"phenom-local-{name}")["QueueUrl"])

    def dead_letters(self) -> dict[str, str]:
        """Returns the reason for each user in the dead-letter queue, by user id."""
        letters = self.application.sqs.receive_message(
            QueueUrl=self.queue_url("user-sync-dead-letters"),
            MaxNumberOfMessages=10,
            VisibilityTimeout=0,
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        return {
            json.loads(letter["Body"])["attributes"]["sub"]: letter["MessageAttributes"]["reason"]["StringValue"]
            for letter in letters
        }

    def redrive(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Runs the command of docs/runbooks/user-sync-dead-letters.md."""
        return run_phenom("redrive-users", "local", *options, "--stack", self.application.stack_file)

    @contextmanager
    def hasura_stopped(self) -> Iterator[None]:
        daemon.stop(self._places)
        try:
            yield
        finally:
            self.start_hasura(self.cloud.graphql_admin_secret)

    @contextmanager
    def hasura_restarted_with(self, admin_secret: str) -> Iterator[None]:
        """Restarts Hasura with another admin secret; restores it at the end."""
        daemon.stop(self._places)
        self.start_hasura(admin_secret)
        try:
            yield
        finally:
            daemon.stop(self._places)
            self.start_hasura(self.cloud.graphql_admin_secret)

    def start_hasura(self, admin_secret: str) -> None:
        running = self.cloud
        pool = hasura_jwt.UserPool(self.pool, running.user_pool_client_id, running.endpoint_url)
        port = int(running.graphql_url.split(":")[2].split("/")[0])
        daemon.start(self._places, port, running.database_url, admin_secret, hasura_jwt.jwt_secret(pool))

    @contextmanager
    def app_secret_changed_to(self, admin_secret: str) -> Iterator[None]:
        """Changes Hasura's admin secret in Secrets Manager; restores it at the end."""
        secrets_manager = self.application.client("secretsmanager")
        before = secrets_manager.get_secret_value(SecretId=SECRET_ID)["SecretString"]
        changed = json.dumps(json.loads(before) | {"hasuraAdminSecret": admin_secret})
        secrets_manager.put_secret_value(SecretId=SECRET_ID, SecretString=changed)
        try:
            yield
        finally:
            secrets_manager.put_secret_value(SecretId=SECRET_ID, SecretString=before)

    @property
    def _places(self) -> CloudPaths:
        return CloudPaths(self.application.stack_file.parent)


def hasura_claims(tokens: Tokens) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(tokens.claims()[user_session.CLAIMS])
    return claims
