// A photograph painted in the style of another one: npx tsx examples/15-style-transfer.ts [CONTENT STYLE MODEL] [--steps=N]
//
// Gatys, Ecker and Bethge 2016, "Image Style Transfer Using Convolutional Neural Networks": the picture is changed until its maps in a late layer are those of the
// content, and the products of its maps in early layers (how often features occur together, wherever) are those of the style. Any network's features will do: MODEL
// is a classifier's file. Without files the example draws both pictures, and uses a small network with random filters.
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Module } from 'stridenet';
import {
  Adam,
  add,
  createModel,
  manualSeed,
  matmul,
  meanSquaredError,
  mul,
  Parameter,
  reshape,
  Tape,
  Tensor,
  transpose,
} from 'stridenet';
import { ImageClassifier } from 'stridenet/classifier';
import { decodeImage, encodePng, resizeImage } from 'stridenet/images';
import { readBytes } from 'stridenet/node';

const given = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const tiny = process.env.STRIDENET_TINY === '1';
const steps = Number(process.argv.find((arg) => arg.startsWith('--steps='))?.slice(8) ?? (tiny ? 5 : 200));
const side = tiny ? 32 : 128;
const STYLE_WEIGHT = 300;
const [content, style] = [await picture(given[0], 0), await picture(given[1], 1)];
const model = given[2] === undefined ? untrained() : (await ImageClassifier.load(given[2])).model;
model.eval().requiresGrad(false);

// (1) Early layers for the style, a late one for the content: those whose maps have more than four pixels, spread over the network.
const names = layersWithMaps(model, content);
const styleLayers = [0.05, 0.2, 0.4].map((at) => names[Math.floor(at * names.length)]);
const contentLayer = names[Math.floor(0.5 * names.length)];
console.log(`style from ${styleLayers.join(', ')}; content from ${contentLayer}`);
const wanted = {
  content: mapsOf(model, content, [contentLayer])[0],
  style: mapsOf(model, style, styleLayers).map(gram),
};

// (2) The pixels are the only parameter.
const pixels = new Parameter(Float32Array.from(content.data), content.shape);
const optimizer = new Adam([pixels], { learningRate: 0.03 });
for (let step = 0; step <= steps; step++) {
  const tape = new Tape();
  const [middle, ...early] = mapsOf(model, pixels, [contentLayer, ...styleLayers]);
  let loss = meanSquaredError(middle, wanted.content);
  for (const [i, maps] of early.entries()) {
    loss = add(loss, mul(meanSquaredError(gram(maps), wanted.style[i]), Tensor.from([STYLE_WEIGHT], [])));
  }
  tape.backward(loss);
  if (step % Math.ceil(steps / 5) === 0) console.log(`step ${step}: loss ${loss.item().toFixed(4)}`);
  tape.close();
  if (step === steps) break;
  optimizer.step();
  optimizer.zeroGrad();
}
mkdirSync('runs', { recursive: true });
writeFileSync('runs/style-transfer.png', encodePng(toPicture(pixels)));
console.log('picture in runs/style-transfer.png');

/** Products of each two maps, averaged over their pixels: [1, C, H, W] -> [C, C]. */
function gram(maps: Tensor): Tensor {
  const [, channels, height, width] = maps.shape;
  const rows = reshape(maps, [channels, height * width]);
  return mul(matmul(rows, transpose(rows, 0, 1)), Tensor.from([1 / (channels * height * width)], []));
}

/** What layers give, by forward hooks: the model itself stays as it is. */
function mapsOf(network: Module, x: Tensor, layers: readonly string[]): Tensor[] {
  const found = new Map<string, Tensor>();
  const modules = new Map(network.namedModules());
  const handles = layers.map((name) =>
    (modules.get(name) as Module).registerForwardHook((_module, _input, output) => void found.set(name, output)),
  );
  network.forward(x);
  for (const handle of handles) handle.remove();
  return layers.map((name) => found.get(name) as Tensor);
}

function layersWithMaps(network: Module, x: Tensor): string[] {
  const found: string[] = [];
  const handles = [...network.namedModules()].map(([name, module]) =>
    module.registerForwardHook((_module, _input, { shape }) => {
      if (name !== '' && shape.length === 4 && shape[2] * shape[3] > 4 && !found.includes(name)) found.push(name);
    }),
  );
  network.forward(x);
  for (const handle of handles) handle.remove();
  return found;
}

function untrained(): Module {
  manualSeed(1);
  return createModel('resnet20');
}

/** A photograph, or a drawing, as [1, 3, side, side] around 0. */
async function picture(path: string | undefined, kind: number): Promise<Tensor> {
  const rgb = path === undefined ? drawing(kind) : await decodeImage(await readBytes(path), { mode: 'RGB' });
  const { data } = await resizeImage(rgb, { width: side, height: side, mode: 'crop' });
  const plane = side * side;
  const values = Float32Array.from(
    { length: 3 * plane },
    (_, i) => data[3 * (i % plane) + Math.floor(i / plane)] / 64 - 2,
  );
  return Tensor.from(values, [1, 3, side, side]);
}

function drawing(kind: number): { width: number; height: number; data: Uint8Array } {
  const data = Uint8Array.from({ length: 3 * side * side }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side), i % 3];
    if (kind === 0) return (x - side / 2) ** 2 + (y - side / 2) ** 2 < side * side * 0.08 ? 200 - 30 * c : 90 + 20 * c;
    return 128 + 100 * Math.sin((x + y * (1 + c)) / 3);
  });
  return { width: side, height: side, data };
}

function toPicture({ data }: Tensor): { width: number; height: number; data: Uint8Array } {
  const plane = side * side;
  const bytes = Uint8Array.from({ length: 3 * plane }, (_, i) => {
    return Math.max(0, Math.min(255, 64 * (data[(i % 3) * plane + Math.floor(i / 3)] + 2)));
  });
  return { width: side, height: side, data: bytes };
}
