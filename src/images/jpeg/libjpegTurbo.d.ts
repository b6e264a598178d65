/** The decoder of libjpeg-turbo as WebAssembly. */
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  /** One file at a time. */
  export interface TurboDecoder {
    /** The memory that the file's bytes go to. */
    getEncodedBuffer(length: number): Uint8ClampedArray;
    /** Throws a number when the file is damaged. */
    decode(): void;
    /** The pixels, in memory that the next file overwrites. */
    getDecodedBuffer(): Uint8ClampedArray;
    getFrameInfo(): { width: number; height: number; componentCount: number };
    delete(): void;
  }

  export interface TurboModule {
    JPEGDecoder: new () => TurboDecoder;
  }

  interface Overrides {
    wasmBinary: Uint8Array;
    instantiateWasm?:
      | ((imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => object)
      | undefined;
    printErr?: ((line: string) => void) | undefined;
  }

  const createModule: (overrides: Overrides) => Promise<TurboModule>;
  export default createModule;
}
