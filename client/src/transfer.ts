/**
 * Sends bytes to S3 with Uppy's own upload function.
 *
 * Uppy retries failed parts and reads the reason from `source.status`: missing or 0 means the network. This module adds
 * what Uppy lacks: stalled connections, interrupted whole files, S3's error codes for expired URLs, and refusals that
 * occur while a part is being signed.
 */

import AwsS3, { type AwsS3UploadParameters } from "@uppy/aws-s3";
import { NetworkError, StorageError } from "./errors.js";
import { ATTEMPTS, either, pause, wait } from "./patience.js";

export const STALLED_MS = 60_000;

/** A part has its number, or the refusal that ends its upload. */
export type Signature = AwsS3UploadParameters & { readonly part?: true; readonly refusal?: Error };
export type Send = typeof AwsS3.uploadPartBytes;
type Options = Parameters<Send>[0] & { signature: Signature };
type Sent = Awaited<ReturnType<Send>>;

/** S3's error codes that a new signature fixes. */
const FIXED_BY_SIGNING = new Set(["ExpiredToken", "InvalidToken", "RequestTimeTooSkewed", "TokenRefreshRequired"]);

/** `onTrouble` is called for each failed attempt that will be retried. */
export function transfer(
  onTrouble: () => void,
  send: Send = AwsS3.uploadPartBytes,
  pauseFor: typeof wait = wait,
): Send {
  return async (options) => {
    const { signature } = options as Options;
    if (signature.refusal) throw withStatus(signature.refusal, 410);
    const tried: Send = (each) =>
      attempt(each, send).catch((error: unknown) => {
        if (statusOf(error) === 0) onTrouble();
        throw error;
      });
    if (!signature.part) return whole(options, tried, pauseFor);
    try {
      return await tried(options);
    } catch (error) {
      throw explained(error);
    }
  };
}

/** Sends a file in one piece. If a retry finds the object already there, the first attempt had arrived. */
async function whole(options: Parameters<Send>[0], send: Send, pauseFor: typeof wait): Promise<Sent> {
  let unheard = false;
  for (let tried = 0; ; tried += 1) {
    try {
      return await send(options);
    } catch (error) {
      options.signal?.throwIfAborted();
      const status = statusOf(error);
      if (status === 412 && unheard) {
        options.onComplete?.("");
        return { ETag: "" } as Sent;
      }
      if (!mayPass(status) || tried + 1 >= ATTEMPTS) throw explained(error);
      unheard = true;
      options.onProgress?.({ loaded: 0, lengthComputable: true });
      await pauseFor(pause(tried), options.signal);
    }
  }
}

/** Aborts a connection without progress for STALLED_MS. */
async function attempt(options: Parameters<Send>[0], send: Send): Promise<Sent> {
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), STALLED_MS);
  const signal = either(options.signal, stalled.signal);
  const onProgress = (event: unknown) => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), STALLED_MS);
    options.onProgress?.(event);
  };
  try {
    return await send({ ...options, onProgress, signal });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw stalled.signal.aborted ? withStatus(new NetworkError("stalled"), 0) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Converts the error to a form that Uppy's retries and `sentence` understand. */
function explained(error: unknown): unknown {
  const status = statusOf(error);
  if (status === undefined) return error;
  if (status === 0) return withStatus(new NetworkError(String(error)), 0);
  const code = codeOf(error);
  // 503 makes Uppy request another signature and retry.
  const known = status === 403 && (FIXED_BY_SIGNING.has(code) || (error as Error).message === "Request has expired");
  return withStatus(new StorageError(status, code), known ? 503 : status);
}

function mayPass(status: number | undefined): boolean {
  return status === 0 || status === 409 || status === 429 || (status !== undefined && status >= 500);
}

function statusOf(error: unknown): number | undefined {
  return (error as { source?: { status?: number } } | null)?.source?.status;
}

function codeOf(error: unknown): string {
  const body = (error as { source?: { responseText?: string } }).source?.responseText ?? "";
  return /<Code>([A-Za-z0-9]+)<\/Code>/.exec(body)?.[1] ?? "";
}

function withStatus<Kind extends Error>(error: Kind, status: number): Kind {
  return Object.assign(error, { source: { status } });
}
