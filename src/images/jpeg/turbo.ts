import type { TurboDecoder, TurboModule } from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs';
import { wasmBytes } from '../wasm/wasmBytes.js';

/** Pixels as the decoder gives them: 1 or 3 bytes each. */
export interface TurboPixels {
  width: number;
  height: number;
  channels: number;
  data: Uint8Array;
}

/** Memory of WebAssembly never shrinks: after larger images, the next one gets a fresh decoder. */
const KEPT_BYTES = 96 * 2 ** 20;

let program: Promise<WebAssembly.Module> | undefined;
let decoder: Promise<TurboModule> | undefined;

async function load(): Promise<TurboModule> {
  const [{ default: createModule }, compiled] = await Promise.all([
    import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs'),
    (program ??= wasmBytes('jpeg').then((bytes) => WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>))),
  ]);
  return createModule({
    wasmBinary: new Uint8Array(0),
    instantiateWasm: (imports, done) => {
      WebAssembly.instantiate(compiled, imports).then(done);
      return {};
    },
    printErr: () => undefined,
  });
}

/**
 * Decodes a JPEG file by libjpeg-turbo, with the same bytes as the C library. Undefined where that has anything to complain about: the file is damaged, or of
 * a kind that it does not turn into gray or RGB.
 */
export async function decodeByTurbo(bytes: Uint8Array): Promise<TurboPixels | undefined> {
  const module = await (decoder ??= load());
  let reader: TurboDecoder | undefined;
  let size = 0;
  try {
    reader = new module.JPEGDecoder();
    reader.getEncodedBuffer(bytes.length).set(bytes);
    reader.decode();
    const pixels = reader.getDecodedBuffer();
    const { width, height, componentCount } = reader.getFrameInfo();
    size = pixels.length;
    return { width, height, channels: componentCount, data: new Uint8Array(pixels) };
  } catch {
    // What a stopped decoder holds, only a new one gives back.
    size = KEPT_BYTES;
    return undefined;
  } finally {
    if (size >= KEPT_BYTES) decoder = undefined;
    else reader?.delete();
  }
}
