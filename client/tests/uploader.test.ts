import UppyCore from "@uppy/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Api, Begun, Listed } from "../src/api.js";
import { ExpiredError, ProblemError, SettingsChangedError } from "../src/errors.js";
import { Password } from "../src/password.js";
import { Uploader, type FileBody, type FileMeta, type PageFile, type PageUppy } from "../src/uploader.js";
import { english } from "../src/strings.js";
import { config, Session } from "./world.js";

const small = { ...config, partBytes: 10, multipartThresholdBytes: 15 };
const begun: Begun = { uploadId: "one", key: "uploads/one.mp4", partSize: 10, partCount: 3 };
const listed: Listed = { partSize: 10, partCount: 3, complete: false, parts: [] };

class FakeApi {
  issue = vi.fn(async () => ({
    uploadId: "one",
    key: "k",
    uploadUrl: "https://s3/x",
    headers: { "If-None-Match": "*" },
  }));
  begin = vi.fn(async (): Promise<Begun> => begun);
  sign = vi.fn(async (_: string, digests: ReadonlyMap<number, string>) =>
    [...digests.keys()].map((partNumber) => ({ partNumber, uploadUrl: `https://s3/${partNumber}`, headers: {} })),
  );
  list = vi.fn(async (): Promise<Listed> => listed);
  complete = vi.fn(async () => undefined);
  abort = vi.fn(async () => undefined);
}

let uppy: PageUppy;
let api: FakeApi;
let uploader: Uploader;
let file: PageFile;

/** The plugin's options; their declared types depend on each other. */
const options = () => uploader.options() as any;
const meta = () => uppy.getFile(file.id).meta;
const part = (partNumber: number) => ({ partNumber, uploadId: "handle", key: "k", body: new Blob() });

beforeEach(() => {
  uppy = new UppyCore<FileMeta, FileBody>();
  api = new FakeApi();
  const form = { show: async () => "secret", wait: () => undefined, close: () => undefined };
  const password = new Password(form, new Session(), async () => undefined);
  uploader = new Uploader(uppy, api as unknown as Api, password, small, english);
  const data = new File(["x".repeat(25)], "clip.mp4", { type: "video/mp4" });
  file = uppy.getFile(uppy.addFile({ name: "clip.mp4", type: "video/mp4", data }));
});

afterEach(() => uppy.cancelAll()); // otherwise its network listeners stay active in the next test

describe("a large file", () => {
  it("is larger than the threshold and is split as configured", () => {
    expect(options().shouldUseMultipart({ size: 15 })).toBe(false);
    expect(options().shouldUseMultipart({ size: 16 })).toBe(true);
    expect(options().getChunkSize(file.data)).toBe(10);
  });

  it("begins an upload and remembers it", async () => {
    expect(await options().createMultipartUpload(file)).toEqual({ uploadId: "one", key: begun.key });
    expect(api.begin.mock.calls[0]).toEqual([
      "secret",
      { fileName: "clip.mp4", contentType: "video/mp4", fileSize: 25 },
    ]);
    expect(meta()).toMatchObject({ uploadId: "one", key: begun.key, partSize: 10 });
  });

  it("is not sent when the API uses another part size", async () => {
    api.begin.mockResolvedValue({ ...begun, partSize: 12 });
    await expect(options().createMultipartUpload(file)).rejects.toBeInstanceOf(SettingsChangedError);
    expect(api.abort).toHaveBeenCalledWith("one");
  });

  it("continues with the part size it began with", () => {
    uppy.setFileMeta(file.id, { partSize: 7 });
    expect(options().getChunkSize(file.data)).toBe(7);
  });

  it("is aborted when it was removed while beginning", async () => {
    api.begin.mockImplementation(async () => (uppy.removeFile(file.id), begun));
    await options().createMultipartUpload(file);
    expect(api.abort).toHaveBeenCalledWith("one");
  });

  it("signs each part for its real upload id", async () => {
    uppy.setFileMeta(file.id, { uploadId: "real" });
    expect(await options().signPart(file, part(2))).toMatchObject({ url: "https://s3/2", method: "PUT", part: true });
    expect(api.sign.mock.calls[0]![0]).toBe("real");
  });

  it("ends when its parts are refused", async () => {
    uppy.setFileMeta(file.id, { uploadId: "one" });
    const refusal = new ProblemError(409, "conflict", "");
    api.sign.mockRejectedValue(refusal);
    expect(await options().signPart(file, part(1))).toMatchObject({ refusal });
  });

  it("stays cancelled when cancelled while signing", async () => {
    uppy.setFileMeta(file.id, { uploadId: "one" });
    const given = new AbortController();
    api.sign.mockImplementation(async () => {
      given.abort();
      throw new Error("aborted");
    });
    await expect(options().signPart(file, { ...part(1), signal: given.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
  });

  it("is completed with its part names", async () => {
    uppy.setFileMeta(file.id, { uploadId: "one" });
    const parts = [1, 2, 3].map((number) => ({ PartNumber: number, ETag: `"${number}"` }));
    await options().completeMultipartUpload(file, { parts });
    expect(api.complete.mock.calls[0]!.slice(0, 2)).toEqual([
      "one",
      new Map([
        [1, '"1"'],
        [2, '"2"'],
        [3, '"3"'],
      ]),
    ]);
  });
});

describe("a resumed file", () => {
  beforeEach(() => uppy.setFileMeta(file.id, { uploadId: "one", key: "k", partSize: 10 }));

  it("neither signs nor sends parts that S3 has", async () => {
    api.list.mockResolvedValue({ ...listed, parts: [{ partNumber: 2, size: 10, etag: '"b"' }] });
    expect(await options().listParts(file, {})).toEqual([{ PartNumber: 2, ETag: '"b"' }]);
    await options().signPart(file, part(1));
    expect([...api.sign.mock.calls[0]![1].keys()]).toEqual([1, 3]);
  });

  it("sends nothing when it had arrived completely", async () => {
    api.list.mockResolvedValue({ ...listed, complete: true });
    const parts = await options().listParts(file, {});
    expect(parts.map((each: { PartNumber: number }) => each.PartNumber)).toEqual([1, 2, 3]);
    await options().completeMultipartUpload(file, { parts });
    expect(api.complete.mock.calls[0]!.slice(0, 2)).toEqual(["one", null]);
  });

  it.each(["conflict", "not_found"] as const)("begins again once when it is gone (%s)", async (code) => {
    api.list.mockRejectedValue(new ProblemError(409, code, ""));
    api.begin.mockResolvedValue({ ...begun, uploadId: "two" });
    await expect(options().listParts(file, {})).rejects.toBeInstanceOf(ExpiredError);
    await Promise.all([1, 2, 3].map((number) => options().signPart(file, part(number))));
    expect(api.begin).toHaveBeenCalledTimes(1);
    expect(api.sign.mock.calls.map(([uploadId]) => uploadId)).toEqual(["two"]);
    expect(meta().uploadId).toBe("two");
  });

  it("keeps its state while the API is down", async () => {
    api.list.mockRejectedValue(new ProblemError(503, "unavailable", ""));
    await expect(options().listParts(file, {})).rejects.toMatchObject({ code: "unavailable" });
    expect(api.begin).not.toHaveBeenCalled();
  });
});

describe("an unfinished upload", () => {
  beforeEach(() => {
    uploader.install();
    uppy.setFileMeta(file.id, { uploadId: "one", key: "k", partSize: 10 });
  });

  it("is aborted when the person removes the file", () => {
    uppy.removeFile(file.id);
    expect(api.abort).toHaveBeenCalledWith("one");
  });

  it("is aborted when they cancel everything", () => {
    uppy.cancelAll();
    expect(api.abort).toHaveBeenCalledWith("one");
  });

  it("is aborted once, with those of an earlier visit, when everything is forgotten", async () => {
    await uploader.abandonAll(["one", "earlier"]);
    expect(api.abort.mock.calls).toEqual([["one"], ["earlier"]]);
    expect(uppy.getFiles()).toEqual([]);
  });

  it("does not stop the forgetting when it cannot be aborted", async () => {
    api.abort.mockRejectedValue(new ProblemError(404, "not_found", ""));
    await uploader.abandonAll(["gone"]);
  });

  it("is not aborted when the file was sent", () => {
    uppy.setFileState(file.id, { progress: { ...uppy.getFile(file.id).progress, uploadComplete: true } as never });
    uppy.removeFile(file.id);
    expect(api.abort).not.toHaveBeenCalled();
  });

  it("is kept for the next attempt when it fails", () => {
    uppy.emit("upload-error", uppy.getFile(file.id), new Error("offline"));
    expect(uppy.getFile(file.id)).toMatchObject({ s3Multipart: { uploadId: "one", key: "k" } });
    expect(api.abort).not.toHaveBeenCalled();
  });

  it("begins again automatically when it expired", async () => {
    const retried = vi.spyOn(uppy, "retryUpload").mockResolvedValue(undefined);
    uppy.setFileMeta(file.id, { uploadId: undefined, key: undefined });
    uppy.emit("upload-error", uppy.getFile(file.id), new ExpiredError());
    await vi.waitFor(() => expect(retried).toHaveBeenCalledWith(file.id));
    expect(uppy.getFile(file.id)).toMatchObject({ s3Multipart: undefined });
  });

  it("continues automatically when the browser is online again", () => {
    const retried = vi.spyOn(uppy, "retryAll").mockResolvedValue(undefined);
    window.dispatchEvent(new Event("online"));
    expect(retried).not.toHaveBeenCalled();
    uppy.setFileState(file.id, { error: "offline" });
    window.dispatchEvent(new Event("online"));
    expect(retried).toHaveBeenCalledTimes(1);
  });
});

describe("a small file", () => {
  it("is issued with its digest and sent with the signed headers", async () => {
    expect(await options().getUploadParameters(file, {})).toEqual({
      method: "PUT",
      url: "https://s3/x",
      headers: { "If-None-Match": "*" },
    });
    const [password, announced, digest] = api.issue.mock.calls[0] as unknown as [string, object, string];
    expect([password, announced]).toEqual(["secret", { fileName: "clip.mp4", contentType: "video/mp4", fileSize: 25 }]);
    expect(digest).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(meta().uploadId).toBe("one");
  });

  it("has nothing to abort", () => {
    uploader.install();
    uppy.setFileMeta(file.id, { uploadId: "one" });
    uppy.removeFile(file.id);
    expect(api.abort).not.toHaveBeenCalled();
  });
});
