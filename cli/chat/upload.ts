/**
 * Sends a file to a server, telling how far it is.
 *
 * @module
 */
/** A file could not be sent; the message says why. */
export class UploadError extends Error {
  override readonly name = "UploadError";
}

export interface UploadOptions {
  /** What the server's paths are relative to. */
  readonly base: string;
  /** The session of the handshake, which pays for the upload. */
  readonly session: string;
  /** Largest file that the server takes, in bytes. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  /** Called now and then with the bytes that were sent, and all of them. */
  progress?(sent: number, total: number): void;
}

/**
 * Uploads a file under its own name. Returns its id, with which it is announced.
 *
 * @throws {UploadError} if it cannot be read, is no file or too large, or the server does not take it
 */
export async function upload(path: string, options: UploadOptions): Promise<string> {
  const name = path.split(/[\\/]/).at(-1) ?? path;
  using file = await open(path);
  const { size, isFile } = await file.stat();
  if (!isFile) throw new UploadError(`Cannot send ${name}: it is no file`);
  if (size > options.maxBytes) {
    throw new UploadError(
      `Cannot send ${name}: the server takes at most ${options.maxBytes} bytes, it has ${size}`,
    );
  }
  const url = new URL(`files?name=${encodeURIComponent(name)}`, options.base);
  const { session, signal = null } = options;
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      body: file.readable.pipeThrough(counting(size, options)),
      headers: { authorization: `Bearer ${session}`, "content-type": "application/octet-stream" },
      signal,
    });
  } catch (error) {
    throw new UploadError(`Cannot send ${name}: ${error instanceof Error ? error.message : error}`);
  }
  if (!response.ok) {
    throw new UploadError(`Cannot send ${name}: ${await refusal(response)}`);
  }
  return readAnswer(await response.json(), name);
}

async function open(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : String(error);
    throw new UploadError(`Cannot send ${path}: ${reason}`);
  }
}

/** Why the server refuses: its problem's detail (RFC 9457), or whatever else answers in its place. */
async function refusal(response: Response): Promise<string> {
  const text = (await response.text()).trim();
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem === "object" && problem !== null && "detail" in problem) {
      return String(problem.detail);
    }
  } catch {
    // A proxy's page, or nothing.
  }
  return text || `status ${response.status}`;
}

function readAnswer(answer: unknown, name: string): string {
  if (typeof answer === "object" && answer !== null && "id" in answer) {
    if (typeof answer.id === "string") return answer.id;
  }
  throw new UploadError(`Cannot send ${name}: the server's answer names no file`);
}

function counting(total: number, { progress }: UploadOptions) {
  let sent = 0;
  return new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      sent += chunk.length;
      progress?.(sent, total);
      controller.enqueue(chunk);
    },
  });
}

/** Columns of a progress bar. */
const BAR_WIDTH = 20;

/** `photo.jpg ████████            40 %`. */
export function progressBar(name: string, sent: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, sent / total);
  const full = Math.round(share * BAR_WIDTH);
  const bar = "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
  return `${name} ${bar} ${Math.floor(share * 100)} %`;
}
