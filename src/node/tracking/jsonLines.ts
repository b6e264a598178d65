/** An object as a line of a JSON-lines file. NaN and infinities become null. */
export function jsonLine(value: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}

/** The objects of a file, up to the first line that is cut off or no JSON. */
export function readJsonLines<T extends object>(bytes: Uint8Array): T[] {
  return [...wholeLines<T>(bytes)].map(({ value }) => value);
}

/** How many bytes of a file are whole lines of steps up to `step`. */
export function linesUpTo(bytes: Uint8Array, step: number): number {
  let length = 0;
  for (const { value, end } of wholeLines<{ step: number }>(bytes)) {
    if (!(value.step <= step)) break;
    length = end;
  }
  return length;
}

/** The objects of a file one by one, and where the line of each ends, up to the first line that is cut off or no JSON. */
export function* wholeLines<T extends object>(bytes: Uint8Array): Generator<{ value: T; end: number }> {
  const decoder = new TextDecoder();
  let start = 0;
  for (let end = bytes.indexOf(10, start) + 1; end > 0; end = bytes.indexOf(10, start) + 1) {
    let value: unknown;
    try {
      value = JSON.parse(decoder.decode(bytes.subarray(start, end)));
    } catch {
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    yield { value: value as T, end };
    start = end;
  }
}
