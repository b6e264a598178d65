import { describeValue } from '../base/describeValue.js';
import { ArgumentError, FormatError, StridenetError } from '../base/errors.js';
import { type Architecture, architectureOf, setArchitecture } from '../layers/architecture.js';
import { headOf } from '../layers/head.js';
import { Identity } from '../layers/identity.js';
import type { Module } from '../layers/module.js';
import { withoutInit } from '../layers/withoutInit.js';
import { createModel, listModels, replaceHead } from '../models/index.js';
import { TransferModel, type TransferModelOptions } from './transferModel.js';

/** The architecture of a `TransferModel`, and how it is written in files. */
const TRANSFER = 'transfer';
/** The architecture of a backbone: a model that lost its last layer. */
const HEADLESS = 'headless';

/**
 * How to make `model` again with `outputs` logits, as plain data. Throws `ArgumentError` for a model whose making is not known: a class of
 * your own, or one whose layers were changed by hand.
 */
export async function describeArchitecture(model: Module, outputs: number): Promise<Architecture> {
  const found = describe(model, outputs);
  if (found === undefined) {
    throw new ArgumentError(
      `save: how to make this ${model.constructor.name} again is not known, because createModel did not make it. Save it as an .onnx file, which holds the network itself.`,
    );
  }
  expectAlike(model, await buildArchitecture(found));
  return found;
}

function describe(model: Module, outputs: number): Architecture | undefined {
  if (model instanceof TransferModel) {
    const backbone = architectureOf(model.backbone);
    const { inFeatures: features, outFeatures: numClasses } = model.head;
    return (
      backbone && {
        name: TRANSFER,
        options: { backbone, features, numClasses, dropout: model.dropout.p, featureNorm: model.featureNorm },
      }
    );
  }
  const made = architectureOf(model);
  if (made === undefined || made.name === 'tfjs-layers' || made.name === HEADLESS) return made;
  return { name: made.name, options: { ...made.options, numClasses: outputs } };
}

/**
 * Makes a model from its description, with weights that are still to be loaded.
 *
 * Throws `FormatError` for an architecture that is not known or options that it doesn't take.
 */
export async function buildArchitecture({ name, options }: Architecture): Promise<Module> {
  try {
    return await build(name, options);
  } catch (cause) {
    if (!(cause instanceof StridenetError) || cause instanceof FormatError) throw cause;
    throw new FormatError(`the architecture '${name}' can't be made: ${cause.message}`, { cause });
  }
}

async function build(name: string, options: Architecture['options']): Promise<Module> {
  if (name === 'tfjs-layers') {
    const { rebuildTfjsLayersModel } = await import('../tfjs/importTfjsLayersModel.js');
    return rebuildTfjsLayersModel(options);
  }
  if (name === HEADLESS) return withoutHead(await buildArchitecture(nested(options.of)));
  if (name === TRANSFER) {
    const backbone = await buildArchitecture(nested(options.backbone));
    const { backbone: _, ...rest } = options;
    return withoutInit(() => new TransferModel(backbone, rest as unknown as TransferModelOptions));
  }
  if ((listModels() as string[]).includes(name)) return withoutInit(() => createModel(name as string, options));
  throw new FormatError(
    `the architecture '${name}' is not known. Known are ${listModels().join(', ')}, tfjs-layers and transfer. The file may come from a newer version.`,
  );
}

function nested(value: unknown): Architecture {
  const { name, options } = (value ?? {}) as Partial<Architecture>;
  if (typeof name === 'string' && typeof options === 'object' && options !== null) return { name, options };
  throw new FormatError(`the architecture holds ${describeValue(value)} in the place of a backbone.`);
}

/** Takes the last layer of a model away, so that it gives features. Throws `ArgumentError` for a model without such a layer. */
export function withoutHead(model: Module): Module {
  const made = architectureOf(model);
  const [name] = headOf(model, 'trainClassifier');
  // It finds the parent of the layer; the new layer then goes as well.
  replaceHead(model, 1);
  const dot = name.lastIndexOf('.');
  const parent = dot < 0 ? model : (new Map(model.namedModules()).get(name.slice(0, dot)) as Module);
  parent.replaceChild(name.slice(dot + 1), new Identity());
  return made === undefined ? model : setArchitecture(model, { name: HEADLESS, options: { of: made } });
}

/** Throws unless both have tensors of the same names and shapes. */
function expectAlike(model: Module, again: Module): void {
  const shapes = (of: Module): Map<string, string> =>
    new Map([...of.namedTensors()].map(([name, { shape }]) => [name, shape.join(' x ')]));
  const [own, other] = [shapes(model), shapes(again)];
  const different = [...new Set([...own.keys(), ...other.keys()])].filter((name) => own.get(name) !== other.get(name));
  if (different.length === 0) return;
  throw new ArgumentError(
    `save: the ${model.constructor.name} was changed after it was made: ${different.slice(0, 3).join(', ')} differ${different.length > 3 ? ' and more' : ''}. Save it as an .onnx file, which holds the network itself.`,
  );
}
