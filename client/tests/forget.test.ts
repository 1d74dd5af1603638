import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { finishForgetting, forgetEverything, hasKeptFiles, keptUploads, openUpload } from "../src/forget.js";

const FILES = "uppyState:phenom";
const HOUR = 3_600_000;

/** Databases that record what is done to them; happy-dom has none. */
class Databases {
  readonly log: string[] = [];
  constructor(private readonly names: string[]) {}

  databases = async () => this.names.map((name) => ({ name, version: 1 }));
  deleteDatabase = (name: string) => this.answer(`delete ${name}`);
  open = (name: string) =>
    this.answer(null, {
      objectStoreNames: ["files"],
      transaction: () => ({ objectStore: (store: string) => ({ clear: () => this.answer(`clear ${name} ${store}`) }) }),
      close: () => undefined,
    });

  private answer(said: string | null, result?: unknown): unknown {
    if (said) this.log.push(said);
    const request = { result, onsuccess: (): void => undefined };
    queueMicrotask(() => request.onsuccess());
    return request;
  }
}

let databases: Databases;
const reload = vi.fn();

function keep(files: Record<string, unknown>, expires = Date.now() + HOUR): void {
  localStorage.setItem(FILES, JSON.stringify({ metadata: { files }, expires }));
}

beforeEach(() => {
  databases = new Databases(["uppy-blobs"]);
  vi.stubGlobal("indexedDB", databases);
  vi.spyOn(window.location, "reload").mockImplementation(reload);
  reload.mockReset();
  localStorage.clear();
  sessionStorage.clear();
  history.replaceState(null, "");
});

afterEach(() => vi.unstubAllGlobals());

describe("an open upload", () => {
  it("has parts and is not complete", () => {
    expect(openUpload({ meta: { uploadId: "one", key: "k" }, progress: {} })).toBe("one");
    expect(openUpload({ meta: { uploadId: "one", key: "k" }, progress: { uploadComplete: true } })).toBeUndefined();
    expect(openUpload({ meta: { uploadId: "one" } })).toBeUndefined();
    expect(openUpload({})).toBeUndefined();
  });

  it("of an earlier visit is found", () => {
    keep({ a: { meta: { uploadId: "one", key: "k" } }, b: { meta: {} }, c: {} });
    expect(keptUploads()).toEqual(["one"]);
    expect(hasKeptFiles()).toBe(true);
  });

  it.each(["{not json", "null", "[]", "{}", '{"metadata": null}'])("is not found in %s", (text) => {
    localStorage.setItem(FILES, text);
    expect(keptUploads()).toEqual([]);
  });
});

describe("forgetting everything", () => {
  beforeEach(() => {
    keep({ a: {} });
    localStorage.setItem("other", "x");
    sessionStorage.setItem("phenom.password", "secret");
  });

  it("empties all storage and reloads", async () => {
    await forgetEverything(Promise.resolve());
    expect([localStorage.length, sessionStorage.length]).toEqual([0, 0]);
    expect(databases.log).toEqual(["clear uppy-blobs files"]);
    expect(reload).toHaveBeenCalledOnce();
  });

  it("deletes the databases after the reload, once", async () => {
    await forgetEverything(Promise.resolve());
    localStorage.setItem(FILES, "written late by Uppy");
    expect(await finishForgetting()).toBe(true);
    expect(localStorage.length).toBe(0);
    expect(databases.log.slice(1)).toEqual(["delete uppy-blobs"]);
    expect(await finishForgetting()).toBe(false);
  });

  it.each([
    ["fails", () => Promise.reject(new Error("offline"))],
    ["hangs", () => new Promise(() => undefined)],
  ])("does not depend on an abort that %s", async (_, abort) => {
    vi.useFakeTimers();
    const forgotten = forgetEverything(abort());
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    await forgotten;
    expect([localStorage.length, sessionStorage.length]).toEqual([0, 0]);
    expect(reload).toHaveBeenCalledOnce();
  });

  it("does not depend on databases that a browser does not give", async () => {
    vi.stubGlobal("indexedDB", undefined);
    await forgetEverything(Promise.resolve());
    expect(localStorage.length).toBe(0);
  });
});

describe("a visit", () => {
  it("does not touch kept files", async () => {
    keep({ a: {} });
    expect(await finishForgetting()).toBe(false);
    expect([localStorage.length, databases.log]).toEqual([1, []]);
  });

  it.each([
    ["expired", () => keep({ a: {} }, Date.now() - HOUR)],
    ["lost their list", () => undefined],
  ])("removes the content of files that %s", async (_, prepare) => {
    prepare();
    await finishForgetting();
    expect(databases.log).toEqual(["clear uppy-blobs files"]);
  });
});
