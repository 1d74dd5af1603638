"""Which local cloud a command's functions talk to: the one that is up, or one of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import clamd, stack
from local.deployment import Deployment
from local.lifecycle import Cloud
from local.paths import Places
from local.progress import say
from local.sam_local import docker_engine
from local.sam_local.preparation import Preparation


@contextmanager
def prepared(directory: Path, command: str) -> Iterator[Preparation]:
    """The functions as they are now, packed, and a cloud for them, in the name of a command such as `invoke`.

    The cloud of `directory` where it is up. Else one in `directory/command` is started, and stopped afterwards; what
    was built for it stays, for the next time. Raises TroubleError, without Docker before anything is started.
    """
    docker_engine.find()
    there, own = Cloud(Places(directory)), Cloud(Places(directory / command))
    with own.owned():
        if there.runs() and there.places.stack.exists():
            say(f"Using the local cloud that is up, at {there.aws().endpoint}")
            yield _of(there, own.places)
            return
        say("No local cloud is up: bringing up one for this alone")
        try:
            own.up(0, clamd.named_elsewhere())
            yield _of(own, own.places)
        finally:
            own.down()


def _of(cloud: Cloud, places: Places) -> Preparation:
    build = Deployment(cloud.places, cloud.aws()).build()
    return Preparation(stack.offered(cloud.places.stack), build, places.directory / "containers")
