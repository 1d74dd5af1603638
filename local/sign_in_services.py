"""The services that sign-in needs: database, Hasura stand-in, user pool, and their settings for SAM."""

import shutil
from dataclasses import dataclass

from local import ports, postgres, terraform_values, user_pool
from local.aws import Aws
from local.hasura import daemon, migrations
from local.paths import CloudPaths
from local.progress import say, step
from local.user_pool import LocalUserPool
from phenom.commands import hasura_jwt


@dataclass(frozen=True, slots=True)
class SignInServices:
    """Addresses and credentials of the running services, for people and tests."""

    pool: LocalUserPool
    graphql_url: str
    admin_secret: str
    database_url: str


def start(paths: CloudPaths, aws: Aws, port: int) -> SignInServices:
    """Starts the services that are not running. Prefers `port` and the next one."""
    with step("Preparing the user pool"):
        pool = user_pool.prepare(aws)
    if pool.is_new:
        _delete_users(paths)
    database_url = postgres.start(paths, port)
    migrations.apply(database_url)
    admin_secret = terraform_values.admin_secret(aws)
    jwt = hasura_jwt.jwt_secret(hasura_jwt.UserPool(pool.id, pool.client_id, aws.endpoint))
    daemon.stop(paths)  # a running one still has the settings of another pool or secret
    graphql_url = daemon.start(
        paths, port + 1 if ports.is_free(port + 1) else ports.any_free(), database_url, admin_secret, jwt
    )
    hasura = {"hasuraEndpoint": graphql_url, "hasuraAdminSecret": admin_secret, "databaseUrl": database_url}
    terraform_values.write(aws, pool, hasura)
    return SignInServices(pool, graphql_url, admin_secret, database_url)


def stop(paths: CloudPaths) -> None:
    daemon.stop(paths)
    postgres.stop(paths)


def kill(paths: CloudPaths) -> None:
    for process in (daemon.daemon(paths), postgres.daemon(paths)):
        process.kill()


def _delete_users(paths: CloudPaths) -> None:
    """Deletes the database: rows of a deleted pool's users would block their addresses for the new pool."""
    if postgres.configured():
        say("  The user pool is new. Your database still has the previous pool's users and e-mail addresses.")
        return
    postgres.stop(paths)
    shutil.rmtree(paths.postgres, ignore_errors=True)
