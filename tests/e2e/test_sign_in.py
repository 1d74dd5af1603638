"""Sign-in: users get claims that Hasura accepts and a database row, and can sign in when Hasura fails."""

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from local import user_session
from local.progress import TroubleError
from local.user_session import SignInError
from phenom import event_cases
from phenom.aws.stacks import LIVE
from tests.commands import run_phenom
from tests.e2e.api import Application, wait_for
from tests.e2e.conftest import ChangeSettings
from tests.e2e.sign_in_backend import SignInBackend, hasura_claims


@pytest.fixture(scope="session")
def backend(application: Application) -> SignInBackend:
    return SignInBackend(application)


def test_user_gets_claims_and_sees_only_their_own_row(backend: SignInBackend) -> None:
    other, user = backend.create_user(), backend.create_user(name="Ada Lovelace", locale="en-GB")
    backend.sign_in(other)
    tokens = backend.sign_in(user)
    assert hasura_claims(tokens) == {
        "x-hasura-user-id": user.sub,
        "x-hasura-default-role": "user",
        "x-hasura-allowed-roles": ["user"],
    }
    (row,) = user_session.own_rows(backend.cloud, tokens)
    assert (row["id"], row["email"], row["email_verified"]) == (user.sub, user.email, True)
    assert (row["display_name"], row["locale"], row["avatar_url"]) == ("Ada Lovelace", "en-GB", None)
    assert datetime.fromisoformat(row["last_sign_in_at"]) > datetime.now(UTC) - timedelta(minutes=5)


def test_sign_in_command_shows_claims_and_row(application: Application) -> None:
    done = run_phenom("sign-in", "--stack", application.stack_file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"x-hasura-default-role": "user"' in done.stdout
    assert '"email": "demo@example.org"' in done.stdout


def test_mapped_group_adds_its_role_and_other_groups_add_none(backend: SignInBackend) -> None:
    user = backend.create_user()
    backend.cognito.create_group(UserPoolId=backend.pool, GroupName="admin")
    for group in ("moderators", "admin"):
        backend.cognito.admin_add_user_to_group(UserPoolId=backend.pool, Username=user.email, GroupName=group)
    tokens = backend.sign_in(user)
    claims = hasura_claims(tokens)
    assert (claims["x-hasura-default-role"], claims["x-hasura-allowed-roles"]) == ("user", ["user", "moderator"])
    with pytest.raises(TroubleError, match="not in allowed"):
        user_session.own_rows(backend.cloud, tokens, role="admin")


def test_refreshed_tokens_keep_the_claims_and_leave_the_row_unchanged(backend: SignInBackend) -> None:
    user = backend.create_user()
    tokens = backend.sign_in(user)
    before = backend.row(user)
    refreshed = user_session.refresh(backend.cloud, tokens)
    assert refreshed.id != tokens.id
    assert hasura_claims(refreshed) == hasura_claims(tokens)
    assert backend.row(user) == before
    assert len(user_session.own_rows(backend.cloud, refreshed)) == 1


def test_changed_attribute_reaches_the_row_at_the_next_sign_in(backend: SignInBackend) -> None:
    user = backend.create_user(name="Before", picture="https://example.org/a.png")
    backend.sign_in(user)
    changes = [{"Name": "name", "Value": "After"}]
    backend.cognito.admin_update_user_attributes(UserPoolId=backend.pool, Username=user.email, UserAttributes=changes)
    backend.sign_in(user)
    row = backend.row(user)
    assert row is not None
    assert (row["display_name"], row["avatar_url"]) == ("After", "https://example.org/a.png")


def test_sign_in_works_without_hasura_and_the_row_is_written_later(backend: SignInBackend) -> None:
    """Three seconds is the documented limit for warm functions."""
    user = backend.create_user()
    backend.sign_in(backend.create_user())
    with backend.hasura_stopped():
        started = time.monotonic()
        tokens = backend.sign_in(user)
        assert time.monotonic() - started < 3
        assert hasura_claims(tokens)["x-hasura-user-id"] == user.sub
        assert backend.row(user) is None
    row = backend.wait_for_row(user)
    assert row["last_sign_in_at"] is not None
    assert row["last_sign_in_at"] < row["created_at"]


def test_rotated_admin_secret_is_read_again_immediately(backend: SignInBackend) -> None:
    early, late = backend.create_user(), backend.create_user()
    backend.sign_in(backend.create_user())  # caches the secret that becomes wrong
    with backend.hasura_restarted_with("rotated-admin-secret"):
        backend.sign_in(early)
        assert backend.row(early) is None
        with backend.app_secret_changed_to("rotated-admin-secret"):
            backend.sign_in(late)
            assert backend.row(late) is not None
            assert backend.wait_for_row(early)["email"] == early.email


def test_concurrent_sign_ins_of_one_user_create_one_row(backend: SignInBackend) -> None:
    user = backend.create_user()
    with ThreadPoolExecutor(2) as pool:
        tokens = list(pool.map(lambda _: backend.sign_in(user), range(2)))
    assert len({each.id for each in tokens}) == 2
    assert len(backend.rows(email=user.email)) == 1


def test_late_message_does_not_overwrite_a_newer_row(backend: SignInBackend) -> None:
    user = backend.create_user(name="Now")
    backend.sign_in(user)
    before = backend.row(user)
    marker = backend.create_user()

    def send(sub: str, attributes: dict[str, str], at: datetime) -> None:
        message = {
            "version": 1,
            "attributes": {"sub": sub, **attributes},
            "at": at.isoformat(),
            "signedIn": True,
        }
        backend.application.sqs.send_message(QueueUrl=backend.queue_url("user-sync"), MessageBody=json.dumps(message))

    now = datetime.now(UTC)
    send(user.sub, {"name": "Long ago"}, now - timedelta(hours=1))
    send(user.sub, {"name": "Longer ago"}, now - timedelta(hours=2))
    send(marker.sub, {"email": marker.email}, now)
    backend.wait_for_row(marker)
    queue = backend.queue_url("user-sync")
    wait_for(lambda: _is_empty(backend, queue), 30, "empty queue")
    assert backend.row(user) == before


def test_deleted_user_who_registers_again_gets_a_row_with_the_address(backend: SignInBackend) -> None:
    former = backend.create_user(name="Before")
    backend.sign_in(former)
    backend.cognito.admin_delete_user(UserPoolId=backend.pool, Username=former.email)
    user = backend.create_user(email=former.email, name="After")
    assert user.sub != former.sub
    tokens = backend.sign_in(user)
    (row,) = user_session.own_rows(backend.cloud, tokens)
    assert (row["email"], row["email_verified"], row["display_name"]) == (former.email, True, "After")
    left = backend.row(former)
    assert left is not None
    assert (left["email"], left["email_verified"], left["display_name"]) == (None, False, "Before")
    assert user.sub not in backend.dead_letters()


def test_unverified_address_does_not_keep_its_owner_out(backend: SignInBackend) -> None:
    user = backend.create_user()
    with psycopg.connect(backend.cloud.database_url) as connection:
        connection.execute(
            "INSERT INTO users (id, email, synced_at) VALUES (gen_random_uuid(), %s, now())", [user.email.upper()]
        )
    backend.sign_in(user)
    row = backend.row(user)
    assert row is not None
    assert (row["email"], row["email_verified"]) == (user.email, True)


def test_first_sign_in_of_a_federated_user_creates_the_row(backend: SignInBackend) -> None:
    """The emulator has no other identity providers: Cognito's event goes to the deployed function."""
    event, _ = event_cases.load("user_sync", "post_confirmation_federated")
    sub = str(uuid.uuid4())
    event["request"]["userAttributes"] |= {"sub": sub, "email": f"{sub}@example.org"}
    answer = backend.application.functions.invoke(
        FunctionName=f"{backend.cloud.functions['user_sync']}:{LIVE}", Payload=json.dumps(event)
    )
    assert json.loads(answer["Payload"].read()) == event
    (row,) = backend.rows(id=sub)
    assert (row["email"], row["email_verified"], row["avatar_url"]) == (
        f"{sub}@example.org",
        False,
        "https://images.example/ada.jpg",
    )
    assert row["last_sign_in_at"] == row["synced_at"]


def test_pool_calls_user_sync_for_confirmations_too(backend: SignInBackend) -> None:
    triggers = backend.cognito.describe_user_pool(UserPoolId=backend.pool)["UserPool"]["LambdaConfig"]
    assert triggers["PostConfirmation"] == triggers["PostAuthentication"]


def test_picture_that_is_no_web_address_is_not_stored(backend: SignInBackend) -> None:
    user = backend.create_user(name="Ada", picture="javascript:alert(document.cookie)")
    backend.sign_in(user)
    row = backend.row(user)
    assert row is not None
    assert (row["display_name"], row["avatar_url"]) == ("Ada", None)


def test_refused_user_waits_in_the_dead_letter_queue_for_redrive(backend: SignInBackend) -> None:
    user = backend.create_user(locale="xx-refused")
    with psycopg.connect(backend.cloud.database_url) as connection:
        connection.execute("ALTER TABLE users ADD CONSTRAINT users_known_locale CHECK (locale <> 'xx-refused')")
    try:
        assert hasura_claims(backend.sign_in(user))["x-hasura-user-id"] == user.sub
        letters = wait_for(backend.dead_letters, 30, "dead letter")
        assert letters[user.sub] == "permission-error: users_known_locale"
    finally:
        with psycopg.connect(backend.cloud.database_url) as connection:
            connection.execute("ALTER TABLE users DROP CONSTRAINT users_known_locale")
    listed = backend.redrive("--dry-run")
    assert (listed.returncode, user.email in listed.stdout) == (1, False)
    assert f"{user.sub}  permission-error: users_known_locale" in listed.stdout
    assert backend.redrive().returncode == 0
    assert backend.wait_for_row(user)["email"] == user.email


def test_misconfigured_user_sync_does_not_block_sign_in(
    backend: SignInBackend, changed_settings: ChangeSettings
) -> None:
    user = backend.create_user()
    with changed_settings("user_sync", COLUMNS_BY_ATTRIBUTE='{"email": "id"}'):
        assert hasura_claims(backend.sign_in(user))["x-hasura-user-id"] == user.sub


def test_misconfigured_claims_block_sign_in(backend: SignInBackend, changed_settings: ChangeSettings) -> None:
    user = backend.create_user()
    with (
        changed_settings("cognito_trigger", DEFAULT_ROLE="admin"),
        pytest.raises(SignInError, match="PreTokenGeneration"),
    ):
        backend.sign_in(user)
    backend.sign_in(user)


def test_pool_without_permission_cannot_invoke_user_sync(backend: SignInBackend) -> None:
    """Proves that the emulator enforces the template's permission."""
    user = backend.create_user()
    functions = backend.application.functions
    name = backend.cloud.functions["user_sync"]
    (statement,) = [
        each
        for each in json.loads(functions.get_policy(FunctionName=name, Qualifier=LIVE)["Policy"])["Statement"]
        if each["Principal"] == {"Service": "cognito-idp.amazonaws.com"}
    ]
    source = next(iter(statement["Condition"]["ArnLike"].values()))
    assert source.endswith(f":userpool/{backend.pool}")
    functions.remove_permission(FunctionName=name, Qualifier=LIVE, StatementId=statement["Sid"])
    try:
        with pytest.raises(SignInError, match="PostAuthentication"):
            backend.sign_in(user)
    finally:
        functions.add_permission(
            FunctionName=name,
            Qualifier=LIVE,
            StatementId=statement["Sid"],
            Action="lambda:InvokeFunction",
            Principal="cognito-idp.amazonaws.com",
            SourceArn=source,
        )
    backend.sign_in(user)


def _is_empty(backend: SignInBackend, queue: str) -> bool:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    response = backend.application.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return all(int(response[name]) == 0 for name in names)
