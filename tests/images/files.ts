import { createHash } from 'node:crypto';
import golden from '../golden/imageFiles.json' with { type: 'json' };

/** A file that imageFiles.py drew. */
export function fileOf(name: string): Uint8Array {
  return new Uint8Array(Buffer.from((golden as Record<string, { file: string }>)[name].file, 'base64'));
}

/** As the scripts in tests/golden write it. */
export function digest(pixels: Uint8Array): string {
  return createHash('sha256').update(pixels).digest('hex').slice(0, 16);
}
