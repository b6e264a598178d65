import { RandomStream } from '../../base/random.js';
import type { ShardReader, ShardSample } from './shardReader.js';

/** The order of the samples of an epoch. */
export interface SampleOrder {
  shards: readonly string[];
  /** How many samples wait in the buffer that the next one is drawn from; 0 keeps the order of the shards. */
  buffer: number;
  /** The order grows from it. */
  seed: number;
  /** So many samples at the beginning are passed over. */
  skip: number;
  /** A shard cannot be read to its end: throws, or takes note and goes on with the next one. */
  refuse(shard: string, error: unknown): void;
}

/**
 * The samples of all shards in random order: the shards are shuffled, and each sample is drawn from a buffer that the next one of the shard
 * fills up. The buffer holds places, not photographs, so passing over samples reads only what the reader needs to find them.
 */
export async function* shuffledSamples(
  reader: ShardReader,
  { shards, buffer: size, seed, skip, refuse }: SampleOrder,
): AsyncGenerator<ShardSample, void, undefined> {
  const random = new RandomStream(`samples/${seed}`);
  const order = Int32Array.from(shards, (_, i) => i);
  if (size > 0) random.shuffle(order);
  const buffer: ShardSample[] = [];
  let drawn = 0;
  const draw = async function* (sample: ShardSample): AsyncGenerator<ShardSample, void, undefined> {
    if (drawn++ >= skip) yield sample;
    // What is still in the buffer is read from now on.
    if (drawn === skip) await Promise.all(buffer.map((waiting) => waiting.hold?.()));
  };
  for (const i of order) {
    for await (const sample of readable(reader, shards[i], refuse)) {
      if (drawn >= skip) await sample.hold?.();
      if (buffer.length < size) {
        buffer.push(sample);
        continue;
      }
      const at = size === 0 ? 0 : random.integer(size);
      const next = size === 0 ? sample : buffer[at];
      if (size > 0) buffer[at] = sample;
      yield* draw(next);
    }
  }
  for (let left = buffer.length; left > 0; left--) {
    const at = random.integer(left);
    const next = buffer[at];
    buffer[at] = buffer[left - 1];
    buffer.length = left - 1;
    yield* draw(next);
  }
}

async function* readable(
  reader: ShardReader,
  shard: string,
  refuse: SampleOrder['refuse'],
): AsyncGenerator<ShardSample, void, undefined> {
  const samples = reader.samples(shard)[Symbol.asyncIterator]();
  try {
    for (;;) {
      let next: IteratorResult<ShardSample>;
      try {
        next = await samples.next();
      } catch (error) {
        refuse(shard, error);
        return;
      }
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await samples.return?.();
  }
}
