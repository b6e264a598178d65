import { nodeModule } from '../base/nodeModule.js';
import type { Module } from '../layers/module.js';

interface Hash {
  update(data: string | Uint8Array): Hash;
  digest(): Uint8Array;
}

/** Sixteen hexadecimal digits that tell networks apart: names, shapes and numbers of all weights. */
export async function networkDigest(model: Module): Promise<string> {
  const hash = await newHash();
  for (const [name, shape, bytes] of model.contents()) {
    hash.update(`${name} ${shape.join('x')}\n`).update(bytes);
  }
  return [...hash.digest().subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function newHash(): Promise<Hash> {
  const crypto = nodeModule<{ createHash(name: string): Hash }>('node:crypto');
  if (crypto !== undefined) return crypto.createHash('sha256');
  const { sha256 } = await import('@noble/hashes/sha2.js');
  const inner = sha256.create();
  const hash: Hash = {
    update(data) {
      inner.update(typeof data === 'string' ? new TextEncoder().encode(data) : data);
      return hash;
    },
    digest: () => inner.digest(),
  };
  return hash;
}
