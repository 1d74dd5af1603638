/** Errors, and the sentences that explain them to people. */

import { PROBLEMS, type ProblemCode } from "./contract.js";
import type { Strings } from "./strings.js";

/** The API refused a call: an RFC 9457 problem with our stable code. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly code: ProblemCode,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
    this.name = "ProblemError";
  }
}

/** No answer after all retries. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** S3 refused permanently. `status` is the HTTP status. */
export class StorageError extends Error {
  override readonly name = "StorageError";

  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(`${status} ${code}`);
  }
}

/** The file cannot be read, or no longer. */
export class FileGoneError extends Error {
  override readonly name = "FileGoneError";
}

/** The upload no longer exists: it was aborted elsewhere, or its parts expired. */
export class ExpiredError extends Error {
  override readonly name = "ExpiredError";
}

/** The API uses a different part size than this page, which is older or newer. */
export class SettingsChangedError extends Error {
  override readonly name = "SettingsChangedError";
}

export function sentence(error: unknown, strings: Strings): string {
  if (error instanceof ProblemError) return strings.problems[error.code];
  if (error instanceof NetworkError) return strings.trouble.network;
  if (error instanceof StorageError) return strings.trouble.storage;
  if (error instanceof FileGoneError) return strings.trouble.fileGone;
  if (error instanceof ExpiredError) return strings.problems.conflict;
  if (error instanceof SettingsChangedError) return strings.trouble.settingsChanged;
  return strings.trouble.unexpected;
}

/** Returns the problem for a response that is not ours, such as a proxy's page or a truncated body. */
export function problemOf(status: number, body: unknown): ProblemError {
  const { code, detail } = (body ?? {}) as Record<string, unknown>;
  const known = PROBLEMS.find((each) => each === code);
  return new ProblemError(status, known ?? (status >= 500 ? "unavailable" : "invalid_request"), String(detail ?? ""));
}
