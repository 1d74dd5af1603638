"""Quarantine on the deployed application: EICAR goes in, no function reads it, an operator releases it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError

from testkit.clamd import eicar
from testkit.scripted_clamd import LIMITS_EXCEEDED, Session, clamd_that
from tests.commands import run_phenom
from tests.e2e import samples
from tests.e2e.api import Application
from tests.e2e.conftest import ChangeSettings

DENIED = r"AccessDenied|403"
FOUND = b"stream: Win.Test.EICAR_HDB-1 FOUND\0"


class Definitions:
    """A clamd that finds EICAR until its definitions are corrected."""

    corrected = False

    def answer(self, session: Session) -> None:
        content = session.all()
        if content.startswith(b"PK"):
            session.say(LIMITS_EXCEEDED)
        else:
            session.say(FOUND if eicar() in content and not self.corrected else b"stream: OK\0")


@contextmanager
def scanning(changed_settings: ChangeSettings) -> Iterator[Definitions]:
    definitions = Definitions()
    with (
        clamd_that(definitions.answer) as clamd,
        changed_settings("validator", CLAMAV_HOST="127.0.0.1", CLAMAV_PORT=str(clamd.port)),
    ):
        yield definitions


def infected(number: int) -> bytes:
    """Returns a valid drawing with EICAR as its text."""
    text = b"<text>" + eicar() + b"</text><desc>%d</desc><circle" % number
    return samples.SVG.replace(b"<circle", text)


def release(application: Application, upload_id: str, *arguments: str) -> int:
    because = ("--because", "the photographer is known")
    ran = run_phenom("release", upload_id, *because, *arguments, "--stack", application.stack_file)
    assert "Traceback" not in ran.stderr
    return ran.returncode


def listed(application: Application) -> dict[str, dict]:
    ran = run_phenom("quarantine", "list", "local", "--json", "--stack", application.stack_file)
    assert ran.returncode == 0, ran.stderr
    return {each["uploadId"]: each for each in json.loads(ran.stdout)}


def test_infected_file_is_quarantined_and_released(application: Application, changed_settings: ChangeSettings) -> None:
    content = infected(1)
    with scanning(changed_settings) as definitions:
        issued = application.upload(content, "image/svg+xml")
        upload_id = issued["uploadId"]
        verdict = application.wait_for_verdict(upload_id)
        assert (verdict["status"], verdict["reason"], verdict["quarantined"]) == ("rejected", "infected", True)
        entry = listed(application)[upload_id]
        assert (entry["signature"], entry["size"]) == ("Win.Test.EICAR_HDB-1", len(content))
        assert application.put(issued, content).status == 412, "a used URL takes no second file"

        assert release(application, upload_id, "--dry-run") == 0
        assert release(application, upload_id) == 1
        assert application.status(upload_id)["quarantined"] is True
        definitions.corrected = True
        assert release(application, upload_id) == 0
        assert release(application, upload_id) == 0, "repeated"
    state = application.status(upload_id)
    assert (state["status"], "quarantined" in state) == ("accepted", False)
    final = application.s3.get_object(Bucket=application.stack["finalBucket"], Key=state["finalKey"])
    assert final["Body"].read() == content
    assert upload_id not in listed(application)
    assert application.staged_keys("held/") == set()


def test_overruled_file_is_accepted_without_a_scan(application: Application, changed_settings: ChangeSettings) -> None:
    content = infected(2)
    with scanning(changed_settings):
        upload_id = application.upload_and_wait(content, "image/svg+xml")["uploadId"]
        assert release(application, upload_id, "--overrule") == 0
    final = application.s3.head_object(
        Bucket=application.stack["finalBucket"], Key=application.status(upload_id)["finalKey"]
    )
    assert (final["ContentDisposition"], final["Metadata"]["upload-id"]) == ("attachment", upload_id)
    assert len(final["Metadata"]["sha256"]) == 44


def test_upload_that_is_not_quarantined_cannot_be_released(application: Application) -> None:
    accepted = application.upload_and_wait(samples.jpeg(40), "image/jpeg")["uploadId"]
    rejected = application.upload_and_wait(samples.ELF, "image/jpeg")["uploadId"]
    assert [release(application, upload_id, "--overrule") for upload_id in (accepted, rejected, "f" * 32)] == [2, 2, 2]


def test_headers_of_a_client_do_not_reach_the_final_object(application: Application) -> None:
    """AWS refuses unsigned x-amz headers; the local cloud takes them, as AWS takes the others."""
    content = samples.jpeg(41)
    issued = application.issue(content, "image/jpeg")
    sent = {
        "x-amz-tagging": "public=yes", "x-amz-storage-class": "STANDARD_IA", "x-amz-meta-evil": "yes",
        "x-amz-website-redirect-location": "https://evil.example", "Cache-Control": "max-age=99999999",
        "Content-Encoding": "gzip", "Content-Language": "de", "Content-Disposition": 'inline; filename="x.exe"',
    }  # fmt: skip
    assert application.put(issued, content, **sent).status == 200
    key = application.wait_for_verdict(issued["uploadId"])["finalKey"]
    where = {"Bucket": application.stack["finalBucket"], "Key": key}
    head = application.s3.head_object(**where)
    carried = {"CacheControl", "ContentEncoding", "ContentLanguage", "ContentDisposition", "WebsiteRedirectLocation"}
    assert not carried & head.keys()
    assert head.get("StorageClass", "STANDARD") == "STANDARD"
    assert "evil" not in head["Metadata"]
    assert application.s3.get_object_tagging(**where)["TagSet"] == []


def test_archived_object_is_rejected_not_held(application: Application) -> None:
    content = samples.jpeg(42)
    issued = application.issue(content, "image/jpeg")
    assert application.put(issued, content, **{"x-amz-storage-class": "GLACIER"}).status == 200
    verdict = application.wait_for_verdict(issued["uploadId"])
    assert (verdict["status"], verdict["reason"]) == ("rejected", "malformed")
    assert "GLACIER" in verdict["detail"]


@pytest.mark.parametrize("content", [samples.jpeg(43), samples.ELF], ids=["accepted", "rejected"])
def test_used_url_starts_no_validator(application: Application, content: bytes) -> None:
    issued = application.upload(content, "image/jpeg")
    application.wait_for_verdict(issued["uploadId"])
    application.wait_until_removed(issued["key"])
    assert {application.put(issued, content).status for _ in range(20)} == {412}


def test_bucket_policy_denies_even_a_role_with_all_rights(application: Application) -> None:
    iam, bucket = application.client("iam"), application.stack["stagingBucket"]
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    role = iam.create_role(RoleName="admin-of-a-test", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="admin-of-a-test", PolicyName="all", PolicyDocument=json.dumps(everything))
    application.s3.put_object(Bucket=bucket, Key="quarantine/of-a-test", Body=b"x")
    try:
        admin = application.client_in_role(role)("s3")
        with pytest.raises(ClientError, match=DENIED):
            admin.get_object(Bucket=bucket, Key="quarantine/of-a-test")
        source = {"Bucket": bucket, "Key": "quarantine/of-a-test"}
        with pytest.raises(ClientError, match=DENIED):
            admin.copy_object(Bucket=bucket, Key="held/of-a-test", CopySource=source)
        assert admin.get_bucket_policy(Bucket=bucket)["Policy"], "the bucket can still be managed"
        admin.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": []})
        operator = application.client_in_role(application.output("QuarantineOperatorRoleArn"))("s3")
        assert operator.get_object(Bucket=bucket, Key="quarantine/of-a-test")["Body"].read() == b"x"
        with pytest.raises(ClientError, match=DENIED):
            operator.put_object(Bucket=application.stack["finalBucket"], Key="images/x.jpg")
    finally:
        application.s3.delete_object(Bucket=bucket, Key="quarantine/of-a-test")
        iam.delete_role_policy(RoleName="admin-of-a-test", PolicyName="all")
        iam.delete_role(RoleName="admin-of-a-test")
