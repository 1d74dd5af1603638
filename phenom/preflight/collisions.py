"""Checks that the names of an environment are free, or taken by the environment itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from phenom.preflight.check import Check, State
from phenom.preflight.cloud import Cloud
from phenom.preflight.existing import KINDS, Existing, Kind
from phenom.preflight.names import PlannedName

_RESTORE = (
    "aws secretsmanager restore-secret --secret-id {name}, then import it, or delete it for good: "
    "aws secretsmanager delete-secret --secret-id {name} --force-delete-without-recovery"
)


class Owner(Enum):
    """The resource that has a name."""

    NONE = auto()
    ENVIRONMENT = auto()  # Terraform's state or the SAM stack has it
    LEFTOVER = auto()  # an earlier deployment of this environment left it behind
    UNTAGGED = auto()  # Terraform was applied, but the resource carries other tags
    STRANGER = auto()


@dataclass(frozen=True, slots=True)
class Name:
    """A planned name and its owner; `blocked` says why it cannot be used now."""

    planned: PlannedName
    owner: Owner
    blocked: str = ""

    @property
    def text(self) -> str:
        return self.planned.name


def check_names(cloud: Cloud, type_: str, planned: Sequence[PlannedName]) -> Iterator[Check]:
    """Yields one check of all names of a type; when some are taken, one for each of these. Raises ClientError."""
    kind = KINDS[type_]
    found = kind.look_up(cloud, [each.name for each in planned])
    names = [_judge(cloud, each, found) for each in planned]
    title = f"names: {kind.title}"
    taken = [each for each in names if each.blocked or each.owner not in {Owner.NONE, Owner.ENVIRONMENT}]
    if not taken:
        yield Check(title, State.OK, _count(names))
        return
    for name in taken:
        yield _taken(cloud, title, kind, name)


def _judge(cloud: Cloud, planned: PlannedName, found: Mapping[str, Existing]) -> Name:
    existing = found.get(planned.name)
    if existing is None:
        return Name(planned, Owner.NONE)
    return Name(planned, _owner(cloud, planned, existing), existing.blocked)


def _owner(cloud: Cloud, planned: PlannedName, existing: Existing) -> Owner:
    if planned.logical_id is not None:
        if planned.logical_id in cloud.stack_resources:
            return Owner.ENVIRONMENT
        return Owner.LEFTOVER if planned.retained else Owner.STRANGER
    if not existing.own:
        return Owner.UNTAGGED if cloud.has_terraform_state else Owner.STRANGER
    return Owner.ENVIRONMENT if cloud.has_terraform_state else Owner.LEFTOVER


def _count(names: Sequence[Name]) -> str:
    own = sum(each.owner is Owner.ENVIRONMENT for each in names)
    free = len(names) - own
    return ", ".join(text for text, number in ((f"{free} free", free), (f"{own} of this environment", own)) if number)


def _taken(cloud: Cloud, title: str, kind: Kind, name: Name) -> Check:
    delete = kind.delete.format(name=name.text)
    if name.blocked and name.planned.type == "aws_secretsmanager_secret":
        return Check(title, State.MISSING, f"{name.text}: {name.blocked}", _RESTORE.format(name=name.text))
    if name.blocked:
        return Check(title, State.MISSING, f"{name.text}: {name.blocked}", "Ask its owner to delete it.")
    match name.owner:
        case Owner.UNTAGGED:
            return Check(
                title,
                State.WARNING,
                f"{name.text} exists without the tags of this environment",
                f"If Terraform's state does not have it (terraform state list), import it or delete it: {delete}",
            )
        case Owner.LEFTOVER if name.planned.logical_id is not None:
            first = "" if cloud.stack_status is None else "When the SAM stack is deleted: "
            remedy = f"{first}phenom adopt {cloud.settings.environment}"
            return Check(title, State.MISSING, f"{name.text} is left from a deleted stack", remedy)
        case Owner.LEFTOVER:
            return Check(
                title,
                State.MISSING,
                f"{name.text} is this environment's by its tags, but there is no Terraform state",
                f"Import it (docs/environments.md, Import of existing resources), or delete it: {delete}",
            )
    remedy = f"If nothing needs it, delete it: {delete}"
    if name.planned.logical_id is None:
        remedy += ". Otherwise import it (docs/environments.md, Import of existing resources)."
    return Check(title, State.MISSING, f"{name.text} exists and is not this environment's", remedy)
