/** What the page and the functions both know. A test compares each list with the Python that it comes from. */

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

/** The codes of `presign.problems`, and of API Gateway's own answers in template.yaml. */
export const PROBLEMS = [
  "invalid_request",
  "wrong_password",
  "unsupported_type",
  "file_too_large",
  "not_found",
  "conflict",
  "throttled",
  "unavailable",
  "invalid_api_key",
  "forbidden",
  "internal",
] as const;
export type ProblemCode = (typeof PROBLEMS)[number];

/** What the name of a file suggests. Browsers and systems differ in what they take an extension for. */
export const TYPE_OF_EXTENSION: Readonly<Record<string, string>> = {
  mp4: "video/mp4",
  m4v: "video/mp4",
  mov: "video/quicktime",
  qt: "video/quicktime",
  avi: "video/x-msvideo",
  wmv: "video/x-ms-wmv",
  asf: "video/x-ms-wmv",
  webm: "video/webm",
  mpg: "video/mpeg",
  mpeg: "video/mpeg",
  vob: "video/mpeg",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
  webp: "image/webp",
  svg: "image/svg+xml",
  tif: "image/tiff",
  tiff: "image/tiff",
  bmp: "image/bmp",
};
