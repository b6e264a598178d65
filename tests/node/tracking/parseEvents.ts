/** What an event file says, read by nothing that wrote it: framing and protobuf bytes by hand, checksums bit by bit. */
export interface ParsedEvent {
  wallTime: number;
  step: number;
  fileVersion?: string;
  values: ParsedValue[];
}

export interface ParsedValue {
  tag: string;
  simpleValue?: number;
  image?: { height: number; width: number; colorspace: number; encoded: Buffer };
}

/** Throws for anything that is not a whole file of events. */
export function parseEvents(file: Uint8Array): ParsedEvent[] {
  const bytes = Buffer.from(file);
  const events: ParsedEvent[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    checkSum(bytes.subarray(at, at + 8), bytes.readUInt32LE(at + 8));
    const content = bytes.subarray(at + 12, at + 12 + length);
    checkSum(content, bytes.readUInt32LE(at + 12 + length));
    events.push(parseEvent(content));
    at += 16 + length;
  }
  return events;
}

function checkSum(bytes: Buffer, expected: number): void {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc % 2n === 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  crc ^= 0xffffffffn;
  const rotated = (crc >> 15n) + ((crc << 17n) & 0xffffffffn);
  if ((rotated + 0xa282ead8n) % 2n ** 32n !== BigInt(expected)) throw new Error(`wrong checksum ${expected}`);
}

function parseEvent(bytes: Buffer): ParsedEvent {
  const event: ParsedEvent = { wallTime: 0, step: 0, values: [] };
  for (const { field, value } of fieldsOf(bytes)) {
    if (field === 1) event.wallTime = (value as Buffer).readDoubleLE();
    else if (field === 2) event.step = Number(value);
    else if (field === 3) event.fileVersion = (value as Buffer).toString();
    else if (field === 5)
      for (const summary of fieldsOf(value as Buffer)) event.values.push(parseValue(summary.value as Buffer));
    else throw new Error(`unknown field ${field} of an event`);
  }
  return event;
}

function parseValue(bytes: Buffer): ParsedValue {
  const parsed: ParsedValue = { tag: '' };
  for (const { field, value } of fieldsOf(bytes)) {
    if (field === 1) parsed.tag = (value as Buffer).toString();
    else if (field === 2) parsed.simpleValue = (value as Buffer).readFloatLE();
    else if (field === 4) {
      const [height, width, colorspace, encoded] = fieldsOf(value as Buffer).map((part) => part.value);
      parsed.image = {
        height: Number(height),
        width: Number(width),
        colorspace: Number(colorspace),
        encoded: encoded as Buffer,
      };
    } else throw new Error(`unknown field ${field} of a value`);
  }
  return parsed;
}

function fieldsOf(bytes: Buffer): { field: number; value: bigint | Buffer }[] {
  const fields: { field: number; value: bigint | Buffer }[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value += BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const type = key & 7;
    const value = type === 0 ? varint() : take(type === 1 ? 8 : type === 5 ? 4 : Number(varint()));
    fields.push({ field: key >> 3, value });
  }
  return fields;
}
