import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cropImage, decodeImage, resizeImage } from '../src/images/index.js';

/** Pixels, RGB. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

interface Encoder {
  getDecodedBuffer(frame: object): Uint8Array;
  setQuality(quality: number): void;
  setProgressive(progressive: boolean): void;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
  delete(): void;
}

let codec: Promise<{ JPEGEncoder: new () => Encoder }> | undefined;

/** A JPEG file, by libjpeg-turbo. */
export async function toJpeg({ width, height, data }: Pixels, quality: number): Promise<Uint8Array> {
  const require = createRequire(import.meta.url);
  codec ??= (async () => {
    const make = require('@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs') as (o: object) => never;
    const wasmBinary = readFileSync(require.resolve('@cornerstonejs/codec-libjpeg-turbo-8bit/wasm'));
    return make({ wasmBinary });
  })();
  const encoder = new (await codec).JPEGEncoder();
  try {
    encoder.getDecodedBuffer({ width, height, bitsPerSample: 8, componentCount: 3, isSigned: false }).set(data);
    encoder.setQuality(quality);
    encoder.setProgressive(false);
    encoder.encode();
    return Uint8Array.from(encoder.getEncodedBuffer());
  } finally {
    encoder.delete();
  }
}

function perPixel(
  { width, height, data }: Pixels,
  change: (r: number, g: number, b: number) => readonly number[],
): Pixels {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const colors = change(data[i], data[i + 1], data[i + 2]);
    for (let c = 0; c < 3; c++) out[i + c] = Math.max(0, Math.min(255, Math.round(colors[c])));
  }
  return { width, height, data: out };
}

/** Pixel (x, y) of the result is the pixel of the picture that `from` names. */
export function movedPixels(
  picture: Pixels,
  swaps: boolean,
  from: (x: number, y: number) => readonly [number, number],
): Pixels {
  const [width, height] = swaps ? [picture.height, picture.width] : [picture.width, picture.height];
  const data = new Uint8Array(picture.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = from(x, y);
      for (let c = 0; c < 3; c++) data[3 * (y * width + x) + c] = picture.data[3 * (v * picture.width + u) + c];
    }
  }
  return { width, height, data };
}

/** A Gaussian blur. */
function blurred({ width, height, data }: Pixels, sigma: number): Pixels {
  const radius = Math.ceil(3 * sigma);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const total = weights.reduce((sum, w) => sum + w, 0);
  const pass = (x: Float32Array, step: number, length: number, lines: number, lineStep: number): Float32Array => {
    const y = new Float32Array(x.length);
    for (let line = 0; line < lines; line++) {
      for (let i = 0; i < length; i++) {
        for (let c = 0; c < 3; c++) {
          let sum = 0;
          for (let k = -radius; k <= radius; k++) {
            const at = Math.max(0, Math.min(length - 1, i + k));
            sum += weights[k + radius] * x[line * lineStep + at * step + c];
          }
          y[line * lineStep + i * step + c] = sum / total;
        }
      }
    }
    return y;
  };
  const across = pass(Float32Array.from(data), 3, width, height, 3 * width);
  const both = pass(across, 3 * width, height, width, 3);
  return { width, height, data: Uint8Array.from(both, Math.round) };
}

async function scaled(picture: Pixels, width: number, height: number): Promise<Pixels> {
  const { data } = await resizeImage(picture, { width, height, filter: 'bicubic' });
  return { width, height, data };
}

/** White letters, or blocks like letters, on a dark band at the bottom. */
function captioned(picture: Pixels): Pixels {
  const { width, height } = picture;
  const data = Uint8Array.from(picture.data);
  const band = Math.round(height * 0.12);
  const cell = Math.max(2, Math.round(band / 5));
  for (let y = height - band; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [Math.floor(x / (0.6 * cell)), Math.floor((y - height + band) / cell)];
      const isInk = row > 0 && row < 4 && column > 2 && column % 7 !== 0 && (column * 31 + row * 17) % 5 < 3;
      for (let c = 0; c < 3; c++) data[3 * (y * width + x) + c] = isInk ? 250 : 10;
    }
  }
  return { width, height, data };
}

function bordered({ width, height, data }: Pixels, share: number, color: number): Pixels {
  const edge = Math.round(share * Math.min(width, height));
  const [w, h] = [width + 2 * edge, height + 2 * edge];
  const out = new Uint8Array(3 * w * h).fill(color);
  for (let y = 0; y < height; y++) {
    out.set(data.subarray(3 * y * width, 3 * (y + 1) * width), 3 * ((y + edge) * w + edge));
  }
  return { width: w, height: h, data: out };
}

function cropped(picture: Pixels, share: number): Pixels {
  const [width, height] = [Math.round(picture.width * share), Math.round(picture.height * share)];
  const [left, top] = [Math.floor((picture.width - width) / 2), Math.floor((picture.height - height) / 2)];
  const { data } = cropImage({ ...picture, channels: 3 }, { left, top, width, height });
  return { width, height, data: data as Uint8Array };
}

/** What people do to photographs before they post them again. */
export const photoEdits: Readonly<Record<string, (picture: Pixels) => Pixels | Promise<Pixels>>> = {
  'JPEG quality 30': async (picture) => {
    const { width, height, data } = await decodeImage(await toJpeg(picture, 30), { mode: 'RGB' });
    return { width, height, data };
  },
  'a quarter of the size': (picture) => scaled(picture, Math.round(picture.width / 4), Math.round(picture.height / 4)),
  blur: (picture) => blurred(picture, 2),
  gamma: (picture) => perPixel(picture, (...rgb) => rgb.map((v) => 255 * (v / 255) ** 1.6)),
  flip: (picture) => movedPixels(picture, false, (x, y) => [picture.width - 1 - x, y]),
  'rotate 90': (picture) => movedPixels(picture, true, (x, y) => [picture.width - 1 - y, x]),
  'crop 10 %': (picture) => cropped(picture, 0.9),
  caption: captioned,
  border: (picture) => bordered(picture, 0.05, 255),
  grayscale: (picture) => perPixel(picture, (r, g, b) => Array(3).fill(0.299 * r + 0.587 * g + 0.114 * b)),
};
