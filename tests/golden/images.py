"""The pixels that Pillow decodes from files, upright, as the first 16 digits of their SHA-256 in modes RGB, L and RGBA. Files that Pillow refuses have the reason.

Run it where the folders of pictures are:
cd ../shared/data && python3 ../../stridenet/tests/golden/images.py image-formats hymenoptera imagenet-samples > images.json
"""
import hashlib
import json
import os
import sys
import warnings

from PIL import Image, ImageOps

warnings.simplefilter("ignore")
Image.MAX_IMAGE_PIXELS = None


def sha(image):
    return hashlib.sha256(image.tobytes()).hexdigest()[:16]


def entry(path):
    try:
        with Image.open(path) as image:
            if image.size[0] * image.size[1] > 100_000_000:
                return {"error": "more than 100 million pixels"}
            image.load()
            mode = image.mode
            try:
                image = ImageOps.exif_transpose(image)
            except Exception:  # Damaged EXIF.
                pass
            return {"mode": mode, "size": image.size, "pixels": [sha(image.convert(m)) for m in ("RGB", "L", "RGBA")]}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}".replace(path, "FILE")[:100]}


def main():
    found = {}
    for folder in sys.argv[1:]:
        for where, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                if name.lower().rsplit(".")[-1] in "jpg jpeg jpe jfif mpo png apng webp gif bmp dib tif tiff".split():
                    path = os.path.join(where, name)
                    found[path] = entry(path)
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(found.items())]
    print("{\n" + ",\n".join(lines) + "\n}")


main()
