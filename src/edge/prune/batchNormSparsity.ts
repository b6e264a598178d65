import { ArgumentError } from '../../base/errors.js';
import { BatchNorm2d } from '../../layers/batchNorm2d.js';
import type { Callback } from '../../train/index.js';

/**
 * A callback for sparse training: adds `strength` times the sum of |scale| over all batch norms to the loss, by its gradient. Scales that aren't
 * needed go to zero, and `prune` with the criterion 'batchNorm' then removes their channels at little cost.
 *
 * Throws `ArgumentError` for a strength that isn't > 0, and when training starts on a model without batch norms.
 *
 * Source: Liu et al. 2017 (arXiv:1708.06519), equation 1; they use 1e-4 for VGG and 1e-5 for ResNet and DenseNet.
 *
 * @example
 * await fit(model, { ...options, callbacks: [batchNormSparsity(1e-4)] });
 */
export function batchNormSparsity(strength: number): Callback {
  if (!(strength > 0 && Number.isFinite(strength))) {
    throw new ArgumentError(`batchNormSparsity: strength is ${strength}, but must be > 0, such as 1e-4.`);
  }
  return {
    onTrainStart({ model }) {
      for (const [, module] of model.namedModules())
        if (module instanceof BatchNorm2d && module.weight !== null) return;
      throw new ArgumentError(`batchNormSparsity: this ${model.constructor.name} has no batch norm with a scale.`);
    },
    onGradients({ model }) {
      for (const [, module] of model.namedModules()) {
        if (!(module instanceof BatchNorm2d) || !module.weight?.requiresGrad || !module.weight.hasFreshGrad) continue;
        const [scale, gradient] = [module.weight.data, module.weight.grad?.data];
        if (gradient !== undefined)
          for (let i = 0; i < scale.length; i++) gradient[i] += strength * Math.sign(scale[i]);
      }
    },
  };
}
