import { describe, expect, test } from 'vitest';
import { crc32c } from '../../../src/node/tracking/crc32c.js';
import { eventsUpTo, imageEvent, scalarsEvent, versionEvent } from '../../../src/node/tracking/tensorboard.js';
import { readTfrecords, tfrecord } from '../../../src/node/tracking/tfrecord.js';
import { parseEvents } from './parseEvents.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const joined = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);

describe('crc32c', () => {
  test('gives the published values', () => {
    expect(crc32c(text('123456789'))).toBe(0xe3069283);
    // RFC 3720, appendix B.4.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });
});

describe('records', () => {
  const [one, two] = [tfrecord(text('one')), tfrecord(text('second'))];

  test('come back as they went in, up to one that is cut off at any byte', () => {
    const bytes = joined(one, two);
    for (let length = 0; length <= bytes.length; length++) {
      const found = [...readTfrecords(bytes.subarray(0, length))].map(({ content }) => Buffer.from(content).toString());
      expect(found).toEqual(length < one.length ? [] : length < bytes.length ? ['one'] : ['one', 'second']);
    }
  });

  test('are not read on from a damaged byte, wherever it is', () => {
    for (let i = 0; i < one.length; i++) {
      const bytes = joined(one, two);
      bytes[i] ^= 4;
      expect([...readTfrecords(bytes)]).toEqual([]);
    }
  });
});

describe('an event file', () => {
  const png = new Uint8Array(40);
  png.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  new DataView(png.buffer).setUint32(16, 300);
  new DataView(png.buffer).setUint32(20, 7);
  const bytes = joined(
    versionEvent(1000.5),
    scalarsEvent(1001, 1, { 'loss/step': 2.5, missing: undefined, rate: -0.25 }),
    imageEvent(1002, 200, 'filters', png),
    scalarsEvent(1003, 2 ** 40, { loss: Number.NaN }),
  );

  test('holds what a parser of its own finds', () => {
    expect(parseEvents(bytes)).toEqual([
      { wallTime: 1000.5, step: 0, fileVersion: 'brain.Event:2', values: [] },
      {
        wallTime: 1001,
        step: 1,
        values: [
          { tag: 'loss/step', simpleValue: 2.5 },
          { tag: 'rate', simpleValue: -0.25 },
        ],
      },
      {
        wallTime: 1002,
        step: 200,
        values: [{ tag: 'filters', image: { height: 7, width: 300, colorspace: 3, encoded: Buffer.from(png) } }],
      },
      { wallTime: 1003, step: 2 ** 40, values: [{ tag: 'loss', simpleValue: Number.NaN }] },
    ]);
  });

  test('is kept up to a step', () => {
    const steps = (length: number): number[] => parseEvents(bytes.subarray(0, length)).map(({ step }) => step);
    expect(steps(eventsUpTo(bytes, 0))).toEqual([0]);
    expect(steps(eventsUpTo(bytes, 199))).toEqual([0, 1]);
    expect(steps(eventsUpTo(bytes.subarray(0, -1), 2 ** 41))).toEqual([0, 1, 200]);
    expect(eventsUpTo(bytes, 2 ** 41)).toBe(bytes.length);
  });
});
