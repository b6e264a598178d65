"""What torchvision makes of small images: /usr/bin/python3 tests/golden/transforms.py > tests/golden/transforms.json

A case is a name, the shape of the image, what the transform is told, and the values. The image is formula(shape, 1, 0, 256)
rounded down to bytes; floats are those divided by 255.
"""
import json

import torch
import torchvision.transforms.functional as F
from torchvision.transforms import InterpolationMode
from torchvision.transforms.autoaugment import _apply_op

from formula import formula, numbers

SMALL, LARGE, GRAY = (3, 6, 5), (3, 24, 20), (1, 6, 5)
cases = []


def image(shape):
    return formula(shape, 1, 0, 256).floor().clamp(0, 255).to(torch.uint8)


def case(name, fn, told, shape=SMALL):
    """Of a float image."""
    y = fn(image(shape).float() / 255)
    cases.append({'name': name, 'shape': list(shape), 'told': told, 'output': numbers(y)})


def byte_case(name, fn, told, shape=SMALL):
    """Of a byte image: the values are bytes."""
    cases.append({'name': name, 'shape': list(shape), 'told': told, 'bytes': fn(image(shape)).flatten().tolist()})


# colors
for factor in (0, 0.4, 1.7):
    for shape in (SMALL, GRAY):
        case('adjustBrightness', lambda x: F.adjust_brightness(x, factor), factor, shape)
        case('adjustContrast', lambda x: F.adjust_contrast(x, factor), factor, shape)
        case('adjustSharpness', lambda x: F.adjust_sharpness(x, factor), factor, shape)
    case('adjustSaturation', lambda x: F.adjust_saturation(x, factor), factor)
for shift in (-0.5, -0.13, 0.3):
    case('adjustHue', lambda x: F.adjust_hue(x, shift), shift)
case('toGray', lambda x: F.rgb_to_grayscale(x, 3), None)

# tones
case('autoContrast', F.autocontrast, None)
case('solarize', lambda x: F.solarize(x, 0.6), 0.6)
for bits in (1, 4, 7):
    byte_case('posterize', lambda x: F.posterize(x, bits), bits)
byte_case('equalize', F.equalize, None, LARGE)
byte_case('equalize', lambda x: F.equalize(x // 3 + 40), {'of': 'x // 3 + 40'}, LARGE)
byte_case('equalize', F.equalize, None)

# geometry
PLACEMENTS = [
    dict(angle=0, translate=[2, -1], scale=1, shear=[0, 0]),
    dict(angle=37, translate=[0, 0], scale=1, shear=[0, 0]),
    dict(angle=0, translate=[0, 0], scale=1.3, shear=[0, 0]),
    dict(angle=0, translate=[0, 0], scale=0.6, shear=[0, 0]),
    dict(angle=0, translate=[0, 0], scale=1, shear=[21, 0]),
    dict(angle=0, translate=[0, 0], scale=1, shear=[0, -17]),
    dict(angle=-25, translate=[1, 1], scale=0.8, shear=[12, 9]),
]
for p in PLACEMENTS:
    told = {'placement': p, 'sampling': {'interpolation': 'bilinear'}}
    case('warp', lambda x: F.affine(x, **p, interpolation=InterpolationMode.BILINEAR), told)
for p in (PLACEMENTS[1], PLACEMENTS[6]):
    told = {'placement': p, 'sampling': {'interpolation': 'nearest', 'fill': 0.5}}
    case('warp', lambda x: F.affine(x, **p, fill=0.5), told)
    told = {'placement': p, 'sampling': {'interpolation': 'bilinear', 'fill': [0.2, 0.5, 0.9]}}
    # torchvision darkens the edge where it blends with `fill`: the image, already weighted, is weighted again. So: black, shifted.
    fill = torch.tensor([0.2, 0.5, 0.9]).reshape(3, 1, 1)
    case('warp', lambda x: F.affine(x - fill, **p, interpolation=InterpolationMode.BILINEAR) + fill, told)
case('randomRotation', lambda x: F.rotate(x, 33, InterpolationMode.BILINEAR), 33)

# sizes
for size in (3, [4, 9], [6, 5], [11, 2]):
    case('resize', lambda x: F.resize(x, size, antialias=True), {'size': size})
for size in ([7, 4], [10, 30]):
    case('resize', lambda x: F.resize(x, size, antialias=True), {'size': size}, LARGE)
    case('resize', lambda x: F.resize(x, size, antialias=False), {'size': size, 'antialias': False}, LARGE)
for size in (3, [4, 3], [7, 2], [5, 8]):
    case('centerCrop', lambda x: F.center_crop(x, size), {'size': size})
for box in ([5, 3, 17, 11], [0, 9, 4, 5]):
    case('resized_crop', lambda x: F.resize(F.crop(x, *box), [8, 8], antialias=True), {'box': box, 'size': [8, 8]}, LARGE)

# the operations of RandAugment at magnitude 20 of 0 to 30, those with a direction both ways
level = 20 / 30
MAGNITUDES = {
    'Identity': 0, 'ShearX': 0.3 * level, 'ShearY': 0.3 * level, 'TranslateX': 150 / 331 * 5 * level, 'TranslateY': 150 / 331 * 6 * level,
    'Rotate': 30 * level, 'Brightness': 0.9 * level, 'Color': 0.9 * level, 'Contrast': 0.9 * level, 'Sharpness': 0.9 * level,
    'Solarize': 1 - level, 'AutoContrast': 0,
}
for name, magnitude in MAGNITUDES.items():
    signs = (1,) if name in ('Identity', 'Solarize', 'AutoContrast') else (1, -1)
    for sign in signs:
        case('RandAugment', lambda x: _apply_op(x, name, sign * magnitude, InterpolationMode.BILINEAR, None), {'operation': name, 'sign': sign})
byte_case('RandAugment', lambda x: _apply_op(x, 'Posterize', 8 - round(20 / 7.5), InterpolationMode.BILINEAR, None), {'operation': 'Posterize', 'sign': 1})
byte_case('RandAugment', lambda x: _apply_op(x, 'Equalize', 0, InterpolationMode.BILINEAR, None), {'operation': 'Equalize', 'sign': 1}, LARGE)

print('[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in cases) + '\n]')
