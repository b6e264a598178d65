import { checkOptions } from '../base/checkOptions.js';
import { FormatError } from '../base/errors.js';
import type { StateDict } from '../base/stateDict.js';
import { findStateDict } from './findStateDict.js';
import type { PickleValue } from './pickleValues.js';
import { type Renaming, renamed } from './stateDictNames.js';
import { TorchTensor } from './torchStorage.js';

/** Options for choosing the state dict in a checkpoint. */
export interface CheckpointOptions extends Renaming {
  /**
   * Where a PyTorch checkpoint holds the state dict: 'ema', or 'ema.state_dict' for an entry of an entry. Default: it is searched for
   * under the usual names.
   */
  key?: string | undefined;
}

/**
 * The state dict in a checkpoint. It is looked for under 'state_dict', 'model_state_dict', 'model', 'net' and the like; then the
 * checkpoint itself is taken, or its only dictionary of tensors. Of a module that was pickled whole, the state dict is read from
 * its attributes. Entries that are no tensors are left out, and prefixes that wrap all names are taken off.
 *
 * Throws `FormatError` when there is none (it lists what there is), there are several (it lists them), an entry is a tensor of
 * a kind that cannot be read, or two entries end up with one name.
 *
 * @example
 * const state = stateDictFromCheckpoint(readTorchCheckpoint(bytes)); // 'module.conv1.weight' -> 'conv1.weight'
 */
export function stateDictFromCheckpoint(checkpoint: PickleValue, options: CheckpointOptions = {}): StateDict {
  checkOptions('stateDictFromCheckpoint', options, ['prefix', 'rename', 'key']);
  const state: StateDict = new Map();
  for (const [name, { shape, data }] of lazyStateDict(checkpoint, options)) state.set(name, { shape, data });
  return state;
}

/** The same with tensors that are read when their `data` is asked for. `wanted`: the names of the model that they are for. */
export function lazyStateDict(
  checkpoint: PickleValue,
  options: CheckpointOptions = {},
  wanted?: readonly string[],
): Map<string, TorchTensor> {
  const guess = { lightning: isLightning(checkpoint), wanted };
  const tensors = new Map<string, TorchTensor>();
  for (const [name, weight] of renamed(findStateDict(checkpoint, options.key), options, guess)) {
    if (!(weight instanceof TorchTensor)) {
      throw new FormatError(
        `stateDictFromCheckpoint: ${name} is made by ${weight.unknown}, a kind of tensor that isn't read. Save it as a plain dense torch.Tensor, or leave it out with \`rename\`.`,
      );
    }
    tensors.set(name, weight);
  }
  return tensors;
}

/** PyTorch Lightning saves the state dict of a module around the network, and these beside it. */
function isLightning(checkpoint: PickleValue): boolean {
  return (
    checkpoint instanceof Map &&
    ['pytorch-lightning_version', 'hyper_parameters', 'optimizer_states', 'lr_schedulers', 'callbacks', 'loops'].some(
      (name) => checkpoint.has(name),
    )
  );
}
