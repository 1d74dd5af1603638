/**
 * Removes what the page keeps in the browser: the password and the results (session storage), the list of files (local
 * storage), and their content (IndexedDB).
 *
 * Uppy never closes its connection to IndexedDB, so a database can be deleted only after a reload. Until then it is empty.
 */

/** Where Uppy's Golden Retriever keeps the list of files. */
const FILES_KEPT_AS = "uppyState:phenom";
const FILE_CONTENT_KEPT_AS = "uppy-blobs";
/** An entry of the session history: unlike a part of the address, no link of another page can set it. */
const FORGOTTEN = "phenom.forgotten";
const PATIENCE_MS = 3000;

export interface KeptFile {
  readonly meta?: { readonly uploadId?: string | undefined; readonly key?: string | undefined };
  readonly progress?: { readonly uploadComplete?: boolean | undefined };
}

/** Returns the upload id of a file whose parts are stored and not yet completed. */
export function openUpload(file: KeptFile): string | undefined {
  return file.meta?.key && !file.progress?.uploadComplete ? file.meta.uploadId : undefined;
}

/** Returns the open uploads of files that an earlier visit left behind. */
export function keptUploads(): string[] {
  const files = Object.values(keptState()?.metadata?.files ?? {});
  return files.map(openUpload).filter((uploadId) => uploadId !== undefined);
}

/** Returns true when an earlier visit left files behind. */
export function hasKeptFiles(): boolean {
  return keptState() !== null;
}

/** Empties all storage and reloads the page. Waits a moment for `abort`, which may need the network. */
export async function forgetEverything(abort: Promise<unknown>): Promise<void> {
  await within(PATIENCE_MS, abort);
  clearStorage();
  await within(PATIENCE_MS, eachDatabase(empty));
  history.replaceState(FORGOTTEN, "");
  location.reload();
}

/** To be called before anything is read. Returns true after a reload by `forgetEverything`. */
export async function finishForgetting(): Promise<boolean> {
  if (history.state === FORGOTTEN) {
    history.replaceState(null, "");
    clearStorage(); // Uppy writes with a delay
    await within(PATIENCE_MS, eachDatabase(remove));
    return true;
  }
  // Uppy removes the content of expired files only when it restores others, which takes a password.
  const expires = keptState()?.expires;
  if (expires === undefined || expires < Date.now()) await within(PATIENCE_MS, eachDatabase(empty));
  return false;
}

interface KeptState {
  readonly metadata?: { readonly files?: Record<string, KeptFile> };
  readonly expires?: number;
}

function keptState(): KeptState | null {
  try {
    return JSON.parse(localStorage.getItem(FILES_KEPT_AS) ?? "null") as KeptState | null;
  } catch {
    return null;
  }
}

function clearStorage(): void {
  localStorage.clear();
  sessionStorage.clear();
}

async function eachDatabase(act: (name: string) => Promise<unknown>): Promise<void> {
  // Firefox lists databases since version 126.
  const listed = "databases" in indexedDB ? await indexedDB.databases() : [{ name: FILE_CONTENT_KEPT_AS }];
  await Promise.all(listed.map(({ name }) => (name === undefined ? undefined : act(name))));
}

async function empty(name: string): Promise<void> {
  const database = await done(indexedDB.open(name));
  try {
    const stores = [...database.objectStoreNames];
    if (!stores.length) return;
    const transaction = database.transaction(stores, "readwrite");
    await Promise.all(stores.map((store) => done(transaction.objectStore(store).clear())));
  } finally {
    database.close();
  }
}

function remove(name: string): Promise<unknown> {
  return done(indexedDB.deleteDatabase(name));
}

function done<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves with the promise, when it fails, or when the time is over. */
function within(milliseconds: number, promise: Promise<unknown>): Promise<unknown> {
  const late = new Promise((resolve) => setTimeout(resolve, milliseconds));
  return Promise.race([promise.catch(() => undefined), late]);
}
