/** Doubles as the bytes of a message. */
export function doublesToBytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer);
}

/** What `doublesToBytes` gave; the bytes may begin anywhere. */
export function bytesToDoubles(bytes: Uint8Array): number[] {
  return [...new Float64Array(bytes.slice().buffer)];
}
