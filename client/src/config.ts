/** Settings from config.json, which is written when the page is deployed. Sizes are in bytes. */
export interface Config {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly maxFileBytes: number;
  readonly types: readonly string[];
  /** Larger files are sent in parts and can be resumed. */
  readonly multipartThresholdBytes: number;
  readonly partBytes: number;
}

export class ConfigError extends Error {}

/** Loads the settings. Throws ConfigError when the file is missing or invalid. */
export async function loadConfig(url: string): Promise<Config> {
  const answer = await fetch(url, { cache: "no-cache" });
  if (!answer.ok) throw new ConfigError(`${url}: ${answer.status}`);
  return parseConfig(await answer.json());
}

export function parseConfig(content: unknown): Config {
  const fields = (content ?? {}) as Record<string, unknown>;
  return {
    apiUrl: text(fields, "apiUrl").replace(/\/+$/, ""),
    apiKey: text(fields, "apiKey"),
    maxFileBytes: size(fields, "maxFileBytes"),
    types: texts(fields, "types"),
    multipartThresholdBytes: size(fields, "multipartThresholdBytes"),
    partBytes: size(fields, "partBytes"),
  };
}

function text(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value !== "string" || value === "") throw new ConfigError(`${name} must be text`);
  return value;
}

function texts(fields: Record<string, unknown>, name: string): string[] {
  const value = fields[name];
  if (!Array.isArray(value) || !value.length || !value.every((each) => typeof each === "string")) {
    throw new ConfigError(`${name} must be a list of text`);
  }
  return value;
}

function size(fields: Record<string, unknown>, name: string): number {
  const value = fields[name];
  if (!Number.isSafeInteger(value) || (value as number) <= 0)
    throw new ConfigError(`${name} must be a number of bytes`);
  return value as number;
}
