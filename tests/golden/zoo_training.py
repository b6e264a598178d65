"""One pass in training mode of whole networks: /usr/bin/python3 tests/golden/zoo_training.py [NAME ...] > tests/golden/zoo_training.json

Weights and running statistics by fill.py, ten classes, dropout of probability 0, four images, in float64: the logits (and those of
auxiliary heads behind them), every running statistic after the pass, and the gradient of sum(logits * formula(shape, 2000)) for
every parameter. Statistics and gradients are two numbers each, in order: the norm, and the product with formula(shape, 500 + place).

What batch norm in training mode does to rounding, and how the cases were chosen:
- y = (v - mean) / sd divides by a number that v itself makes. Over m values a change of one value moves the others by about 1/m of
  it, and where v hardly varies over the batch 1/sd is large. With m = 2 the result is +-1 whatever v is, and its gradient is a difference
  of nearly equal numbers. So the images are as large as leaves m >= 16 at the deepest layer (2x2 pixels of 4 images).
- Batch norm puts as many values near 0 as it can, and there a ReLU has its kink: where rounding carries one of the m values of a
  deep channel across it, its gradient changes by 1/m, whatever the precision. No program agrees with another then, and float32 PyTorch
  is off float64 PyTorch by some per cent. So images are drawn until noise crosses no kink that matters; for the deepest networks with
  the most batch norm (MobileNet v2, DenseNet) there are none such.
- What remains is measured: 'sensitivity' is the largest relative change of any gradient when images and parameters are changed by
  NOISE, or when float32 computes it all. It is the tolerance's measure in zooTraining.test.ts.
- A shift before batch norm (the bias of a convolution, or of a batch norm with no ReLU behind it) changes nothing, so that its
  gradient is 0; what is computed is rounding. Such gradients stand here as 0.
"""
import json
import os
import sys

import torch
import torchvision

import zoo_networks
from fill import fill
from formula import formula, numbers

# Name: size of the images, options.
MODELS = {
    'resnet18': (64, {}), 'vgg11_bn': (64, {}), 'googlenet_heads': (64, {}), 'mobilenet_v1': (64, {}), 'resnet18_cifar': (16, {}),
    'wrn_16_4': (16, {}), 'vgg11_cifar': (32, {}), 'squeezenet_cifar': (9, {}), 'googlenet_cifar': (8, {}),
}
BATCH = 4
# Relative; what a few dozen layers of float32 add up to.
NOISE = 4e-7
LARGEST = 2e-4


def make(name):
    maker = getattr(zoo_networks, name, None) or getattr(torchvision.models, name)
    model = maker(num_classes=10, **MODELS[name][1])
    fill(model)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if type(module).__name__ == 'StochasticDepth':
            module.p = 0.0
    return model.train()


def gradients_of(model, x):
    model.zero_grad()
    logits = model(x)
    (logits * formula(logits.shape, 2000).to(x.dtype)).sum().backward()
    found = [p.grad.double().clone() for p in model.parameters()]
    largest = max(g.norm() for g in found)
    return logits, [torch.zeros_like(g) if g.norm() < 1e-9 * largest else g for g in found]


def change(gradients, others):
    return max(((g - h).norm() / g.norm()).item() for g, h in zip(gradients, others) if g.norm() > 0)


def sensitivity(name, x, gradients):
    """The largest relative change of a gradient under noise, and in float32."""
    worst = change(gradients, gradients_of(make(name), x.float())[1])
    for seed in (3000, 4000):
        if worst > LARGEST:
            break
        model = make(name).double()
        with torch.no_grad():
            for place, p in enumerate(model.parameters()):
                p.mul_(1 + NOISE * formula(p.shape, seed + place).double())
        worst = max(worst, change(gradients, gradients_of(model, x * (1 + NOISE * formula(x.shape, seed - 1).double()))[1]))
    return worst


def summed(tensors):
    kept = []
    for place, t in enumerate(tensors):
        product = (t * formula(t.shape, 500 + place).double()).sum()
        kept += [float('%.7g' % t.norm()), float('%.7g' % product)]
    return kept


def measure(name):
    size, _ = MODELS[name]
    best = 1
    for seed in range(1000, 1060):
        x = formula((BATCH, 3, size, size), seed, -2, 2).double()
        model = make(name).double()
        logits, gradients = gradients_of(model, x)
        worst = sensitivity(name, x, gradients)
        best = min(best, worst)
        if worst <= LARGEST:
            break
    else:
        raise RuntimeError('%s: kinks everywhere (%.1e at best); take other images' % (name, best))
    print(name, seed, '%.1e' % worst, file=sys.stderr, flush=True)
    statistics = [t for k, t in model.state_dict().items() if 'running_' in k]
    return {'size': size, 'seed': seed, 'sensitivity': float('%.1e' % worst), 'logits': numbers(logits),
            'statistics': summed(statistics), 'gradients': summed(gradients)}


path = os.path.join(os.path.dirname(__file__), 'zoo_training.json')
wanted = sys.argv[1:]
known = json.load(open(path)) if wanted and os.path.exists(path) else {}
known.update({name: measure(name) for name in wanted or MODELS})
lines = ['%s: %s' % (json.dumps(name), json.dumps(known[name], separators=(',', ':'))) for name in MODELS if name in known]
print('{\n' + ',\n'.join(lines) + '\n}')
