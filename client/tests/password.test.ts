import { describe, expect, it } from "vitest";
import { ProblemError } from "../src/errors.js";
import { Password } from "../src/password.js";
import { Session } from "./world.js";

const wrong = () => new ProblemError(401, "wrong_password", "");

class Form {
  readonly asked: boolean[] = [];
  constructor(private readonly typed: string[]) {}

  async show(isWrong: boolean): Promise<string> {
    this.asked.push(isWrong);
    return this.typed.shift()!;
  }
}

const call = async (password: string) => {
  if (password !== "right") throw wrong();
  return `called with ${password}`;
};

describe("the password", () => {
  it("is requested once per session", async () => {
    const session = new Session();
    const form = new Form(["right"]);
    const password = new Password(form, session);
    expect(await password.used(call)).toBe("called with right");
    await password.used(call);
    expect(form.asked).toEqual([false]);
    const reloaded = new Password(new Form([]), session);
    expect(await reloaded.get()).toBe("right");
  });

  it("is requested again and forgotten when it is wrong", async () => {
    const session = new Session();
    const form = new Form(["wrong", "still wrong", "right"]);
    const password = new Password(form, session);
    expect(await password.used(call)).toBe("called with right");
    expect(form.asked).toEqual([false, true, true]);
    expect([...session.kept.values()]).toEqual(["right"]);
  });

  it("is requested once when many files are rejected together", async () => {
    const form = new Form(["wrong", "right"]);
    const password = new Password(form, new Session());
    await Promise.all(Array.from({ length: 10 }, () => password.used(call)));
    expect(form.asked).toEqual([false, true]);
  });

  it("is tried by a single call until it is accepted, so that a wrong one counts once", async () => {
    const form = new Form(["wrong", "wrong again", "right"]);
    const sent: string[] = [];
    const counted = async (password: string) => {
      sent.push(password);
      await Promise.resolve();
      return call(password);
    };
    const password = new Password(form, new Session());
    await Promise.all(Array.from({ length: 4 }, () => password.used(counted)));
    expect(sent).toEqual(["wrong", "wrong again", "right", "right", "right", "right"]);
    expect(form.asked).toEqual([false, true, true]);
  });

  it("is tried by the next call when the first could not try it", async () => {
    const password = new Password(new Form(["right"]), new Session());
    const lost = password.used(() => Promise.reject(new TypeError("no connection")));
    const next = password.used(call);
    await expect(lost).rejects.toBeInstanceOf(TypeError);
    expect(await next).toBe("called with right");
  });

  it("is used by parallel calls once it is accepted", async () => {
    const password = new Password(new Form(["right"]), new Session());
    await password.used(call);
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

  it("is requested again when it was changed", async () => {
    const form = new Form(["old", "new"]);
    const password = new Password(form, new Session());
    await password.used(async () => "fine");
    const changed = async (given: string) => {
      if (given === "old") throw wrong();
      return given;
    };
    expect(await password.used(changed)).toBe("new");
  });

  it("is kept after other errors", async () => {
    const form = new Form(["right"]);
    const password = new Password(form, new Session());
    const failing = async () => {
      throw new ProblemError(413, "file_too_large", "");
    };
    await expect(password.used(failing)).rejects.toMatchObject({ code: "file_too_large" });
    expect(form.asked).toEqual([false]);
  });

  it("is not used for a file that was removed while it was typed", async () => {
    const gone = new AbortController();
    const form = { show: async () => (gone.abort(), "right") };
    await expect(new Password(form, new Session()).used(call, gone.signal)).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});
