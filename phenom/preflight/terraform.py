"""Checks of what Terraform finds or needs outside its modules: state, certificate, database offer, sign-in domain."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from phenom.preflight.check import Check, State
from phenom.preflight.cloud import Cloud
from runtime.aws_errors import code_of

STORAGE_TYPE = "gp3"
"""As infra/terraform/modules/rds sets it [tests/infra/test_preflight.py]."""


def check_state(cloud: Cloud) -> Check:
    """Checks that the bucket for Terraform's state exists."""
    name = "Terraform state"
    if cloud.state_bucket not in cloud.buckets:
        return Check(
            name,
            State.MISSING,
            f"there is no bucket {cloud.state_bucket}",
            "In infra/terraform/bootstrap: terraform init && "
            f"terraform apply -var environment={cloud.settings.short_name} "
            f"-state={cloud.settings.short_name}.tfstate",
        )
    applied = "Terraform was applied" if cloud.has_terraform_state else "Terraform was not applied yet"
    return Check(name, State.OK, f"bucket {cloud.state_bucket} exists; {applied}")


def check_certificate(cloud: Cloud) -> Check:
    """Checks that ACM has issued a certificate for the load balancer's name, as Terraform looks for it."""
    name, domain = "certificate", cloud.settings.local("domain_name")
    if domain is None:
        return Check(
            name,
            State.WARNING,
            "domain_name is null: the load balancer serves plain HTTP, and user_sync sends its secret only over TLS",
            f"Set domain_name in {cloud.settings.file} before anyone else uses the environment.",
        )
    region = cloud.settings.region
    if domain in _certificates(cloud, "ISSUED"):
        return Check(name, State.OK, f"ACM has issued one for {domain} in {region}")
    if domain in _certificates(cloud, "PENDING_VALIDATION"):
        remedy = "Add its validation record to DNS (ACM console, the certificate, CNAME name and value), and wait."
        return Check(name, State.MISSING, f"the one for {domain} in {region} waits for its DNS record", remedy)
    remedy = (
        f"aws acm request-certificate --region {region} --domain-name {domain} --validation-method DNS; "
        f"or set domain_name in {cloud.settings.file} to a name of your own, or to null"
    )
    return Check(name, State.MISSING, f"ACM has none for {domain} in {region}", remedy)


def _certificates(cloud: Cloud, status: str) -> set[str]:
    """Returns the domain names. Without key types in the request ACM lists RSA 2048 only, as it does for Terraform."""
    pages = cloud.pages("acm", "list_certificates", CertificateStatuses=[status])
    return {each["DomainName"] for page in pages for each in page["CertificateSummaryList"]}


def check_database(cloud: Cloud) -> Check:
    """Checks that RDS offers the database: engine version, instance class, storage type, two zones if wanted."""
    settings, name = cloud.settings, "database offer"
    version, instance_class = settings.local("database_engine")["version"], settings.local("database_instance_class")
    zones = settings.local("database_multi_az")
    pages = cloud.pages(
        "rds",
        "describe_orderable_db_instance_options",
        Engine="postgres",
        DBInstanceClass=instance_class,
        Vpc=True,
        PaginationConfig={"PageSize": 1000},
    )
    offers = [each for page in pages for each in page["OrderableDBInstanceOptions"] if _fits(each, multi_az=zones)]
    versions = {each["EngineVersion"] for each in offers}
    fitting = [each for each in versions if each == version or each.startswith(f"{version}.")]
    wanted = f"on {instance_class} with {STORAGE_TYPE}" + (" in two zones" if zones else "")
    if fitting:
        return Check(name, State.OK, f"PostgreSQL {max(fitting, key=_parts)} {wanted}")
    newest = max(versions, key=_parts, default=None)
    remedy = f"Change database_engine or database_instance_class in {settings.file}."
    if newest:
        remedy += f" RDS offers up to {newest} {wanted}."
    return Check(name, State.MISSING, f"RDS does not offer PostgreSQL {version} {wanted}", remedy)


def _fits(offer: Mapping[str, Any], *, multi_az: bool) -> bool:
    return offer.get("StorageType") == STORAGE_TYPE and (offer.get("MultiAZCapable", False) or not multi_az)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def check_final_snapshot(cloud: Cloud) -> Check:
    """Checks that the snapshot with which Terraform deletes the database can be made."""
    name, snapshot = "final snapshot", f"{cloud.prefix}-final"
    try:
        cloud.client("rds").describe_db_snapshots(DBSnapshotIdentifier=snapshot)
    except ClientError as error:
        if code_of(error) not in {"DBSnapshotNotFound", "DBSnapshotNotFoundFault"}:
            raise
        return Check(name, State.OK, f"{snapshot} is free")
    return Check(
        name,
        State.WARNING,
        f"{snapshot} exists, of a database that was deleted: it blocks the next deletion, not the deployment",
        f"aws rds copy-db-snapshot --source-db-snapshot-identifier {snapshot} "
        f"--target-db-snapshot-identifier {snapshot}-1, then "
        f"aws rds delete-db-snapshot --db-snapshot-identifier {snapshot}; "
        f"to restore it instead, set database_snapshot_identifier in {cloud.settings.file}",
    )


def check_sign_in_domain(cloud: Cloud) -> Check:
    """Checks that the prefix of Cognito's sign-in pages is free. Prefixes are unique in a region."""
    name, prefix = "Cognito domain prefix", cloud.settings.local("cognito_domain_prefix")
    prefix = prefix or f"{cloud.prefix}-{cloud.number}"
    domain = cloud.client("cognito-idp").describe_user_pool_domain(Domain=prefix).get("DomainDescription", {})
    if not domain.get("UserPoolId"):
        found = f"{prefix} is not used in this account; AWS tells only at creation if another account has it"
        return Check(name, State.OK, found)
    if cloud.arn("cognito-idp", f"userpool/{domain['UserPoolId']}") in cloud.tagged:
        return Check(name, State.OK, f"{prefix} is this environment's")
    remedy = f"Choose another cognito_domain_prefix in {cloud.settings.file}."
    return Check(name, State.MISSING, f"{prefix} belongs to user pool {domain['UserPoolId']}", remedy)


def check_mail(cloud: Cloud) -> Iterator[Check]:
    """Yields a notice where users can sign up: Cognito itself sends at most 50 mails a day."""
    if cloud.settings.local("cognito_self_registration"):
        yield Check(
            "Cognito mail",
            State.WARNING,
            "users can sign up, and Cognito sends at most 50 mails a day (codes, password resets)",
            "For more, set email_configuration with an SES identity in infra/terraform/modules/cognito/main.tf.",
        )


def check_cost_tag(cloud: Cloud) -> Check:
    """Checks that the tag by which the budget filters is active. AWS knows it a day after the first deployment."""
    name = "cost allocation tag"
    if not cloud.has_terraform_state:
        return Check(name, State.OK, "activate `environment` a day after the first deployment (docs/environments.md)")
    try:
        found = cloud.client("ce").list_cost_allocation_tags(TagKeys=["environment"], Type="UserDefined")
    except ClientError as error:
        if code_of(error) != "AccessDeniedException":
            raise
        remedy = "In an organization, look in the management account: billing console, Cost allocation tags."
        return Check(name, State.WARNING, f"cannot be read: {error.response['Error'].get('Message', '')}", remedy)
    if any(each["Status"] == "Active" for each in found["CostAllocationTags"]):
        return Check(name, State.OK, "`environment` is active")
    remedy = "aws ce update-cost-allocation-tags-status --cost-allocation-tags-status TagKey=environment,Status=Active"
    return Check(name, State.WARNING, "`environment` is not active: the budget counts 0 USD", remedy)
