import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { simd } from '../src/kernels/tables.js';
import { compareAll } from '../src/search/vectors/dotProgram.js';
import { ModuleBuilder } from '../src/wasm/module.js';
import { allPrograms } from '../src/wasm/program.js';
import { type Contents, PROBE, SECTION } from '../src/wasm/readyModule.js';
import { I32 } from '../src/wasm/scalars.js';
import { F32x4 } from '../src/wasm/vectors.js';

/* Writes all SIMD programs into one WebAssembly module, for hosts that compile no WebAssembly while a program runs. */

/** The types of the file, for `import module from 'stridenet/kernels.wasm'`. */
const TYPES = 'declare const module: WebAssembly.Module;\nexport default module;\n';

/** The same for the same programs. */
export function kernelsDigest(): string {
  return createHash('sha256').update(build(false).bytes()).digest('hex').slice(0, 16);
}

/** All programs, for memory that is not shared. */
export function kernelsModule(options: { fma: boolean; digest?: string }): Uint8Array<ArrayBuffer> {
  const contents: Contents = { digest: options.digest ?? kernelsDigest(), fma: options.fma };
  return build(options.fma).bytes({ name: SECTION, text: JSON.stringify(contents) });
}

export function writeKernels(folder: string, digest: string): void {
  for (const [name, fma] of [
    ['kernels', false],
    ['kernels.relaxed', true],
  ] as const) {
    writeFileSync(join(folder, `${name}.wasm`), kernelsModule({ fma, digest }));
    writeFileSync(join(folder, `${name}.d.wasm.ts`), TYPES);
  }
}

function build(fma: boolean): ModuleBuilder {
  const module = new ModuleBuilder({ fma, shared: false, maximumPages: 65536, silent: true });
  // A bundler leaves the programs out unless what runs them is used.
  const used = { ...simd, ...compareAll };
  if (Object.keys(used).length === 0 || allPrograms().length === 0)
    throw new Error('kernelsModule: found no programs.');
  for (const { name, build } of allPrograms()) module.program(name, build);
  module.program(PROBE.program, (m) => {
    m.func(PROBE.name, { p: 'i32' }, (f, { p }) => {
      const [a, b, c] = [16, 32, 48].map((at) => F32x4.load(p.add(I32.of(at))));
      f.store(p, f.fma(a, b, c));
    });
  });
  return module;
}
