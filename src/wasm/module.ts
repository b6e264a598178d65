import { ByteWriter } from './bytes.js';
import { machineType, type ValueType } from './expression.js';
import { FunctionBuilder, type FunctionOptions, type Variable } from './function.js';
import { typeBytes } from './instructions.js';

/** Names and types of a function's parameters. */
export type Parameters = Readonly<Record<string, ValueType>>;

export interface ModuleOptions extends FunctionOptions {
  /** The imported memory is shared between threads. */
  shared: boolean;
  /** Its maximum in pages of 64 KiB. */
  maximumPages: number;
}

/**
 * A WebAssembly module under construction. It imports the one memory (`env.memory`) and exports every function; bytes
 * are made at run time.
 *
 * Source: WebAssembly Core Specification, section 5.5 (modules).
 */
export class ModuleBuilder {
  readonly #functions: FunctionBuilder[] = [];
  #prefix = '';

  constructor(readonly options: ModuleOptions) {}

  /** Adds a function without result and returns its index. */
  func<P extends Parameters>(
    name: string,
    parameters: P,
    build: (f: FunctionBuilder, p: { [K in keyof P]: Variable<P[K]> }) => void,
  ): number {
    const f = new FunctionBuilder(this.#prefix + name, Object.values(parameters), this.options, this.#functions);
    const variables = Object.fromEntries(Object.keys(parameters).map((key, i) => [key, f.parameter(i)]));
    build(f, variables as unknown as { [K in keyof P]: Variable<P[K]> });
    this.#functions.push(f);
    return this.#functions.length - 1;
  }

  /** Adds the functions of a program as `program/function`, so that one module can hold many programs. */
  program(name: string, build: (module: ModuleBuilder) => void): void {
    this.#prefix = `${name}/`;
    build(this);
    this.#prefix = '';
  }

  /** The names of all functions. */
  get names(): string[] {
    return this.#functions.map((f) => f.name);
  }

  /** The module in the binary format; with a text under a name, which `WebAssembly.Module.customSections` finds. */
  bytes(custom?: { name: string; text: string }): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter().append([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    const types = new ByteWriter().u32(this.#functions.length);
    const functions = new ByteWriter().u32(this.#functions.length);
    const exports = new ByteWriter().u32(this.#functions.length);
    const code = new ByteWriter().u32(this.#functions.length);
    this.#functions.forEach((f, i) => {
      types.byte(0x60).u32(f.parameters.length);
      for (const type of f.parameters) types.byte(typeBytes[machineType(type)]);
      types.u32(0);
      functions.u32(i);
      exports.name(f.name).byte(0x00).u32(i);
      code.sized(f.code());
    });
    const { shared, maximumPages } = this.options;
    const memory = new ByteWriter()
      .u32(1)
      .name('env')
      .name('memory')
      .byte(0x02)
      .byte(shared ? 0x03 : 0x01)
      .u32(1)
      .u32(maximumPages);
    out.byte(1).sized(types).byte(2).sized(memory).byte(3).sized(functions).byte(7).sized(exports).byte(10).sized(code);
    if (custom !== undefined) {
      out.byte(0).sized(new ByteWriter().name(custom.name).append(new TextEncoder().encode(custom.text)));
    }
    return out.bytes.slice();
  }

  /** The module as text, to read what was emitted. */
  text(): string {
    return `(module\n${this.#functions.map((f) => f.text()).join('\n')}\n)`;
  }
}
