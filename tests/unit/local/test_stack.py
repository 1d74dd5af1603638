"""stack.json keeps its field names and survives writing and reading."""

import json
from pathlib import Path

import pytest

from local import stack
from phenom.functions import FUNCTIONS

OFFERED = stack.Stack(
    api_url="http://127.0.0.1:4566/api",
    api_key="key",
    password="password",
    endpoint_url="http://127.0.0.1:4566",
    region="us-east-1",
    access_key_id="id",
    secret_access_key="secret",
    staging_bucket="staging",
    final_bucket="final",
    uploads_table="uploads",
    validator_queue_url="queue",
    validator_dead_letter_queue_url="dead",
    user_pool_id="pool",
    user_pool_client_id="client",
    demo_user=stack.LocalUser("demo@example.org", "password"),
    graphql_url="http://127.0.0.1:4569/v1/graphql",
    graphql_admin_secret="secret",
    database_url="postgresql://127.0.0.1:4568/postgres",
    functions={name: f"phenom-local-{name}" for name in FUNCTIONS},
    event_bus="bus",
    wrong_passwords_table="wrong",
)
NAMES = [
    *("apiUrl", "apiKey", "password", "clientUrl", "endpointUrl", "region", "accessKeyId", "secretAccessKey"),
    *("stagingBucket", "finalBucket", "uploadsTable", "validatorQueueUrl", "validatorDeadLetterQueueUrl"),
    *("userPoolId", "userPoolClientId", "demoUser", "graphqlUrl", "graphqlAdminSecret", "databaseUrl", "functions"),
    *("eventBus", "wrongPasswordsTable"),
]


def test_file_has_the_documented_field_names(tmp_path: Path) -> None:
    OFFERED.write(tmp_path / "stack.json")
    content = json.loads((tmp_path / "stack.json").read_text())
    assert list(content) == NAMES
    assert list(content["functions"]) == [each.stack_key for each in FUNCTIONS.values()]


def test_written_file_is_read_back(tmp_path: Path) -> None:
    OFFERED.write(tmp_path / "stack.json")
    assert stack.read(tmp_path / "stack.json") == OFFERED


def test_file_is_readable_by_the_owner_only(tmp_path: Path) -> None:
    OFFERED.write(tmp_path / "stack.json")
    assert (tmp_path / "stack.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"apiUrl": "x"}'])
def test_file_of_another_release_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "stack.json").write_text(text)
    with pytest.raises(ValueError, match=r".+"):
        stack.read(tmp_path / "stack.json")
