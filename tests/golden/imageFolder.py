"""Prints what torchvision's ImageFolder finds in folders with awkward names, and the bytes that its transforms make of real photographs.

python3 tests/golden/imageFolder.py PHOTOS > tests/golden/imageFolder.json, where PHOTOS is a copy of the hymenoptera data set.
"""
import hashlib
import json
import os
import sys
import tempfile

import numpy as np
from torchvision import transforms
from torchvision.datasets import ImageFolder

TREE = [
    'b/2.png', 'b/10.png', 'b/1.JPG', 'b/Z.png', 'b/.hidden.png', 'b/._1.jpg', 'b/notes.txt', 'b/.gif', 'b/a.gif', 'b/photo.jpeg.txt',
    'b/x/1.png', 'b/x/y/0.webp', 'b/x-y/1.png', 'b/x y/1.tiff', 'b/.x/1.png', 'b/X/1.bmp', 'b/ä/1.png',
    'A/1.png', 'a/1.tif', '10/1.pgm', '9/1.ppm', 'ä/1.png', 'Ä/1.png', 'c d/1.jpeg', '.secret/1.png', '\U0001F600/1.png', '\uFF21/1.png',
]

with tempfile.TemporaryDirectory() as root:
    for name in TREE:
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, 'wb').close()
    found = ImageFolder(root)
    samples = [[os.path.relpath(path, root), label] for path, label in found.samples]
    listing = {'tree': TREE, 'classes': found.classes, 'samples': samples}

prepare = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)])
prepared = {}
for split in ['train', 'val']:
    photos = ImageFolder(os.path.join(sys.argv[1], split), prepare)
    hashes = []
    for image, _ in photos:
        pixels = np.asarray(image).transpose(2, 0, 1).tobytes()
        hashes.append(hashlib.sha256(pixels).hexdigest())
    prepared[split] = {'length': len(photos), 'first': hashes[0], 'all': hashlib.sha256(''.join(hashes).encode()).hexdigest()}

print(json.dumps({**listing, 'prepared': prepared}, indent=1, ensure_ascii=True))
