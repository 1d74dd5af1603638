/** What can go wrong, and how a person is told. */

import { PROBLEMS, type ProblemCode } from "./contract.js";
import type { Strings } from "./strings.js";

/** The API refused: RFC 9457's problem with our stable code. */
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

/** Nothing came back, however often it was tried. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** S3 refused for good. `status` is HTTP's. */
export class StorageError extends Error {
  override readonly name = "StorageError";

  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(`${status} ${code}`);
  }
}

/** The file cannot be read (any more). */
export class FileGoneError extends Error {
  override readonly name = "FileGoneError";
}

/** The API cuts files in other parts than this page, which is older or newer. */
export class SettingsChangedError extends Error {
  override readonly name = "SettingsChangedError";
}

export function sentence(error: unknown, strings: Strings): string {
  if (error instanceof ProblemError) return strings.problems[error.code];
  if (error instanceof NetworkError) return strings.trouble.network;
  if (error instanceof StorageError) return strings.trouble.storage;
  if (error instanceof FileGoneError) return strings.trouble.fileGone;
  if (error instanceof SettingsChangedError) return strings.trouble.settingsChanged;
  return strings.trouble.unexpected;
}

/** The problem in an answer that is none of ours either: a proxy's page, a cut body. */
export function problemOf(status: number, body: unknown): ProblemError {
  const { code, detail } = (body ?? {}) as Record<string, unknown>;
  const known = PROBLEMS.find((each) => each === code);
  return new ProblemError(status, known ?? (status >= 500 ? "unavailable" : "invalid_request"), String(detail ?? ""));
}
