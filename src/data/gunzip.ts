import { checkOptions } from '../base/checkOptions.js';
import { FormatError } from '../base/errors.js';

/**
 * Unpacks a gzip file with the platform's DecompressionStream.
 *
 * Options: `maximumBytes`, the most that may come out (default 256 MiB): a small file that unpacks to more is refused
 * before it fills the memory.
 *
 * Throws `FormatError` for bytes that are not gzip, are damaged or truncated, or unpack to too much.
 */
export async function gunzip(
  bytes: Uint8Array,
  options: { maximumBytes?: number | undefined; name?: string | undefined } = {},
): Promise<Uint8Array> {
  checkOptions('gunzip', options, ['maximumBytes', 'name']);
  const { maximumBytes = 2 ** 28, name = 'gzip file' } = options;
  if (bytes.length < 18 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    throw new FormatError(`${name} is not a gzip file: it does not begin with 1f 8b, or has under 18 bytes.`);
  }
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = source.pipeThrough(new DecompressionStream('gzip')).getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new FormatError(`${name} is damaged or truncated: it does not unpack.`, { cause });
    });
    if (done) break;
    total += value.length;
    if (total > maximumBytes) {
      reader.cancel().catch(() => undefined);
      throw new FormatError(
        `${name} unpacks to more than ${maximumBytes} bytes. Pass a larger maximumBytes if it should.`,
      );
    }
    chunks.push(value);
  }
  const unpacked = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    unpacked.set(chunk, at);
    at += chunk.length;
  }
  return unpacked;
}
