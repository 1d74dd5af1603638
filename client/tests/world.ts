/** Fixtures of the tests. */

import type { Config } from "../src/config.js";
import { TYPE_OF_EXTENSION } from "../src/contract.js";

export const config: Config = {
  apiUrl: "https://api.example/v1",
  apiKey: "key",
  maxFileBytes: 524_288_000,
  types: [...new Set(Object.values(TYPE_OF_EXTENSION))],
  multipartThresholdBytes: 64 * 1024 * 1024,
  partBytes: 8 * 1024 * 1024,
};

/** In-memory storage for one test. */
export class Session {
  readonly kept = new Map<string, string>();

  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.kept.set(key, value);
  }

  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

/** Replaces pauses; `pauses` records their lengths. */
export function noPause(): {
  pauses: number[];
  pauseFor: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
} {
  const pauses: number[] = [];
  return {
    pauses,
    pauseFor: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      pauses.push(milliseconds);
    },
  };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(body === null ? null : JSON.stringify(body), { status, headers });
}
