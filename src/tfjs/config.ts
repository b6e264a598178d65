import { FormatError } from '../base/errors.js';

/** Throws a `FormatError` in the name of the reader. */
export function refuse(complaint: string, cause?: unknown): never {
  throw new FormatError(`importTfjsModel: ${complaint}`, cause === undefined ? undefined : { cause });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The record with its keys as Keras writes them: some tools write them as TypeScript does (`batchInputShape`). */
export function snakeKeys(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(record);
  const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  // A key that is written both ways counts as Keras writes it.
  const turned = entries.map(([key, value]): [string, unknown] => [snake(key), value]);
  return Object.assign(Object.create(null), Object.fromEntries(turned), Object.fromEntries(entries));
}

export function isWhole(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

/** A value of the file, cut short for a message. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/** Which program a file's layers mean: a few of them compute something else in each. */
export type Dialect = 'keras2' | 'keras3' | 'tfjs';

/** A layer as the topology describes it, with typed access to its options. Every error names the layer and its class. */
export class LayerConfig {
  constructor(
    readonly className: string,
    readonly name: string,
    readonly options: Readonly<Record<string, unknown>>,
    readonly inboundNodes: unknown,
    /** The names of the models around it, the outermost first: some writers put them before the names of its weights. */
    readonly path: readonly string[] = [],
    readonly dialect: Dialect = 'keras2',
  ) {}

  /** `Conv2D 'conv1'` */
  get title(): string {
    return `${this.className} '${this.name}'`;
  }

  refuse(complaint: string): never {
    return refuse(`layer ${this.title} ${complaint}.`);
  }

  number(name: string, fallback: number | null): number | null {
    const value = this.options[name] ?? fallback;
    if (value === null || (typeof value === 'number' && Number.isFinite(value))) return value;
    return this.refuse(`has ${name} ${quote(value)}, which must be a number`);
  }

  /** A number that is there, or has a default. */
  needed(name: string, fallback: number | null): number {
    return this.number(name, fallback) ?? this.refuse(`has no ${name}`);
  }

  whole(name: string, fallback: number | null, least: number): number {
    const value = this.options[name] ?? fallback;
    return isWhole(value, least)
      ? value
      : this.refuse(`has ${name} ${quote(value)}, which must be a whole number >= ${least}`);
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.options[name] ?? fallback;
    return typeof value === 'boolean' ? value : this.refuse(`has ${name} ${quote(value)}, which must be true or false`);
  }

  text(name: string, fallback: string): string {
    const value = this.options[name] ?? fallback;
    return typeof value === 'string' ? value : this.refuse(`has ${name} ${quote(value)}, which must be a text`);
  }

  /** One whole number, or a list of it alone. */
  single(name: string, fallback: number | null): number {
    const value = this.options[name] ?? fallback;
    const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
    return isWhole(one, 1) ? one : this.refuse(`has ${name} ${quote(value)}, which must be a whole number >= 1`);
  }

  /** One whole number for height and width, or both. */
  pair(name: string, fallback: readonly [number, number] | null): readonly [number, number] {
    const value = this.options[name] ?? fallback;
    const both = Array.isArray(value) && value.length === 1 ? value[0] : value;
    const [height, width] = Array.isArray(both) ? both : [both, both];
    if ((Array.isArray(both) && both.length !== 2) || !isWhole(height, 1) || !isWhole(width, 1)) {
      this.refuse(`has ${name} ${quote(value)}, which must be one or two whole numbers >= 1`);
    }
    return [height, width];
  }

  padding(): 'same' | 'valid' {
    const value = this.text('padding', 'valid');
    return value === 'same' || value === 'valid'
      ? value
      : this.refuse(`has padding '${value}', but 'same' and 'valid' are read`);
  }

  /** Throws for images with their channels first, which the browser's backends do not have either. */
  expectChannelsLast(): void {
    const format = this.text('data_format', 'channels_last');
    if (format !== 'channels_last') this.refuse(`has data_format '${format}', but 'channels_last' is read`);
  }
}

/** A layer from its JSON, inside the models of `path`. */
export function layerConfig(json: unknown, path: readonly string[], dialect: Dialect): LayerConfig {
  const record = isRecord(json) ? snakeKeys(json) : {};
  const { class_name: className, inbound_nodes: inboundNodes } = record;
  if (typeof className !== 'string') {
    refuse(`a layer is ${quote(json)}, but needs a class_name. The file is damaged.`);
  }
  // The first versions wrote the layers of a Sequential model where its options stand now.
  const given = Array.isArray(record.config) ? { layers: record.config } : (record.config ?? {});
  if (!isRecord(given)) refuse(`layer ${className} has the options ${quote(given)}. The file is damaged.`);
  const options = snakeKeys(given);
  // Keras 3 keeps the shape that a layer was built for beside its options.
  if (options.build_input_shape == null && isRecord(record.build_config)) {
    options.build_input_shape = record.build_config.input_shape;
  }
  const name = record.name ?? options.name ?? className.toLowerCase();
  if (typeof name !== 'string') refuse(`layer ${className} has the name ${quote(name)}, which must be a text.`);
  return new LayerConfig(className, name, options, inboundNodes, path, dialect);
}
