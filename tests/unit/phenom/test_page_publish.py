"""Publishing the upload page: files, headers, settings, and the cache of the distribution."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from phenom.aws.stacks import DeployedStack
from phenom.commands import deploy_client
from phenom.errors import DONE
from phenom.upload_page.publish import Site, fingerprint, publish, site_of_stack
from uploads.media_types import MEDIA_TYPES

SITE = Site("the-bucket", "E123", "https://d1.cloudfront.net", {"apiUrl": "https://api", "maxFileBytes": 5})


class FakeAws:
    """Records every call as (service, operation, arguments)."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []

    def __call__(self, service: str) -> Any:
        aws = self

        class Client:
            def __getattr__(self, operation: str) -> Any:
                def call(**arguments: Any) -> Any:
                    aws.calls.append((service, operation, arguments))
                    return {"value": "the-key"}

                return call

        return Client()

    def puts(self) -> dict[str, dict[str, Any]]:
        return {arguments["Key"]: arguments for _, name, arguments in self.calls if name == "put_object"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    for name in ("index.html", "404.html", "icon.svg", "assets/index-abc.js", "assets/index-abc.css"):
        (tmp_path / name).write_text(name)
    return tmp_path


def test_index_is_uploaded_last(built):
    aws = FakeAws()
    keys = publish(SITE, built, aws)
    assert list(aws.puts()) == keys
    assert keys == [
        "assets/index-abc.css",
        "assets/index-abc.js",
        "404.html",
        "icon.svg",
        "config.json",
        "index.html",
    ]


def test_files_have_content_type_and_cache_control(built):
    aws = FakeAws()
    publish(SITE, built, aws)
    headers = {key: (put["ContentType"], put["CacheControl"]) for key, put in aws.puts().items()}
    forever = "public, max-age=31536000, immutable"
    assert headers == {
        "assets/index-abc.css": ("text/css; charset=utf-8", forever),
        "assets/index-abc.js": ("text/javascript; charset=utf-8", forever),
        "404.html": ("text/html; charset=utf-8", "no-cache"),
        "icon.svg": ("image/svg+xml", "no-cache"),
        "config.json": ("application/json", "no-cache"),
        "index.html": ("text/html; charset=utf-8", "no-cache"),
    }
    assert aws.puts()["assets/index-abc.js"]["Body"] == b"assets/index-abc.js"
    assert {put["Bucket"] for put in aws.puts().values()} == {"the-bucket"}


def test_settings_are_uploaded_with_the_page(built):
    aws = FakeAws()
    publish(SITE, built, aws)
    assert json.loads(aws.puts()["config.json"]["Body"]) == SITE.settings


def test_cache_is_invalidated_after_the_last_upload(built):
    aws = FakeAws()
    publish(SITE, built, aws)
    service, operation, arguments = aws.calls[-1]
    assert (service, operation, arguments["DistributionId"]) == ("cloudfront", "create_invalidation", "E123")
    assert arguments["InvalidationBatch"]["Paths"] == {"Quantity": 1, "Items": ["/*"]}


def test_each_publication_has_its_own_invalidation(built):
    aws = FakeAws()
    publish(SITE, built, aws)
    publish(SITE, built, aws)
    batches = [arguments["InvalidationBatch"] for _, name, arguments in aws.calls if name == "create_invalidation"]
    assert len({batch["CallerReference"] for batch in batches}) == 2


def stack(**outputs: str) -> dict[str, Any]:
    outputs = {
        "VideoUploadApiEndpoint": "https://api/v1",
        "ApiKeyId": "k1",
        "VideoClientHostingBucket": "the-bucket",
        "ClientDistributionId": "E123",
        "VideoClientWebsiteUrl": "https://d1.cloudfront.net",
    } | outputs
    parameters = {"MaxFileBytes": "524288000", "PartBytes": "8388608", "Environment": "dev"}
    return {
        "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()],
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    }


def test_settings_come_from_the_stack():
    aws = FakeAws()
    site = site_of_stack(stack(), aws)
    assert site == replace(SITE, settings=site.settings)
    assert site.settings == {
        "apiUrl": "https://api/v1",
        "apiKey": "the-key",
        "maxFileBytes": 524_288_000,
        "types": list(MEDIA_TYPES),
        "multipartThresholdBytes": 67_108_864,
        "partBytes": 8_388_608,
    }
    assert aws.calls == [("apigateway", "get_api_key", {"apiKey": "k1", "includeValue": True})]


def test_given_api_url_replaces_that_of_the_stack():
    assert site_of_stack(stack(), FakeAws(), "http://127.0.0.1:1/v1").settings["apiUrl"] == "http://127.0.0.1:1/v1"


def test_stack_without_a_hosting_bucket_is_an_error():
    old = stack()
    old["Outputs"] = [each for each in old["Outputs"] if "Client" not in each["OutputKey"]]
    with pytest.raises(KeyError, match="VideoClientHostingBucket"):
        site_of_stack(old, FakeAws())


def test_stack_without_upload_page_has_nothing_to_publish(capsys):
    off = {"ParameterKey": "UploadPage", "ParameterValue": "off"}
    without_page = DeployedStack(FakeAws(), {"StackName": "phenom-dev", "Outputs": [], "Parameters": [off]})
    assert deploy_client.run(without_page) == DONE
    assert "UploadPage=off" in capsys.readouterr().out


def test_fingerprint_changes_with_settings_names_and_contents(built):
    before = fingerprint(SITE, built)
    assert fingerprint(SITE, built) == before
    assert fingerprint(replace(SITE, settings={"apiUrl": "https://other"}), built) != before
    (built / "icon.svg").write_text("other")
    changed = fingerprint(SITE, built)
    assert changed != before
    (built / "icon.svg").rename(built / "logo.svg")
    assert fingerprint(SITE, built) != changed
