import { describe, expect, it } from "vitest";
import { PARTS_AHEAD, PartSigner } from "../src/signing.js";
import { sha256 } from "../src/digest.js";

const PART = 10;

class Api {
  readonly calls: number[][] = [];
  readonly digests = new Map<number, string>();
  fail: Error | null = null;

  async sign(_: string, digests: ReadonlyMap<number, string>) {
    this.calls.push([...digests.keys()]);
    if (this.fail) throw this.fail;
    for (const [number, digest] of digests) this.digests.set(number, digest);
    const url = `https://s3/${this.calls.length}`;
    return [...digests.keys()].map((partNumber) => ({ partNumber, uploadUrl: url, headers: {} }));
  }
}

const made = (parts: number) => {
  const api = new Api();
  const content = Array.from({ length: parts * PART - 3 }, (_, index) => String(index % 10)).join("");
  const file = new Blob([content]);
  return { api, content, file, signer: new PartSigner(api, file, PART) };
};

describe("signing parts", () => {
  it("signs a few at a time, each with its own digest", async () => {
    const { api, content, signer } = made(20);
    for (let number = 1; number <= 20; number += 1) {
      expect((await signer.sign("id", number)).partNumber).toBe(number);
    }
    expect(api.calls.map((call) => call.length)).toEqual([PARTS_AHEAD, PARTS_AHEAD, 4]);
    expect(api.calls.flat()).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    for (const [number, digest] of api.digests) {
      const bytes = content.slice((number - 1) * PART, number * PART);
      expect(digest).toBe(await sha256(new Blob([bytes])));
    }
  });

  it("uses one call for parallel requests", async () => {
    const { api, signer } = made(6);
    const signed = await Promise.all([1, 2, 3, 4].map((number) => signer.sign("id", number)));
    expect(signed.map((part) => part.partNumber)).toEqual([1, 2, 3, 4]);
    expect(api.calls).toEqual([[1, 2, 3, 4, 5, 6]]);
  });

  it("signs a single part again on a second request", async () => {
    const { api, signer } = made(3);
    const first = await signer.sign("id", 2);
    const second = await signer.sign("id", 2);
    expect(second.uploadUrl).not.toBe(first.uploadUrl);
    expect(api.calls).toEqual([[2, 3], [2]]);
  });

  it("skips parts that S3 has", async () => {
    const { api, signer } = made(5);
    for (const number of [1, 3]) signer.skip(number);
    await signer.sign("id", 2);
    expect(api.calls).toEqual([[2, 4, 5]]);
  });

  it("signs again after a failure", async () => {
    const { api, signer } = made(2);
    api.fail = new Error("down");
    await expect(signer.sign("id", 1)).rejects.toThrow("down");
    api.fail = null;
    expect((await signer.sign("id", 1)).partNumber).toBe(1);
    expect((await signer.sign("id", 2)).partNumber).toBe(2);
  });

  it("does not sign after the person cancelled", async () => {
    const { api, signer } = made(2);
    const given = new AbortController();
    given.abort();
    await expect(signer.sign("id", 1, given.signal)).rejects.toMatchObject({ name: "AbortError" });
    expect(api.calls).toEqual([]);
  });
});

describe("a digest", () => {
  it("is the SHA-256 in base64", async () => {
    expect(await sha256(new Blob(["abc"]))).toBe("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
  });

  it("throws FileGoneError for an unreadable file", async () => {
    const gone = { arrayBuffer: () => Promise.reject(new DOMException("gone", "NotReadableError")) } as unknown as Blob;
    await expect(sha256(gone)).rejects.toMatchObject({ name: "FileGoneError" });
  });
});
