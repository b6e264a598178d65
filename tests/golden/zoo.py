"""Logits and gradients of torchvision's models: /usr/bin/python3 tests/golden/zoo.py [NAME ...] > tests/golden/zoo.json

Weights and running statistics by fill of models.py, ten classes, two images, in float64. All in evaluation mode: with few images
batch norm in training mode divides by variances of a few numbers, and then float32 PyTorch itself is 7e-3 off float64 PyTorch in
ResNet-50's gradients; in evaluation mode, 2e-6. The gradients are those of sum(logits * formula(shape, 2000)), two numbers each, in the
order of the parameters: the norm, and the product with formula(shape, 500 + place). With NAMEs, other lines are copied from zoo.json.
"""
import json
import os
import sys

import torch
import torchvision

from fill import fill
from formula import formula, numbers

# Name: (size of the images, options).
MODELS = {
    'resnet18': (40, {}), 'resnet34': (40, {}), 'resnet50': (40, {}), 'resnet101': (40, {}), 'resnet152': (40, {}),
    'resnext50_32x4d': (40, {}), 'wide_resnet50_2': (40, {}),
    'mobilenet_v2': (40, {}), 'mobilenet_v3_large': (40, {}), 'mobilenet_v3_small': (40, {}), 'efficientnet_b0': (40, {}),
}


def measure(name):
    size, options = MODELS[name]
    model = getattr(torchvision.models, name)(num_classes=10, **options)
    fill(model)
    model = model.double().eval()
    x = formula((2, 3, size, size), 1000, -2, 2).double()
    logits = model(x)
    (logits * formula(logits.shape, 2000).double()).sum().backward()
    gradients = []
    for place, p in enumerate(model.parameters()):
        product = (p.grad * formula(p.shape, 500 + place).double()).sum()
        gradients += [float('%.7g' % p.grad.norm()), float('%.7g' % product)]
    return {'size': size, 'logits': numbers(logits), 'gradients': gradients}


path = os.path.join(os.path.dirname(__file__), 'zoo.json')
wanted = sys.argv[1:]
known = json.load(open(path)) if wanted else {}
known.update({name: measure(name) for name in wanted or MODELS})
lines = ['%s: %s' % (json.dumps(name), json.dumps(known[name], separators=(',', ':'))) for name in MODELS if name in known]
print('{\n' + ',\n'.join(lines) + '\n}')
