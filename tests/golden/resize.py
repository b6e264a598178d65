"""Resizes by Pillow of pictures that a formula draws, as the first 16 digits of their SHA-256: python3 tests/golden/resize.py [CASES] > tests/golden/resize.json"""
import hashlib
import json
import random
import sys

from PIL import Image

FILTERS = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]
MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def picture(channels, width, height, seed):
    """Bytes of a generator that every language can follow."""
    data = bytearray(width * height * channels)
    state = seed
    for i in range(len(data)):
        state = (state * 1103515245 + 12345) % 2147483648
        data[i] = state >> 16 & 255
    return Image.frombytes(MODES[channels], (width, height), bytes(data))


def case(rng, seed):
    channels = rng.choice([1, 3, 3, 4])
    width, height = rng.randint(1, 90), rng.randint(1, 90)
    to = rng.randint(1, 120), rng.randint(1, 120)
    filter = rng.randrange(6)
    box = None
    if rng.random() < 0.2:
        left, top = rng.uniform(0, width * 0.6), rng.uniform(0, height * 0.6)
        box = [left, top, rng.uniform(left + 0.1, width), rng.uniform(top + 0.1, height)]
    small = picture(channels, width, height, seed).resize(to, getattr(Image.Resampling, FILTERS[filter].upper()), box)
    digest = hashlib.sha256(small.tobytes()).hexdigest()[:16]
    return [channels, width, height, *to, FILTERS[filter], seed, digest, *([box] if box else [])]


def main():
    rng = random.Random(1)
    cases = [case(rng, seed) for seed in range(1, 1 + int((sys.argv[1:] or [400])[0]))]
    print("[\n" + ",\n".join(json.dumps(each) for each in cases) + "\n]")


main()
