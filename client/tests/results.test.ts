import { beforeEach, describe, expect, it } from "vitest";
import { Results, type Result } from "../src/results.js";
import { english } from "../src/strings.js";
import { Session } from "./world.js";

let session: Session;
let list: HTMLElement;
let empty: HTMLElement;

beforeEach(() => {
  session = new Session();
  document.body.innerHTML = "<p id=empty></p><ul id=list></ul>";
  list = document.getElementById("list")!;
  empty = document.getElementById("empty")!;
});

const results = () => new Results(list, empty, english, session);
const result = (id: string, more: Partial<Result> = {}): Result => ({
  id,
  name: `${id}.jpg`,
  outcome: "accepted",
  text: "fine",
  ...more,
});
const names = () => [...list.querySelectorAll(".result-name")].map((each) => each.textContent);

describe("the results", () => {
  it("show the newest first, each with its result", () => {
    const told = results();
    expect(told.restore()).toEqual([]);
    expect(empty.hidden).toBe(false);
    told.tell(result("a"));
    told.tell(result("b", { outcome: "rejected", text: "no", detail: "because" }));
    expect(names()).toEqual(["b.jpg", "a.jpg"]);
    expect(list.firstElementChild!.textContent).toBe("b.jpgRefusednobecause");
    expect(empty.hidden).toBe(true);
  });

  it("are updated in place", () => {
    const told = results();
    told.tell(result("a", { outcome: "checking", uploadId: "1" }));
    told.tell(result("b"));
    told.tell(result("a"));
    expect(names()).toEqual(["b.jpg", "a.jpg"]);
    expect(told.restore()).toEqual([]);
  });

  it("survive a reload, including pending ones", () => {
    results().tell(result("a", { outcome: "checking", uploadId: "1" }));
    results().tell(result("b"));
    list.replaceChildren();
    const after = results();
    expect(after.restore().map((each) => each.uploadId)).toEqual(["1"]);
    expect(names()).toEqual(["b.jpg", "a.jpg"]);
  });

  it("of an earlier page appear only when they are restored", () => {
    results().tell(result("a"));
    list.replaceChildren();
    const after = results();
    after.tell(result("b"));
    expect(names()).toEqual(["b.jpg"]);
    after.restore();
    expect(names()).toEqual(["b.jpg", "a.jpg"]);
  });

  it("can be removed", () => {
    const told = results();
    told.tell(result("a"));
    told.drop("a");
    told.drop("never there");
    expect(names()).toEqual([]);
    expect(empty.hidden).toBe(false);
  });

  it("never become markup", () => {
    results().tell(result("a", { name: "<img src=x onerror=alert(1)>", text: "<b>", detail: "<script>" }));
    expect(list.querySelector("img, b, script")).toBeNull();
    expect(names()).toEqual(["<img src=x onerror=alert(1)>"]);
  });

  it("survive foreign content in the storage and a full storage", () => {
    session.setItem("phenom.results", "{not json");
    expect(names()).toEqual([]);
    session.setItem("phenom.results", '{"a": 1}');
    const told = results();
    session.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    told.tell(result("a"));
    expect(names()).toEqual(["a.jpg"]);
  });

  it("are limited in number", () => {
    const told = results();
    for (let number = 0; number < 250; number += 1) told.tell(result(String(number)));
    expect(names()).toHaveLength(200);
    expect(names()[0]).toBe("249.jpg");
  });
});
