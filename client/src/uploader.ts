/**
 * Uppy's AwsS3 plugin on the upload API.
 *
 * The plugin's "uploadId" is only its handle: which upload a file really belongs to stands in the file's `meta`, because
 * one that has expired is begun anew under the plugin's feet. An upload is aborted when its file is removed, and not,
 * as the plugin would, when it fails: what has arrived is kept for the next try.
 */

import AwsS3, { type AwsS3MultipartOptions, type AwsS3Part } from "@uppy/aws-s3";
import type { Uppy, UppyFile } from "@uppy/core";
import type { Announcement, Api, Listed } from "./api.js";
import type { Config } from "./config.js";
import { sha256 } from "./digest.js";
import { ProblemError, SettingsChangedError } from "./errors.js";
import type { Password } from "./password.js";
import { ATTEMPTS, pause } from "./patience.js";
import { PartSigner } from "./signing.js";
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

export class Uploader {
  private readonly signers = new WeakMap<Blob, PartSigner>();

  constructor(
    private readonly uppy: PageUppy,
    private readonly api: Api,
    private readonly password: Password,
    private readonly config: Config,
  ) {}

  install(): void {
    this.uppy.use(AwsS3, this.options());
    this.uppy.on("file-removed", (file) => this.abandon(file));
    this.uppy.on("upload-error", (file) => this.keepForLater(file));
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
      uploadPartBytes: transfer(),
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
    let listed: Listed;
    try {
      listed = await this.api.list(this.uploadIdOf(file), signal);
    } catch (error) {
      if (!(error instanceof ProblemError && (error.code === "conflict" || error.code === "not_found"))) throw error;
      await this.begin(file);
      return [];
    }
    const arrived = listed.complete
      ? Array.from({ length: listed.partCount }, (_, index) => ({ partNumber: index + 1, etag: "" }))
      : listed.parts;
    const signer = this.signerOf(file);
    for (const part of arrived) signer.skip(part.partNumber);
    return arrived.map((part) => ({ PartNumber: part.partNumber, ETag: part.etag }));
  }

  /** The plugin repeats whatever fails here, so a refusal travels in the signature, to `transfer`. */
  private async sign(file: PageFile, number: number, signal?: AbortSignal): Promise<Signature> {
    try {
      const signed = await this.signerOf(file).sign(this.uploadIdOf(file), number, signal);
      return { method: "PUT", url: signed.uploadUrl, headers: signed.headers, part: true };
    } catch (error) {
      signal?.throwIfAborted();
      return { method: "PUT", url: "", refusal: error as Error };
    }
  }

  private async complete(file: PageFile, parts: AwsS3Part[], signal?: AbortSignal): Promise<FileBody> {
    const etags = new Map(parts.map((part) => [part.PartNumber!, part.ETag ?? ""]));
    const known = [...etags.values()].every((etag) => etag !== "");
    await this.api.complete(this.uploadIdOf(file), known ? etags : null, signal);
    return {};
  }

  /** Nobody waits for this: what is not aborted S3 removes in a day. */
  private abandon(file: PageFile): void {
    const { uploadId, key } = file.meta;
    if (uploadId && key && !file.progress.uploadComplete) this.api.abort(uploadId).catch(() => undefined);
  }

  /** The plugin forgets an upload that failed; reminded of it, the next try asks S3 which parts it has. */
  private keepForLater(file: PageFile | undefined): void {
    const current = file && this.uppy.getFile(file.id);
    if (!current) return;
    const { uploadId, key } = current.meta;
    if (uploadId && key) this.uppy.setFileState(current.id, { s3Multipart: { uploadId, key } } as Partial<PageFile>);
  }

  private goOn(): void {
    const failed = this.uppy.getFiles().some((file) => file.error);
    if (failed) this.uppy.retryAll().catch(() => undefined);
  }

  private partSizeOf(data: Blob): number {
    const file = this.uppy.getFiles().find((each) => each.data === data);
    return file?.meta.partSize ?? this.config.partBytes;
  }

  private uploadIdOf(file: PageFile): string {
    const { uploadId } = (this.uppy.getFile(file.id) ?? file).meta;
    if (!uploadId) throw new Error("the file has no upload");
    return uploadId;
  }

  private signerOf(file: PageFile): PartSigner {
    const data = file.data as Blob;
    let signer = this.signers.get(data);
    if (!signer) this.signers.set(data, (signer = new PartSigner(this.api, data, this.partSizeOf(data))));
    return signer;
  }
}

function announcement(file: PageFile): Announcement {
  return { fileName: file.name, contentType: file.type, fileSize: (file.data as Blob).size };
}
