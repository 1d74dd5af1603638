"""Issues an upload URL with boto3 and does nothing else: no password, no ledger, no log line."""

import json
import os
import uuid
from typing import Any

import boto3
from botocore.config import Config

s3 = boto3.client("s3", config=Config(signature_version="s3v4"))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    body = json.loads(event["body"])
    parameters = {
        "Bucket": os.environ["STAGING_BUCKET"],
        "Key": f"uploads/{uuid.uuid4()}.mov",
        "ContentType": body["contentType"],
        "ContentLength": body["fileSize"],
    }
    url = s3.generate_presigned_url("put_object", Params=parameters, ExpiresIn=3600)
    return {"statusCode": 200, "body": json.dumps({"uploadUrl": url})}
