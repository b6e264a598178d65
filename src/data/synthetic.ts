import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { RandomStream } from '../base/random.js';
import { ImageDataset } from './dataset.js';
import { SHAPES, type SignedDistance } from './shapes.js';

const SIDE = 32;
const PLANE = SIDE * SIDE;

/** Noise is read from a table of this many normal draws, each row of an image from a random place: faster than drawing it. */
const GRAIN = 8192;

/** Options of `synthetic`. */
export interface SyntheticOptions {
  /** 'train' and 'test' share no image. Default: 'train'. */
  split?: 'train' | 'test' | undefined;
  /** How many images; image i is of class i mod 10. Default: 20,000 for 'train', 2,000 for 'test'. */
  length?: number | undefined;
  /** Other images of the same kind. Default: 0. */
  seed?: number | string | undefined;
}

/**
 * Draws ten classes of 32 x 32 color images: disc, ring, square, triangle, star, cross, crescent, stripes, checker, dots.
 *
 * Place, size, rotation, stretch and all colors are drawn at random, the background is wavy, four images in ten are
 * crossed by a bar, and noise lies over everything. The shape may be lighter or darker than what is around it, so that the mean
 * image of each class is about the same gray: no linear classifier gets far, a small CNN does. The same options give the same bytes.
 *
 * @example
 * const train = synthetic({ split: 'train' });
 * train.shape; // [3, 32, 32]
 */
export function synthetic(options: SyntheticOptions = {}): ImageDataset {
  checkOptions('synthetic', options, ['split', 'length', 'seed']);
  const { split = 'train', seed = 0 } = options;
  const length = options.length ?? (split === 'train' ? 20_000 : 2_000);
  if (!Number.isInteger(length) || length < 1) {
    throw new ArgumentError(`synthetic: length is ${length}, but must be a whole number >= 1.`);
  }
  if (split !== 'train' && split !== 'test') {
    throw new ArgumentError(`synthetic: split is '${split}', but must be 'train' or 'test'.`);
  }
  const random = new RandomStream(`synthetic/${seed}/${split}`);
  const grain = Float32Array.from({ length: GRAIN }, () => random.normal());
  const classes = [...SHAPES.keys()];
  const shapes = [...SHAPES.values()];
  const images = new Uint8Array(length * 3 * PLANE);
  const clamped = new Uint8ClampedArray(images.buffer);
  const labels = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    labels[i] = i % classes.length;
    draw(clamped.subarray(i * 3 * PLANE, (i + 1) * 3 * PLANE), shapes[labels[i]], grain, random);
  }
  return new ImageDataset({ images, labels, shape: [3, SIDE, SIDE], classes });
}

type Color = [red: number, green: number, blue: number];

const between = (random: RandomStream, low: number, high: number): number => low + (high - low) * random.uniform();

const color = (random: RandomStream): Color => [0, 1, 2].map(() => between(random, 10, 245)) as Color;

/** A color that stands out from another by at least 130 of the 441 between black and white. */
function contrasting(random: RandomStream, other: Color): Color {
  for (;;) {
    const c = color(random);
    if (Math.hypot(c[0] - other[0], c[1] - other[1], c[2] - other[2]) >= 130) return c;
  }
}

function draw(pixels: Uint8ClampedArray, shape: SignedDistance, grain: Float32Array, random: RandomStream): void {
  const back = color(random);
  const front = contrasting(random, back);
  const shade = color(random);
  const ground = waves(random);
  const skin = waves(random);
  const pose = randomPose(random);
  const bar = random.uniform() < 0.4 ? randomBar(random) : null;
  const noise = between(random, 3, 10);
  for (let y = 0, at = 0; y < SIDE; y++) {
    const start = random.integer(GRAIN - 3 * SIDE);
    for (let x = 0; x < SIDE; x++, at++) {
      // (1) The background and the shape's surface both waver towards a third color.
      const g = 0.3 * ground(x, y);
      const s = 0.2 * skin(x, y);
      // (2) The shape covers the part of a pixel that its distance in pixels tells.
      const dx = x - pose.x;
      const dy = y - pose.y;
      const distance = shape(pose.ux * dx + pose.uy * dy, pose.vx * dx + pose.vy * dy) * pose.pixels;
      const cover = Math.min(1, Math.max(0, 0.5 - distance));
      const hidden = bar === null ? 0 : bar.cover(x, y);
      for (let c = 0; c < 3; c++) {
        const behind = back[c] + (shade[c] - back[c]) * g;
        const surface = front[c] + (shade[c] - front[c]) * s;
        let value = behind + (surface - behind) * cover;
        // (3) A bar in front of it, then the noise.
        if (bar !== null) value += (bar.color[c] - value) * hidden;
        value += noise * grain[start + c * SIDE + x];
        pixels[c * PLANE + at] = value;
      }
    }
  }
}

/** A smooth pattern from 0 to 1: two crossing waves of 12 to 40 pixels. */
function waves(random: RandomStream): (x: number, y: number) => number {
  const wave = (): number[] => {
    const angle = between(random, 0, 2 * Math.PI);
    const frequency = (2 * Math.PI) / between(random, 12, 40);
    return [Math.cos(angle) * frequency, Math.sin(angle) * frequency, between(random, 0, 2 * Math.PI)];
  };
  const [ax, ay, a] = wave();
  const [bx, by, b] = wave();
  return (x, y) => 0.5 + 0.25 * (Math.sin(ax * x + ay * y + a) + Math.sin(bx * x + by * y + b));
}

/** From pixels to the shape's own coordinates: moved, turned, scaled, and stretched along one of its axes. */
function randomPose(random: RandomStream): Record<'x' | 'y' | 'ux' | 'uy' | 'vx' | 'vy' | 'pixels', number> {
  const radius = between(random, 9, 14.5);
  const margin = radius * 0.9;
  const x = between(random, margin, SIDE - 1 - margin);
  const y = between(random, margin, SIDE - 1 - margin);
  const angle = between(random, 0, 2 * Math.PI);
  const stretch = between(random, 0.9, 1.11);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const u = 1 / (radius * stretch);
  const v = stretch / radius;
  return { x, y, ux: cos * u, uy: sin * u, vx: -sin * v, vy: cos * v, pixels: radius };
}

/** A straight bar across the whole image, 1.5 to 4 pixels wide. */
function randomBar(random: RandomStream): { color: Color; cover: (x: number, y: number) => number } {
  const angle = between(random, 0, Math.PI);
  const nx = Math.cos(angle);
  const ny = Math.sin(angle);
  const offset = nx * between(random, 4, SIDE - 4) + ny * between(random, 4, SIDE - 4);
  const half = between(random, 0.75, 2);
  const cover = (x: number, y: number): number =>
    Math.min(1, Math.max(0, 0.5 + half - Math.abs(nx * x + ny * y - offset)));
  return { color: color(random), cover };
}
