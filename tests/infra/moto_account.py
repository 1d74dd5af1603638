"""An empty AWS account: moto's server on loopback, for the real Terraform provider.

The provider calls operations that moto lacks. Those that the configuration needs are added here. All others answer 501,
which the provider reports as an error, so that a new one is noticed.
"""

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.budgets.responses import BudgetsResponse
from moto.core.responses import ActionResult, BaseResponse
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.rds import utils as rds_utils
from moto.rds.responses import RDSResponse
from werkzeug.serving import make_server

from phenom.images import image_list

ACCOUNT = "123456789012"  # moto's
REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": REGION}


def describe_db_engine_versions(_: RDSResponse) -> ActionResult:
    version = {"Engine": "postgres", "EngineVersion": "17.9", "DBParameterGroupFamily": "postgres17"}
    return ActionResult({"DBEngineVersions": [version | {"Status": "available"}]})


def describe_orderable_db_instance_options(response: RDSResponse) -> ActionResult:
    """Offers everything. moto knows the real offers, but needs half a minute to list them."""
    offer = {name: response.params[name] for name in ("Engine", "DBInstanceClass")}
    offer |= {"EngineVersion": response.params.get("EngineVersion", "17.9"), "StorageType": "gp3", "Vpc": True}
    return ActionResult({"OrderableDBInstanceOptions": [offer]})


def list_no_tags_of_scalable_target(_: ApplicationAutoScalingResponse) -> str:
    return json.dumps({"Tags": {}})


def list_no_tags_of_budget(_: BudgetsResponse) -> str:
    return json.dumps({"ResourceTags": []})


def describe_subscribers_for_notification(response: BudgetsResponse) -> str:
    asked = json.loads(response.body)
    budget = response.backend.budgets[asked["AccountId"]][asked["BudgetName"]]
    (found,) = [each for each in budget.notifications if each.details == asked["Notification"]]
    return json.dumps({"Subscribers": found.subscribers})


_overlap = rds_utils.get_overlap_between_two_date_ranges


def overlap_in_seconds(*times: Any) -> int:
    """Returns a negative number for windows that only touch: RDS accepts them, and moto does not."""
    return _overlap(*times) or -1


ADDED: dict[type[BaseResponse], dict[str, Callable[..., Any]]] = {
    RDSResponse: {
        "describe_db_engine_versions": describe_db_engine_versions,
        "describe_orderable_db_instance_options": describe_orderable_db_instance_options,
    },
    ApplicationAutoScalingResponse: {"list_tags_for_resource": list_no_tags_of_scalable_target},
    BudgetsResponse: {
        "describe_subscribers_for_notification": describe_subscribers_for_notification,
        "list_tags_for_resource": list_no_tags_of_budget,
    },
}


class Account:
    """The account, and the operations that moto lacked."""

    def __init__(self) -> None:
        self.missing: set[str] = set()
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self.endpoint = f"http://127.0.0.1:{self._server.port}"

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return self._moto(environ, start_response)
        except NotImplementedError as error:
            self.missing.add(str(error))
            start_response("501 Not Implemented", [("Content-Type", "text/plain")])
            return [str(error).encode()]

    def serve(self) -> None:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )

    def push_images(self, environment: str) -> None:
        """Fills the registry of the environment (dev or prod), as `phenom push-images` does."""
        for image in image_list.read().values():
            manifest = {"schemaVersion": 2, "config": {"digest": f"sha256:{image.name}"}, "layers": []}
            self.client("ecr").put_image(
                repositoryName=f"phenom-{environment}/{image.name}",
                imageTag=image.tag,
                imageManifest=json.dumps(manifest),
                imageManifestMediaType="application/vnd.docker.distribution.manifest.v2+json",
            )

    def create_certificate(self, domain_name: str) -> None:
        self.client("acm").request_certificate(DomainName=domain_name, ValidationMethod="DNS")


class _Quiet(MotoRequestHandler):
    def log(self, *_: Any) -> None:
        """Writes no line per request."""


@contextmanager
def empty_account() -> Iterator[Account]:
    """Serves an empty account until the end of the `with` block. Only one at a time: moto has one state per process."""
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # AWS's own policies exist in every account
    moto_api_backend.reset()
    for response, operations in ADDED.items():
        for name, operation in operations.items():
            setattr(response, name, operation)
    rds_utils.get_overlap_between_two_date_ranges = overlap_in_seconds
    account = Account()
    account.serve()
    try:
        yield account
    finally:
        account.stop()
        moto_api_backend.reset()
