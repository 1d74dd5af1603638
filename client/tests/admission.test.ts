import { describe, expect, it } from "vitest";
import { announcedType, readable, refusal } from "../src/admission.js";
import { TYPE_OF_EXTENSION } from "../src/contract.js";
import { english } from "../src/strings.js";
import { config } from "./world.js";

const file = (name: string, type = "", size = 1) => ({ name, type, size });
const why = (name: string, type = "", size = 1) => refusal(file(name, type, size), config, english);

describe("the declared type", () => {
  it.each(Object.entries(TYPE_OF_EXTENSION))("of a .%s is %s, regardless of the browser's type", (extension, type) => {
    for (const said of ["", "application/octet-stream", "video/avi", type]) {
      expect(announcedType(file(`a.b.${extension.toUpperCase()}`, said), config.types)).toBe(type);
    }
  });

  it("has no parameters for a camera recording", () => {
    expect(announcedType(file("recording", "video/webm;codecs=vp8"), config.types)).toBe("video/webm");
    expect(announcedType(file("recording.webm", "video/webm; codecs=vp9,opus"), config.types)).toBe("video/webm");
  });

  it("is the browser's when the extension says nothing", () => {
    expect(announcedType(file("clip", "Video/MP4"), config.types)).toBe("video/mp4");
    expect(announcedType(file("a.pdf", "application/pdf"), config.types)).toBe("application/pdf");
  });

  it("ignores an extension whose type is not accepted", () => {
    expect(announcedType(file("a.svg", "image/svg+xml"), ["video/mp4"])).toBe("image/svg+xml");
    expect(refusal(file("a.svg", "image/svg+xml"), { ...config, types: ["video/mp4"] }, english)).not.toBeNull();
  });
});

describe("admission", () => {
  it("admits valid files", () => {
    for (const name of [
      "a.jpg",
      "写真 その1.mp4",
      "no-extension.png",
      ".hidden.gif",
      "👨‍👩‍👧.jpg",
      "x".repeat(251) + ".png",
    ]) {
      expect(why(name)).toBeNull();
    }
  });

  it.each([
    ["IMG_1.HEIC", "image/heic"],
    ["IMG_1.heif", ""],
    ["IMG_1", "image/heic-sequence"],
  ])("%s (%s) is told how to become a JPEG", (name, type) => {
    expect(why(name, type)).toContain("Most compatible");
  });

  it.each(["a.pdf", "a.exe", "a", "a.mkv", "a.jpg.html", ""])("%s is no photo or video", (name) => {
    expect(why(name)).toBe(english.admission.type(name));
  });

  it("refuses an empty file", () => {
    expect(why("a.jpg", "", 0)).toBe("a.jpg is empty.");
  });

  it("refuses a file over the limit and names both sizes", () => {
    expect(why("a.mp4", "", config.maxFileBytes)).toBeNull();
    expect(why("a.mp4", "", config.maxFileBytes + 1)).toContain("500 MB");
  });

  it.each(["a\nb.jpg", "a\u202egpj.exe.jpg", "a/b.jpg", "a\\b.jpg", "a\u0000.jpg", "x".repeat(252) + ".png"])(
    "the name %j is refused as the API would",
    (name) => {
      expect(why(name)).toBe(english.admission.name(name));
    },
  );
});

describe("a formatted size", () => {
  it.each([
    [1, "1 B"],
    [1024, "1 KB"],
    [1536, "1.5 KB"],
    [5 * 1024 ** 2, "5 MB"],
    [524_288_000, "500 MB"],
    [2 * 1024 ** 3, "2 GB"],
    [1000 * 1024 ** 3, "1000 GB"],
  ])("%d is %s", (bytes, text) => {
    expect(readable(bytes)).toBe(text);
  });
});
