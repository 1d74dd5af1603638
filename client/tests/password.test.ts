import { describe, expect, it } from "vitest";
import { NetworkError, ProblemError } from "../src/errors.js";
import { Password } from "../src/password.js";
import { Session } from "./world.js";

const wrong = () => new ProblemError(401, "wrong_password", "");

class Form {
  readonly refusals: unknown[] = [];
  readonly events: string[] = [];
  constructor(private readonly typed: string[]) {}

  async show(refusal: unknown): Promise<string> {
    this.events.push("show");
    this.refusals.push(refusal instanceof ProblemError ? refusal.code : refusal);
    return this.typed.shift()!;
  }

  wait(): void {
    this.events.push("wait");
  }

  close(): void {
    this.events.push("close");
  }
}

const call = async (password: string) => {
  if (password !== "right") throw wrong();
  return `called with ${password}`;
};
const check = async (password: string) => void (await call(password));

describe("the password", () => {
  it("is requested once per session", async () => {
    const session = new Session();
    const form = new Form(["right"]);
    const password = new Password(form, session, check);
    expect(await password.used(call)).toBe("called with right");
    await password.used(call);
    expect(form.refusals).toEqual([null]);
    const reloaded = new Password(new Form([]), session, check);
    expect(await reloaded.get()).toBe("right");
  });

  it("closes the form only when the API accepted it", async () => {
    const form = new Form(["wrong", "right"]);
    const password = new Password(form, new Session(), check);
    await password.get();
    expect(form.events).toEqual(["show", "wait", "show", "wait", "close"]);
  });

  it("is not kept before the API accepted it", async () => {
    const session = new Session();
    let release = (): void => undefined;
    const password = new Password(new Form(["right"]), session, () => new Promise((resolve) => (release = resolve)));
    const got = password.get();
    await Promise.resolve();
    await Promise.resolve();
    expect([...session.kept.values()]).toEqual([]);
    release();
    await got;
    expect([...session.kept.values()]).toEqual(["right"]);
  });

  it("of an earlier page in this tab is checked again", async () => {
    const session = new Session();
    session.setItem("phenom.password", "revoked");
    const form = new Form(["right"]);
    expect(await new Password(form, session, check).get()).toBe("right");
    expect(form.events).toEqual(["wait", "show", "wait", "close"]);
    expect(form.refusals).toEqual(["wrong_password"]);
  });

  it("is requested again and forgotten when it is wrong", async () => {
    const session = new Session();
    const form = new Form(["wrong", "still wrong", "right"]);
    const password = new Password(form, session, check);
    expect(await password.used(call)).toBe("called with right");
    expect(form.refusals).toEqual([null, "wrong_password", "wrong_password"]);
    expect([...session.kept.values()]).toEqual(["right"]);
  });

  it("is requested again with the reason when it cannot be checked", async () => {
    const session = new Session();
    session.setItem("phenom.password", "right");
    const errors = [new NetworkError("down"), new ProblemError(429, "throttled", "")];
    const form = new Form(["right", "right"]);
    const password = new Password(form, session, async () => {
      const error = errors.shift();
      if (error) throw error;
    });
    expect(await password.get()).toBe("right");
    expect(form.refusals).toEqual([expect.any(NetworkError), "throttled"]);
  });

  it("is requested and checked once for many files, so that a wrong one counts once", async () => {
    const form = new Form(["wrong", "wrong again", "right"]);
    const checked: string[] = [];
    const password = new Password(form, new Session(), async (entered) => {
      checked.push(entered);
      await check(entered);
    });
    const answers = await Promise.all(Array.from({ length: 10 }, () => password.used(call)));
    expect(new Set(answers)).toEqual(new Set(["called with right"]));
    expect(checked).toEqual(["wrong", "wrong again", "right"]);
  });

  it("is used by parallel calls", async () => {
    const password = new Password(new Form(["right"]), new Session(), check);
    let waiting = 0;
    let release = () => {};
    const all = new Promise<void>((resolve) => (release = resolve));
    const together = () => {
      waiting += 1;
      if (waiting === 3) release();
      return all;
    };
    await Promise.all([password.used(together), password.used(together), password.used(together)]);
    expect(waiting).toBe(3);
  });

  it("is requested once when it was changed", async () => {
    const form = new Form(["old", "new"]);
    const password = new Password(form, new Session(), async () => undefined);
    await password.used(async () => "fine");
    const changed = async (given: string) => {
      if (given === "old") throw wrong();
      return given;
    };
    expect(await Promise.all(Array.from({ length: 3 }, () => password.used(changed)))).toEqual(["new", "new", "new"]);
    expect(form.refusals).toEqual([null, "wrong_password"]);
  });

  it("is kept after other errors", async () => {
    const form = new Form(["right"]);
    const password = new Password(form, new Session(), check);
    const failing = async () => {
      throw new ProblemError(413, "file_too_large", "");
    };
    await expect(password.used(failing)).rejects.toMatchObject({ code: "file_too_large" });
    expect(form.refusals).toEqual([null]);
  });

  it("is not used for a file that was removed while it was typed", async () => {
    const gone = new AbortController();
    const form = new Form(["right"]);
    const password = new Password(form, new Session(), async () => gone.abort());
    await expect(password.used(call, gone.signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});
