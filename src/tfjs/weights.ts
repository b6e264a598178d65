import { formatShape, sizeOf } from '../base/shape.js';
import type { StateDict } from '../base/stateDict.js';
import { type ByteSource, sourceOf } from '../io/byteSource.js';
import { DTYPE_BYTES, type Dtype, toFloat32 } from '../io/dtypes.js';
import { refuse } from './config.js';
import type { WeightGroup, WeightSpec } from './modelJson.js';

type Shard = Uint8Array | ByteSource;

/** The shards' bytes in the manifest's order, or what gives each by its path there; a source fetches parts of them. */
export type TfjsShards = readonly Shard[] | ((path: string) => Shard | Promise<Shard>);

const dtypes: Readonly<Record<string, Dtype>> = { float32: 'F32', int32: 'I32', bool: 'BOOL', uint8: 'U8' };
const packed = { uint8: 'U8', uint16: 'U16', float16: 'F16' } as const;

/**
 * Reads all weights, each shard when its turn has come. Nothing is made before the shards are known to hold it.
 *
 * Numerics: `scale * stored + min` in double precision, rounded once to float32, and to a whole number before that for int32.
 */
export async function readWeights(manifest: readonly WeightGroup[], shards: TfjsShards): Promise<StateDict> {
  const names = manifest.flatMap(({ paths }) => paths);
  if (typeof shards !== 'function' && shards.length !== names.length) {
    refuse(`the manifest names ${names.length} shards (${names.join(', ')}), but ${shards.length} were given.`);
  }
  const weights: StateDict = new Map();
  let used = 0;
  for (const group of manifest) {
    const first = used;
    used += group.paths.length;
    const stream = new ShardStream(group.paths, async (path, i) =>
      typeof shards === 'function' ? await shards(path) : shards[first + i],
    );
    for (const spec of group.weights) {
      if (weights.has(spec.name)) refuse(`weight '${spec.name}' stands twice in the manifest.`);
      const dtype = storedAs(spec);
      const bytes = await stream.take(sizeOf(spec.shape) * DTYPE_BYTES[dtype], spec);
      weights.set(spec.name, { shape: [...spec.shape], data: unpacked(spec, toFloat32(dtype, bytes)) });
    }
    await stream.expectEnd();
  }
  return weights;
}

/** The element type of a weight's bytes. */
function storedAs({ name, dtype, quantization }: WeightSpec): Dtype {
  const wanted = Object.hasOwn(dtypes, dtype) ? dtypes[dtype] : undefined;
  if (wanted === undefined) {
    refuse(`weight '${name}' has the dtype '${dtype}', but ${Object.keys(dtypes).join(', ')} are read.`);
  }
  if (quantization === null) return wanted;
  if (dtype !== 'float32' && (dtype !== 'int32' || quantization.dtype === 'float16')) {
    refuse(
      `weight '${name}' of dtype '${dtype}' is quantized as ${quantization.dtype}, which the format does not have.`,
    );
  }
  return packed[quantization.dtype];
}

function unpacked({ dtype, quantization }: WeightSpec, stored: Float32Array): Float32Array {
  if (quantization === null || quantization.dtype === 'float16') return stored;
  const { scale, min } = quantization;
  for (let i = 0; i < stored.length; i++) {
    const value = stored[i] * scale + min;
    stored[i] = dtype === 'int32' ? Math.round(value) : value;
  }
  return stored;
}

/** The bytes of a group's shards one after another; a weight may begin in one shard and end in another. */
class ShardStream {
  #shard: ByteSource = sourceOf(new Uint8Array(0));
  #at = 0;
  #next = 0;

  constructor(
    readonly paths: readonly string[],
    readonly load: (path: string, i: number) => Promise<Shard>,
  ) {}

  async take(length: number, { name, shape }: WeightSpec): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let missing = length;
    for (;;) {
      const end = Math.min(this.#shard.length, this.#at + missing);
      if (end > this.#at) pieces.push(this.#shard.read(this.#at, end));
      missing -= end - this.#at;
      this.#at = end;
      if (missing === 0) break;
      if (!(await this.#advance())) {
        refuse(
          `weight '${name}' ${formatShape(shape)} needs ${length} bytes, but the shards end after ${length - missing} of them. They are truncated.`,
        );
      }
    }
    return pieces.length === 1 ? pieces[0] : joined(pieces, length);
  }

  async expectEnd(): Promise<void> {
    let left = this.#shard.length - this.#at;
    while (await this.#advance()) left += this.#shard.length;
    if (left > 0) {
      refuse(`${left} bytes of the shards ${this.paths.join(', ')} belong to no weight of the manifest.`);
    }
  }

  async #advance(): Promise<boolean> {
    if (this.#next >= this.paths.length) return false;
    const path = this.paths[this.#next];
    const shard: Shard | undefined = await this.load(path, this.#next++);
    if (typeof shard?.length !== 'number') refuse(`shard '${path}' must come as a Uint8Array.`);
    this.#shard = shard instanceof Uint8Array ? sourceOf(shard) : shard;
    this.#at = 0;
    return true;
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
