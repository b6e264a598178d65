import { FormatError } from '../base/errors.js';
import type { ByteSource } from './byteSource.js';

/** How files of other kinds begin, what they are and what to do. */
const OTHERS: readonly [start: string, what: string][] = [
  ['\x1f\x8b', 'is compressed with gzip. Unpack it first'],
  ['BZh', 'is compressed with bzip2. Unpack it first'],
  ['\xfd7zXZ', 'is compressed with xz. Unpack it first'],
  ['\x28\xb5\x2f\xfd', 'is compressed with Zstandard. Unpack it first'],
  ['\x89HDF', 'is an HDF5 file, as Keras writes them. Convert the model to TensorFlow.js and use loadTfjsLayersModel'],
  ['\x93NUMPY', 'is an array of numpy. Save a state dict with torch.save or safetensors'],
  ['GGUF', 'is a GGUF file, which is not read'],
  ['version https://git-lfs', 'is a pointer of Git LFS in the place of the file. Fetch the file with git lfs pull'],
  ['<', 'is a web page or XML. Download the file itself'],
];

/**
 * The format of a file of weights by its first bytes, null where they don't tell. Throws `FormatError` that says what it is if it's a
 * file of another kind.
 */
export function weightsFormat(source: ByteSource): 'safetensors' | 'torch' | null {
  const head = source.read(0, Math.min(512, source.length));
  const begins = (start: string, at = 0): boolean =>
    head.length >= at + start.length && [...start].every((c, i) => head[at + i] === c.charCodeAt(0));
  if (isSafetensors(source, head)) return 'safetensors';
  if (begins('PK\x03\x04') || begins('\x80')) return 'torch';
  for (const [start, what] of OTHERS) if (begins(start)) throw new FormatError(`the file ${what}.`);
  if (begins('ustar', 257) || begins('sys_info\0')) {
    throw new FormatError(
      'the file is a tar archive: a folder of files, or a checkpoint of PyTorch before 0.1.12. Unpack it and load the file inside, or save the checkpoint anew with a newer PyTorch.',
    );
  }
  return null;
}

/** A 64-bit length of the header, which begins with a brace. */
function isSafetensors(source: ByteSource, head: Uint8Array): boolean {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
  return length <= BigInt(source.length - 8);
}
