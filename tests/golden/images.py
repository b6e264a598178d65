"""SHA-256 of the pixels that Pillow decodes from files, upright and in mode RGB, L and RGBA: python3 tests/golden/images.py FOLDER... > out.json

Files that Pillow refuses have the reason in place of hashes.
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
    return hashlib.sha256(image.tobytes()).hexdigest()


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
            modes = {m: sha(image.convert(m)) for m in ("RGB", "L", "RGBA")}
            return {"format": image.format or Image.open(path).format, "mode": mode, "size": image.size, **modes}
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
                    found[os.path.relpath(path, folder)] = entry(path)
    json.dump(found, sys.stdout, indent=0, sort_keys=True)


main()
