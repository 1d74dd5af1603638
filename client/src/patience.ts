/** Waiting between attempts: longer each time, until the person is online again, and never in step with others. */

const FIRST_MS = 500;
const LONGEST_MS = 20_000;

/** Some ten minutes in all: a phone in a tunnel, a router that starts anew. */
export const ATTEMPTS = 36;

/** The pause after attempt `attempt` (from 0), in milliseconds, without chance. */
export function pause(attempt: number): number {
  return Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS);
}

/** Ends early when the browser says that it is online again. Throws the signal's reason when it is aborted. */
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

/** Aborted with the first of the two. `AbortSignal.any` would do, but phones of a few years ago have none. */
export function either(one: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  if (!one) return other;
  const both = new AbortController();
  for (const signal of [one, other]) {
    if (signal.aborted) both.abort(signal.reason);
    signal.addEventListener("abort", () => both.abort(signal.reason), { once: true, signal: both.signal });
  }
  return both.signal;
}

/** Aborted after so many milliseconds. */
export function timeout(milliseconds: number): AbortSignal {
  const limit = new AbortController();
  setTimeout(() => limit.abort(new DOMException("timed out", "TimeoutError")), milliseconds);
  return limit.signal;
}
