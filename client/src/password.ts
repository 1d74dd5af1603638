/** The upload password: requested once per session, and again when the API rejects it. */

import { ProblemError } from "./errors.js";

const KEPT_AS = "phenom.password";

/** The form for the password. `show` displays why it is requested again and resolves with the input. */
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

  /** Returns the password; asks for it if it is unknown. */
  async get(): Promise<string> {
    return this.current ?? this.ask(false);
  }

  /**
   * Calls with the password, again for each new one that the person enters after a rejection.
   *
   * A password that was never accepted is tried by a single call while the others wait: the API counts wrong
   * passwords, and a typing error must not count once per file.
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

  /** Returns true if this was still the current password, so that only the first of many rejected calls asks again. */
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
