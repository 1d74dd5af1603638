/** Waits for the verdict on an upload. */

import type { Api, State } from "./api.js";
import { wait } from "./patience.js";

const FIRST_MS = 700;
const LONGEST_MS = 10_000;
const SLOW_AFTER_MS = 30_000;
const LIMIT_MS = 15 * 60_000;

/** Polls with growing pauses until there is a verdict; returns null after 15 minutes. */
export async function verdict(
  api: Pick<Api, "state">,
  uploadId: string,
  onSlow: () => void,
  pauseFor: typeof wait = wait,
): Promise<State | null> {
  let waited = 0;
  for (let pause = FIRST_MS; waited < LIMIT_MS; pause = Math.min(pause * 1.5, LONGEST_MS)) {
    const state = await api.state(uploadId);
    if (state.status !== "issued" && state.status !== "validating") return state;
    if (waited < SLOW_AFTER_MS && waited + pause >= SLOW_AFTER_MS) onSlow();
    await pauseFor(pause);
    waited += pause;
  }
  return null;
}
