"""Checks that the environment's registry has the container images, which Terraform looks up when it plans."""

from phenom.aws.ecr import Registry
from phenom.aws.stacks import Account
from phenom.images import image_list
from phenom.preflight.check import Check, State
from phenom.preflight.cloud import Cloud


def check_images(cloud: Cloud) -> Check:
    """Compares the registry with images/images.json, as `phenom push-images --dry-run` does."""
    name, environment = "container images", cloud.settings.environment
    wanted = image_list.read()
    names = {f"{cloud.prefix}/{image}" for image in wanted}
    pages = cloud.pages("ecr", "describe_repositories")
    if absent := names - {each["repositoryName"] for page in pages for each in page["repositories"]}:
        return Check(
            name,
            State.MISSING,
            f"there is no repository {', '.join(sorted(absent))}",
            f"Apply infra/terraform/bootstrap (see Terraform state), then: phenom push-images {environment}",
        )
    registry = Registry(Account(cloud.client, environment, cloud.settings.stack_name))
    missing = [image.name for image in wanted.values() if registry.find_digest(image.name, image.tag) is None]
    if missing:
        found = f"{len(wanted) - len(missing)} of {len(wanted)} pushed; not there: {', '.join(missing)}"
        return Check(name, State.MISSING, found, f"phenom push-images {environment}")
    return Check(name, State.OK, f"{len(wanted)} of {len(wanted)} pushed")
