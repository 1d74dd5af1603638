import { describe, expect, it } from "vitest";
import { parseConfig } from "../src/config.js";
import { PROBLEMS, REASONS } from "../src/contract.js";
import {
  ExpiredError,
  FileGoneError,
  NetworkError,
  ProblemError,
  sentence,
  SettingsChangedError,
  StorageError,
} from "../src/errors.js";
import { english } from "../src/strings.js";
import { config } from "./world.js";

describe("in words", () => {
  it.each(REASONS)("%s has a distinct sentence that says what to do", (reason) => {
    expect(english.reasons[reason]).toMatch(/^[A-Z].{30,}\.$/s);
    expect(Object.values(english.reasons).filter((each) => each === english.reasons[reason])).toHaveLength(1);
  });

  it.each(PROBLEMS)("%s is a sentence", (code) => {
    expect(sentence(new ProblemError(400, code, "technical"), english)).toMatch(/^[A-Z][^_]+\.$/);
  });

  it.each([
    new NetworkError("TypeError: Failed to fetch"),
    new StorageError(403, "AccessDenied"),
    new FileGoneError("NotReadableError"),
    new SettingsChangedError(),
    new ExpiredError(),
    new TypeError("x is undefined"),
    "text",
    null,
  ])("%s is a sentence without its technical side", (error) => {
    expect(sentence(error, english)).toMatch(/^[A-Z].+\.$/);
    expect(sentence(error, english)).not.toMatch(/Error|undefined|403|AccessDenied/);
  });
});

describe("the settings", () => {
  it("are read as they were written", () => {
    expect(parseConfig({ ...config, apiUrl: "https://api.example/v1/" })).toEqual(config);
  });

  it.each(Object.keys(config))("must hold %s", (name) => {
    for (const value of [undefined, null, "", 0, -1, 1.5, [], {}, [1]]) {
      expect(() => parseConfig({ ...config, [name]: value })).toThrow(name);
    }
  });

  it.each([null, undefined, "text", []])("are no %s", (content) => {
    expect(() => parseConfig(content)).toThrow();
  });
});
