/** The upload password: asked once per session, and again when the API does not take it. */

import { ProblemError } from "./errors.js";

const KEPT_AS = "phenom.password";

/** Where a person types it. `show` says why it is asked for again, and resolves with what was typed. */
export interface PasswordForm {
  show(wrong: boolean): Promise<string>;
}

export class Password {
  private current: string | null;
  private asking: Promise<string> | null = null;
  private accepted: string | null = null;
  private trial: Promise<void> | null = null;

  constructor(
    private readonly form: PasswordForm,
    private readonly session: Pick<Storage, "getItem" | "setItem" | "removeItem">,
  ) {
    this.current = session.getItem(KEPT_AS);
  }

  /** Asks unless it is known. */
  async get(): Promise<string> {
    return this.current ?? this.ask(false);
  }

  /**
   * Calls with the password, as often as the API refuses it and the person types another one.
   *
   * One that was never accepted goes with one call alone, and the others wait for what comes of it: the API counts
   * wrong ones, and a slip of the finger must not count once for each file.
   */
  async used<Answer>(call: (password: string) => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    for (;;) {
      const password = await this.get();
      signal?.throwIfAborted();
      if (this.accepted === password || this.trial === null) {
        try {
          return await (this.accepted === password ? call(password) : this.tried(password, call));
        } catch (error) {
          if (!isWrong(error)) throw error;
          if (this.refuse(password)) await this.ask(true);
        }
      } else {
        await this.trial;
      }
    }
  }

  private async tried<Answer>(password: string, call: (password: string) => Promise<Answer>): Promise<Answer> {
    let over = (): void => undefined;
    this.trial = new Promise((resolve) => (over = resolve));
    try {
      const answer = await call(password);
      this.accepted = password;
      return answer;
    } catch (error) {
      if (isWrong(error) && this.refuse(password)) void this.ask(true);
      throw error;
    } finally {
      this.trial = null;
      over();
    }
  }

  /** Whether it was still the current one: of many files that were refused with one password only the first asks. */
  private refuse(password: string): boolean {
    if (this.current !== password) return false;
    this.current = null;
    this.session.removeItem(KEPT_AS);
    return true;
  }

  private ask(wrong: boolean): Promise<string> {
    this.asking ??= this.form.show(wrong).then((password) => {
      this.asking = null;
      this.current = password;
      this.session.setItem(KEPT_AS, password);
      return password;
    });
    return this.asking;
  }
}

function isWrong(error: unknown): boolean {
  return error instanceof ProblemError && error.code === "wrong_password";
}
