/** Checks of a file before any byte is sent. */

import type { Config } from "./config.js";
import { TYPE_OF_EXTENSION } from "./contract.js";
import type { Strings } from "./strings.js";

const MAX_NAME_CHARACTERS = 255;
const UNITS = ["KB", "MB", "GB"] as const;
const HEIC = /^image\/(heic|heif)(-sequence)?$/;
const HEIC_EXTENSIONS = new Set(["heic", "heif", "hif"]);
/** Characters that presign refuses: control characters, and marks that reverse the text direction. */
const MISLEADING = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]/u;

export interface Candidate {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/** Returns the type to declare: by the extension if it is an accepted one, otherwise the browser's. */
export function announcedType(candidate: Candidate, types: readonly string[]): string {
  const suggested = TYPE_OF_EXTENSION[extension(candidate.name)];
  // A camera recording has the type "video/webm;codecs=vp8".
  const bare = candidate.type.split(";", 1)[0]!.trim().toLowerCase();
  return suggested !== undefined && types.includes(suggested) ? suggested : bare;
}

/** Returns a sentence that says why the file cannot be sent, or null. */
export function refusal(candidate: Candidate, config: Config, strings: Strings): string | null {
  const { name, size } = candidate;
  const type = announcedType(candidate, config.types);
  if (HEIC.test(type) || HEIC_EXTENSIONS.has(extension(name))) return strings.admission.heic(name);
  if (!config.types.includes(type)) return strings.admission.type(name);
  if (size === 0) return strings.admission.empty(name);
  if (size > config.maxFileBytes) {
    return strings.admission.tooLarge(name, readable(size), readable(config.maxFileBytes));
  }
  if ([...name].length > MAX_NAME_CHARACTERS || MISLEADING.test(name)) return strings.admission.name(name);
  return null;
}

/** Formats a size as "500 MB", in powers of 1,024 like Uppy. */
export function readable(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 && value % 1 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

function extension(name: string): string {
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}
