"""The hosted upload page: served only by CloudFront, with the template's security headers."""

import json
import re

import pytest

from phenom.upload_page import build
from tests.commands import run_phenom
from tests.conftest import require
from tests.e2e.api import Application, Response


@pytest.fixture
def site(application: Application) -> Application:
    missing = build.missing()
    require(missing is None, str(missing))
    return application


def get(site: Application, path: str = "") -> Response:
    response = site.http.request("GET", site.stack["clientUrl"] + path)
    return Response(response.status, {k.lower(): v for k, v in response.headers.items()}, response.data)


def asset(site: Application) -> str:
    found = re.search(rb'src="/(assets/[^"]+\.js)"', get(site).body)
    assert found
    return found[1].decode()


def test_page_is_served_with_its_config_json(site: Application) -> None:
    page = get(site)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    settings = get(site, "config.json").json
    assert settings["apiUrl"] == site.stack["apiUrl"]
    assert settings["apiKey"] == site.stack["apiKey"]
    assert (settings["maxFileBytes"], settings["partBytes"]) == (524_288_000, 8_388_608)


def test_every_response_carries_the_security_headers(site: Application) -> None:
    for path in ("", "config.json", asset(site), "nothing-here"):
        headers = get(site, path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;")
        assert "unsafe" not in policy
        assert policy.endswith("base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]


def test_assets_are_cached_and_pages_are_revalidated(site: Application) -> None:
    assert get(site, asset(site)).headers["cache-control"] == "public, max-age=31536000, immutable"
    for path in ("", "index.html", "config.json"):
        assert get(site, path).headers["cache-control"] == "no-cache"


def test_unknown_path_is_a_404_with_a_link_to_the_page(site: Application) -> None:
    response = get(site, "nothing-here")
    assert response.status == 404
    assert b'<a href="/">' in response.body


def test_bucket_is_readable_by_the_distribution_only(site: Application) -> None:
    outputs = site.client("cloudformation").describe_stacks(StackName="phenom-local")["Stacks"][0]["Outputs"]
    bucket = next(each["OutputValue"] for each in outputs if each["OutputKey"] == "VideoClientHostingBucket")
    response = site.http.request("GET", f"{site.stack['endpointUrl']}/{bucket}/index.html")
    assert response.status == 403


def test_deploy_client_publishes_the_page(site: Application) -> None:
    done = run_phenom("deploy-client", "local", "--stack", site.stack_file, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == site.stack["clientUrl"]
    outputs = {
        each["OutputKey"]: each["OutputValue"]
        for each in site.client("cloudformation").describe_stacks(StackName="phenom-local")["Stacks"][0]["Outputs"]
    }
    assert outputs["VideoClientWebsiteUrl"].startswith("https://")
    cloudfront = site.client("cloudfront")
    invalidations = cloudfront.list_invalidations(DistributionId=outputs["ClientDistributionId"])
    assert invalidations["InvalidationList"]["Quantity"] >= 2
    assert get(site).status == 200


def test_distribution_on_aws_redirects_to_https(site: Application) -> None:
    """The emulator has no TLS, so this reads the deployed template."""
    template = site.client("cloudformation").get_template(StackName="phenom-local", TemplateStage="Processed")
    body = template["TemplateBody"]
    content = body if isinstance(body, dict) else json.loads(body)
    distribution = content["Resources"]["ClientDistribution"]["Properties"]["DistributionConfig"]
    assert distribution["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == {
        "Fn::If": ["IsOnAws", "redirect-to-https", "allow-all"]
    }
