import "@uppy/core/css/style.min.css";
import "@uppy/dashboard/css/style.min.css";
import "./page.css";

import { Api, type State } from "./api.js";
import { loadConfig, type Config } from "./config.js";
import { makeUppy, showFiles } from "./dashboard.js";
import { sentence } from "./errors.js";
import { finishForgetting, forgetEverything, keptUploads } from "./forget.js";
import { Gate } from "./password-form.js";
import { Password } from "./password.js";
import { Results, type Result } from "./results.js";
import { english } from "./strings.js";
import { Uploader, type PageFile, type PageUppy } from "./uploader.js";
import { verdict } from "./verdict.js";

const strings = english;

function start(config: Config): void {
  const api = new Api(config);
  const gate = new Gate(byId("password-form"), byId("upload"), byId("status"), strings);
  const results = new Results(byId("results-list"), byId("results-empty"), strings, sessionStorage);
  let refusals = 0;
  const uppy = makeUppy(config, strings, (name, text) => {
    results.tell({ id: `refused-${Date.now()}-${(refusals += 1)}`, name, outcome: "refused", text });
  });
  // Others may use this browser, so what was here before appears only behind an accepted password.
  let restored: Promise<void> | null = null;
  const restore = async () => {
    for (const result of results.restore()) void follow(api, results, result);
    await showFiles(uppy, byId("dashboard"), config, strings);
  };
  const password = new Password(gate, sessionStorage, async (entered) => {
    await api.check(entered);
    await (restored ??= restore().catch(() => undefined));
  });
  const uploader = new Uploader(uppy, api, password, config, strings);
  uploader.install();
  tellOutcomes(uppy, api, results);
  offerToForget(uploader);
  void password.get();
}

/** Other tabs with the page forget everything, too. */
function offerToForget(uploader: Uploader): void {
  const tabs = new BroadcastChannel("phenom.forget");
  const forget = () => void forgetEverything(uploader.abandonAll(keptUploads()));
  const button = byId<HTMLButtonElement>("forget");
  button.onclick = () => {
    button.disabled = true;
    tabs.postMessage(null);
    forget();
  };
  tabs.onmessage = forget;
  button.disabled = false;
}

function tellOutcomes(uppy: PageUppy, api: Api, results: Results): void {
  uppy.on("upload-success", (file) => {
    const { uploadId } = (file && uppy.getFile(file.id)?.meta) ?? {};
    if (!file || !uploadId) return;
    // Not the file id: adding the same file again produces the same id.
    results.drop(file.id);
    const text = strings.outcome.checking;
    void follow(api, results, { id: uploadId, name: file.name, outcome: "checking", text, uploadId });
  });
  uppy.on("upload-error", (file, error) => {
    if (file) results.tell({ id: file.id, name: file.name, outcome: "failed", text: sentence(error, strings) });
  });
  const forget = (file: PageFile | undefined) => file && results.drop(file.id);
  uppy.on("upload-retry", forget);
  uppy.on("upload-start", (files) => files.forEach(forget));
  uppy.on("file-removed", forget);
}

async function follow(api: Api, results: Results, result: Result): Promise<void> {
  results.tell(result);
  const settled = { id: result.id, name: result.name };
  try {
    const state = await verdict(api, result.uploadId!, () => results.tell({ ...result, text: strings.outcome.slow }));
    results.tell({ ...settled, ...outcome(state) });
  } catch (error) {
    results.tell({ ...settled, outcome: "unknown", text: sentence(error, strings) });
  }
}

function outcome(state: State | null): Pick<Result, "outcome" | "text" | "detail"> {
  switch (state?.status) {
    case "accepted":
      return { outcome: "accepted", text: strings.outcome.accepted };
    case "held":
      return { outcome: "held", text: strings.outcome.held };
    case "rejected": {
      const known =
        state.reason !== undefined && state.reason in strings.reasons ? strings.reasons[state.reason] : null;
      return {
        outcome: "rejected",
        text: known ?? strings.trouble.unexpected,
        ...(state.detail && { detail: state.detail }),
      };
    }
    default:
      return { outcome: "unknown", text: strings.outcome.unknown };
  }
}

function byId<Kind extends HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind;
}

async function open(): Promise<void> {
  const forgotten = await finishForgetting();
  const config = await loadConfig("config.json");
  start(config);
  if (forgotten) byId("forgotten").textContent = strings.page.forgotten;
}

open().catch(() => {
  byId("broken").textContent = strings.page.broken;
});
