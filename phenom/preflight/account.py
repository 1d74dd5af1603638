"""Checks of the account itself: region, SAM stack, GitHub's OIDC provider, API Gateway's role, CloudFront."""

from phenom.preflight.check import Check, State
from phenom.preflight.cloud import Cloud

_ISSUER = "token.actions.githubusercontent.com"
_DELETE_FIRST = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "CREATE_FAILED"}


def check_account(cloud: Cloud) -> Check:
    found = f"account {cloud.number}, region {cloud.settings.region}, as {cloud.caller}"
    if cloud.settings.local("region") != cloud.settings.region:
        return Check(
            "account",
            State.MISSING,
            f"samconfig.toml deploys to {cloud.settings.region}, Terraform to {cloud.settings.local('region')}",
            f"Set the same region in samconfig.toml and {cloud.settings.file}.",
        )
    return Check("account", State.OK, found)


def check_stack(cloud: Cloud) -> Check:
    """Checks that CloudFormation can create or update the SAM stack."""
    name, status = cloud.settings.stack_name, cloud.stack_status
    if status is None:
        return Check("SAM stack", State.OK, f"{name} is not deployed yet")
    if status in _DELETE_FIRST:
        remedy = f"aws cloudformation delete-stack --stack-name {name}"
        return Check("SAM stack", State.MISSING, f"{name} is in {status}: it can only be deleted", remedy)
    if status == "UPDATE_ROLLBACK_FAILED":
        remedy = f"aws cloudformation continue-update-rollback --stack-name {name}"
        return Check("SAM stack", State.MISSING, f"{name} is in {status}", remedy)
    if status.endswith("_IN_PROGRESS"):
        remedy = f"Wait until it ends: aws cloudformation describe-stacks --stack-name {name}"
        return Check("SAM stack", State.WARNING, f"{name} is in {status}", remedy)
    return Check("SAM stack", State.OK, f"{name} is deployed ({status})")


def check_github(cloud: Cloud) -> Check:
    """Checks ci_creates_provider against the account, which has at most one OIDC provider for GitHub."""
    name, settings = "GitHub OIDC provider", cloud.settings
    if settings.local("ci_subject") is None:
        return Check(name, State.OK, "not needed: ci_subject is null, so there are no roles for GitHub")
    iam = cloud.client("iam")
    arns = [each["Arn"] for each in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    arn = next((arn for arn in arns if arn.endswith(f":oidc-provider/{_ISSUER}")), None)
    if not settings.local("ci_creates_provider"):
        if arn is not None:
            return Check(name, State.OK, "the account has it; ci_creates_provider is false")
        found = "the account has none, and ci_creates_provider is false"
        return Check(name, State.MISSING, found, f"Set ci_creates_provider = true in {settings.file}.")
    if arn is None:
        return Check(name, State.OK, "Terraform will create it")
    if cloud.has_own_tags(iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"]):
        return Check(name, State.OK, "it is this environment's")
    found = "the account has it already, and allows only one"
    return Check(name, State.MISSING, found, f"Set ci_creates_provider = false in {settings.file}.")


def check_api_gateway(cloud: Cloud) -> Check:
    """Checks the role with which API Gateway writes logs: one setting per account and region."""
    name = "API Gateway's log role"
    role = cloud.client("apigateway").get_account().get("cloudwatchRoleArn")
    if cloud.settings.parameter("ManageApiGatewayAccount") == "false":
        if role:
            return Check(name, State.OK, f"{role}; ManageApiGatewayAccount=false leaves it")
        return Check(
            name,
            State.MISSING,
            "none is set, and ManageApiGatewayAccount=false: a stage with access logs cannot be created",
            "Set ManageApiGatewayAccount=true in samconfig.toml, or a role: "
            "aws apigateway update-account --patch-operations op=replace,path=/cloudwatchRoleArn,value=ROLE_ARN",
        )
    if not role:
        return Check(name, State.OK, "none yet: the SAM stack sets one")
    if role.rpartition("/")[2].startswith("phenom-"):  # this stack's, or that of the other environment
        return Check(name, State.OK, f"{role} of a stack of this application")
    return Check(
        name,
        State.WARNING,
        f"another application set {role}; the deployment would replace it for all APIs of the account",
        "To keep it, set ManageApiGatewayAccount=false in samconfig.toml.",
    )


def check_cloudfront(cloud: Cloud) -> Check:
    """Checks whether AWS lets the account create distributions. No call says so; an existing one proves it."""
    name = "CloudFront"
    if cloud.settings.parameter("UploadPage") == "off":
        return Check(name, State.OK, "not needed: UploadPage=off")
    found = cloud.client("cloudfront").list_distributions(MaxItems="1").get("DistributionList", {})
    if found.get("Items"):
        return Check(name, State.OK, "the account has distributions, so AWS has verified it")
    return Check(
        name,
        State.UNKNOWN,
        "no distribution yet: AWS refuses the first one until AWS Support has verified a new account",
        'Open a case (Support console, "Account and billing"), or deploy with UploadPage=off in samconfig.toml.',
    )
