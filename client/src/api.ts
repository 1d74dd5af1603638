/** Client of the upload API. Transient failures are retried; refusals are thrown at once. */

import type { Config } from "./config.js";
import { STATUSES, type Reason, type Status } from "./contract.js";
import { NetworkError, problemOf, ProblemError } from "./errors.js";
import { ATTEMPTS, either, pause, timeout, wait } from "./patience.js";

const TIMEOUT_MS = 35_000;
/** A longer Retry-After is shown to the person instead of waited for: the daily quota is used up. */
const LONGEST_ASKED_MS = 60_000;
/** A type that is never accepted. */
const PASSWORD_CHECK_TYPE = "application/vnd.phenom.password-check";

export interface Announcement {
  readonly fileName: string;
  readonly contentType: string;
  readonly fileSize: number;
}

export interface Issued {
  readonly uploadId: string;
  readonly key: string;
  readonly uploadUrl: string;
  readonly headers: Record<string, string>;
}

export interface Begun {
  readonly uploadId: string;
  readonly key: string;
  readonly partSize: number;
  readonly partCount: number;
}

export interface SignedPart {
  readonly partNumber: number;
  readonly uploadUrl: string;
  readonly headers: Record<string, string>;
}

export interface Listed {
  readonly partSize: number;
  readonly partCount: number;
  /** The upload is complete: S3 has merged the parts. */
  readonly complete: boolean;
  readonly parts: readonly { readonly partNumber: number; readonly size: number; readonly etag: string }[];
}

export interface State {
  readonly status: Status;
  readonly reason?: Reason;
  readonly detail?: string;
}

interface Request {
  readonly body?: unknown;
  readonly withKey?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly attempts?: number;
}

export class Api {
  constructor(
    private readonly config: Pick<Config, "apiUrl" | "apiKey">,
    private readonly pauseFor: typeof wait = wait,
  ) {}

  /**
   * Throws ProblemError `wrong_password` unless the password is right. Starts no upload: the API checks the password, and
   * counts a wrong one against the address, before it refuses the type.
   */
  async check(password: string): Promise<void> {
    const body = { password, fileName: "password-check", contentType: PASSWORD_CHECK_TYPE, fileSize: 1 };
    try {
      await this.call("POST", "/upload/generate-url", { body, withKey: true });
    } catch (error) {
      if (!(error instanceof ProblemError && error.code === "unsupported_type")) throw error;
    }
  }

  issue(password: string, file: Announcement, sha256: string, signal?: AbortSignal): Promise<Issued> {
    return this.call("POST", "/upload/generate-url", {
      body: { password, ...file, sha256 },
      withKey: true,
      signal,
    });
  }

  begin(password: string, file: Announcement, signal?: AbortSignal): Promise<Begun> {
    return this.call("POST", "/upload/multipart", {
      body: { password, ...file, partChecksums: "sha256" },
      withKey: true,
      signal,
    });
  }

  /** Signs parts. `digests` are their SHA-256 in base64 by part number. */
  async sign(uploadId: string, digests: ReadonlyMap<number, string>, signal?: AbortSignal): Promise<SignedPart[]> {
    const body = { partNumbers: [...digests.keys()], sha256: Object.fromEntries(digests) };
    const answer = await this.call<{ parts: SignedPart[] }>("POST", `/upload/${uploadId}/parts`, { body, signal });
    return answer.parts;
  }

  list(uploadId: string, signal?: AbortSignal): Promise<Listed> {
    return this.call("GET", `/upload/${uploadId}/parts`, { signal });
  }

  complete(uploadId: string, etags: ReadonlyMap<number, string> | null, signal?: AbortSignal): Promise<void> {
    const parts = etags && [...etags].map(([partNumber, etag]) => ({ partNumber, etag }));
    return this.call("POST", `/upload/${uploadId}/complete`, { body: parts ? { parts } : {}, signal });
  }

  abort(uploadId: string): Promise<void> {
    return this.call("DELETE", `/upload/${uploadId}`, { attempts: 5 });
  }

  async state(uploadId: string, signal?: AbortSignal): Promise<State> {
    const state = await this.call<State>("GET", `/upload/${uploadId}`, { signal });
    return STATUSES.includes(state.status) ? state : { status: "validating" };
  }

  private async call<Answer>(method: string, path: string, request: Request): Promise<Answer> {
    const attempts = request.attempts ?? ATTEMPTS;
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.attempt(method, path, request);
      if (outcome instanceof Response && outcome.ok) return (await this.content(outcome)) as Answer;
      if (outcome instanceof Response && !mayPass(outcome.status)) {
        throw problemOf(outcome.status, await this.content(outcome));
      }
      const asked = outcome instanceof Response ? Number(outcome.headers.get("Retry-After")) * 1000 || 0 : 0;
      if (attempt + 1 >= attempts || asked > LONGEST_ASKED_MS) {
        throw outcome instanceof Response ? problemOf(outcome.status, await this.content(outcome)) : outcome;
      }
      await this.pauseFor(Math.max(asked, pause(attempt)), request.signal);
    }
  }

  /** Returns the response, or the network error. Throws when the caller aborted. */
  private async attempt(method: string, path: string, request: Request): Promise<Response | NetworkError> {
    const signal = either(request.signal, timeout(TIMEOUT_MS));
    try {
      return await fetch(this.config.apiUrl + path, {
        method,
        headers: {
          ...(request.body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(request.withKey ? { "x-api-key": this.config.apiKey } : {}),
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal,
        cache: "no-store",
        credentials: "omit",
        referrerPolicy: "no-referrer",
      });
    } catch (error) {
      request.signal?.throwIfAborted();
      return new NetworkError(String(error));
    }
  }

  private async content(answer: Response): Promise<unknown> {
    const text = await answer.text().catch(() => "");
    try {
      return text === "" ? null : JSON.parse(text);
    } catch {
      return null;
    }
  }
}

function mayPass(status: number): boolean {
  return status === 429 || status >= 500;
}
