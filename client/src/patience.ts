/** Pauses between attempts: exponential backoff with jitter, ended early when the browser is online again. */

const FIRST_MS = 500;
const LONGEST_MS = 20_000;

/** About ten minutes in total: enough for a tunnel or a restarting router. */
export const ATTEMPTS = 36;

/** Returns the pause after attempt `attempt` (from 0) in milliseconds, without jitter. */
export function pause(attempt: number): number {
  return Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS);
}

/** Waits; ends early when the browser is online again. Throws the signal's reason when aborted. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const jittered = milliseconds * (0.75 + Math.random() / 2);
    const timer = setTimeout(end, jittered);
    function end() {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      signal?.removeEventListener("abort", stop);
      resolve();
    }
    function stop() {
      end();
      reject(signal?.reason);
    }
    window.addEventListener("online", end);
    signal?.addEventListener("abort", stop);
  });
}

/** Returns a signal that aborts with the first of the two. Older phones lack `AbortSignal.any`. */
export function either(one: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  if (!one) return other;
  const both = new AbortController();
  for (const signal of [one, other]) {
    if (signal.aborted) both.abort(signal.reason);
    signal.addEventListener("abort", () => both.abort(signal.reason), { once: true, signal: both.signal });
  }
  return both.signal;
}

/** Returns a signal that aborts after the given milliseconds. */
export function timeout(milliseconds: number): AbortSignal {
  const limit = new AbortController();
  setTimeout(() => limit.abort(new DOMException("timed out", "TimeoutError")), milliseconds);
  return limit.signal;
}
