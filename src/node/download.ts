import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DataError } from '../base/errors.js';
import { messageOf } from './files.js';

/** Options of `download`. */
export interface DownloadOptions {
  /** The MD5 checksum that the whole file must have, in hexadecimal; or `sha256`. */
  md5?: string | undefined;
  /** The SHA-256 that the whole file must have, or its first digits, in hexadecimal. */
  sha256?: string | undefined;
  /** The most bytes that the file may have. */
  maximumBytes: number;
  /** Called with the bytes there are and the bytes there will be (0 while unknown). */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** How often to go on after the connection broke. Default: 3. */
  retries?: number | undefined;
  /** How long the connection may be silent, in milliseconds. Default: 30,000. */
  timeout?: number | undefined;
}

/**
 * Fetches a file. It grows under `path.part` and takes its name only when its checksum is right, so `path` is never half a
 * file. What a broken connection leaves is kept: the next call goes on from there.
 *
 * Throws `DataError` when the server cannot be reached, the download is cut off, the checksum differs (the part is then
 * thrown away), or the file cannot be written.
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  checkOptions('download', options, ['md5', 'sha256', 'maximumBytes', 'onProgress', 'retries', 'timeout']);
  const { md5, sha256 } = options;
  const wanted = sha256 ?? md5;
  if (wanted === undefined) {
    throw new ArgumentError(
      `download of ${url}: md5 or sha256 is missing; without a checksum, nothing tells a whole file.`,
    );
  }
  const part = `${path}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (cause) {
    throw new DataError(`download of ${url}: cannot write to ${dirname(path)}: ${messageOf(cause)}`, { cause });
  }
  for (let left = options.retries ?? 3; ; left--) {
    const before = await sizeOfFile(part);
    try {
      await fetchRest(url, part, before, options);
      break;
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      const size = await sizeOfFile(part);
      // Only a connection that brought something is worth trying again at once.
      if (left > 0 && size > before) continue;
      throw new DataError(
        `download of ${url} failed with ${size} bytes there: ${messageOf(cause)} Run again to go on from there, or fetch the file by hand.`,
        { cause },
      );
    }
  }
  const found = await hashOfFile(part, sha256 === undefined ? 'md5' : 'sha256');
  if (!found.startsWith(wanted)) {
    await unlink(part).catch(() => undefined);
    throw new DataError(
      `download of ${url}: the checksum is ${found}, but must be ${wanted}. The file was thrown away; run again to fetch it anew.`,
    );
  }
  await rename(part, path).catch((cause: unknown) => {
    throw new DataError(`renaming ${part} to ${path} failed: ${messageOf(cause)}`, { cause });
  });
}

/** Appends what is missing to the part, or begins anew when the server does not send ranges. */
async function fetchRest(url: string, part: string, have: number, options: DownloadOptions): Promise<void> {
  const { maximumBytes, onProgress, timeout = 30_000 } = options;
  const abort = new AbortController();
  const silence = (): void => abort.abort(new Error(`the server was silent for ${timeout / 1000} s.`));
  let timer = setTimeout(silence, timeout);
  let file: FileHandle | undefined;
  try {
    const headers: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
    // Checksums and ranges count the bytes as they lie on the server.
    headers['accept-encoding'] = 'identity';
    const response = await fetch(url, { headers, signal: abort.signal });
    // 416: nothing follows what is there. Whether that is the whole file, the checksum tells.
    if (response.status === 416 && have > 0) return;
    if (!response.ok || response.body === null) {
      throw new DataError(`download of ${url}: the server answered ${response.status} ${response.statusText}.`);
    }
    const resumed = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${have}-`);
    let done = resumed ? have : 0;
    const rest = Number(response.headers.get('content-length') ?? 0);
    const total = rest > 0 ? done + rest : 0;
    file = await openForWriting(part, resumed ? 'a' : 'w');
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      timer = setTimeout(silence, timeout);
      done += chunk.length;
      if (done > maximumBytes) {
        await file.truncate(0);
        throw new DataError(
          `download of ${url}: the server sends more than the ${maximumBytes} bytes that the file can have.`,
        );
      }
      await writeAll(file, chunk, part);
      onProgress?.(done, total);
    }
    if (done < total) throw new Error(`the connection ended after ${done} of ${total} bytes.`);
    await file.sync();
  } finally {
    clearTimeout(timer);
    await file?.close();
    abort.abort();
  }
}

async function openForWriting(part: string, flags: string): Promise<FileHandle> {
  try {
    return await open(part, flags);
  } catch (cause) {
    throw new DataError(`writing ${part} failed: ${messageOf(cause)}`, { cause });
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array, part: string): Promise<void> {
  try {
    await file.appendFile(chunk);
  } catch (cause) {
    throw new DataError(`writing ${part} failed: ${messageOf(cause)}`, { cause });
  }
}

async function sizeOfFile(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

async function hashOfFile(path: string, algorithm: 'md5' | 'sha256'): Promise<string> {
  const hash = createHash(algorithm);
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  } catch (cause) {
    throw new DataError(`reading ${path} failed: ${messageOf(cause)}`, { cause });
  }
  return hash.digest('hex');
}
