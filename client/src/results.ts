/** The list of results, one per file. It survives a reload while the tab is open, and is shown again by `restore`. */

import type { Strings } from "./strings.js";

const KEPT_AS = "phenom.results";
const MOST = 200;

export type Outcome = keyof Strings["state"];

export interface Result {
  readonly id: string;
  readonly name: string;
  readonly outcome: Outcome;
  readonly text: string;
  readonly detail?: string;
  /** Set while the verdict is pending. */
  readonly uploadId?: string;
}

export class Results {
  private readonly results: Map<string, Result>;

  constructor(
    private readonly list: HTMLElement,
    private readonly empty: HTMLElement,
    private readonly strings: Strings,
    private readonly session: Pick<Storage, "getItem" | "setItem">,
  ) {
    this.results = new Map(stored(session).map((result) => [result.id, result]));
  }

  /** Shows the results from before the page was left. Returns those whose verdict was pending. */
  restore(): Result[] {
    for (const result of [...this.results.values()].reverse()) {
      if (!this.row(result.id)) this.list.append(this.element(result));
    }
    this.empty.hidden = this.results.size > 0;
    return [...this.results.values()].filter((result) => result.uploadId !== undefined);
  }

  /** Adds the result or replaces the one with the same id. */
  tell(result: Result): void {
    this.results.set(result.id, result);
    while (this.results.size > MOST) this.drop(this.results.keys().next().value!);
    this.render(result);
    this.keep();
  }

  drop(id: string): void {
    this.results.delete(id);
    this.row(id)?.remove();
    this.keep();
  }

  private keep(): void {
    this.empty.hidden = this.results.size > 0;
    try {
      this.session.setItem(KEPT_AS, JSON.stringify([...this.results.values()]));
    } catch {
      // Without storage the list does not survive a reload; uploads still work.
    }
  }

  private row(id: string): HTMLElement | undefined {
    return [...this.list.children].find((each) => (each as HTMLElement).dataset["id"] === id) as
      HTMLElement | undefined;
  }

  private render(result: Result): void {
    const row = this.element(result);
    const before = this.row(result.id);
    if (before) before.replaceWith(row);
    else this.list.prepend(row);
  }

  private element(result: Result): HTMLElement {
    const row = document.createElement("li");
    row.dataset["id"] = result.id;
    row.className = `result is-${result.outcome}`;
    row.append(
      element("span", "result-name", result.name),
      element("strong", "result-state", this.strings.state[result.outcome]),
      element("p", "result-text", result.text),
    );
    if (result.detail) row.append(element("p", "result-detail", result.detail));
    return row;
  }
}

function element(tag: string, className: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function stored(session: Pick<Storage, "getItem">): Result[] {
  try {
    const content: unknown = JSON.parse(session.getItem(KEPT_AS) ?? "[]");
    return Array.isArray(content) ? (content as Result[]) : [];
  } catch {
    return [];
  }
}
