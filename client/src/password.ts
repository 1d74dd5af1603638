/** The upload password: requested and checked once per tab, and again when the API rejects it. */

import { ProblemError } from "./errors.js";

const KEPT_AS = "phenom.password";

/** The form for the password. */
export interface PasswordForm {
  /** Shows why the password is requested again (null at first), and resolves with the input. */
  show(refusal: unknown): Promise<string>;
  /** Shows that a password is being checked. */
  wait(): void;
  /** Replaces the form by the page, for a person who knows a password. */
  close(): void;
}

export class Password {
  private accepted: string | null = null;
  private asking: Promise<string> | null = null;

  /** `check` throws when the API does not accept the password. */
  constructor(
    private readonly form: PasswordForm,
    private readonly session: Pick<Storage, "getItem" | "setItem" | "removeItem">,
    private readonly check: (password: string) => Promise<void>,
  ) {}

  /** Returns a password that the API accepted; asks until there is one. */
  async get(): Promise<string> {
    return this.accepted ?? this.obtain(null);
  }

  /** Calls with the password, again for each new one that the person enters after a rejection. */
  async used<Answer>(call: (password: string) => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    for (;;) {
      const password = await this.get();
      signal?.throwIfAborted();
      try {
        return await call(password);
      } catch (error) {
        if (!isWrong(error)) throw error;
        if (this.accepted === password) this.refuse(error);
      }
    }
  }

  private refuse(error: unknown): void {
    this.accepted = null;
    this.session.removeItem(KEPT_AS);
    void this.obtain(error);
  }

  /** Asks once for any number of callers. */
  private obtain(refusal: unknown): Promise<string> {
    this.asking ??= this.ask(refusal).finally(() => (this.asking = null));
    return this.asking;
  }

  /**
   * Only this checks a password, one at a time: the API counts wrong ones, and a typing error must not count once per
   * file.
   */
  private async ask(refusal: unknown): Promise<string> {
    let kept = this.session.getItem(KEPT_AS);
    for (;;) {
      const password = kept ?? (await this.form.show(refusal));
      kept = null;
      this.form.wait();
      try {
        await this.check(password);
      } catch (error) {
        refusal = error;
        if (isWrong(error)) this.session.removeItem(KEPT_AS);
        continue;
      }
      this.session.setItem(KEPT_AS, password);
      this.accepted = password;
      this.form.close();
      return password;
    }
  }
}

export function isWrong(error: unknown): boolean {
  return error instanceof ProblemError && error.code === "wrong_password";
}
