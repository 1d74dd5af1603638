import { sentence } from "./errors.js";
import { isWrong, type PasswordForm } from "./password.js";
import type { Strings } from "./strings.js";

const SLOW_MS = 5000;

/** The password form of index.html; it replaces the content of `behind` until a password was accepted. */
export class Gate implements PasswordForm {
  private slow: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly behind: HTMLElement,
    private readonly status: HTMLElement,
    private readonly strings: Strings,
  ) {}

  show(refusal: unknown): Promise<string> {
    const input = this.form.querySelector("input")!;
    this.tell("");
    this.form.hidden = false;
    this.behind.hidden = true;
    this.button.disabled = false;
    if (refusal === null) this.complain(input, "");
    else this.complain(input, isWrong(refusal) ? this.strings.password.wrong : sentence(refusal, this.strings));
    if (refusal === null || isWrong(refusal)) input.value = "";
    input.focus();
    return new Promise((resolve) => {
      this.form.onsubmit = (event) => {
        event.preventDefault();
        if (input.value === "") {
          this.complain(input, this.strings.password.empty);
          return;
        }
        this.form.onsubmit = (again) => again.preventDefault();
        this.complain(input, "");
        resolve(input.value);
      };
    });
  }

  wait(): void {
    this.button.disabled = true;
    this.tell(this.strings.password.checking);
    this.slow = setTimeout(() => this.tell(this.strings.password.slow), SLOW_MS);
  }

  close(): void {
    this.tell("");
    this.form.querySelector("input")!.value = "";
    this.form.hidden = true;
    this.behind.hidden = false;
    this.behind.focus();
  }

  private get button(): HTMLButtonElement {
    return this.form.querySelector("button")!;
  }

  private tell(text: string): void {
    clearTimeout(this.slow);
    this.status.textContent = text;
  }

  private complain(input: HTMLInputElement, text: string): void {
    const message = this.form.querySelector<HTMLElement>("[role=alert]")!;
    message.textContent = text;
    input.setAttribute("aria-invalid", String(text !== ""));
  }
}
