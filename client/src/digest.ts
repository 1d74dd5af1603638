import { FileGoneError } from "./errors.js";

/** Returns the SHA-256 of the bytes in base64. Throws FileGoneError when they can no longer be read. */
export async function sha256(bytes: Blob): Promise<string> {
  let content: ArrayBuffer;
  try {
    content = await bytes.arrayBuffer();
  } catch (error) {
    throw new FileGoneError(String(error));
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return btoa(String.fromCharCode(...digest));
}
