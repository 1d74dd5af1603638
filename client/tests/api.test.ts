import { beforeEach, describe, expect, it, vi, type Mock } from "vitest";
import { Api } from "../src/api.js";
import { NetworkError, ProblemError } from "../src/errors.js";
import { ATTEMPTS } from "../src/patience.js";
import { config, json, noPause } from "./world.js";

const FILE = { fileName: "a.mp4", contentType: "video/mp4", fileSize: 10 };
const ID = "0123456789abcdef0123456789abcdef";

let answers: (Response | Error)[];
let fetched: Mock;
let pauses: number[];
let api: Api;

beforeEach(() => {
  answers = [];
  fetched = vi.fn(async () => {
    const answer = answers.shift();
    if (!answer) throw new Error("nothing more was expected");
    if (answer instanceof Error) throw answer;
    return answer;
  });
  vi.stubGlobal("fetch", fetched);
  const still = noPause();
  pauses = still.pauses;
  api = new Api(config, still.pauseFor);
});

const asked = (call = 0) => {
  const [url, options] = fetched.mock.calls[call] as [string, RequestInit];
  return { url, ...options, body: options.body ? JSON.parse(String(options.body)) : options.body };
};

const problem = (status: number, code: string, headers = {}) => json(status, { code, detail: "" }, headers);

describe("checking a password", () => {
  it("announces a file of no accepted type, so that no upload starts", async () => {
    answers = [problem(415, "unsupported_type")];
    await api.check("right");
    expect(asked()).toMatchObject({ url: "https://api.example/v1/upload/generate-url", method: "POST" });
    expect(asked().body).toMatchObject({ password: "right", fileSize: 1 });
    expect(config.types).not.toContain(asked().body.contentType);
  });

  it.each([
    [401, "wrong_password"],
    [400, "invalid_request"],
    [403, "invalid_api_key"],
    [413, "file_too_large"],
  ])("takes no other refusal for a right password: %i %s", async (status, code) => {
    answers = [problem(status, code)];
    await expect(api.check("wrong")).rejects.toMatchObject({ code });
    expect(fetched).toHaveBeenCalledOnce();
  });

  it("does not try again for an address that is blocked", async () => {
    answers = [problem(429, "throttled", { "Retry-After": "800" })];
    await expect(api.check("right")).rejects.toMatchObject({ code: "throttled" });
  });

  it("tries again while the connection is bad", async () => {
    answers = [new TypeError("no network"), problem(503, "unavailable"), problem(415, "unsupported_type")];
    await api.check("right");
    expect(pauses).toHaveLength(2);
  });
});

describe("an API call", () => {
  it("sends key and password when it begins an upload", async () => {
    answers = [json(200, { uploadId: ID, partSize: 5, partCount: 2 })];
    expect(await api.begin("secret", FILE)).toMatchObject({ uploadId: ID, partCount: 2 });
    expect(asked()).toMatchObject({ url: "https://api.example/v1/upload/multipart", method: "POST" });
    expect(asked().headers).toEqual({ "Content-Type": "application/json", "x-api-key": "key" });
    expect(asked().body).toEqual({ password: "secret", ...FILE, partChecksums: "sha256" });
  });

  it("sends the digest of a whole file", async () => {
    answers = [json(200, { uploadId: ID })];
    await api.issue("secret", FILE, "digest");
    expect(asked().body).toEqual({ password: "secret", ...FILE, sha256: "digest" });
  });

  it("sends neither key nor password for an existing upload", async () => {
    answers = [
      json(200, { parts: [] }),
      json(200, {}),
      json(204, null),
      json(200, { status: "issued" }),
      json(200, {}),
    ];
    await api.sign(ID, new Map([[3, "d3"]]));
    await api.complete(ID, new Map([[1, '"e"']]));
    await api.abort(ID);
    await api.state(ID);
    await api.complete(ID, null);
    expect(fetched.mock.calls.map(([url, options]) => [options.method, url.replace(config.apiUrl, "")])).toEqual([
      ["POST", `/upload/${ID}/parts`],
      ["POST", `/upload/${ID}/complete`],
      ["DELETE", `/upload/${ID}`],
      ["GET", `/upload/${ID}`],
      ["POST", `/upload/${ID}/complete`],
    ]);
    expect(asked(0).body).toEqual({ partNumbers: [3], sha256: { "3": "d3" } });
    expect(asked(1).body).toEqual({ parts: [{ partNumber: 1, etag: '"e"' }] });
    expect(asked(4).body).toEqual({});
    for (const call of [0, 1, 2, 3, 4]) expect(JSON.stringify(asked(call).headers)).not.toContain("x-api-key");
  });

  it("does not retry a refusal and throws its code", async () => {
    answers = [json(401, { code: "wrong_password", detail: "no" })];
    const refused = await api.begin("x", FILE).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProblemError);
    expect(refused).toMatchObject({ status: 401, code: "wrong_password", detail: "no" });
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it.each([429, 500, 502, 503, 504])("that meets a %d is repeated", async (status) => {
    answers = [json(status, { code: "x" }), new TypeError("Failed to fetch"), json(200, { status: "accepted" })];
    expect((await api.state(ID)).status).toBe("accepted");
    expect(pauses).toHaveLength(2);
  });

  it("waits for Retry-After", async () => {
    answers = [json(429, {}, { "Retry-After": "7" }), json(503, {}, { "Retry-After": "soon" }), json(200, {})];
    await api.state(ID);
    expect(pauses[0]).toBe(7000);
    expect(pauses[1]).toBe(1000);
  });

  it("throws at once when Retry-After is an hour", async () => {
    answers = [json(429, { code: "throttled" }, { "Retry-After": "3600" })];
    await expect(api.begin("x", FILE)).rejects.toMatchObject({ code: "throttled" });
    expect(pauses).toEqual([]);
  });

  it("waits longer each time and stops after about ten minutes", async () => {
    answers = Array.from({ length: ATTEMPTS }, () => new TypeError("Failed to fetch"));
    await expect(api.state(ID)).rejects.toBeInstanceOf(NetworkError);
    expect(fetched).toHaveBeenCalledTimes(ATTEMPTS);
    const total = pauses.reduce((sum, each) => sum + each, 0);
    expect(total).toBeGreaterThan(8 * 60_000);
    expect(total).toBeLessThan(15 * 60_000);
    expect([...pauses]).toEqual([...pauses].sort((a, b) => a - b));
  });

  it("throws unavailable when the API stays down", async () => {
    answers = Array.from({ length: ATTEMPTS }, () => json(503, { code: "unavailable" }));
    await expect(api.state(ID)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("ends when the person cancels", async () => {
    const given = new AbortController();
    fetched.mockImplementation(async () => {
      given.abort();
      throw new DOMException("aborted", "AbortError");
    });
    await expect(api.list(ID, given.signal)).rejects.toMatchObject({ name: "AbortError" });
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["<html>", 502, "unavailable"],
    ["", 400, "invalid_request"],
    ['{"code": "new_one"}', 418, "invalid_request"],
    ['"text"', 403, "invalid_request"],
  ])("that is answered with %j and %d is a problem all the same", async (body, status, code) => {
    fetched.mockImplementation(async () => new Response(body, { status }));
    await expect(api.list(ID)).rejects.toMatchObject({ code });
  });

  it("treats an unknown status as pending", async () => {
    answers = [json(200, { status: "brand new" })];
    expect(await api.state(ID)).toEqual({ status: "validating" });
  });
});
