"""Perceptual hashes of drawn pictures: pHash as the Python library ImageHash computes it, and PDQ as Meta's C++ does, in float32.

    python3 tests/golden/photoHashes.py > tests/golden/photoHashes.json
"""
import json

import numpy as np
from PIL import Image

f32 = np.float32


def picture(width, height, seed):
    """Waves and blocks in three colors, by integers that both sides compute alike."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    planes = []
    for c in range(3):
        a = (x * (3 + c + seed) + y * (5 - c)) % 256
        b = ((x // 17) * 73 + (y // 23) * 151 + seed * 37 + c * 19) % 256
        d = (x * x + y * y * (c + 1) + seed) // 97 % 256
        planes.append((a + 2 * b + d) // 4)
    return np.stack(planes, axis=2).astype(np.uint8)


def phash(rgb):
    gray = np.asarray(Image.fromarray(rgb).convert('L').resize((32, 32), Image.LANCZOS), dtype=np.float64)
    k = np.arange(32)
    d = np.cos(np.pi / 64 * np.outer(np.arange(8), 2 * k + 1))
    low = d @ gray @ d.T
    bits = (low > np.median(low)).flatten()
    return '%016x' % int(''.join('1' if b else '0' for b in bits), 2)


def box(x, window):
    """A running mean along the last axis: the same order of additions as a loop over one row."""
    n = x.shape[-1]
    half = (window + 2) // 2
    y = np.zeros_like(x)
    total = np.zeros(x.shape[:-1], f32)
    size, left, right, out = 0, 0, 0, 0
    for _ in range(half - 1):
        total = total + x[..., right]
        size, right = size + 1, right + 1
    for _ in range(window - half + 1):
        total = total + x[..., right]
        size, right = size + 1, right + 1
        y[..., out] = total / f32(size)
        out += 1
    for _ in range(n - window):
        total = total + x[..., right]
        total = total - x[..., left]
        y[..., out] = total / f32(size)
        left, right, out = left + 1, right + 1, out + 1
    for _ in range(half - 1):
        total = total - x[..., left]
        size -= 1
        y[..., out] = total / f32(size)
        left, out = left + 1, out + 1
    return y


def pdq(rgb):
    r, g, b = (rgb[:, :, c].astype(f32) for c in range(3))
    x = f32(0.299) * r + f32(0.587) * g + f32(0.114) * b
    h, w = x.shape
    for _ in range(2):
        x = box(x, (w + 127) // 128)
        x = box(x.T.copy(), (h + 127) // 128).T.copy()
    rows = [int((i + 0.5) * h / 64) for i in range(64)]
    columns = [int((j + 0.5) * w / 64) for j in range(64)]
    a = x[np.ix_(rows, columns)]
    gradient = 0
    for u, v in ((a[:-1], a[1:]), (a[:, :-1], a[:, 1:])):
        gradient += int(np.abs(np.trunc((u - v) * f32(100) / f32(255))).sum())
    quality = min(100, gradient // 90)
    i, j = np.mgrid[0:16, 0:64]
    d = (f32(np.sqrt(2 / 64)) * np.cos(np.pi / 2 / 64 * (i + 1) * (2 * j + 1))).astype(f32)
    t = np.zeros((16, 64), f32)
    for k in range(64):
        t = t + d[:, k : k + 1] * a[k : k + 1]
    out = np.zeros((16, 16), f32)
    for k in range(64):
        out = out + t[:, k : k + 1] * d[:, k][None]
    median = np.sort(out.flatten())[127]
    value = sum(1 << n for n, v in enumerate(out.flatten()) if v > median)
    return '%064x' % value, quality


cases = []
for width, height, seed in [(320, 200, 1), (97, 131, 2), (64, 64, 3), (640, 481, 4), (33, 500, 5), (200, 200, 6)]:
    rgb = picture(width, height, seed)
    hash_, quality = pdq(rgb)
    cases.append({'width': width, 'height': height, 'seed': seed, 'phash': phash(rgb), 'pdq': hash_, 'quality': quality})
print(json.dumps(cases, indent=1))
