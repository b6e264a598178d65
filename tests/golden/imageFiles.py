"""Small files of every format and kind, drawn here, with the pixels that Pillow reads from them: python3 tests/golden/imageFiles.py > tests/golden/imageFiles.json"""
import base64
import hashlib
import io
import json

from PIL import Image, ImageOps


def picture(width, height):
    """Slopes and a few edges, in RGBA."""
    data = bytearray()
    for y in range(height):
        for x in range(width):
            data += bytes([x * 255 // width, y * 255 // height, (x * 7 ^ y * 5) & 255, 255 if (x // 5 + y // 3) % 3 else x * 9 & 255])
    return Image.frombytes("RGBA", (width, height), bytes(data))


RGBA = picture(29, 23)
RGB = RGBA.convert("RGB")
GRAY = RGB.convert("L")
BITS = GRAY.convert("1")
PALETTE = RGB.quantize(11)


def saved(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(RGB, "JPEG", exif=exif.tobytes(), quality=80)


def files():
    for subsampling in (0, 1, 2):
        for progressive in (False, True):
            yield f"jpeg-{subsampling}-{progressive}", saved(RGB, "JPEG", subsampling=subsampling, progressive=progressive)
    yield "jpeg-gray", saved(GRAY, "JPEG")
    yield "jpeg-cmyk", saved(RGB.convert("CMYK"), "JPEG")
    yield "jpeg-cmyk-progressive", saved(RGB.convert("CMYK"), "JPEG", progressive=True)
    for orientation in range(1, 9):
        yield f"jpeg-orientation-{orientation}", turned(orientation)
    for name, image in {"1": BITS, "L": GRAY, "P": PALETTE, "RGB": RGB, "RGBA": RGBA, "LA": RGBA.convert("LA"), "I": GRAY.convert("I")}.items():
        yield f"png-{name}", saved(image, "PNG")
    yield "png-transparent", saved(RGB, "PNG", transparency=(0, 0, 0))
    yield "webp-lossy", saved(RGB, "WEBP", quality=70)
    yield "webp-lossless-alpha", saved(RGBA, "WEBP", lossless=True)
    yield "webp-lossy-alpha", saved(RGBA, "WEBP", quality=60)
    yield "webp-animated", saved(RGBA, "WEBP", save_all=True, append_images=[RGBA.rotate(180)], lossless=True)
    yield "gif", saved(PALETTE, "GIF")
    yield "gif-interlaced-transparent", saved(PALETTE, "GIF", interlace=1, transparency=3)
    yield "gif-animated", saved(PALETTE, "GIF", save_all=True, append_images=[PALETTE.rotate(180)])
    for name, image in {"1": BITS, "L": GRAY, "P": PALETTE, "RGB": RGB, "RGBA": RGBA}.items():
        yield f"bmp-{name}", saved(image, "BMP")
    for compression in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate"):
        for name, image in {"1": BITS, "L": GRAY, "P": PALETTE, "RGB": RGB, "RGBA": RGBA, "CMYK": RGB.convert("CMYK"), "F": GRAY.convert("F")}.items():
            yield f"tiff-{name}-{compression}", saved(image, "TIFF", compression=compression)
    for compression in ("group3", "group4", "tiff_ccitt"):
        yield f"tiff-{compression}", saved(BITS, "TIFF", compression=compression)
    yield "tiff-jpeg", saved(RGB, "TIFF", compression="jpeg")
    yield "tiff-predictor", saved(RGB, "TIFF", compression="tiff_lzw", tiffinfo={317: 2})


def main():
    found = {}
    for name, content in files():
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
        pixels = [hashlib.sha256(image.convert(mode).tobytes()).hexdigest()[:16] for mode in ("RGB", "L", "RGBA")]
        found[name] = {"file": base64.b64encode(content).decode(), "size": image.size, "pixels": pixels}
    print("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in found.items()) + "\n}")


main()
