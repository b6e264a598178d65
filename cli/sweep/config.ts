import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkOptions } from '../../src/base/checkOptions.js';
import {
  createPruner,
  createSampler,
  type Journal,
  type Objectives,
  type SearchSpace,
  Study,
} from '../../src/study/index.js';
import { CommandError } from '../flags.js';

/** A sampler or a pruner in a file: its name, or an object with `type` and its options. */
type Named = string | ({ type: string } & Record<string, unknown>);

/** What CONFIG holds. One of `objective`, `train` and `recipe` tells what a trial is. */
export interface SweepConfig {
  space: SearchSpace;
  objectives?: Objectives | undefined;
  sampler?: Named | undefined;
  pruner?: Named | undefined;
  trials?: number | undefined;
  seed?: number | undefined;
  /** A module that exports `objective`, relative to CONFIG. */
  objective?: string | undefined;
  /** Flags of `stridenet train` that are the same for all trials. */
  train?: Readonly<Record<string, unknown>> | undefined;
  /** The `name` of a recipe, and flags of `stridenet recipe`. */
  recipe?: Readonly<Record<string, unknown>> | undefined;
}

const FIELDS = ['space', 'objectives', 'sampler', 'pruner', 'trials', 'seed', 'objective', 'train', 'recipe'];

/** Reads CONFIG. Throws `CommandError` where it is no configuration. */
export function readSweep(path: string): SweepConfig {
  let config: SweepConfig;
  try {
    config = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CommandError(`${path} cannot be read as JSON: ${(error as Error).message}`);
  }
  checkOptions(path, config, FIELDS);
  const kinds = (['objective', 'train', 'recipe'] as const).filter((kind) => config[kind] !== undefined);
  if (kinds.length !== 1) {
    throw new CommandError(
      `${path} has ${kinds.length === 0 ? 'none' : kinds.join(' and ')} of objective, train and recipe. Pass one: it tells what a trial is.`,
    );
  }
  if (config.recipe !== undefined && typeof config.recipe.name !== 'string') {
    throw new CommandError(`${path}: recipe has no name. Pass one, such as { "name": "airbench93" }.`);
  }
  const { objective } = config;
  if (objective !== undefined && typeof objective !== 'string') {
    throw new CommandError(`${path}: objective must be the path of a module, relative to this file.`);
  }
  return objective === undefined ? config : { ...config, objective: resolve(dirname(path), objective) };
}

/** The study of a configuration. What its trials are is part of its name, so that a journal isn't continued with another objective. */
export function openStudy(config: SweepConfig, journal: Journal): Study {
  const { space, trials, seed, sampler = 'tpe', pruner, train, recipe, objective } = config;
  const isTraining = objective === undefined;
  return new Study({
    space,
    objectives: config.objectives ?? (isTraining ? { validationAccuracy: 'maximize' } : undefined),
    trials,
    seed,
    sampler: named(sampler, createSampler),
    pruner: pruner === undefined ? undefined : named(pruner, createPruner),
    journal,
    name: isTraining ? JSON.stringify({ train, recipe }) : 'module',
  });
}

function named<T>(value: Named, create: (name: string, options: object) => T): T {
  if (typeof value === 'string') return create(value, {});
  const { type, ...options } = value;
  return create(String(type), options);
}
