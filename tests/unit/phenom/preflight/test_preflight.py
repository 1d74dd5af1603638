"""`phenom preflight`: report, JSON, exit codes, missing permissions, and that it only reads."""

import json
import re
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.parsers import ResponseParserError

from phenom.aws.stacks import Account
from phenom.preflight.check import ACTIONS, State, ask
from phenom.preflight.checks import list_questions
from phenom.preflight.settings import SettingError, Settings
from tests.unit.phenom.conftest import Phenom, Ran
from tests.unit.phenom.preflight.world import NUMBER, SETTINGS, World, limits, refusal, settings

PAGE = Path(__file__).parents[4] / "docs" / "operations" / "preflight.md"
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}'
READS = re.compile(r"(Get|List|Describe|Head)[A-Z]")


@pytest.fixture
def preflight(world: World, monkeypatch, phenom: Phenom):
    """Runs the command on the account."""

    def run(*arguments: str, chosen: Settings = SETTINGS) -> Ran:
        account = Account(world.client, "development", "phenom-dev")
        monkeypatch.setattr("phenom.aws.stacks.find_account", lambda *_: account)
        monkeypatch.setattr("phenom.commands.preflight.read_settings", lambda _: chosen)
        return phenom("preflight", "development", *arguments)

    return run


def make_ready(world: World) -> Settings:
    """Fills the account so that nothing stands in the way. Returns the settings."""
    world.client("s3").create_bucket(Bucket=f"phenom-dev-terraform-state-{NUMBER}")
    world.answers["ListCertificates"] = {"CertificateSummaryList": [{"DomainName": "api.acme.test"}]}
    world.push_images()
    return settings(parameters={"UploadPage": "off"})


def test_account_that_is_ready_exits_with_0(world: World, preflight):
    ran = preflight(chosen=make_ready(world))
    assert (ran.code, ran.err) == (0, "")
    assert set(re.findall(r" (ok|warning|unknown|missing) ", ran.out)) == {"ok"}
    assert re.search(r"^\d+ ok$", ran.out, re.MULTILINE)


def test_empty_account_is_told_what_to_do(world: World, preflight):
    ran = preflight()
    assert ran.code == 1
    assert "MISSING Terraform state: there is no bucket phenom-dev-terraform-state-123456789012\n  In infra/" in ran.out
    assert "UNKNOWN CloudFront" in ran.out
    assert ran.out.index("MISSING certificate") < ran.out.index("UNKNOWN CloudFront")
    assert "3 missing, 1 unknown, " in ran.out.splitlines()[-1]


def test_warnings_alone_exit_with_0(world: World, preflight):
    chosen = make_ready(world)
    world.answers["GetAccountSettings"] = limits(10)
    ran = preflight(chosen=chosen)
    assert ran.code == 0
    assert "WARNING Lambda concurrency" in ran.out


def test_json_has_all_checks(world: World, preflight):
    ran = preflight("--json")
    report = json.loads(ran.out)
    assert (report["environment"], report["account"], report["region"]) == ("development", NUMBER, "us-east-1")
    assert len(report["checks"]) >= len(list_questions(world.cloud()))
    assert {frozenset(each) for each in report["checks"]} == {frozenset({"name", "state", "found", "remedy"})}
    assert {each["state"] for each in report["checks"]} <= {str(state) for state in State}


def test_second_run_finds_no_collision_with_what_the_first_deployment_created(world: World, preflight):
    """Half of it by Terraform, half of it by SAM."""
    chosen = make_ready(world)
    world.apply_terraform()
    bucket = f"phenom-dev-final-{NUMBER}"
    world.client("s3").create_bucket(Bucket=bucket)
    world.client("logs").create_log_group(logGroupName="/ecs/phenom-dev")
    arn = f"arn:aws:logs:us-east-1:{NUMBER}:log-group:/ecs/phenom-dev"
    world.answers["GetResources"] = {"ResourceTagMappingList": [{"ResourceARN": arn}]}
    world.deploy_stack("FinalBucket")
    ran = preflight(chosen=chosen)
    assert ran.code == 0
    assert re.search(r"S3 buckets +ok +\d+ free, 1 of this environment", ran.out)
    assert re.search(r"log groups +ok +\d+ free, 1 of this environment", ran.out)


def fill(world: World) -> None:
    """Creates one thing of each kind whose existence leads to further calls."""
    iam = world.client("iam")
    world.apply_terraform()
    world.push_images()
    iam.create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ThumbprintList=[])
    iam.create_role(RoleName="phenom-dev-plan", AssumeRolePolicyDocument=POLICY)
    iam.create_policy(PolicyName="phenom-dev-functions", PolicyDocument=POLICY)
    for name in ("/ecs/phenom-dev", "/aws/lambda/phenom-dev-file-validator"):
        world.client("logs").create_log_group(logGroupName=name)
    world.deploy_stack()
    world.answers["GetServiceQuota"] = refusal("NoSuchResourceException")
    world.answers["GetAWSDefaultServiceQuota"] = {"Quota": {"Value": 6.0}}
    world.calls.clear()


def test_run_only_reads(world: World, preflight):
    fill(world)
    preflight()
    called = {name for name, _ in world.calls}
    assert {name for name in called if not READS.match(name)} == set()
    assert called == ACTIONS.keys()


def test_clients_refuse_every_call_that_is_not_listed(world: World):
    assert {name for name in ACTIONS if not READS.match(name)} == set()
    with pytest.raises(RuntimeError, match="preflight must not call DeleteBucket"):
        world.cloud().client("s3").delete_bucket(Bucket="phenom-dev-final")


def test_page_documents_exactly_the_permissions_that_are_needed():
    (policy,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    statement, secret = json.loads(policy)["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Allow", "*")
    assert secret["Resource"].endswith(":secret:phenom-*-video-upload-passwords-*"), "never all secrets"
    assert (secret["Effect"], secret["Action"]) == ("Allow", "secretsmanager:GetSecretValue")
    other = {"sts:GetCallerIdentity", "secretsmanager:GetSecretValue"}
    assert statement["Action"] == sorted(set(ACTIONS.values()) - other)


def test_denied_call_makes_its_check_unknown_and_names_the_action(world: World):
    """Except two: a denied HeadBucket is a bucket of another account; members of organizations cannot see cost tags."""
    fill(world)
    tried = set()
    for title, question in list_questions(world.cloud()):
        world.calls.clear()
        ask(title, question)
        needed = {name for name, _ in world.calls} - {"HeadBucket", "ListCostAllocationTags"}
        for operation in sorted(needed):
            answered = dict(world.answers)
            world.answers[operation] = refusal("AccessDeniedException")
            again = dict(list_questions(world.cloud()))[title]  # a new account: it remembers answers
            (check,) = ask(title, again)
            world.answers = answered
            assert check.state is State.UNKNOWN, (title, operation)
            assert ACTIONS[operation] in check.found
            assert ACTIONS[operation] in check.remedy
            tried.add(operation)
    assert tried == ACTIONS.keys() - {"GetCallerIdentity", "HeadBucket", "ListCostAllocationTags"}


def test_answer_of_another_server_is_unknown():
    def answer_html():
        raise ResponseParserError("invalid XML received: <!doctype html>")

    (found,) = ask("a", answer_html)
    assert (found.state, found.found) == (
        State.UNKNOWN,
        "The answer is not one of AWS. Does a proxy or AWS_ENDPOINT_URL send the calls elsewhere?",
    )


def test_network_failure_and_unreadable_setting_are_unknown():
    def fail_network():
        raise EndpointConnectionError(endpoint_url="https://rds.test")

    def fail_setting():
        raise SettingError("locals.tf has no plain value for images.")

    (network,), (setting,) = ask("a", fail_network), ask("b", fail_setting)
    assert (network.state, setting.state) == (State.UNKNOWN, State.UNKNOWN)
    assert "network" in network.found
    assert "images" in setting.found


def test_credentials_that_aws_does_not_know_end_the_command(world: World, preflight):
    world.answers["GetCallerIdentity"] = refusal("InvalidClientTokenId")
    ran = preflight()
    assert (ran.code, ran.out) == (2, "")
    assert "AWS does not know these credentials" in ran.err


def test_local_cloud_has_no_account_to_check(phenom: Phenom):
    ran = phenom("preflight", "local")
    assert ran.code == 2
    assert "production" in ran.err
