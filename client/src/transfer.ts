/**
 * Sending bytes to S3, with Uppy's own function underneath.
 *
 * Uppy repeats parts that failed, and takes what `source.status` says for the reason: none or 0 is the network. What it
 * leaves open is done here: a connection that stands still, a whole file that is cut off, S3's own words for a URL that
 * has expired, and a refusal that came while a part was being signed.
 */

import AwsS3, { type AwsS3UploadParameters } from "@uppy/aws-s3";
import { NetworkError, StorageError } from "./errors.js";
import { ATTEMPTS, either, pause, wait } from "./patience.js";

export const STALLED_MS = 60_000;

/** A part carries its number, or the refusal that ends its upload. */
export type Signature = AwsS3UploadParameters & { readonly part?: true; readonly refusal?: Error };
export type Send = typeof AwsS3.uploadPartBytes;
type Options = Parameters<Send>[0] & { signature: Signature };
type Sent = Awaited<ReturnType<Send>>;

/** S3's codes for URLs that a new signature cures. */
const CURED_BY_SIGNING = new Set(["ExpiredToken", "InvalidToken", "RequestTimeTooSkewed", "TokenRefreshRequired"]);

export function transfer(send: Send = AwsS3.uploadPartBytes, pauseFor: typeof wait = wait): Send {
  return async (options) => {
    const { signature } = options as Options;
    if (signature.refusal) throw withStatus(signature.refusal, 410);
    if (!signature.part) return whole(options, send, pauseFor);
    try {
      return await attempt(options, send);
    } catch (error) {
      throw explained(error);
    }
  };
}

/** A file in one piece. A second try that finds the object there means that the first one had arrived. */
async function whole(options: Parameters<Send>[0], send: Send, pauseFor: typeof wait): Promise<Sent> {
  let unheard = false;
  for (let tried = 0; ; tried += 1) {
    try {
      return await attempt(options, send);
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

/** Gives up a connection over which nothing has moved for STALLED_MS. */
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

/** The error in a form that both Uppy's retries and `sentence` understand. */
function explained(error: unknown): unknown {
  const status = statusOf(error);
  if (status === undefined) return error;
  if (status === 0) return withStatus(new NetworkError(String(error)), 0);
  const code = codeOf(error);
  // 503 makes Uppy ask for another signature and try again.
  const known = status === 403 && (CURED_BY_SIGNING.has(code) || (error as Error).message === "Request has expired");
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
