import { afterEach, describe, expect, it, vi } from "vitest";
import { NetworkError, ProblemError, StorageError } from "../src/errors.js";
import { ATTEMPTS } from "../src/patience.js";
import { STALLED_MS, transfer, type Send } from "../src/transfer.js";
import { noPause } from "./world.js";

const failure = (status: number, responseText = "", message = "Non 2xx") =>
  Object.assign(new Error(message), { source: { status, responseText } });
const refused = (code: string) => failure(403, `<Error><Code>${code}</Code></Error>`);

function sending(...outcomes: (Error | "sent")[]) {
  const send = vi.fn(async (options: Parameters<Send>[0]) => {
    const outcome = outcomes.shift() ?? "sent";
    if (outcome !== "sent") throw outcome;
    options.onComplete?.('"etag"');
    return { ETag: '"etag"' };
  });
  const { pauses, pauseFor } = noPause();
  const onTrouble = vi.fn();
  const run = (signature: object, signal?: AbortSignal) =>
    transfer(
      onTrouble,
      send as Send,
      pauseFor,
    )({
      signature: { url: "https://s3/x", method: "PUT", ...signature } as never,
      body: new Blob(["abc"]),
      onProgress: vi.fn(),
      onComplete: vi.fn(),
      ...(signal && { signal }),
    });
  return { send, pauses, run, onTrouble };
}

const part = { part: true };

afterEach(() => vi.useRealTimers());

describe("a part", () => {
  it("is sent once, because Uppy retries it", async () => {
    const { send, run } = sending("sent");
    expect(await run(part)).toMatchObject({ ETag: '"etag"' });
    expect(send).toHaveBeenCalledTimes(1);
  });

  it("reports a broken connection as a network error, which Uppy retries", async () => {
    const { run, onTrouble } = sending(failure(0));
    const error = await run(part).catch((each: unknown) => each);
    expect(onTrouble).toHaveBeenCalledTimes(1);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ source: { status: 0 } });
  });

  it.each(["ExpiredToken", "InvalidToken", "RequestTimeTooSkewed"])(
    "whose URL died (%s) is signed again",
    async (code) => {
      await expect(sending(refused(code)).run(part)).rejects.toMatchObject({ source: { status: 503 } });
    },
  );

  it("is signed again when its URL expired", async () => {
    const expired = failure(403, "<Message>Request has expired</Message>", "Request has expired");
    await expect(sending(expired).run(part)).rejects.toMatchObject({ source: { status: 503 } });
  });

  it.each(["SignatureDoesNotMatch", "AccessDenied", "BadDigest"])("ends when S3 refuses it (%s)", async (code) => {
    const error = await sending(refused(code))
      .run(part)
      .catch((each: unknown) => each);
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({ code, source: { status: 403 } });
  });

  it("ends unsent with a refusal that occurred while signing", async () => {
    const { send, run } = sending();
    const refusal = new ProblemError(409, "conflict", "");
    await expect(run({ ...part, refusal })).rejects.toBe(refusal);
    expect(send).not.toHaveBeenCalled();
    expect(refusal).toMatchObject({ source: { status: 410 } }); // Uppy would retry a 409
  });

  it("is aborted when it stalls", async () => {
    vi.useFakeTimers();
    const send = (options: Parameters<Send>[0]) =>
      new Promise<never>((_, reject) => {
        options.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
        setTimeout(() => options.onProgress({ loaded: 1 }), STALLED_MS / 2);
      });
    const signature = { url: "https://s3/x", method: "PUT", part: true } as never;
    const running = transfer(
      vi.fn(),
      send as Send,
    )({ signature, body: new Blob(), onProgress: vi.fn(), onComplete: vi.fn() });
    const outcome = running.catch((each: unknown) => each);
    await vi.advanceTimersByTimeAsync(STALLED_MS * 1.4);
    let settled = false;
    void outcome.then(() => (settled = true));
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toBe(false);
    await vi.advanceTimersByTimeAsync(STALLED_MS);
    expect(await outcome).toBeInstanceOf(NetworkError);
  });
});

describe("a whole file", () => {
  it.each([0, 500, 503, 409, 429])("is sent again after %d", async (status) => {
    const { send, pauses, run } = sending(failure(status), failure(status), "sent");
    expect(await run({})).toMatchObject({ ETag: '"etag"' });
    expect([send.mock.calls.length, pauses.length]).toEqual([3, 2]);
  });

  it("has arrived when a retry finds it after a lost answer", async () => {
    const { run } = sending(failure(0), failure(412));
    expect(await run({})).toEqual({ ETag: "" });
  });

  it("belongs to another upload when the first attempt finds it", async () => {
    await expect(sending(failure(412)).run({})).rejects.toBeInstanceOf(StorageError);
  });

  it("ends at once when S3 refuses it", async () => {
    const { send, run, onTrouble } = sending(refused("SignatureDoesNotMatch"));
    await expect(run({})).rejects.toBeInstanceOf(StorageError);
    expect(onTrouble).not.toHaveBeenCalled();
    expect(send).toHaveBeenCalledTimes(1);
  });

  it("fails after all retries", async () => {
    const { send, run } = sending(...Array.from({ length: ATTEMPTS }, () => failure(0)));
    await expect(run({})).rejects.toBeInstanceOf(NetworkError);
    expect(send).toHaveBeenCalledTimes(ATTEMPTS);
  });

  it("is not retried after the person removes it", async () => {
    const given = new AbortController();
    const { send, run } = sending(failure(0));
    send.mockImplementationOnce(async () => {
      given.abort();
      throw failure(0);
    });
    await expect(run({}, given.signal)).rejects.toMatchObject({ name: "AbortError" });
    expect(send).toHaveBeenCalledTimes(1);
  });
});
