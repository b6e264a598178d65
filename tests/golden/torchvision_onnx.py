"""torchvision's classifiers as PyTorch exports them to ONNX.

/usr/bin/python3 tests/golden/torchvision_onnx.py            a few small ones, without their weights, into files/torchvision/*.onnx.gz
/usr/bin/python3 tests/golden/torchvision_onnx.py FOLDER     all of the zoo, whole, with what PyTorch computes from them: FOLDER/*.onnx, *.json

Weights of whole files are those of fill.py, ten classes. tests/onnx/torchvision.test.ts reads both: the folder, if STRIDENET_TORCHVISION_ONNX
names it. Run with Debian's python3-torchvision (0.14); the small ones need python3-onnx too.
"""
import gzip
import json
import os
import sys
import warnings

import torch
import torchvision

import zoo_networks
from fill import fill
from formula import formula, numbers

warnings.filterwarnings('ignore')

PLAIN = {'init_weights': False, 'aux_logits': False}
# Name: size of the images, options. PyTorch cannot write adaptive pooling unless its windows are equal: 224 for AlexNet and VGG.
ZOO = {
    **{name: (64, {}) for name in (
        'resnet18', 'resnet34', 'resnet50', 'resnet101', 'resnet152', 'resnext50_32x4d', 'wide_resnet50_2', 'mobilenet_v2',
        'mobilenet_v3_large', 'mobilenet_v3_small', 'efficientnet_b0', 'squeezenet1_0', 'squeezenet1_1',
        'densenet121', 'densenet161', 'densenet169', 'densenet201')},
    'googlenet': (64, PLAIN), 'inception_v3': (80, PLAIN), 'alexnet': (224, {}),
    **{'vgg%d%s' % (depth, norm): (224, {}) for depth in (11, 13, 16, 19) for norm in ('', '_bn')},
    # Not in the zoo, but classifiers too. EfficientNet v2 is left out: with these weights its gates are steps, which rounding crosses.
    'shufflenet_v2_x0_5': (64, {}), 'mnasnet0_5': (64, {}), 'convnext_tiny': (64, {}), 'regnet_y_400mf': (64, {}),
}
SMALL = ['resnet18', 'mobilenet_v3_small', 'efficientnet_b0', 'squeezenet1_1', 'densenet121', 'googlenet', 'shufflenet_v2_x0_5', 'regnet_y_400mf']
# Of the small ones, those that are written as for training, with batch norm as it stands.
TRAINING = ['resnet18', 'shufflenet_v2_x0_5']


def make(name):
    """VGG an eighth as wide, as in zoo.py."""
    maker = getattr(zoo_networks, name, None) or getattr(torchvision.models, name)
    model = maker(num_classes=10, **ZOO[name][1])
    fill(model)
    return model.eval()


def export(name, path, training):
    model = make(name)
    size = ZOO[name][0]
    x = formula((2, 3, size, size), 7)
    axes = {'image': {0: 'n'}, 'logits': {0: 'n'}}
    how = {'training': torch.onnx.TrainingMode.PRESERVE, 'do_constant_folding': False} if training else {}
    torch.onnx.export(model, x, path, opset_version=13, input_names=['image'], output_names=['logits'], dynamic_axes=axes, **how)
    return {'size': size, 'logits': numbers(model(x))}


def whole(folder):
    os.makedirs(folder, exist_ok=True)
    for name in ZOO:
        for training in (False, True):
            path = os.path.join(folder, name + ('.training' if training else ''))
            with open(path + '.json', 'w') as f:
                json.dump(export(name, path + '.onnx', training), f)
        print(name, file=sys.stderr, flush=True)


def without_weights(name, folder):
    """A file whose weights are empty: torchvision.test.ts computes them."""
    import onnx
    path = os.path.join(folder, name + '.onnx')
    export(name, path, name in TRAINING)
    model = onnx.load(path)
    os.remove(path)
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT and len(tensor.dims) > 0:
            tensor.ClearField('raw_data')
    for node in model.graph.node:
        node.ClearField('doc_string')
    with open(path + '.gz', 'wb') as f:
        f.write(gzip.compress(model.SerializeToString(), 9, mtime=0))


if len(sys.argv) > 1:
    whole(sys.argv[1])
else:
    for name in SMALL:
        without_weights(name, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'files/torchvision'))
