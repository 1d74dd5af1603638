import { describe, expect, it, vi } from "vitest";
import type { State } from "../src/api.js";
import { verdict } from "../src/verdict.js";
import { noPause } from "./world.js";

const api = (...states: State["status"][]) => ({
  state: vi.fn(async (): Promise<State> => ({ status: states.length > 1 ? states.shift()! : states[0]! })),
});

describe("a verdict", () => {
  it.each(["accepted", "rejected", "held"] as const)("that is %s ends the asking", async (status) => {
    const asked = api("issued", "validating", status);
    expect(await verdict(asked, "id", vi.fn(), noPause().pauseFor)).toEqual({ status });
    expect(asked.state).toHaveBeenCalledTimes(3);
  });

  it("is polled with growing pauses for 15 minutes", async () => {
    const { pauses, pauseFor } = noPause();
    const slow = vi.fn();
    expect(await verdict(api("validating"), "id", slow, pauseFor)).toBeNull();
    expect(slow).toHaveBeenCalledTimes(1);
    expect(Math.max(...pauses)).toBe(10_000);
    expect(pauses.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(15 * 60_000);
    expect(pauses.length).toBeLessThan(110);
  });

  it("is reported as slow only when it is", async () => {
    const slow = vi.fn();
    await verdict(api("issued", "accepted"), "id", slow, noPause().pauseFor);
    expect(slow).not.toHaveBeenCalled();
  });
});
