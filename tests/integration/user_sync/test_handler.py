"""The whole function as Lambda wires it: sign-ins."""

import json

import pytest
from aws_lambda_powertools.utilities.parser.models import (
    CognitoPostAuthenticationTriggerModel,
    CognitoPostConfirmationTriggerModel,
    SqsModel,
)

from phenom import event_cases
from phenom.event_cases import expectation
from runtime.secrets import SECRET_REFRESH_SECONDS
from testkit.lambda_context import FakeContext
from testkit.wiring import USER_SYNC, import_fresh
from tests import template
from tests.integration.user_sync.hasura_server import answering, hanging_after, hasura_server
from tests.secrets_manager import FakeMonotonicClock
from tests.unit.user_sync.fakes import ADMIN_SECRET, http_answer
from user_sync import service

BATCHES = [case for case in event_cases.names("user_sync") if case.startswith(("retry_", "no_messages"))]
SIGN_INS = [case for case in event_cases.names("user_sync") if case not in {*BATCHES, "keep_warm"}]
SUB = "0f3c9a52-7f41-4b8e-9d26-3c5a1b7e8f90"
PERSONAL = (
    "ada@example.org",
    "Ada",
    "Lovelace",
    "104729318472958371029",
    "+15550100",
    "spring",
    "DROP TABLE",
    "newer@",
)


def message_bodies(stack, queue="QUEUE_URL"):
    return [json.loads(message["body"]) for message in stack.receive(queue)]


@pytest.mark.parametrize("case", event_cases.names("user_sync"))
def test_case_meets_its_expectation_and_logs_no_secret_or_user(case, stack, capsys):
    event, expected = event_cases.load("user_sync", case)
    for row in expected.get("given", {}).get("users", ()):
        stack.server.users.rows[row["id"]] = row
    outcome = expectation.outcome(stack.module.handler, event, FakeContext(milliseconds=5000))
    assert expectation.failures(expected, outcome) == []
    printed = capsys.readouterr()
    for private in (*PERSONAL, ADMIN_SECRET, "testing"):
        assert private not in printed.out + printed.err


@pytest.mark.parametrize("case", SIGN_INS)
def test_sign_in_succeeds_while_hasura_is_down(case, wire, capsys):
    with hasura_server() as gone:
        pass
    stack = wire(gone)
    stack.sign_in(case)
    printed = capsys.readouterr().out
    assert [private for private in (*PERSONAL, ADMIN_SECRET) if private in printed] == []


@pytest.mark.parametrize("case", SIGN_INS)
def test_sign_in_case_has_the_shape_that_cognito_sends(case):
    if case in {"foreign_trigger_source", "post_authentication_attributes_missing"}:
        return
    event, _ = event_cases.load("user_sync", case)
    if event["triggerSource"].startswith("PostConfirmation_"):  # Powertools knows only one of its two sources
        CognitoPostConfirmationTriggerModel.model_validate(event | {"triggerSource": "PostConfirmation_ConfirmSignUp"})
    else:
        CognitoPostAuthenticationTriggerModel.model_validate(event)


@pytest.mark.parametrize("case", BATCHES)
def test_batch_case_has_the_shape_that_sqs_sends(case):
    SqsModel.model_validate(event_cases.load("user_sync", case)[0])


def test_sign_in_writes_a_row(stack):
    stack.sign_in("post_authentication_federated")
    row = stack.server.users.rows[SUB]
    assert row["synced_at"] == row["last_sign_in_at"]
    assert (
        row.items()
        >= {
            "email": "ada@example.org",
            "email_verified": False,
            "display_name": "Ada Lovelace",
            "avatar_url": "https://images.example/ada.jpg",
            "locale": None,
        }.items()
    )


def test_hostile_name_is_only_a_value(stack):
    stack.sign_in("post_authentication_hostile_attributes")
    (request,) = stack.server.requests
    assert "DROP TABLE" not in str(request.content["query"])
    row = stack.server.users.rows[SUB]
    assert row["display_name"].startswith("'; DROP TABLE users")
    assert "\0" not in row["display_name"]
    assert not row["synced_at"].startswith("2999")


def test_sign_ins_share_a_connection(wire, tls_server):
    stack = wire(tls_server)
    for _ in range(3):
        stack.sign_in()
    assert (tls_server.connections, tls_server.handshakes, len(tls_server.requests)) == (1, 1, 3)


DOWN = [
    pytest.param(answering(http_answer(b"<html>Service Unavailable</html>", 503)), id="503"),
    pytest.param(
        answering(http_answer({"errors": [{"message": "x", "extensions": {"code": "unexpected"}}]})), id="error"
    ),
    pytest.param(answering(b"SSH-2.0-OpenSSH_9.2\r\n"), id="not HTTP"),
    pytest.param(hanging_after(b""), id="hangs"),
]


@pytest.mark.parametrize("fault", DOWN)
def test_failed_write_is_queued_and_written_from_the_queue(stack, fault, monkeypatch):
    stack.server.faults.append(fault)
    with monkeypatch.context() as patched:
        patched.setattr(service, "WRITE_BUDGET_SECONDS", 1)
        stack.sign_in()
    assert stack.server.users.rows == {}
    (message,) = stack.receive()
    assert stack.handle_batch(message) == []
    assert stack.server.users.rows[SUB]["email"] == "ada@example.org"


def test_refused_user_is_dead_lettered_with_the_reason(wire, monkeypatch):
    stack = wire(COLUMNS_BY_ATTRIBUTE='{"email": "email"}')
    event, _ = event_cases.load("user_sync", "post_authentication")
    event["request"]["userAttributes"]["email"] = "taken@example.org"
    stack.module.handler(event, FakeContext())
    (letter,) = stack.receive("DEAD_LETTER_QUEUE_URL")
    assert letter["messageAttributes"]["reason"]["StringValue"] == "constraint-violation: users_email_key"
    assert json.loads(letter["body"])["attributes"] == {"sub": SUB, "email": "taken@example.org"}
    assert stack.receive() == []


def test_rotated_secret_is_read_again_at_once(stack):
    stack.sign_in()
    stack.server.admin_secret = "rotated"
    stack.store(hasuraAdminSecret="rotated")
    stack.sign_in()
    assert [request.headers["x-hasura-admin-secret"] for request in stack.server.requests] == [
        *(ADMIN_SECRET, ADMIN_SECRET, "rotated"),
    ]
    assert stack.receive() == []
    stack.sign_in()
    assert len(stack.server.requests) == 4


def test_user_is_queued_until_secrets_manager_has_the_new_secret(stack):
    stack.sign_in()
    stack.server.admin_secret = "rotated"
    stack.sign_in()
    (message,) = stack.receive()
    assert stack.handle_batch(message) == [message["messageId"]]
    stack.store(hasuraAdminSecret="rotated")
    assert stack.handle_batch(message) == []


def test_secret_is_read_once_while_it_is_cached(stack, monkeypatch):
    stack.sign_in()
    stack.secrets_manager.delete_secret(SecretId="phenom-test-app-secrets", ForceDeleteWithoutRecovery=True)
    clock = FakeMonotonicClock()
    secret = stack.module._wiring.sync.users._credentials._secret
    monkeypatch.setattr(secret, "_clock", clock)
    secret._next_read = clock.now + SECRET_REFRESH_SECONDS
    stack.sign_in()
    clock.sleep(SECRET_REFRESH_SECONDS)
    stack.sign_in()
    assert (len(stack.server.requests), stack.receive()) == (3, [])


def test_user_is_queued_without_secrets_manager(stack):
    stack.secrets_manager.delete_secret(SecretId="phenom-test-app-secrets", ForceDeleteWithoutRecovery=True)
    stack.sign_in()
    assert len(message_bodies(stack)) == 1
    assert stack.server.connections == 0


@pytest.mark.parametrize("endpoint", ["http://hasura.example.org/v1/graphql", "https://a..b/", "nonsense", ""])
def test_invalid_endpoint_queues_the_user_and_is_logged(stack, endpoint, capsys):
    stack.store(hasuraEndpoint=endpoint)
    stack.sign_in()
    assert len(message_bodies(stack)) == 1
    assert "user queued" in capsys.readouterr().out


def test_untrusted_certificate_queues_the_user_and_gets_no_secret(wire, trusted):
    import trustme

    from tests.integration.user_sync.conftest import server_context

    with hasura_server(server_context(trustme.CA().issue_cert("127.0.0.1"))) as impostor:
        stack = wire(impostor)
        stack.sign_in()
        assert (len(message_bodies(stack)), impostor.requests) == (1, [])


def test_sign_in_without_hasura_and_queue_triggers_the_alarm(stack, capsys):
    """The printed metric must have the namespace, name and dimensions of the alarm."""
    stack.server.faults.append(answering(http_answer(b"", 503)))
    stack.sqs.delete_queue(QueueUrl=USER_SYNC["QUEUE_URL"])
    stack.sign_in()
    (metric,) = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in line]
    ((directive),) = metric["_aws"]["CloudWatchMetrics"]
    alarm = template.deployed("dev").of_type("AWS::CloudWatch::Alarm")["UserSyncLostAlarm"]
    assert directive["Namespace"] == alarm["Namespace"]
    assert [each["Name"] for each in directive["Metrics"]] == [alarm["MetricName"]]
    assert directive["Dimensions"] == [[each["Name"] for each in alarm["Dimensions"]]]
    assert {each["Name"]: metric[each["Name"]] for each in alarm["Dimensions"]} == {"service": "phenom-dev-user-sync"}
    assert [each["Value"] for each in alarm["Dimensions"]] == ["phenom-dev-user-sync"]


def test_template_sets_every_variable_of_the_function():
    variables = template.deployed("dev").of_type("AWS::Serverless::Function")["UserSyncFunction"]["Environment"][
        "Variables"
    ]
    everywhere = template.read()["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["POWERTOOLS_SERVICE_NAME"] == USER_SYNC["POWERTOOLS_SERVICE_NAME"]
    assert everywhere["POWERTOOLS_METRICS_NAMESPACE"] == USER_SYNC["POWERTOOLS_METRICS_NAMESPACE"]
    assert {*variables, *everywhere} == set(USER_SYNC)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "") for name in ("APP_SECRET_ID", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "RETRY_BASE_SECONDS")),
        ("RETRY_BASE_SECONDS", "soon"),
        ("COLUMNS_BY_ATTRIBUTE", "name=display_name"),
        ("COLUMNS_BY_ATTRIBUTE", '{"name": "id"}'),
    ],
)
def test_misconfigured_function_does_not_block_sign_ins_and_logs_why(name, value, aws, monkeypatch, capsys):
    own_logger = {"POWERTOOLS_SERVICE_NAME": f"user-sync-without-{name}-{len(value)}"}
    module = import_fresh(monkeypatch, "user_sync.handler", {**USER_SYNC, **own_logger, name: value})
    event, expected = event_cases.load("user_sync", "post_authentication")
    assert module.handler(event, FakeContext()) == expected["result"]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    start, refusal, metric = lines
    assert start["message"] == "the function is misconfigured: users are not written"
    assert name in start["exception"]
    assert (refusal["message"], refusal["cause"]) == ("user not synced", "the function is misconfigured")
    assert metric["UserSyncLost"] == [1.0]
