// What TensorFlow.js says of small layers models: writes tfjs.json beside this file. Needs `npm ci` in benchmarks/peers.
//   npx tsx tests/golden/tfjs.ts
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { formula } from './formula.js';
import { type Golden, joined, mobileNet, mobileNetCase, range, type Spec, weightBytes } from './tfjsCases.js';

/** The part of TensorFlow.js that is used here. */
interface Node {
  shape: number[];
}
interface Layer {
  apply(x: Node | Node[]): Node;
}
interface Model extends Layer {
  inputs: Node[];
  add(layer: Layer): void;
  predict(x: Node): Node & { dataSync(): Float32Array };
  save(handler: unknown): Promise<unknown>;
}
interface Tf {
  setBackend(name: string): Promise<boolean>;
  sequential(): Model;
  model(ends: { inputs: Node; outputs: Node }): Model;
  input(options: object): Node;
  tensor(values: Float32Array, shape: readonly number[]): Node;
  loadLayersModel(handler: unknown): Promise<Model>;
  io: {
    withSaveHandler(handler: (artifacts: Artifacts) => Promise<object>): unknown;
    fromMemory(artifacts: object): unknown;
  };
  layers: Readonly<Record<string, (options: object) => Layer>>;
}
interface Artifacts {
  modelTopology: object;
  weightSpecs: Spec[];
}

const peers = createRequire(new URL('../../benchmarks/peers/package.json', import.meta.url));
const tf = peers('@tensorflow/tfjs') as Tf;
await tf.setBackend('cpu');
const l = tf.layers;

function sequence(...layers: Layer[]): Model {
  const model = tf.sequential();
  for (const layer of layers) model.add(layer);
  return model;
}

/** A model of what `build` makes of an input of [H, W, C]. */
function graph(shape: number[], build: (x: Node) => Node): Model {
  const inputs = tf.input({ shape });
  return tf.model({ inputs, outputs: build(inputs) });
}

const models: Record<string, () => Model> = {
  // Every padding that TensorFlow puts on one side only, on images whose height is not their width.
  sequential: () =>
    sequence(
      l.conv2d({ inputShape: [13, 10, 3], filters: 6, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
      l.batchNormalization({ epsilon: 1e-2 }),
      l.zeroPadding2d({
        padding: [
          [1, 2],
          [0, 3],
        ],
      }),
      l.depthwiseConv2d({ kernelSize: [3, 2], depthMultiplier: 2, strides: 2, padding: 'same' }),
      l.reLU({ maxValue: 6 }),
      l.separableConv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu6' }),
      l.dropout({ rate: 0.4 }),
      l.flatten({}),
      l.dense({ units: 7, activation: 'tanh' }),
      l.batchNormalization({ scale: false }),
      l.dense({ units: 4, useBias: false }),
      l.softmax({}),
    ),
  pooling: () =>
    graph([11, 8, 4], (x) =>
      l
        .concatenate({})
        .apply([
          l.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x),
          l.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x),
          l.averagePooling2d({ poolSize: [4, 2], strides: 2, padding: 'same' }).apply(x),
          l.conv2d({ filters: 3, kernelSize: 2, padding: 'same', strides: 2 }).apply(x),
        ]),
    ),
  valid: () =>
    sequence(
      l.maxPooling2d({ inputShape: [10, 9, 2], poolSize: 2 }),
      l.conv2d({ filters: 5, kernelSize: [2, 3], dilationRate: 1, activation: 'elu' }),
      l.averagePooling2d({ poolSize: 2, strides: 1 }),
      l.conv2d({ filters: 4, kernelSize: 2, dilationRate: 2, padding: 'same' }),
      l.globalMaxPooling2d({}),
      l.dense({ units: 3 }),
    ),
  joining: () =>
    graph([6, 6, 3], (x) => {
      const conv = l.conv2d({ filters: 4, kernelSize: 3, padding: 'same' });
      const a = conv.apply(x);
      const shared = l.conv2d({ filters: 4, kernelSize: 1, useBias: false });
      const b = l.leakyReLU({ alpha: 0.2 }).apply(shared.apply(a));
      const c = shared.apply(b);
      const sum = l.add({}).apply([a, b, c]);
      const gate = l.reshape({ targetShape: [1, 1, 4] }).apply(l.globalAveragePooling2d({}).apply(sum));
      const gated = l.multiply({}).apply([sum, l.activation({ activation: 'sigmoid' }).apply(gate)]);
      const mean = l.average({}).apply([gated, a]);
      const both = l.concatenate({ axis: 1 }).apply([mean, l.elu({}).apply(c)]);
      return l.dense({ units: 2 }).apply(l.flatten({}).apply(both));
    }),
  nested: () => {
    const stem = sequence(
      l.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, strides: 2, padding: 'same' }),
      l.batchNormalization({}),
    );
    const body = graph([4, 4, 4], (x) => l.add({}).apply([x, l.conv2d({ filters: 4, kernelSize: 1 }).apply(x)]));
    return graph([8, 8, 3], (x) =>
      l.dense({ units: 3 }).apply(l.globalAveragePooling2d({}).apply(body.apply(stem.apply(x)))),
    );
  },
  // The order of numbers shows: images are stored with their channels last there.
  orders: () =>
    graph([4, 6, 3], (x) => {
      const flat = l.flatten({}).apply(x);
      const image = l.reshape({ targetShape: [6, 2, 6] }).apply(flat);
      const rows = l.reshape({ targetShape: [24, -1] }).apply(l.reLU({}).apply(image));
      return l.concatenate({}).apply([flat, l.reshape({ targetShape: [72] }).apply(rows)]);
    }),
  // Rows of pixels: three axes.
  rows: () =>
    graph([12, 5], (x) => {
      const rows = l
        .conv1d({ filters: 6, kernelSize: 3, padding: 'same', dilationRate: 2, activation: 'softplus' })
        .apply(x);
      const normed = l.batchNormalization({}).apply(l.spatialDropout1d({ rate: 0.3 }).apply(rows));
      const pools = [
        l.maxPooling1d({ poolSize: 3, strides: 2, padding: 'same' }).apply(normed),
        l.averagePooling1d({ poolSize: 3, strides: 2, padding: 'same' }).apply(normed),
        l.conv1d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }).apply(normed),
      ];
      const all = l.dense({ units: 3 }).apply(l.concatenate({}).apply(pools));
      const flat = l.flatten({}).apply(all);
      return l
        .concatenate({})
        .apply([flat, l.globalAveragePooling1d({}).apply(all), l.globalMaxPooling1d({}).apply(normed)]);
    }),
  functions: () =>
    graph([3, 4, 4], (x) => {
      const names = ['softplus', 'softsign', 'mish'];
      const layers = [
        ...names.map((activation) => l.activation({ activation })),
        l.prelu({ alphaInitializer: 'glorotNormal' }),
        l.prelu({ alphaInitializer: 'glorotNormal', sharedAxes: [1, 2] }),
        l.thresholdedReLU({ theta: 0.2 }),
        l.reLU({ maxValue: 0.5 }),
        l.layerNormalization({}),
        l.layerNormalization({ axis: [1, 2, 3], epsilon: 0.1 }),
        l.gaussianNoise({ stddev: 1 }),
        l.gaussianDropout({ rate: 0.5 }),
        l.alphaDropout({ rate: 0.5 }),
      ];
      return l.concatenate({}).apply(layers.map((layer) => layer.apply(x)));
    }),
  resized: () =>
    graph([4, 6, 3], (x) => {
      const turned = l.permute({ dims: [3, 1, 2] }).apply(x);
      const back = l.permute({ dims: [2, 3, 1] }).apply(turned);
      const up = l.upSampling2d({ size: [2, 3] }).apply(back);
      const smooth = l.upSampling2d({ size: [2, 3], interpolation: 'bilinear' }).apply(x);
      const both = l.concatenate({}).apply([up, smooth]);
      const cropped = l
        .cropping2D({
          cropping: [
            [1, 0],
            [2, 3],
          ],
        })
        .apply(both);
      const same = l.conv2dTranspose({ filters: 3, kernelSize: [3, 2], strides: 2, padding: 'same' }).apply(cropped);
      return l.conv2dTranspose({ filters: 2, kernelSize: 2, strides: [1, 3], activation: 'selu' }).apply(same);
    }),
  merging: () =>
    graph([3, 4, 2], (x) => {
      const a = l.conv2d({ filters: 3, kernelSize: 2, padding: 'same' }).apply(x);
      const b = l.conv2d({ filters: 3, kernelSize: 1 }).apply(x);
      const joined = l.concatenate({ axis: 2 }).apply([l.maximum({}).apply([a, b]), l.minimum({}).apply([a, b])]);
      const vectors = [joined, joined].map((v) => l.dense({ units: 5 }).apply(l.flatten({}).apply(v)));
      const repeated = l.repeatVector({ n: 3 }).apply(vectors[0]);
      const products = [true, false].map((normalize) => l.dot({ axes: -1, normalize }).apply(vectors));
      return l.concatenate({}).apply([...products, l.flatten({}).apply(repeated)]);
    }),
  rescaled: () =>
    sequence(
      l.rescaling({ inputShape: [5, 6, 3], scale: 1 / 127.5, offset: -1 }),
      l.centerCrop({ height: 4, width: 3 }),
    ),
  dense_on_images: () => sequence(l.dense({ inputShape: [3, 4, 5], units: 6, activation: 'softmax' })),
  activations: () =>
    graph([2, 3, 4], (x) => {
      const names = [
        'linear',
        'relu',
        'relu6',
        'elu',
        'selu',
        'sigmoid',
        'hardSigmoid',
        'tanh',
        'softmax',
        'swish',
        'gelu',
      ];
      return l
        .concatenate({})
        .apply(names.map((activation) => l.conv2d({ filters: 4, kernelSize: 1, activation }).apply(x)));
    }),
};

async function artifactsOf(model: Model): Promise<Artifacts> {
  let found: Artifacts | undefined;
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    found = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  });
  await model.save(handler);
  return found as unknown as Artifacts;
}

async function answer(modelTopology: object, weightSpecs: Spec[], input: number[]): Promise<Golden> {
  const weightData = joined(weightBytes(weightSpecs)).buffer;
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  const y = model.predict(tf.tensor(formula(input, 7, -1, 1), input));
  const output = Array.from(y.dataSync(), (v) => Number(v.toPrecision(9)));
  return { topology: modelTopology, weights: weightSpecs, input, outputShape: y.shape, output };
}

/** The same weights in fewer bits. */
function packed(specs: readonly Spec[], dtype: 'uint8' | 'uint16' | 'float16'): Spec[] {
  return specs.map((spec) => {
    if (dtype === 'float16') return { ...spec, quantization: { dtype } };
    const [min, high] = range(spec.name.slice(spec.name.lastIndexOf('/') + 1), spec.shape);
    return { ...spec, quantization: { dtype, min, scale: (high - min) / (dtype === 'uint8' ? 255 : 65535) } };
  });
}

const goldens: Record<string, Golden> = {};
for (const [name, make] of Object.entries(models)) {
  const model = make();
  const { modelTopology, weightSpecs } = await artifactsOf(model);
  const input = [2, ...model.inputs[0].shape.slice(1)];
  goldens[name] = await answer(modelTopology, weightSpecs, input);
  if (name !== 'sequential') continue;
  for (const dtype of ['uint8', 'uint16', 'float16'] as const) {
    goldens[`${name}_${dtype}`] = await answer(modelTopology, packed(weightSpecs, dtype), input);
  }
}
const topology = mobileNet(...mobileNetCase);
const { weightSpecs } = await artifactsOf(await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: topology })));
goldens.mobilenet = {
  ...(await answer(topology, weightSpecs, [2, mobileNetCase[0], mobileNetCase[0], 3])),
  topology: null,
};
const lines = Object.entries(goldens).map(([name, golden]) => `${JSON.stringify(name)}: ${JSON.stringify(golden)}`);
writeFileSync(new URL('tfjs.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
