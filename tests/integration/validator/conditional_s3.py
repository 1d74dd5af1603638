"""The conditions of CopyObject, and IfMatch of PutObject, which moto (5.2) accepts but does not evaluate.

moto evaluates If-Match of GET, HEAD and DELETE itself. S3 documents all of these conditions; the end-to-end tests check
those that the local cloud implements.
"""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError


class ConditionalS3:
    """moto's S3 client, which also evaluates the conditions of CopyObject."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def copy_object(self, **arguments: Any) -> Mapping[str, Any]:
        source = self._etag(**arguments["CopySource"])
        if source is None:
            raise _refusal(404, "NoSuchKey")
        if "CopySourceIfMatch" in arguments and source != arguments["CopySourceIfMatch"]:
            raise _refusal(412, "PreconditionFailed")
        if arguments.get("IfNoneMatch") == "*" and self._etag(arguments["Bucket"], arguments["Key"]):
            raise _refusal(412, "PreconditionFailed")
        answer: Mapping[str, Any] = self._client.copy_object(**arguments)
        return answer

    def put_object(self, **arguments: Any) -> Mapping[str, Any]:
        if "IfMatch" in arguments:
            existing = self._etag(arguments["Bucket"], arguments["Key"])
            if existing is None:
                raise _refusal(404, "NoSuchKey")
            if existing != arguments["IfMatch"]:
                raise _refusal(412, "PreconditionFailed")
        answer: Mapping[str, Any] = self._client.put_object(**arguments)
        return answer

    def _etag(self, Bucket: str, Key: str) -> str | None:  # noqa: N803 - the names in CopySource
        try:
            return str(self._client.head_object(Bucket=Bucket, Key=Key)["ETag"])
        except ClientError:
            return None


def _refusal(status: int, code: str) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "CopyObject")
