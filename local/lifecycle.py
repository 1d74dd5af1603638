"""Starts, stops and describes the local cloud as a whole."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local import clamd, ports, sign_in_services, stack, terraform_values, upload_page, user_pool
from local.aws import REGION, Aws
from local.clamd import Address
from local.daemon import Daemon
from local.deployment import Deployment
from local.emulator.process import Emulator
from local.paths import CloudPaths
from local.progress import TroubleError
from phenom.aws.stacks import LIVE
from phenom.functions import FUNCTIONS

DEFAULT_PORT = 4566
DEMO_PASSWORD = "local-demo-password"  # noqa: S105 - the cloud is reachable from this machine only
OWNER_STOP_SECONDS = 60
CLAMD_PORT_OFFSET, DATABASE_PORT_OFFSET, PAGE_PORT_OFFSET = 1, 2, 4  # from the emulator's port; Hasura's is 3
OTHER_PROGRAMS = ("clamd", "postgres", "hasura", "page")  # record names of the programs besides the emulator


class InUseError(TroubleError):
    """Another command holds this cloud."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """One local cloud in one directory."""

    paths: CloudPaths

    @property
    def emulator(self) -> Emulator:
        return Emulator(self.paths)

    def up(self, port: int | None, clamav: Address | None, *, scanning: bool = True) -> stack.Stack:
        """Starts what is not running and deploys what changed. The emulator's `port` is 0 for any free one."""
        self.paths.create()
        self.paths.stack.unlink(missing_ok=True)
        self._start_emulator(port)
        services = sign_in_services.start(self.paths, self.aws(), self._port() + DATABASE_PORT_OFFSET)
        scanner = self._start_scanner(clamav) if scanning else None
        deployment = self._deployment()
        terraform_values.write_clamd(self.aws(), scanner.host if scanner else None)
        deployment.bring_up_to_date(
            {"ClamAvPort": str(scanner.port)} if scanner else {}, [services.pool.arn, str(scanner)]
        )
        description = self._describe(deployment, services)
        description.write(self.paths.stack)
        return description

    def down(self) -> None:
        """Stops cleanly, so that the state is kept."""
        self.paths.stack.unlink(missing_ok=True)
        upload_page.daemon(self.paths).stop()
        clamd.daemon(self.paths).stop()
        sign_in_services.stop(self.paths)
        if self.paths.record("emulator").exists():
            self.emulator.stop()

    def kill(self) -> None:
        for daemon in (upload_page.daemon(self.paths), clamd.daemon(self.paths), self.emulator.daemon):
            daemon.kill()
        sign_in_services.kill(self.paths)

    def runs(self) -> bool:
        return self.emulator.daemon.alive()

    def crashed_programs(self) -> set[str]:
        """Returns the record names of programs that were killed or crashed."""
        daemons = {name: Daemon(self.paths.record(name), self.paths.log(name)) for name in OTHER_PROGRAMS}
        return {name for name, daemon in daemons.items() if daemon.was_killed()}

    def scans_with(self) -> Address | None:
        """Returns the address of the deployed validator's clamd; None when scanning is off."""
        name = stack.read(self.paths.stack).functions["validator"]
        lambda_ = self.emulator.aws().client("lambda")
        function = lambda_.get_function_configuration(FunctionName=name, Qualifier=LIVE)
        variables = function["Environment"]["Variables"]
        host = variables.get("CLAMAV_HOST")
        return None if host in {None, terraform_values.NONE} else Address(host, int(variables["CLAMAV_PORT"]))

    def aws(self) -> Aws:
        return self.emulator.aws()

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Holds the cloud's lock, which the kernel releases when the process ends. Raises InUseError."""
        self.paths.create()
        with self.paths.lock.open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUseError(f"Another command is using {self.paths.directory}.") from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def stop_owner(self) -> None:
        """Asks the command that holds the cloud to stop it cleanly, as Ctrl-C would."""
        os.kill(int(self.paths.lock.read_text()), signal.SIGTERM)
        deadline = time.monotonic() + OWNER_STOP_SECONDS
        while time.monotonic() < deadline:
            try:
                with self.owned():
                    return
            except InUseError:
                time.sleep(0.2)
        raise TroubleError(f"The command that holds {self.paths.directory} does not stop.")

    def _start_emulator(self, port: int | None) -> None:
        running = self.emulator.running_port()
        if running is None:
            self.emulator.start(ports.any_free() if port == 0 else port or DEFAULT_PORT)
        elif port not in {None, 0, running}:
            raise TroubleError(
                f"The local cloud already runs, on port {running}. `make stop` stops it.\n"
                "On another port it starts empty: its state belongs to one port."
            )
        broken = self._deployment().broken()
        if broken:
            used = self.emulator.running_port()
            self.emulator.stop()
            self.emulator.forget(f"A deployment was interrupted ({broken}): starting empty.")
            self.emulator.start(used or DEFAULT_PORT)

    def _start_scanner(self, named: Address | None) -> Address | None:
        return named or clamd.start(self.paths, self._port() + CLAMD_PORT_OFFSET)

    def _port(self) -> int:
        """Returns the emulator's port; the next ones are for the other programs."""
        return self.emulator.running_port() or DEFAULT_PORT

    def _deployment(self) -> Deployment:
        return Deployment(self.paths, self.emulator.aws())

    def _describe(self, deployment: Deployment, services: sign_in_services.SignInServices) -> stack.Stack:
        aws, outputs, names = deployment.aws, deployment.outputs(), deployment.resources()
        key = aws.client("apigateway").get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)["value"]
        api_url = f"{aws.endpoint}/_aws/execute-api/{outputs['ApiId']}/v1"
        return stack.Stack(
            api_url=api_url,
            api_key=key,
            password=_ensure_password(aws, outputs["UploadPasswordsSecretArn"]),
            client_url=upload_page.bring_up(self.paths, aws, api_url, self._port() + PAGE_PORT_OFFSET),
            endpoint_url=aws.endpoint,
            region=REGION,
            access_key_id=aws.access_key_id,
            secret_access_key=aws.secret_access_key,
            staging_bucket=outputs["VideoStagingBucket"],
            final_bucket=outputs["VideoFinalBucket"],
            uploads_table=outputs["UploadsTableName"],
            validator_queue_url=outputs["ValidatorQueueUrl"],
            validator_dead_letter_queue_url=outputs["ValidatorDeadLetterQueueUrl"],
            user_pool_id=services.pool.id,
            user_pool_client_id=services.pool.client_id,
            demo_user=user_pool.DEMO_USER,
            graphql_url=services.graphql_url,
            graphql_admin_secret=services.admin_secret,
            database_url=services.database_url,
            functions={name: names[function.resource] for name, function in FUNCTIONS.items()},
            event_bus=outputs["EventBusName"],
            wrong_passwords_table=outputs["WrongPasswordsTableName"],
        )


def _ensure_password(aws: Aws, secret_id: str) -> str:
    """Returns the first upload password of the secret; puts the demo password into an empty secret."""
    secrets_manager = aws.client("secretsmanager")
    value = secrets_manager.get_secret_value(SecretId=secret_id).get("SecretString")
    passwords: list[str] = json.loads(value).get("passwords", []) if value else []
    if not passwords:
        passwords = [DEMO_PASSWORD]
        secrets_manager.put_secret_value(SecretId=secret_id, SecretString=json.dumps({"passwords": passwords}))
    return passwords[0]
