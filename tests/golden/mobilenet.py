"""Top classes of MobileNet v1 0.75 for the photographs of ../shared/data/imagenet-samples: Pillow prepares them, PyTorch runs the weights.

python3 tests/golden/mobilenet.py ../shared > tests/golden/mobilenet.json
"""
import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps

shared = pathlib.Path(sys.argv[1])
folder = shared / 'weights' / 'mobilenet_v1_0.75_224'
manifest = json.loads((folder / 'model.json').read_text())['weightsManifest']
weights = {}
for group in manifest:
    data = b''.join((folder / path).read_bytes() for path in group['paths'])
    at = 0
    for spec in group['weights']:
        count = int(np.prod(spec['shape']))
        weights[spec['name']] = torch.tensor(np.frombuffer(data, '<f4', count, at).reshape(spec['shape']))
        at += 4 * count


def batch_norm(x, name):
    mean, variance = weights[f'{name}/moving_mean'], weights[f'{name}/moving_variance']
    return F.batch_norm(x, mean, variance, weights[f'{name}/gamma'], weights[f'{name}/beta'], eps=1e-3)


def same(x, stride):
    return F.pad(x, (0, 1, 0, 1)) if stride == 2 else F.pad(x, (1, 1, 1, 1))


def forward(x):
    x = F.conv2d(same(x, 2), weights['conv1/kernel'].permute(3, 2, 0, 1), stride=2)
    x = F.relu6(batch_norm(x, 'conv1_bn'))
    for i in range(1, 14):
        stride = 2 if i in (2, 4, 6, 12) else 1
        kernel = weights[f'conv_dw_{i}/depthwise_kernel'].permute(2, 3, 0, 1)
        x = F.conv2d(same(x, stride), kernel, stride=stride, groups=x.shape[1])
        x = F.relu6(batch_norm(x, f'conv_dw_{i}_bn'))
        x = F.conv2d(x, weights[f'conv_pw_{i}/kernel'].permute(3, 2, 0, 1))
        x = F.relu6(batch_norm(x, f'conv_pw_{i}_bn'))
    x = x.mean((2, 3), keepdim=True)
    return F.conv2d(x, weights['conv_preds/kernel'].permute(3, 2, 0, 1), weights['conv_preds/bias']).flatten(1)


def prepared(path):
    image = ImageOps.exif_transpose(Image.open(path)).convert('RGB')
    width, height = image.size
    size = (256, 256 * height // width) if width < height else (256 * width // height, 256)
    image = image.resize(size, Image.BILINEAR)
    left, top = round((size[0] - 224) / 2), round((size[1] - 224) / 2)
    pixels = np.asarray(image.crop((left, top, left + 224, top + 224)), np.float32)
    return torch.tensor(pixels / np.float32(127.5) - 1).permute(2, 0, 1)


rows = []
with torch.no_grad():
    for path in sorted((shared / 'data' / 'imagenet-samples').glob('*.JPEG')):
        probability = forward(prepared(path)[None]).softmax(1)[0]
        top = probability.topk(2)
        # The class, its probability, and that of the runner-up, which tells how near the decision was.
        rows.append([int(top.indices[0]), round(float(top.values[0]), 5), round(float(top.values[1]), 5)])
print(json.dumps(rows).replace('], ', '],\n '))
