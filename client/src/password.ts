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

  /** Calls with the password, as often as the API refuses it and the person types another one. */
  async used<Answer>(call: (password: string) => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    for (;;) {
      const password = await this.get();
      signal?.throwIfAborted();
      try {
        return await call(password);
      } catch (error) {
        if (!(error instanceof ProblemError && error.code === "wrong_password")) throw error;
        await this.refuse(password);
      }
    }
  }

  /** Of many files that were refused with one password only the first asks. */
  private async refuse(password: string): Promise<void> {
    if (this.current === password) {
      this.current = null;
      this.session.removeItem(KEPT_AS);
      await this.ask(true);
    }
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
