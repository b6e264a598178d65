import { describe, expect, test } from 'vitest';
import { crc32 } from '../../src/io/crc32.js';
import { distance, eventsOf } from '../../src/organize/events.js';
import { timeAndPlace } from '../../src/organize/timeAndPlace.js';
import { colored, RED } from '../../testing/colorClassifier.js';

const hour = 3600;
const berlin = { latitude: 52.52, longitude: 13.405 };
const potsdam = { latitude: 52.39, longitude: 13.06 };
const paris = { latitude: 48.857, longitude: 2.352 };

describe('eventsOf', () => {
  test('parts photographs where there was a long pause or a long way', () => {
    const events = eventsOf([
      { time: 100 * hour },
      { time: 10 * hour, place: berlin },
      { time: 11 * hour },
      { time: 12 * hour, place: potsdam },
      { time: 13 * hour, place: paris },
      {},
    ]);
    expect(events.map(({ photos }) => photos)).toEqual([[1, 2, 3], [4], [0]]);
    expect(events.map(({ name }) => name)).toEqual(['1970-01-01', '1970-01-01 2', '1970-01-05']);
    expect(events[0].place?.latitude).toBeCloseTo(52.455);
    expect(events[2].place).toBeUndefined();
  });

  test('takes pauses and ways as they are given', () => {
    const photos = [
      { time: 0, place: berlin },
      { time: 2 * hour, place: potsdam },
    ];
    expect(eventsOf(photos, { hours: 1 })).toHaveLength(2);
    expect(eventsOf(photos, { kilometers: 10 })).toHaveLength(2);
    expect(eventsOf(photos)).toHaveLength(1);
    expect(eventsOf([])).toEqual([]);
  });

  test('measures ways along the surface', () => {
    expect(distance(berlin, paris)).toBeCloseTo(878, -1);
  });
});

/** A PNG with an eXIf chunk. */
function withExif(png: Uint8Array, tiff: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from('eXIf'), tiff]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(tiff.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body) >>> 0, body.length + 4);
  // Behind the header: 8 bytes of signature, 25 of IHDR.
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

/** A little-endian TIFF block with DateTimeOriginal and a position. */
function exifBlock(date: string, [north, east]: [number, number]): Uint8Array {
  const block = Buffer.alloc(300);
  block.write('II*\0', 'latin1');
  block.writeUInt32LE(8, 4);
  const entry = (at: number, tag: number, type: number, count: number, value: number): void => {
    block.writeUInt16LE(tag, at);
    block.writeUInt16LE(type, at + 2);
    block.writeUInt32LE(count, at + 4);
    block.writeUInt32LE(value, at + 8);
  };
  block.writeUInt16LE(2, 8);
  entry(10, 0x8769, 4, 1, 40);
  entry(22, 0x8825, 4, 1, 60);
  block.writeUInt16LE(1, 40);
  entry(42, 0x9003, 2, 20, 200);
  block.write(`${date}\0`, 200, 'latin1');
  block.writeUInt16LE(4, 60);
  entry(62, 1, 2, 2, 'N'.charCodeAt(0));
  entry(74, 2, 5, 3, 230);
  entry(86, 3, 2, 2, 'E'.charCodeAt(0));
  entry(98, 4, 5, 3, 260);
  for (const [at, degrees] of [
    [230, north],
    [260, east],
  ] as const) {
    const minutes = (degrees % 1) * 60;
    for (const [i, [a, b]] of [
      [Math.floor(degrees), 1],
      [Math.round(minutes * 1000), 1000],
      [0, 1],
    ].entries()) {
      block.writeUInt32LE(a, at + 8 * i);
      block.writeUInt32LE(b, at + 8 * i + 4);
    }
  }
  return block;
}

describe('timeAndPlace', () => {
  test('reads when and where from EXIF, whatever the time zone here', async () => {
    const photo = withExif(colored([RED], 16), exifBlock('2026:11:28 14:16:13', [52.5, 13.25]));
    const { time, place } = await timeAndPlace(photo);
    expect(new Date(1000 * (time as number)).toISOString()).toBe('2026-11-28T14:16:13.000Z');
    expect(place?.latitude).toBeCloseTo(52.5, 4);
    expect(place?.longitude).toBeCloseTo(13.25, 4);
  });

  test('knows nothing of a file without EXIF, with zeros in it, or that is damaged', async () => {
    expect(await timeAndPlace(colored([RED], 16))).toEqual({});
    const unset = withExif(colored([RED], 16), exifBlock('0000:00:00 00:00:00', [0, 0]));
    expect(await timeAndPlace(unset)).toEqual({});
    expect(await timeAndPlace(new Uint8Array(9))).toEqual({});
  });
});
