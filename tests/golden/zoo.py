"""Logits and gradients of torchvision's models and of some more: /usr/bin/python3 tests/golden/zoo.py [NAME ...] > tests/golden/zoo.json

Weights and running statistics by fill.py, ten classes, two images, in float64. All in evaluation mode: with few images
batch norm in training mode divides by variances of a few numbers, and then float32 PyTorch itself is 7e-3 off float64 PyTorch in
ResNet-50's gradients; in evaluation mode, 2e-6. The gradients are those of sum(logits * formula(shape, 2000)), two numbers each, in the
order of the parameters: the norm, and the product with formula(shape, 500 + place). With NAMEs, other lines are copied from zoo.json.
"""
import json
import os
import sys

import torch
import torchvision

import zoo_networks
from fill import fill
from formula import formula, numbers

# Name: (size of the images, options). What torchvision does not have is in zoo_networks.py.
MODELS = {
    'resnet18': (40, {}), 'resnet34': (20, {}), 'resnet50': (20, {}), 'resnet101': (20, {}), 'resnet152': (10, {}),
    'resnext50_32x4d': (20, {}), 'wide_resnet50_2': (20, {}),
    'mobilenet_v2': (20, {}), 'mobilenet_v3_large': (16, {}), 'mobilenet_v3_small': (40, {}), 'efficientnet_b0': (40, {}),
    'resnet18_cifar': (11, {}), 'mobilenet_v2_cifar': (6, {}), 'wrn_16_4': (13, {}), 'mobilenet_v1': (40, {}),
    'alexnet': (64, {}), 'alexnet_2012': (99, {}), **{'vgg%d%s' % (d, n): (48, {}) for d in (11, 13, 16, 19) for n in ('', '_bn')},
    'googlenet': (48, {'init_weights': False, 'aux_logits': False}), 'googlenet_heads': (48, {}),
    'inception_v3': (75, {'init_weights': False, 'aux_logits': False}), 'inception_aux': (17, {}),
    'squeezenet1_0': (48, {}), 'squeezenet1_1': (48, {}), 'densenet121': (48, {}),
    **{'vgg%d_cifar' % d: (32, {}) for d in (11, 13, 16, 19)}, 'squeezenet_cifar': (9, {}), 'googlenet_cifar': (8, {}),
    'capsnet_mnist': (25, {}),
    'airbench91': (25, {}), 'airbench93': (25, {}), 'airbench94': (26, {}),
}

# Where the search for images begins, if not at 1000: there, a number lies so close to a kink that float32 programs disagree.
FIRST_SEEDS = {'inception_v3': 1100}

NOISE = 4e-6


def gradients_of(model, x):
    model.zero_grad()
    logits = model(x)
    (logits * formula(logits.shape, 2000).to(x.dtype)).sum().backward()
    return logits, [p.grad.double().clone() for p in model.parameters() if p.requires_grad]


def far_from_kinks(model, x, gradients):
    """Whether rounding crosses no kink of a ReLU: there gradients jump, and float32 programs disagree by chance. Noise in the images
    and in every parameter stands for the rounding."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    kept = [p.detach().clone() for p in parameters]
    for seed in (3000, 4000, 5000, 6000):
        with torch.no_grad():
            for place, p in enumerate(parameters):
                p.mul_(1 + NOISE * formula(p.shape, seed + place).double())
        _, others = gradients_of(model, x * (1 + NOISE * formula(x.shape, seed - 1).double()))
        with torch.no_grad():
            for p, values in zip(parameters, kept):
                p.copy_(values)
        if any((g - h).norm() > 50 * NOISE * g.norm() for g, h in zip(gradients, others)):
            return False
    return True


def measure(name):
    size, options = MODELS[name]
    maker = getattr(zoo_networks, name, None) or getattr(torchvision.models, name)
    model = maker(num_classes=10, **options)
    fill(model)
    model = model.double().eval()
    first = FIRST_SEEDS.get(name, 1000)
    for seed in range(first, first + 100):
        x = formula((2, 3, size, size), seed, -2, 2).double()
        logits, gradients = gradients_of(model, x)
        if far_from_kinks(model, x, gradients):
            break
    else:
        raise RuntimeError(name + ': kinks everywhere; take smaller images')
    print(name, seed, file=sys.stderr, flush=True)
    kept = []
    for place, g in enumerate(gradients):
        product = (g * formula(g.shape, 500 + place).double()).sum()
        kept += [float('%.7g' % g.norm()), float('%.7g' % product)]
    return {'size': size, 'seed': seed, 'logits': numbers(logits), 'gradients': kept}


path = os.path.join(os.path.dirname(__file__), 'zoo.json')
wanted = sys.argv[1:]
known = json.load(open(path)) if wanted else {}
known.update({name: measure(name) for name in wanted or MODELS})
lines = ['%s: %s' % (json.dumps(name), json.dumps(known[name], separators=(',', ':'))) for name in MODELS if name in known]
print('{\n' + ',\n'.join(lines) + '\n}')
