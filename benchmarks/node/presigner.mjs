// Issues upload URLs with the AWS SDK for JavaScript and does nothing else: no password, no ledger, no log line.
import { randomUUID } from "node:crypto";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const s3 = new S3Client({ requestChecksumCalculation: "WHEN_REQUIRED" });
const TYPES = { "video/quicktime": "mov", "video/mp4": "mp4", "image/jpeg": "jpg" };

export const handler = async (event) => {
  const { fileName, contentType, fileSize } = JSON.parse(event.body);
  if (!fileName || !TYPES[contentType] || !(fileSize > 0)) {
    return { statusCode: 400, body: JSON.stringify({ message: "invalid request" }) };
  }
  const key = `uploads/${randomUUID()}.${TYPES[contentType]}`;
  const command = new PutObjectCommand({
    Bucket: process.env.STAGING_BUCKET,
    Key: key,
    ContentType: contentType,
    ContentLength: fileSize,
    IfNoneMatch: "*",
  });
  const signed = new Set(["content-type", "content-length", "if-none-match"]);
  const uploadUrl = await getSignedUrl(s3, command, { expiresIn: 3600, signableHeaders: signed, unhoistableHeaders: signed });
  return { statusCode: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ uploadUrl, key }) };
};
