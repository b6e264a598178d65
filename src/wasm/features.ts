/** What this runtime's WebAssembly can do. */
export interface WasmFeatures {
  /** Programs with vectors can be compiled and run. */
  simd: boolean;
  /** `relaxed_madd` rounds once. Where an engine takes it apart into a product and a sum, it only costs time. */
  relaxedSimd: boolean;
  /** Why there is no `simd`, as a clause: 'this runtime has no WebAssembly'. */
  reason?: string | undefined;
}

let found: WasmFeatures | undefined;

/** What this runtime can do, found by compiling and running a function of one instruction. */
export function wasmFeatures(): WasmFeatures {
  found ??= probe();
  return found;
}

function probe(): WasmFeatures {
  const without = (reason: string): WasmFeatures => ({ simd: false, relaxedSimd: false, reason });
  if (typeof WebAssembly === 'undefined') return without('this runtime has no WebAssembly');
  const relaxed = WebAssembly.validate(multiplyAdd(true));
  if (!relaxed && !WebAssembly.validate(multiplyAdd(false))) return without('this runtime has no WebAssembly SIMD');
  if (compilesOnlyAtStart()) return without('Cloudflare Workers do not compile WebAssembly while they run');
  try {
    // Validation says what the engine knows, not what it may: a Content-Security-Policy forbids only the compiling.
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(multiplyAdd(relaxed)));
    return { simd: true, relaxedSimd: fuses(exports.f as (a: number, b: number, c: number) => number) };
  } catch (error) {
    return without(`this runtime does not let WebAssembly be compiled (${(error as Error).message})`);
  }
}

/** Whether it rounds once: the product of these needs one bit more than a float has, and the sum leaves that bit alone. */
export function fuses(multiplyAdd: (a: number, b: number, c: number) => number): boolean {
  const a = 1 + 2 ** -12;
  return multiplyAdd(a, a, -(1 + 2 ** -11)) === 2 ** -24;
}

/** Cloudflare Workers may compile in their global scope and nowhere else, so that a probe there would promise too much. */
function compilesOnlyAtStart(): boolean {
  return 'WebSocketPair' in globalThis || globalThis.navigator?.userAgent === 'Cloudflare-Workers';
}

/** A module of one function, f(a, b, c) = a * b + c of floats, computed in vectors: by relaxed_madd, or as a product and a sum. */
export function multiplyAdd(relaxed: boolean): Uint8Array<ArrayBuffer> {
  const splat = (local: number): number[] => [0x20, local, 0xfd, 0x13];
  const sum = relaxed
    ? [...splat(0), ...splat(1), ...splat(2), 0xfd, 0x85, 0x02]
    : [...splat(0), ...splat(1), 0xfd, 0xe6, 0x01, ...splat(2), 0xfd, 0xe4, 0x01];
  const body = [0x00, ...sum, 0xfd, 0x1f, 0x00, 0x0b];
  const head = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const type = [0x01, 0x08, 0x01, 0x60, 0x03, 0x7d, 0x7d, 0x7d, 0x01, 0x7d];
  const exported = [0x03, 0x02, 0x01, 0x00, 0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00];
  return Uint8Array.from([...head, ...type, ...exported, 0x0a, body.length + 2, 0x01, body.length, ...body]);
}
