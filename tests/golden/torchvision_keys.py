"""Keys and shapes of torchvision's models, in order: /usr/bin/python3 tests/golden/torchvision_keys.py > tests/golden/torchvision_keys.json

A line a model: 'key': shape, without num_batches_tracked. 1000 classes; auxiliary heads where torchvision builds them by default.
"""
import json

import torch
import torchvision

# Weights are not looked at: without this, random initial values would take most of the time.
for name in ('kaiming_uniform_', 'kaiming_normal_', 'normal_', 'uniform_', 'trunc_normal_', 'xavier_uniform_'):
    setattr(torch.nn.init, name, lambda t, *args, **kwargs: t)

MODELS = [
    'resnet18', 'resnet34', 'resnet50', 'resnet101', 'resnet152', 'resnext50_32x4d', 'wide_resnet50_2',
    'mobilenet_v2', 'mobilenet_v3_large', 'mobilenet_v3_small', 'efficientnet_b0',
    'alexnet', 'vgg11', 'vgg11_bn', 'vgg13', 'vgg13_bn', 'vgg16', 'vgg16_bn', 'vgg19', 'vgg19_bn',
    'googlenet', 'inception_v3', 'squeezenet1_0', 'squeezenet1_1',
    'densenet121', 'densenet161', 'densenet169', 'densenet201',
]


def entries(name):
    options = {'init_weights': False} if name in ('googlenet', 'inception_v3') else {}
    state = getattr(torchvision.models, name)(**options).state_dict()
    return {key: list(t.shape) for key, t in state.items() if not key.endswith('num_batches_tracked')}


lines = ['%s: %s' % (json.dumps(name), json.dumps(entries(name), separators=(',', ':'))) for name in MODELS]
print('{\n' + ',\n'.join(lines) + '\n}')
