import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { readTfrecords, tfrecord } from './tfrecord.js';

/** Numbers of the fields in tensorflow's event.proto and summary.proto. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2, image: 4 } as const;
const IMAGE = { height: 1, width: 2, colorspace: 3, encoded: 4 } as const;

/** The first record of an event file. */
export function versionEvent(seconds: number): Uint8Array {
  const event = eventAt(seconds, 0);
  return finish(event.tag(EVENT.fileVersion, WireType.LengthDelimited).string('brain.Event:2'));
}

/** Numbers by tag, as one record; those that are undefined are left out. */
export function scalarsEvent(seconds: number, step: number, scalars: Readonly<Record<string, number | undefined>>) {
  const event = eventAt(seconds, step).tag(EVENT.summary, WireType.LengthDelimited).fork();
  for (const [tag, value] of Object.entries(scalars)) {
    if (value === undefined) continue;
    event.tag(SUMMARY.value, WireType.LengthDelimited).fork();
    event.tag(VALUE.tag, WireType.LengthDelimited).string(tag);
    event.tag(VALUE.simpleValue, WireType.Bit32).float(value).join();
  }
  return finish(event.join());
}

/** A PNG file, as one record. */
export function imageEvent(seconds: number, step: number, tag: string, png: Uint8Array): Uint8Array {
  const { width, height } = pngSize(png);
  const event = eventAt(seconds, step).tag(EVENT.summary, WireType.LengthDelimited).fork();
  event.tag(SUMMARY.value, WireType.LengthDelimited).fork();
  event.tag(VALUE.tag, WireType.LengthDelimited).string(tag);
  event.tag(VALUE.image, WireType.LengthDelimited).fork();
  event.tag(IMAGE.height, WireType.Varint).int32(height);
  event.tag(IMAGE.width, WireType.Varint).int32(width);
  event.tag(IMAGE.colorspace, WireType.Varint).int32(3);
  event.tag(IMAGE.encoded, WireType.LengthDelimited).bytes(png);
  return finish(event.join().join().join());
}

/** How many bytes of an event file are whole records of steps up to `step`. */
export function eventsUpTo(bytes: Uint8Array, step: number): number {
  let length = 0;
  for (const { content, end } of readTfrecords(bytes)) {
    if (stepOf(content) > step) break;
    length = end;
  }
  return length;
}

/** Whether a file begins as PNG files do. */
export function isPng(bytes: Uint8Array): boolean {
  return bytes.length >= 24 && [0x89, 0x50, 0x4e, 0x47].every((byte, i) => bytes[i] === byte);
}

function pngSize(png: Uint8Array): { width: number; height: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

function eventAt(seconds: number, step: number): BinaryWriter {
  return new BinaryWriter()
    .tag(EVENT.wallTime, WireType.Bit64)
    .double(seconds)
    .tag(EVENT.step, WireType.Varint)
    .int64(step);
}

function finish(event: BinaryWriter): Uint8Array {
  return tfrecord(event.finish());
}

function stepOf(event: Uint8Array): number {
  const reader = new BinaryReader(event);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === EVENT.step) return Number(reader.int64());
    reader.skip(wireType, field);
  }
  return 0;
}
