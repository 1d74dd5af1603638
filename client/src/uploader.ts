/**
 * Connects Uppy's AwsS3 plugin to the upload API.
 *
 * The plugin's "uploadId" is only its handle and never changes. The real upload id is in the file's `meta`; an expired
 * upload is replaced there without the plugin noticing. An upload is aborted when its file is removed, but not when it
 * fails, as the plugin would: the parts that arrived are kept for the next attempt.
 */

import AwsS3, { type AwsS3MultipartOptions, type AwsS3Part } from "@uppy/aws-s3";
import type { Uppy, UppyFile } from "@uppy/core";
import type { Announcement, Api } from "./api.js";
import type { Config } from "./config.js";
import { sha256 } from "./digest.js";
import { ExpiredError, ProblemError, SettingsChangedError } from "./errors.js";
import { openUpload } from "./forget.js";
import type { Password } from "./password.js";
import { ATTEMPTS, pause } from "./patience.js";
import { PartSigner } from "./signing.js";
import type { Strings } from "./strings.js";
import { transfer, type Signature } from "./transfer.js";

export interface FileMeta {
  [name: string]: unknown;
  uploadId?: string;
  key?: string;
  partSize?: number;
}
export type FileBody = { location?: string; [name: string]: unknown };
export type PageUppy = Uppy<FileMeta, FileBody>;
export type PageFile = UppyFile<FileMeta, FileBody>;

const AT_ONCE = 4;
const TROUBLE_MS = 5000;

export class Uploader {
  private readonly signers = new WeakMap<Blob, PartSigner>();
  private readonly beginnings = new Map<string, Promise<string>>();
  private readonly aborts = new Map<string, Promise<void>>();

  constructor(
    private readonly uppy: PageUppy,
    private readonly api: Api,
    private readonly password: Password,
    private readonly config: Config,
    private readonly strings: Strings,
  ) {}

  install(): void {
    this.uppy.use(AwsS3, this.options());
    this.uppy.on("file-removed", (file) => this.abandon(file));
    this.uppy.on("upload-error", (file, error) => this.keepForLater(file, error));
    window.addEventListener("online", () => this.goOn());
  }

  options(): AwsS3MultipartOptions<FileMeta, FileBody> {
    return {
      limit: AT_ONCE,
      retryDelays: Array.from({ length: ATTEMPTS }, (_, attempt) => pause(attempt)),
      shouldUseMultipart: (file) => (file.size ?? 0) > this.config.multipartThresholdBytes,
      getChunkSize: (data) => this.partSizeOf(data as Blob),
      getUploadParameters: (file, { signal }) => this.issue(file, signal),
      createMultipartUpload: (file) => this.begin(file),
      listParts: (file, { signal }) => this.list(file, signal),
      signPart: (file, part) => this.sign(file, part.partNumber, part.signal),
      completeMultipartUpload: (file, { parts, signal }) => this.complete(file, parts, signal),
      abortMultipartUpload: () => undefined,
      uploadPartBytes: transfer(() => this.tellTrouble()),
    };
  }

  private async issue(file: PageFile, signal?: AbortSignal): Promise<Signature> {
    const digest = await sha256(file.data as Blob);
    const issued = await this.password.used(
      (password) => this.api.issue(password, announcement(file), digest, signal),
      signal,
    );
    this.uppy.setFileMeta(file.id, { uploadId: issued.uploadId });
    return { method: "PUT", url: issued.uploadUrl, headers: issued.headers };
  }

  private async begin(file: PageFile): Promise<{ uploadId: string; key: string }> {
    const begun = await this.password.used((password) => this.api.begin(password, announcement(file)));
    if (!this.uppy.getFile(file.id)) {
      await this.api.abort(begun.uploadId);
    } else if (begun.partSize !== this.partSizeOf(file.data as Blob)) {
      await this.api.abort(begun.uploadId);
      throw new SettingsChangedError();
    }
    this.uppy.setFileMeta(file.id, { uploadId: begun.uploadId, key: begun.key, partSize: begun.partSize });
    return { uploadId: begun.uploadId, key: begun.key };
  }

  private async list(file: PageFile, signal?: AbortSignal): Promise<AwsS3Part[]> {
    const listed = await this.api.list(await this.uploadOf(file), signal).catch((error: unknown) => {
      throw isGone(error) ? this.forget(file) : error;
    });
    const arrived = listed.complete
      ? Array.from({ length: listed.partCount }, (_, index) => ({ partNumber: index + 1, etag: "" }))
      : listed.parts;
    const signer = this.signerOf(file);
    for (const part of arrived) signer.skip(part.partNumber);
    return arrived.map((part) => ({ PartNumber: part.partNumber, ETag: part.etag }));
  }

  /** The plugin retries every failure here, so a refusal is passed on to `transfer` in the signature. */
  private async sign(file: PageFile, number: number, signal?: AbortSignal): Promise<Signature> {
    try {
      const signed = await this.signerOf(file).sign(await this.uploadOf(file), number, signal);
      return { method: "PUT", url: signed.uploadUrl, headers: signed.headers, part: true };
    } catch (error) {
      signal?.throwIfAborted();
      return { method: "PUT", url: "", refusal: error as Error };
    }
  }

  private async complete(file: PageFile, parts: AwsS3Part[], signal?: AbortSignal): Promise<FileBody> {
    const etags = new Map(parts.map((part) => [part.PartNumber!, part.ETag ?? ""]));
    const known = [...etags.values()].every((etag) => etag !== "");
    await this.api.complete(await this.uploadOf(file), known ? etags : null, signal);
    return {};
  }

  /** Removes all files and aborts their uploads, and those in `others`. Resolves when the API has answered. */
  async abandonAll(others: readonly string[]): Promise<void> {
    const own = this.uppy.getFiles().map(openUpload);
    this.uppy.cancelAll();
    const open = [...own, ...others].filter((uploadId) => uploadId !== undefined);
    await Promise.all(open.map((uploadId) => this.abort(uploadId)));
  }

  /** Runs in the background: S3 removes uploads that were not aborted within a day. */
  private abandon(file: PageFile): void {
    const uploadId = openUpload(file);
    if (uploadId) void this.abort(uploadId);
  }

  private abort(uploadId: string): Promise<void> {
    const aborting = this.aborts.get(uploadId) ?? this.api.abort(uploadId).catch(() => undefined);
    this.aborts.set(uploadId, aborting);
    return aborting;
  }

  /** Restores the plugin's state of a failed upload, so that the next attempt asks S3 which parts it has. */
  private keepForLater(file: PageFile | undefined, error: unknown): void {
    const current = file && this.uppy.getFile(file.id);
    if (!current) return;
    const { uploadId, key } = current.meta;
    const s3Multipart = uploadId && key ? { uploadId, key } : undefined;
    this.uppy.setFileState(current.id, { s3Multipart } as Partial<PageFile>);
    if (error instanceof ExpiredError) setTimeout(() => this.uppy.retryUpload(current.id).catch(() => undefined));
  }

  /** Ends the run, because the plugin cannot send a part twice in one run. */
  private forget(file: PageFile): ExpiredError {
    this.uppy.setFileMeta(file.id, { uploadId: undefined, key: undefined, partSize: undefined });
    this.signers.delete(file.data as Blob);
    return new ExpiredError();
  }

  private goOn(): void {
    const failed = this.uppy.getFiles().some((file) => file.error);
    if (failed) this.uppy.retryAll().catch(() => undefined);
  }

  /** Runs once for any number of parts that failed together. */
  private tellTrouble(): void {
    const text = this.strings.trouble.retrying;
    if (!this.uppy.getState().info.some((each) => each.message === text)) this.uppy.info(text, "warning", TROUBLE_MS);
  }

  private partSizeOf(data: Blob): number {
    const file = this.uppy.getFiles().find((each) => each.data === data);
    return file?.meta.partSize ?? this.config.partBytes;
  }

  /** Returns the file's upload id; begins the upload once if it has none. */
  private async uploadOf(file: PageFile): Promise<string> {
    const { uploadId } = (this.uppy.getFile(file.id) ?? file).meta;
    if (uploadId) return uploadId;
    let beginning = this.beginnings.get(file.id);
    if (!beginning) {
      beginning = this.begin(file).then((begun) => begun.uploadId);
      this.beginnings.set(file.id, beginning);
      const over = () => this.beginnings.delete(file.id);
      beginning.then(over, over);
    }
    return beginning;
  }

  private signerOf(file: PageFile): PartSigner {
    const data = file.data as Blob;
    let signer = this.signers.get(data);
    if (!signer) this.signers.set(data, (signer = new PartSigner(this.api, data, this.partSizeOf(data))));
    return signer;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ProblemError && (error.code === "conflict" || error.code === "not_found");
}

function announcement(file: PageFile): Announcement {
  return { fileName: file.name, contentType: file.type, fileSize: (file.data as Blob).size };
}
