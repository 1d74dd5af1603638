// Written by `make generate` (tools/generate.py) from the Python code. Do not edit.

/** `uploads.reasons.Reason` */
export const REASONS = [
  "unsupported_type",
  "type_mismatch",
  "malformed",
  "size_mismatch",
  "too_large",
  "active_content",
  "polyglot",
  "decompression_bomb",
  "infected",
  "unscannable",
  "replayed",
  "unknown_upload",
] as const;
export type Reason = (typeof REASONS)[number];

/** `uploads.record.Status` */
export const STATUSES = ["issued", "validating", "accepted", "rejected", "held"] as const;
export type Status = (typeof STATUSES)[number];

/** The codes of `presign.problems` and of API Gateway's own responses in template.yaml. */
export const PROBLEMS = [
  "invalid_request",
  "wrong_password",
  "throttled",
  "quota_exceeded",
  "forbidden",
  "unsupported_type",
  "file_too_large",
  "not_found",
  "conflict",
  "unavailable",
  "invalid_api_key",
  "internal",
] as const;
export type ProblemCode = (typeof PROBLEMS)[number];

/** The accepted types, for people: `uploads.media_types` */
export const TYPE_NAMES = [
  "MP4",
  "MPEG",
  "MOV",
  "AVI",
  "WMV",
  "WebM",
  "JPEG",
  "PNG",
  "GIF",
  "WebP",
  "SVG",
  "TIFF",
  "BMP",
] as const;
export type TypeName = (typeof TYPE_NAMES)[number];

/** The media type that an extension stands for: `uploads.media_types`. Browsers and systems disagree. */
export const TYPE_OF_EXTENSION: Readonly<Record<string, string>> = {
  mp4: "video/mp4",
  m4v: "video/mp4",
  mpg: "video/mpeg",
  mpeg: "video/mpeg",
  vob: "video/mpeg",
  mov: "video/quicktime",
  qt: "video/quicktime",
  avi: "video/x-msvideo",
  wmv: "video/x-ms-wmv",
  asf: "video/x-ms-wmv",
  webm: "video/webm",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
  webp: "image/webp",
  svg: "image/svg+xml",
  tiff: "image/tiff",
  tif: "image/tiff",
  bmp: "image/bmp",
};
