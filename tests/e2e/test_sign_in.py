"""Who signs in has claims that Hasura accepts, and a row; and nothing that goes wrong behind it keeps them out."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from local import user_session
from local.progress import TroubleError
from local.user_session import SignInError
from phenom.aws.stacks import LIVE
from tests.commands import run_phenom
from tests.e2e.api import Application, wait_for
from tests.e2e.conftest import Reconfigure
from tests.e2e.people import SignIn, hasura_claims


@pytest.fixture(scope="session")
def signing_in(application: Application) -> SignIn:
    return SignIn(application)


def test_who_signs_in_has_the_claims_and_sees_their_own_row_and_no_other(signing_in: SignIn) -> None:
    other, person = signing_in.person(), signing_in.person(name="Ada Lovelace", locale="en-GB")
    signing_in.sign_in(other)
    tokens = signing_in.sign_in(person)
    assert hasura_claims(tokens) == {
        "x-hasura-user-id": person.sub,
        "x-hasura-default-role": "user",
        "x-hasura-allowed-roles": ["user"],
    }
    (row,) = user_session.own_rows(signing_in.offered, tokens)
    assert (row["id"], row["email"], row["email_verified"]) == (person.sub, person.user.username, True)
    assert (row["display_name"], row["locale"], row["avatar_url"]) == ("Ada Lovelace", "en-GB", None)
    assert datetime.fromisoformat(row["last_sign_in_at"]) > datetime.now(UTC) - timedelta(minutes=5)


def test_command_of_the_readme_shows_claims_and_row(application: Application) -> None:
    done = run_phenom("sign-in", "--stack", application.stack_file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"x-hasura-default-role": "user"' in done.stdout
    assert '"email": "demo@example.org"' in done.stdout


def test_group_gives_its_role_and_another_group_gives_nothing(signing_in: SignIn) -> None:
    person = signing_in.person()
    signing_in.cognito.create_group(UserPoolId=signing_in.pool, GroupName="admin")
    for group in ("moderators", "admin"):
        signing_in.cognito.admin_add_user_to_group(
            UserPoolId=signing_in.pool, Username=person.user.username, GroupName=group
        )
    tokens = signing_in.sign_in(person)
    claims = hasura_claims(tokens)
    assert (claims["x-hasura-default-role"], claims["x-hasura-allowed-roles"]) == ("user", ["user", "moderator"])
    with pytest.raises(TroubleError, match="not in allowed"):
        user_session.own_rows(signing_in.offered, tokens, role="admin")


def test_refreshed_tokens_keep_the_claims_and_are_no_sign_in(signing_in: SignIn) -> None:
    person = signing_in.person()
    tokens = signing_in.sign_in(person)
    before = signing_in.row(person)
    refreshed = user_session.refresh(signing_in.offered, tokens)
    assert refreshed.id != tokens.id
    assert hasura_claims(refreshed) == hasura_claims(tokens)
    assert signing_in.row(person) == before
    assert len(user_session.own_rows(signing_in.offered, refreshed)) == 1


def test_change_of_an_attribute_reaches_the_row_at_the_next_sign_in(signing_in: SignIn) -> None:
    person = signing_in.person(name="Before", picture="https://example.org/a.png")
    signing_in.sign_in(person)
    changes = [{"Name": "name", "Value": "After"}]
    signing_in.cognito.admin_update_user_attributes(
        UserPoolId=signing_in.pool, Username=person.user.username, UserAttributes=changes
    )
    signing_in.sign_in(person)
    row = signing_in.row(person)
    assert row is not None
    assert (row["display_name"], row["avatar_url"]) == ("After", "https://example.org/a.png")


def test_hasura_that_is_down_keeps_nobody_out_and_gets_the_row_when_it_is_back(signing_in: SignIn) -> None:
    """The three seconds are the promise itself, of functions that have been started."""
    person = signing_in.person()
    signing_in.sign_in(signing_in.person())
    with signing_in.hasura_down():
        begun = time.monotonic()
        tokens = signing_in.sign_in(person)
        assert time.monotonic() - begun < 3
        assert hasura_claims(tokens)["x-hasura-user-id"] == person.sub
        assert signing_in.row(person) is None
    row = signing_in.wait_for_row(person)
    assert row["last_sign_in_at"] is not None
    assert row["last_sign_in_at"] < row["created_at"]


def test_rotated_admin_secret_is_read_again_at_once(signing_in: SignIn) -> None:
    early, late = signing_in.person(), signing_in.person()
    signing_in.sign_in(signing_in.person())  # the function now knows the secret that is going to be wrong
    with signing_in.hasura_with("rotated-admin-secret"):
        signing_in.sign_in(early)
        assert signing_in.row(early) is None
        with signing_in.app_secret_with("rotated-admin-secret"):
            signing_in.sign_in(late)
            assert signing_in.row(late) is not None
            assert signing_in.wait_for_row(early)["email"] == early.user.username


def test_two_sign_ins_of_one_user_at_once_make_one_row(signing_in: SignIn) -> None:
    person = signing_in.person()
    with ThreadPoolExecutor(2) as pool:
        tokens = list(pool.map(lambda _: signing_in.sign_in(person), range(2)))
    assert len({each.id for each in tokens}) == 2
    assert len(signing_in.rows(email=person.user.username)) == 1


def test_what_comes_late_overwrites_nothing_newer(signing_in: SignIn) -> None:
    person = signing_in.person(name="Now")
    signing_in.sign_in(person)
    before = signing_in.row(person)
    marker = signing_in.person()

    def send(sub: str, attributes: dict[str, str], at: datetime) -> None:
        message = {
            "version": 1,
            "attributes": {"sub": sub, **attributes},
            "at": at.isoformat(),
            "signedIn": True,
        }
        signing_in.application.sqs.send_message(QueueUrl=signing_in.queue("user-sync"), MessageBody=json.dumps(message))

    now = datetime.now(UTC)
    send(person.sub, {"name": "Long ago"}, now - timedelta(hours=1))
    send(person.sub, {"name": "Longer ago"}, now - timedelta(hours=2))
    send(marker.sub, {"email": marker.user.username}, now)
    signing_in.wait_for_row(marker)
    queue = signing_in.queue("user-sync")
    wait_for(lambda: _is_empty(signing_in, queue), 30, "empty queue")
    assert signing_in.row(person) == before


def test_user_whose_address_is_taken_signs_in_and_is_given_up_with_the_reason_until_it_is_free(
    signing_in: SignIn,
) -> None:
    person = signing_in.person()
    with psycopg.connect(signing_in.offered.database_url) as connection:
        connection.execute(
            "INSERT INTO users (id, email, synced_at) VALUES (gen_random_uuid(), %s, now())", [person.user.username]
        )
    assert hasura_claims(signing_in.sign_in(person))["x-hasura-user-id"] == person.sub
    letters = wait_for(signing_in.dead_letters, 30, "dead letter")
    assert letters[person.sub] == "constraint-violation: users_email_key"

    with psycopg.connect(signing_in.offered.database_url) as connection:
        connection.execute("DELETE FROM users WHERE email = %s", [person.user.username])
    listed = signing_in.redrive("--dry-run")
    assert (listed.returncode, person.user.username in listed.stdout) == (1, False)
    assert f"{person.sub}  constraint-violation: users_email_key" in listed.stdout
    assert signing_in.redrive().returncode == 0
    assert signing_in.wait_for_row(person)["email"] == person.user.username


def test_misconfigured_sync_keeps_nobody_out(signing_in: SignIn, reconfigured: Reconfigure) -> None:
    person = signing_in.person()
    with reconfigured("userSync", COLUMNS_BY_ATTRIBUTE='{"email": "id"}'):
        assert hasura_claims(signing_in.sign_in(person))["x-hasura-user-id"] == person.sub


def test_misconfigured_claims_let_nobody_in(signing_in: SignIn, reconfigured: Reconfigure) -> None:
    person = signing_in.person()
    with reconfigured("cognitoTrigger", DEFAULT_ROLE="admin"), pytest.raises(SignInError, match="PreTokenGeneration"):
        signing_in.sign_in(person)
    signing_in.sign_in(person)


def test_pool_that_a_function_does_not_name_may_not_call_it(signing_in: SignIn) -> None:
    """So that the permission in the template is the one that counts."""
    person = signing_in.person()
    functions = signing_in.application.functions
    name = signing_in.offered.functions["user_sync"]
    (statement,) = [
        each
        for each in json.loads(functions.get_policy(FunctionName=name, Qualifier=LIVE)["Policy"])["Statement"]
        if each["Principal"] == {"Service": "cognito-idp.amazonaws.com"}
    ]
    source = next(iter(statement["Condition"]["ArnLike"].values()))
    assert source.endswith(f":userpool/{signing_in.pool}")
    functions.remove_permission(FunctionName=name, Qualifier=LIVE, StatementId=statement["Sid"])
    try:
        with pytest.raises(SignInError, match="PostAuthentication"):
            signing_in.sign_in(person)
    finally:
        functions.add_permission(
            FunctionName=name,
            Qualifier=LIVE,
            StatementId=statement["Sid"],
            Action="lambda:InvokeFunction",
            Principal="cognito-idp.amazonaws.com",
            SourceArn=source,
        )
    signing_in.sign_in(person)


def _is_empty(signing_in: SignIn, queue: str) -> bool:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = signing_in.application.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return all(int(answer[name]) == 0 for name in names)
