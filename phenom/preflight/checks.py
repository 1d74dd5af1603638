"""All checks of `phenom preflight`, in the order of the report."""

from collections.abc import Callable, Iterable
from functools import partial

from phenom.preflight import account, images, quotas, terraform, uploads
from phenom.preflight.check import Check
from phenom.preflight.cloud import Cloud
from phenom.preflight.collisions import check_names
from phenom.preflight.existing import KINDS
from phenom.preflight.names import plan_names

type Question = tuple[str, Callable[[], Check | Iterable[Check]]]

_CHECKS: tuple[tuple[str, Callable[[Cloud], Check | Iterable[Check]]], ...] = (
    ("account", account.check_account),
    ("Terraform state", terraform.check_state),
    ("SAM stack", account.check_stack),
    ("container images", images.check_images),
    (quotas.FARGATE.title, quotas.check_fargate),
    (quotas.LAMBDA.title, quotas.check_lambda),
    (quotas.ADDRESSES.title, quotas.check_addresses),
    (quotas.NETWORKS.title, quotas.check_networks),
    ("certificate", terraform.check_certificate),
    ("database offer", terraform.check_database),
    ("final snapshot", terraform.check_final_snapshot),
    ("CloudFront", account.check_cloudfront),
    ("GitHub OIDC provider", account.check_github),
    ("API Gateway's log role", account.check_api_gateway),
    ("Cognito domain prefix", terraform.check_sign_in_domain),
    ("Cognito mail", terraform.check_mail),
    ("cost allocation tag", terraform.check_cost_tag),
    ("allowed origins", uploads.check_origins),
    ("upload passwords", uploads.check_passwords),
    ("ceiling of the API key", uploads.check_ceiling),
)


def list_questions(cloud: Cloud) -> list[Question]:
    """Returns the title of each check and the function that makes it."""
    names = plan_names(cloud.settings.short_name, cloud.number)
    collisions: list[Question] = []
    for type_, kind in KINDS.items():
        if planned := [each for each in names if each.type == type_]:
            collisions.append((f"names: {kind.title}", partial(check_names, cloud, type_, planned)))
    return [*((title, partial(check, cloud)) for title, check in _CHECKS), *collisions]
