/** The decoder of libwebp as WebAssembly. */
declare module '@jsquash/webp/codec/dec/webp_dec.js' {
  export interface WebpModule {
    /** Null when the file is damaged. */
    decode(file: Uint8Array): { data: Uint8ClampedArray; width: number; height: number } | null;
  }

  interface Overrides {
    noInitialRun: boolean;
    instantiateWasm: (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => object;
  }

  const createModule: (overrides: Overrides) => Promise<WebpModule>;
  export default createModule;
}
