import type { PasswordForm } from "./password.js";
import type { Strings } from "./strings.js";

/** The password form of index.html; it replaces the content of `behind` while it is shown. */
export class Gate implements PasswordForm {
  constructor(
    private readonly form: HTMLFormElement,
    private readonly behind: HTMLElement,
    private readonly strings: Strings,
  ) {}

  show(wrong: boolean): Promise<string> {
    const input = this.form.querySelector("input")!;
    this.reveal(true);
    this.complain(input, wrong ? this.strings.password.wrong : "");
    input.value = "";
    input.focus();
    return new Promise((resolve) => {
      this.form.onsubmit = (event) => {
        event.preventDefault();
        if (input.value === "") {
          this.complain(input, this.strings.password.empty);
          return;
        }
        this.form.onsubmit = null;
        this.reveal(false);
        resolve(input.value);
      };
    });
  }

  private reveal(asking: boolean): void {
    this.form.hidden = !asking;
    this.behind.hidden = asking;
    if (!asking) this.behind.focus();
  }

  private complain(input: HTMLInputElement, text: string): void {
    const message = this.form.querySelector<HTMLElement>("[role=alert]")!;
    message.textContent = text;
    input.setAttribute("aria-invalid", String(text !== ""));
  }
}
