"""What signing in needs beside the emulator: a database, Hasura's stand-in, a user pool; and what SAM is told of it."""

import shutil
from dataclasses import dataclass

from local import ports, postgres, terraform_values, user_pool
from local.aws import Aws
from local.hasura import daemon, migrations
from local.paths import Places
from local.progress import say, step
from local.user_pool import UserPool
from phenom.commands import hasura_jwt


@dataclass(frozen=True, slots=True)
class Identity:
    """What people and tests are told of it."""

    pool: UserPool
    graphql_url: str
    admin_secret: str
    database_url: str


def start(places: Places, aws: Aws, port: int) -> Identity:
    """Starts what does not run. `port` and the next are tried first."""
    with step("Preparing the user pool"):
        pool = user_pool.prepare(aws)
    if pool.is_new:
        _forget_users(places)
    database_url = postgres.start(places, port)
    migrations.up(database_url)
    admin_secret = terraform_values.admin_secret(aws)
    jwt = hasura_jwt.secret(hasura_jwt.UserPool(pool.id, pool.client_id, aws.endpoint))
    daemon.stop(places)  # one that runs still has the settings of another pool or secret
    graphql_url = daemon.start(
        places, port + 1 if ports.is_free(port + 1) else ports.any_free(), database_url, admin_secret, jwt
    )
    hasura = {"hasuraEndpoint": graphql_url, "hasuraAdminSecret": admin_secret, "databaseUrl": database_url}
    terraform_values.write(aws, pool, hasura)
    return Identity(pool, graphql_url, admin_secret, database_url)


def stop(places: Places) -> None:
    daemon.stop(places)
    postgres.stop(places)


def kill(places: Places) -> None:
    for process in (daemon.daemon(places), postgres.daemon(places)):
        process.kill()


def _forget_users(places: Places) -> None:
    """Users of a pool that is no more would keep their addresses from those of the new one."""
    if postgres.named_elsewhere():
        say("  The user pool is new. Your database keeps the users of the one before, with their e-mail addresses.")
        return
    postgres.stop(places)
    shutil.rmtree(places.postgres, ignore_errors=True)
