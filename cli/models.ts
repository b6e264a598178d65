import { createModel, type Module, type StateDict } from '../src/index.js';
import { withoutInit } from '../src/layers/index.js';
import { listModels, models } from '../src/models/index.js';
import { didYouMean, UsageError } from './flags.js';

/** A model by its name, with as many classes as its weights have, and the weights in it. Throws `UsageError` for a name that doesn't exist. */
export function modelFor(name: string, state: StateDict, options: object = {}): Module {
  expectModel(name);
  const names = [
    ...withoutInit(() => createModel(name, options))
      .stateDict()
      .keys(),
  ];
  const last = names[names.length - 1];
  // The file may have a prefix before all of its names, such as `module.` or `model.`.
  const found = [...state.keys()].find((key) => key === last || key.endsWith(`.${last}`));
  const numClasses = found === undefined ? undefined : state.get(found)?.shape[0];
  const model = withoutInit(() => createModel(name, { ...options, ...(numClasses !== undefined && { numClasses }) }));
  const prefix = found?.slice(0, found.length - last.length) ?? '';
  model.loadStateDict(new Map([...state].map(([key, entry]) => [withoutPrefix(key, prefix), entry])));
  return model;
}

/** Throws `UsageError` with the nearest names for a model that doesn't exist. */
export function expectModel(name: string): void {
  if (Object.hasOwn(models, name)) return;
  throw new UsageError(
    `There is no model '${name}'.${didYouMean(name, listModels())} 'stridenet summary' lists all models.`,
  );
}

/** Channels, height and width that a model was designed for. */
export function designedShape(name: string): readonly [number, number, number] {
  expectModel(name);
  return models[name as keyof typeof models].inputShape;
}

function withoutPrefix(key: string, prefix: string): string {
  return key.startsWith(prefix) ? key.slice(prefix.length) : key;
}
