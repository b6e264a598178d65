import { AdaptiveAvgPool2d } from '../layers/adaptiveAvgPool2d.js';
import { AdaptiveMaxPool2d } from '../layers/adaptiveMaxPool2d.js';
import { AvgPool2d } from '../layers/avgPool2d.js';
import { GlobalAvgPool2d } from '../layers/globalAvgPool2d.js';
import { GlobalMaxPool2d } from '../layers/globalMaxPool2d.js';
import { Identity } from '../layers/identity.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import { ZeroPad2d } from '../layers/zeroPad2d.js';
import { add } from '../tensor/ops/math/add.js';
import { mul } from '../tensor/ops/math/mul.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import { slice } from '../tensor/ops/shape/slice.js';
import { Tensor } from '../tensor/tensor.js';
import { Elementwise } from './activations.js';
import { asImages } from './axes.js';
import { type BuildLayer, type Built, built, image, only, row, type ValueInfo } from './buildLayer.js';
import { isWhole, type LayerConfig, quote } from './config.js';
import { type Grid, resizeImages } from './resize.js';
import { PaddedPool2d, padded, type Sides } from './shapes.js';

/** Layers without weights that take images, [N, H, W, C], or rows of pixels, [N, L, C]. */
export const imageLayers: Readonly<Record<string, BuildLayer>> = {
  ZeroPadding2D: (layer, inputs) => {
    const around = sides(layer, 'padding', 1);
    const most = Math.max(...around);
    // Narrow borders, as all are, stay a layer of this library.
    const module = most < 2 ** 10 ? new ZeroPad2d(around) : new Elementwise('padding', (x) => padded(x, around, 0));
    return built(module, image(layer, inputs));
  },
  ZeroPadding1D: (layer, inputs) => {
    const [before, after] = ends(layer, layer.options.padding ?? 1);
    const pad = (x: Tensor): Tensor => asImages(x, (images) => padded(images, [before, 0, after, 0], 0));
    return built(new Elementwise('padding', pad), row(layer, inputs));
  },
  Cropping2D: (layer, inputs) => cropping(sides(layer, 'cropping', 0), image(layer, inputs)),
  Cropping1D: (layer, inputs) => {
    const [before, after] = ends(layer, layer.options.cropping ?? 1);
    return cropping([before, 0, after, 0], row(layer, inputs));
  },
  CenterCrop: (layer, inputs) => {
    const size = [layer.whole('height', null, 1), layer.whole('width', null, 1)] as const;
    const crop = (x: Tensor): Tensor =>
      size.reduce((part, n, i) => {
        const length = x.shape[i + 2];
        if (n > length) layer.refuse(`cuts ${size.join(' x ')} out of images of ${x.shape.slice(2).join(' x ')}`);
        const first = Math.floor((length - n) / 2);
        return slice(part, i + 2, first, first + n);
      }, x);
    return built(new Elementwise(`crop to ${size.join(' x ')}`, crop), image(layer, inputs));
  },
  UpSampling2D: (layer, inputs) => {
    const times = layer.pair('size', [2, 2]);
    return resizing(layer, inputs, ([h, w]) => [h * times[0], w * times[1]], 'nearest', 'asymmetric');
  },
  UpSampling1D: (layer, inputs) => {
    const times = layer.single('size', 2);
    const up = (x: Tensor): Tensor =>
      asImages(x, (rows) => resizeImages(layer.title, rows, [rows.shape[2] * times, 1], 'nearest', 'asymmetric'));
    return built(new Elementwise(`repeat pixels ${times} times`, up), row(layer, inputs));
  },
  Resizing: (layer, inputs) => {
    const size = [layer.whole('height', null, 1), layer.whole('width', null, 1)] as const;
    if (layer.flag('crop_to_aspect_ratio', false)) layer.refuse('has crop_to_aspect_ratio, which is not read');
    return resizing(layer, inputs, () => size, 'bilinear', 'half_pixel');
  },
  Rescaling: (layer, inputs) => {
    const x = only(layer, inputs);
    const scale = perChannel(layer, 'scale', x);
    const offset = perChannel(layer, 'offset', x);
    const rescale = (v: Tensor): Tensor => {
      const scaled = mul(v, scale(v));
      return offset === null ? scaled : add(scaled, offset(v));
    };
    return built(new Elementwise('rescaling', rescale), x);
  },
  MaxPooling1D: (layer, inputs) => rowPooling(layer, inputs, 'max'),
  AveragePooling1D: (layer, inputs) => rowPooling(layer, inputs, 'average'),
  MaxPooling2D: (layer, inputs) => pooling(layer, inputs, 'max'),
  AveragePooling2D: (layer, inputs) => pooling(layer, inputs, 'average'),
  GlobalAveragePooling1D: (layer, inputs) => globalPooling(layer, row(layer, inputs), 'average'),
  GlobalMaxPooling1D: (layer, inputs) => globalPooling(layer, row(layer, inputs), 'max'),
  GlobalAveragePooling2D: (layer, inputs) => globalPooling(layer, image(layer, inputs), 'average'),
  GlobalMaxPooling2D: (layer, inputs) => globalPooling(layer, image(layer, inputs), 'max'),
  ...Object.fromEntries(
    // What augments images in training leaves them alone in inference; here the transforms of the data set augment.
    ['Flip', 'Rotation', 'Zoom', 'Translation', 'Contrast', 'Brightness', 'Width', 'Height'].map((what) => [
      `Random${what}`,
      ((layer, inputs) => built(new Identity(), only(layer, inputs), 'shape')) as BuildLayer,
    ]),
  ),
};

function globalPooling(layer: LayerConfig, x: ValueInfo, kind: 'max' | 'average'): Built {
  if (layer.flag('keepdims', false)) {
    const pool = kind === 'max' ? new AdaptiveMaxPool2d(1) : new AdaptiveAvgPool2d(1);
    return built(
      x.rank === 4 ? pool : new Elementwise(`${kind} pooling`, (v) => asImages(v, (i) => pool.forward(i))),
      x,
    );
  }
  const pool = kind === 'max' ? new GlobalMaxPool2d() : new GlobalAvgPool2d();
  if (x.rank === 4) return built(pool, { ...x, rank: 2 });
  const onRows = (v: Tensor): Tensor => pool.forward(reshape(v, [...v.shape, 1]));
  return built(new Elementwise(`global ${kind} pooling`, onRows), { ...x, rank: 2 });
}

function pooling(layer: LayerConfig, inputs: readonly ValueInfo[], kind: 'max' | 'average'): Built {
  const x = image(layer, inputs);
  const kernelSize = layer.pair('pool_size', [2, 2]);
  const stride = layer.options.strides == null ? kernelSize : layer.pair('strides', null);
  if (layer.padding() === 'same') return built(new PaddedPool2d(kind, kernelSize, stride), x);
  return built(kind === 'max' ? new MaxPool2d(kernelSize, { stride }) : new AvgPool2d(kernelSize, { stride }), x);
}

function rowPooling(layer: LayerConfig, inputs: readonly ValueInfo[], kind: 'max' | 'average'): Built {
  const x = row(layer, inputs);
  const size = layer.single('pool_size', 2);
  const stride = layer.options.strides == null ? size : layer.single('strides', null);
  const padding = layer.padding() === 'same' ? 'same' : ([0, 0, 0, 0] as const);
  return built(new PaddedPool2d(kind, [size, 1], [stride, 1], padding), x);
}

/** Keras lays images on each other by their areas; TensorFlow.js's own layers by `own`. */
function resizing(
  layer: LayerConfig,
  inputs: readonly ValueInfo[],
  sizeFor: (size: readonly number[]) => readonly [number, number],
  fallback: 'bilinear' | 'nearest',
  own: Grid,
): Built {
  const mode = layer.text('interpolation', fallback);
  if (mode !== 'bilinear' && mode !== 'nearest') {
    layer.refuse(`has interpolation '${mode}', but 'bilinear' and 'nearest' are read`);
  }
  const grid = layer.dialect === 'tfjs' ? own : 'half_pixel';
  const resize = (x: Tensor): Tensor => resizeImages(layer.title, x, sizeFor(x.shape.slice(2)), mode, grid);
  return built(new Elementwise(`resize, ${mode}`, resize), image(layer, inputs));
}

/** A number for all channels, or one for each; null in place of zeros. */
function perChannel(layer: LayerConfig, name: 'scale', x: ValueInfo): (v: Tensor) => Tensor | number;
function perChannel(layer: LayerConfig, name: 'offset', x: ValueInfo): ((v: Tensor) => Tensor | number) | null;
function perChannel(layer: LayerConfig, name: string, x: ValueInfo): ((v: Tensor) => Tensor | number) | null {
  const given = layer.options[name];
  const list = Array.isArray(given) && given.length === 1 ? given[0] : given;
  if (!Array.isArray(list)) {
    const number = layer.number(name, name === 'offset' ? 0 : null) ?? layer.refuse(`has no ${name}`);
    return name === 'offset' && number === 0 ? null : () => number;
  }
  const fits = list.every((n) => Number.isFinite(n)) && (x.channels === null || x.channels === list.length);
  if (!fits)
    layer.refuse(
      `has ${name} ${quote(given)}, which must be a number, or one for each of its ${x.channels ?? ''} channels`,
    );
  return (v) => Tensor.from(list, [1, list.length, ...new Array(v.shape.length - 2).fill(1)]);
}

function cropping([top, right, bottom, left]: Sides, x: ValueInfo): Built {
  const crop = (v: Tensor): Tensor => {
    const rows = slice(v, 2, top, v.shape[2] - Math.min(bottom, v.shape[2]));
    return x.rank === 3 ? rows : slice(rows, 3, left, v.shape[3] - Math.min(right, v.shape[3]));
  };
  return built(new Elementwise('cropping', crop), x);
}

/** One number, [height, width], or [[top, bottom], [left, right]], as [top, right, bottom, left]. */
function sides(layer: LayerConfig, name: string, fallback: number): [number, number, number, number] {
  const given = layer.options[name] ?? fallback;
  const axes = Array.isArray(given) ? given : [given, given];
  if (axes.length !== 2) layer.refuse(`has the ${name} ${quote(given)}, which must be [[top, bottom], [left, right]]`);
  const [[top, bottom], [left, right]] = axes.map((axis) => ends(layer, axis));
  return [top, right, bottom, left];
}

/** One number for both ends of an axis, or each. A border as wide as a million pixels is damage. */
function ends(layer: LayerConfig, given: unknown): [number, number] {
  const both: unknown[] = Array.isArray(given) ? given : [given, given];
  const single = both.length === 1 ? [both[0], both[0]] : both;
  if (single.length !== 2 || !single.every((n) => isWhole(n, 0) && (n as number) <= 2 ** 20)) {
    layer.refuse(`has the border ${quote(given)}, which must be one or two whole numbers >= 0`);
  }
  return single as [number, number];
}
