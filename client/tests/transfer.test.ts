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
  const run = (signature: object, signal?: AbortSignal) =>
    transfer(
      send as Send,
      pauseFor,
    )({
      signature: { url: "https://s3/x", method: "PUT", ...signature } as never,
      body: new Blob(["abc"]),
      onProgress: vi.fn(),
      onComplete: vi.fn(),
      ...(signal && { signal }),
    });
  return { send, pauses, run };
}

const part = { part: true };

afterEach(() => vi.useRealTimers());

describe("a part", () => {
  it("is sent once: Uppy repeats it", async () => {
    const { send, run } = sending("sent");
    expect(await run(part)).toMatchObject({ ETag: '"etag"' });
    expect(send).toHaveBeenCalledTimes(1);
  });

  it("whose connection broke is the network's trouble, which Uppy tries again", async () => {
    const { run } = sending(failure(0));
    const error = await run(part).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ source: { status: 0 } });
  });

  it.each(["ExpiredToken", "InvalidToken", "RequestTimeTooSkewed"])(
    "whose URL died (%s) is signed again",
    async (code) => {
      await expect(sending(refused(code)).run(part)).rejects.toMatchObject({ source: { status: 503 } });
    },
  );

  it("whose URL is too old is signed again", async () => {
    const expired = failure(403, "<Message>Request has expired</Message>", "Request has expired");
    await expect(sending(expired).run(part)).rejects.toMatchObject({ source: { status: 503 } });
  });

  it.each(["SignatureDoesNotMatch", "AccessDenied", "BadDigest"])("that S3 refuses (%s) is refused", async (code) => {
    const error = await sending(refused(code))
      .run(part)
      .catch((each: unknown) => each);
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({ code, source: { status: 403 } });
  });

  it("that was refused while it was signed ends with that refusal, unsent", async () => {
    const { send, run } = sending();
    const refusal = new ProblemError(409, "conflict", "");
    await expect(run({ ...part, refusal })).rejects.toBe(refusal);
    expect(send).not.toHaveBeenCalled();
    expect(refusal).toMatchObject({ source: { status: 410 } }); // Uppy would repeat a 409
  });

  it("over which nothing moves is given up", async () => {
    vi.useFakeTimers();
    const send = (options: Parameters<Send>[0]) =>
      new Promise<never>((_, reject) => {
        options.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
        setTimeout(() => options.onProgress({ loaded: 1 }), STALLED_MS / 2);
      });
    const signature = { url: "https://s3/x", method: "PUT", part: true } as never;
    const running = transfer(send as Send)({ signature, body: new Blob(), onProgress: vi.fn(), onComplete: vi.fn() });
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

  it("that is there already after a lost answer has arrived", async () => {
    const { run } = sending(failure(0), failure(412));
    expect(await run({})).toEqual({ ETag: "" });
  });

  it("that is there already at the first try is another's", async () => {
    await expect(sending(failure(412)).run({})).rejects.toBeInstanceOf(StorageError);
  });

  it("that S3 refuses is refused at once", async () => {
    const { send, run } = sending(refused("SignatureDoesNotMatch"));
    await expect(run({})).rejects.toBeInstanceOf(StorageError);
    expect(send).toHaveBeenCalledTimes(1);
  });

  it("is given up in the end", async () => {
    const { send, run } = sending(...Array.from({ length: ATTEMPTS }, () => failure(0)));
    await expect(run({})).rejects.toBeInstanceOf(NetworkError);
    expect(send).toHaveBeenCalledTimes(ATTEMPTS);
  });

  it("that the person takes away is not sent again", async () => {
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
