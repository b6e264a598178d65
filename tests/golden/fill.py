"""Weights that Python and TypeScript both compute, so that no weights are committed: see tests/golden/fill.ts."""
import math

from formula import formula


def fill(model):
    """Weights within sqrt(6 / fan in), norms around 1, biases and running means within 0.1, running variances 0.5 to 1.5."""
    state = [(k, t) for k, t in model.state_dict().items() if not k.endswith('num_batches_tracked')]
    for place, (key, t) in enumerate(state):
        if t.dim() > 1:
            bound = math.sqrt(6 / t[0].numel())
            t.copy_(formula(t.shape, place, -bound, bound))
        elif key.endswith('running_var') or key.endswith('weight'):
            t.copy_(formula(t.shape, place, 0.5, 1.5))
        else:
            t.copy_(formula(t.shape, place, -0.1, 0.1))
