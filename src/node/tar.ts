import { sourceOf } from '../io/byteSource.js';
import { tarEntries } from './tarEntries.js';

/**
 * The regular files in a tar archive, by their path. Contents are views of `bytes`. Links, devices and folders are passed over.
 *
 * Throws `FormatError` for an archive that is truncated or whose headers have wrong checksums.
 *
 * Source: POSIX.1-2001 (ustar and pax headers), and GNU tar's long names.
 */
export function readTar(bytes: Uint8Array, name = 'tar archive'): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const { path, begin, end } of tarEntries(sourceOf(bytes), name)) files.set(path, bytes.subarray(begin, end));
  return files;
}
