/**
 * Signed URLs for the parts of one file, requested a few at a time.
 *
 * Each signature binds the part's digest, so the next parts are read ahead and signed in one call. A URL is returned
 * once: a second request means that S3 refused it or the connection broke, and gets a new URL.
 */

import type { Api, SignedPart } from "./api.js";
import { sha256 } from "./digest.js";

export const PARTS_AHEAD = 8;

export class PartSigner {
  private readonly ready = new Map<number, SignedPart>();
  private readonly handedOut = new Set<number>();
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly api: Pick<Api, "sign">,
    private readonly file: Blob,
    private readonly partBytes: number,
  ) {}

  /** One call at a time: waiting requests usually find their part already signed. */
  sign(uploadId: string, number: number, signal?: AbortSignal): Promise<SignedPart> {
    const turn = this.queue.then(() => this.take(uploadId, number, signal));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  /** Skips part `number`, because S3 has it. */
  skip(number: number): void {
    this.handedOut.add(number);
  }

  private async take(uploadId: string, number: number, signal?: AbortSignal): Promise<SignedPart> {
    const ahead = this.ready.get(number);
    this.ready.delete(number);
    if (ahead) return this.handOut(ahead);
    const digests = new Map<number, string>();
    for (const each of this.wanted(number)) {
      signal?.throwIfAborted();
      digests.set(each, await sha256(this.part(each)));
    }
    for (const part of await this.api.sign(uploadId, digests, signal)) this.ready.set(part.partNumber, part);
    const part = this.ready.get(number);
    this.ready.delete(number);
    if (!part) throw new Error(`the API did not sign part ${number}`);
    return this.handOut(part);
  }

  private handOut(part: SignedPart): SignedPart {
    this.handedOut.add(part.partNumber);
    return part;
  }

  /** Returns the part and, on its first request, the parts that will be requested next. */
  private wanted(number: number): number[] {
    const wanted = [number];
    const last = Math.ceil(this.file.size / this.partBytes);
    for (let next = number + 1; next <= last && wanted.length < PARTS_AHEAD && !this.handedOut.has(number); next += 1) {
      if (!this.handedOut.has(next) && !this.ready.has(next)) wanted.push(next);
    }
    return wanted;
  }

  private part(number: number): Blob {
    return this.file.slice((number - 1) * this.partBytes, number * this.partBytes);
  }
}
