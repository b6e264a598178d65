// The public names of stridenet/search: hashes and vectors of photographs, and indexes that find them again.
export { Embedder, type EmbedOptions, embed } from './embed.js';
export { hammingDistance } from './hash/bits.js';
export type { Dihedral } from './hash/dihedral.js';
export { type PdqHash, pdqHash, pdqHashes } from './hash/pdqHash.js';
export { perceptualHash } from './hash/perceptualHash.js';
export { pixelHash } from './hash/pixelHash.js';
