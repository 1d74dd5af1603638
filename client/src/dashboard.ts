/** Uppy with its Dashboard: file selection, previews, progress, pause, resume, cancel; recovery after a reload. */

import UppyCore, { type UppyOptions } from "@uppy/core";
import Dashboard from "@uppy/dashboard";
import GoldenRetriever, { type GoldenRetrieverOptions } from "@uppy/golden-retriever";
import { announcedType, readable, refusal, type Candidate } from "./admission.js";
import type { Config } from "./config.js";
import { TYPE_OF_EXTENSION } from "./contract.js";
import { hasKeptFiles } from "./forget.js";
import type { Strings } from "./strings.js";
import type { FileBody, FileMeta, PageUppy } from "./uploader.js";

const RECOVERY_LIMIT_BYTES = 4 * 1024 ** 3;
const INFO_MS = 10_000;
const RESTORE_MS = 3000;

/** Returns Uppy without a face. `onRefused` is called for each file that is not sent, with a sentence that says why. */
export function makeUppy(config: Config, strings: Strings, onRefused: (name: string, why: string) => void): PageUppy {
  const admit: UppyOptions<FileMeta, FileBody>["onBeforeFileAdded"] = (file) => {
    const candidate: Candidate = { name: file.name ?? "", type: file.type ?? "", size: file.size ?? 0 };
    const why = refusal(candidate, config, strings);
    if (why !== null) {
      onRefused(candidate.name, why);
      uppy.info(why, "error", INFO_MS);
      return false;
    }
    const type = announcedType(candidate, config.types);
    return { ...file, type, meta: { ...file.meta, type } };
  };
  const uppy: PageUppy = new UppyCore<FileMeta, FileBody>({
    id: "phenom",
    infoTimeout: INFO_MS,
    locale: { strings: strings.uppy } as never,
    onBeforeFileAdded: admit,
    // Used by the file picker only; `admit` checks dropped and pasted files with clearer messages.
    restrictions: { allowedFileTypes: [...config.types, ...Object.keys(TYPE_OF_EXTENSION).map((each) => `.${each}`)] },
  });
  return uppy;
}

/**
 * Shows the list of files, with those of an earlier visit, and keeps them from now on.
 *
 * Restoring replaces the list, and keeps no files that were added before: people can add files only afterwards.
 */
export async function showFiles(uppy: PageUppy, target: HTMLElement, config: Config, strings: Strings): Promise<void> {
  const kept = { maxFileSize: config.maxFileBytes, maxTotalSize: RECOVERY_LIMIT_BYTES };
  const restored = new Promise<void>((resolve) => {
    uppy.once("restored", () => resolve());
    // Nothing is reported when there is nothing to restore.
    setTimeout(resolve, hasKeptFiles() ? RESTORE_MS : 0);
  });
  uppy.use(GoldenRetriever, { indexedDB: kept as GoldenRetrieverOptions["indexedDB"] });
  await restored;
  uppy.use(Dashboard, {
    inline: true,
    target,
    width: "100%",
    height: 440,
    theme: "auto",
    note: strings.page.note(readable(config.maxFileBytes)),
    proudlyDisplayPoweredByUppy: false,
    hideProgressAfterFinish: false,
    locale: { strings: strings.uppy } as never,
    // On a desktop, the file picker offers no camera.
    showNativePhotoCameraButton: window.matchMedia("(pointer: coarse)").matches,
    showNativeVideoCameraButton: window.matchMedia("(pointer: coarse)").matches,
  });
}
