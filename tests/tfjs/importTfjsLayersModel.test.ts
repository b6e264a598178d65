import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/base/errors.js';
import { crossEntropy, Linear, manualSeed, permute, SGD, sum, Tensor, withTape } from '../../src/index.js';
import { replaceHead } from '../../src/models/index.js';
import { importTfjsLayersModel } from '../../src/tfjs/index.js';
import { expectOnlyOwnErrors, mutated } from '../../testing/mutations.js';
import { formula } from '../golden/formula.js';
import { type Golden, joined, mobileNet, mobileNetCase, type Spec, weightBytes } from '../golden/tfjsCases.js';

const goldens = JSON.parse(readFileSync(new URL('../golden/tfjs.json', import.meta.url), 'utf8')) as Record<
  string,
  Golden
>;

/** A model.json with one shard. */
function file(topology: object, weights: readonly Spec[]): object {
  return { format: 'layers-model', modelTopology: topology, weightsManifest: [{ paths: ['a.bin'], weights }] };
}

function topologyOf({ topology }: Golden): object {
  return topology ?? mobileNet(...mobileNetCase);
}

/** Keras's values of three axes and more, with the last brought to the second place. */
function channelsSecond(values: Tensor): Tensor {
  const rank = values.shape.length;
  return rank < 3 ? values : permute(values, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)]);
}

/** The image of a golden value, with its channels brought to the front. */
function imageOf({ input }: Golden): Tensor {
  return channelsSecond(Tensor.from(formula(input, 7, -1, 1), input));
}

/** Expects that a model gives the numbers of a golden value. */
function expectGolden(model: { predict(x: Tensor): Tensor }, golden: Golden): void {
  const y = model.predict(imageOf(golden));
  const want = channelsSecond(Tensor.from(golden.output, golden.outputShape));
  expect(y.shape).toEqual(want.shape);
  const largest = Math.max(...golden.output.map(Math.abs));
  const worst = Math.max(...want.data.map((v, i) => Math.abs(v - y.data[i])));
  expect(worst / largest).toBeLessThan(1e-4);
}

const sequential = goldens.sequential;
const mobile = goldens.mobilenet;

test('a dense layer by hand: one pixel of two channels', async () => {
  const layers = [
    { class_name: 'Flatten', config: { name: 'flat', batch_input_shape: [null, 1, 1, 2] } },
    { class_name: 'Dense', config: { name: 'fc', units: 2 } },
  ];
  const weights = [
    { name: 'fc/kernel', shape: [2, 2], dtype: 'float32' },
    { name: 'fc/bias', shape: [2], dtype: 'int32' },
  ];
  const json = JSON.stringify(file({ class_name: 'Sequential', config: { layers } }, weights));
  const kernel = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
  const shard = joined([kernel, new Uint8Array(Int32Array.of(10, 20).buffer)]);
  const model = await importTfjsLayersModel(json, [shard]);
  expect([...model.predict(Tensor.from([1, 10], [1, 2, 1, 1])).data]).toEqual([41, 62]);
  expect([...model.stateDict()].map(([name, { shape, data }]) => [name, shape, [...data]])).toEqual([
    ['fc.weight', [2, 2], [1, 3, 2, 4]],
    ['fc.bias', [2], [10, 20]],
  ]);
});

test.each(Object.keys(goldens))("%s gives TensorFlow.js's values", async (name) => {
  const golden = goldens[name];
  const model = await importTfjsLayersModel(file(topologyOf(golden), golden.weights), [
    joined(weightBytes(golden.weights)),
  ]);
  expectGolden(model, golden);
  expect(new Set(golden.output).size, 'the golden values say something').toBeGreaterThan(golden.output.length / 4);
});

describe('a model as Keras 3 writes it', () => {
  test.each(['sequential', 'valid', 'joining', 'nested', 'functions'])(
    "%s gives TensorFlow.js's values",
    async (name) => {
      const golden = goldens[name];
      const weights = golden.weights.map((spec) => ({ ...spec, name: `prefix/${keras3WeightName(spec.name)}` }));
      const json = file(keras3(topologyOf(golden)), weights);
      expectGolden(await importTfjsLayersModel(json, [joined(weightBytes(golden.weights))]), golden);
    },
  );

  test('means another hard_sigmoid than one of Keras 2: x / 6 + 1/2', async () => {
    const x = Tensor.full([1, 2, 4, 4], 1);
    for (const [keras_version, right] of [
      ['2.15.0', 0.7],
      ['3.5.0', 2 / 3],
    ] as const) {
      const json = one('Activation', { activation: 'hard_sigmoid' }) as { modelTopology: object };
      const versioned = { ...json, modelTopology: { keras_version, ...json.modelTopology } };
      const model = await importTfjsLayersModel(versioned, [new Uint8Array()]);
      expect(model.predict(x).data[0]).toBeCloseTo(right, 6);
    }
  });

  test('names two layers alike in two models inside: each gets the weights under the name of its model', async () => {
    const inner = (name: string): object => ({
      class_name: 'Sequential',
      config: {
        name,
        layers: [
          { class_name: 'InputLayer', config: { batch_shape: [null, 1], name: 'in' } },
          { class_name: 'Dense', config: { name: 'dense', units: 1, use_bias: false } },
        ],
      },
    });
    const topology = { class_name: 'Sequential', config: { name: 'outer', layers: [inner('a'), inner('b')] } };
    const weights = ['outer/a/dense/kernel', 'outer/b/dense/kernel'].map((name) => ({
      name,
      shape: [1, 1],
      dtype: 'float32',
    }));
    const model = await importTfjsLayersModel(file(topology, weights), [new Uint8Array(Float32Array.of(3, 5).buffer)]);
    expect([...model.stateDict()].map(([name, { data }]) => [name, data[0]])).toEqual([
      ['dense.weight', 3],
      ['dense_2.weight', 5],
    ]);
  });

  test('takes tensors among the named arguments of a call, and activations as records', async () => {
    const tensor = (name: string): object => ({
      class_name: '__keras_tensor__',
      config: { shape: [null, 2], keras_history: [name, 0, 0] },
    });
    const layers = [
      { class_name: 'InputLayer', name: 'x', config: { batch_shape: [null, 2], name: 'x' }, inbound_nodes: [] },
      {
        class_name: 'Activation',
        name: 'act',
        config: {
          name: 'act',
          activation: { module: 'builtins', class_name: 'function', config: 'softsign', registered_name: 'function' },
        },
        inbound_nodes: [{ args: [], kwargs: { inputs: tensor('x'), training: false } }],
      },
      {
        class_name: 'Add',
        name: 'sum',
        config: { name: 'sum' },
        inbound_nodes: [{ args: [[tensor('act'), tensor('x')]], kwargs: {} }],
      },
    ];
    const topology = {
      class_name: 'Functional',
      config: { layers, input_layers: { first: ['x', 0, 0] }, output_layers: ['sum', 0, 0] },
    };
    const model = await importTfjsLayersModel(file(topology, []), [new Uint8Array()]);
    expect(model.predict(Tensor.from([1, -3], [1, 2])).toArray()).toEqual([[1.5, -3.75]]);
  });
});

test('a causal convolution of rows looks back only, and a softmax runs along any axis', async () => {
  const conv = {
    class_name: 'Conv1D',
    config: {
      name: 'it',
      filters: 1,
      kernel_size: 3,
      padding: 'causal',
      use_bias: false,
      batch_input_shape: [null, 4, 1],
    },
  };
  const weights = [{ name: 'it/kernel', shape: [3, 1, 1], dtype: 'float32' }];
  const json = file({ class_name: 'Sequential', config: { layers: [conv] } }, weights);
  const model = await importTfjsLayersModel(json, [new Uint8Array(Float32Array.of(100, 10, 1).buffer)]);
  expect(model.predict(Tensor.from([1, 2, 3, 4], [1, 1, 4])).toArray()).toEqual([[[1, 12, 123, 234]]]);
  const softmax = await importTfjsLayersModel(one('Softmax', { axis: 1 }), [new Uint8Array()]);
  const y = softmax.predict(Tensor.from(formula([1, 2, 4, 4], 3, -1, 1), [1, 2, 4, 4]));
  for (const row of sum(y, 2).data) expect(row).toBeCloseTo(1, 6);
});

test('Resizing and a smooth UpSampling2D of Keras lay images on each other by their areas', async () => {
  const x = Tensor.from([0, 4], [1, 1, 1, 2]);
  const layers: [string, object][] = [
    ['Resizing', { height: 1, width: 4 }],
    ['UpSampling2D', { size: [1, 2], interpolation: 'bilinear' }],
  ];
  for (const [className, config] of layers) {
    const model = await importTfjsLayersModel(one(className, { ...config, batch_input_shape: [null, 1, 2, 1] }), [
      new Uint8Array(),
    ]);
    expect(model.predict(x).toArray()).toEqual([[[[0, 1, 3, 4]]]]);
  }
});

describe('shards', () => {
  const bytes = joined(weightBytes(sequential.weights));
  const cuts = [0, 5, 1001, bytes.length];
  const paths = ['one.bin', 'two.bin', 'three.bin'];
  const parts = paths.map((_, i) => bytes.slice(cuts[i], cuts[i + 1]));
  const manifest = [{ paths, weights: sequential.weights }];
  const json = { modelTopology: sequential.topology, weightsManifest: manifest };

  test('may cut a number in two, and come as a list or when they are asked for', async () => {
    const whole = await importTfjsLayersModel(file(topologyOf(sequential), sequential.weights), [bytes]);
    const expected = whole.predict(imageOf(sequential)).toArray();
    const listed = await importTfjsLayersModel(json, parts);
    expect(listed.predict(imageOf(sequential)).toArray()).toEqual(expected);
    const asked: string[] = [];
    const loaded = await importTfjsLayersModel(json, async (path) => {
      asked.push(path);
      return parts[paths.indexOf(path)];
    });
    expect(loaded.predict(imageOf(sequential)).toArray()).toEqual(expected);
    expect(asked).toEqual(paths);
  });

  test('that are missing, too short or too long are refused', async () => {
    await expect(importTfjsLayersModel(json, parts.slice(1))).rejects.toThrow(
      'the manifest names 3 shards (one.bin, two.bin, three.bin), but 2 were given.',
    );
    await expect(importTfjsLayersModel(json, [parts[0], parts[1], parts[2].subarray(1)])).rejects.toThrow(
      /needs \d+ bytes, but the shards end after \d+ of them\. They are truncated\./,
    );
    await expect(importTfjsLayersModel(json, [parts[0], parts[1], bytes])).rejects.toThrow(
      /\d+ bytes of the shards one\.bin, two\.bin, three\.bin belong to no weight of the manifest\./,
    );
  });
});

describe('a MobileNet', () => {
  const json = file(topologyOf(mobile), mobile.weights);
  const shards = [joined(weightBytes(mobile.weights))];

  test('has modules named as its layers, and gives logits when asked', async () => {
    const model = await importTfjsLayersModel(json, shards, { logits: true });
    const state = model.stateDict();
    expect(state.get('conv1.weight')?.shape).toEqual([8, 3, 3, 3]);
    expect(state.get('conv_dw_13.weight')?.shape).toEqual([256, 1, 3, 3]);
    expect([...state.keys()].filter((name) => name.startsWith('conv_pw_13_bn.'))).toHaveLength(4);
    const logits = model.predict(imageOf(mobile));
    expect(logits.data.some((v) => v < 0)).toBe(true);
    const exp = [...logits.data.subarray(0, 10)].map(Math.exp);
    const total = exp.reduce((a, b) => a + b, 0);
    exp.forEach((e, i) => {
      expect(e / total).toBeCloseTo(mobile.output[i], 4);
    });
  });

  test('gets a new head and learns: every parameter has a gradient, and the loss falls', async () => {
    const model = await importTfjsLayersModel(json, shards, { logits: true });
    manualSeed(1);
    replaceHead(model, 2);
    model.train();
    const x = imageOf(mobile);
    const optimizer = new SGD(model.parameters(), { learningRate: 0.02 });
    // Batch norm over two images of a few pixels: any rounding leads another way, and all lead down.
    const losses = Array.from({ length: 80 }, () =>
      withTape((tape) => {
        const loss = crossEntropy(model.forward(x), Int32Array.of(0, 1));
        tape.backward(loss);
        const still = [...model.namedParameters()].filter(([, p]) => p.grad?.data.every((g) => g === 0) ?? true);
        expect(still.map(([name]) => name)).toEqual([]);
        optimizer.step();
        return loss.item();
      }),
    );
    expect(losses[79]).toBeLessThan(losses[0] / 2);
  });

  test('is cut at a layer for its features', async () => {
    const model = await importTfjsLayersModel(json, shards, { output: 'global_average_pooling2d_1' });
    expect(model.predict(imageOf(mobile)).shape).toEqual([2, 256]);
    expect([...model.namedModules()].some(([, m]) => m instanceof Linear)).toBe(false);
    await expect(importTfjsLayersModel(json, shards, { output: 'nowhere' })).rejects.toThrow(
      "there is no layer 'nowhere'. The model has input_1, conv1_pad, conv1, ",
    );
  });
});

/** The same topology as Keras 3 would have it. */
function keras3(topology: object): object {
  const text = JSON.stringify(topology)
    .replaceAll('"batch_input_shape"', '"batch_shape"')
    .replaceAll(
      '"dtype":"float32"',
      '"dtype":{"module":"keras","class_name":"DTypePolicy","config":{"name":"float32"}}',
    )
    .replaceAll(/"alpha":(?=[\d.])/g, '"negative_slope":');
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
      if (key === 'inbound_nodes') return [key, (inner as unknown[][][]).map(keras3Node)];
      if (/^(input|output)_layers$/.test(key) && (inner as unknown[]).length === 1)
        return [key, (inner as unknown[])[0]];
      return [key, visit(inner)];
    });
    return { module: 'keras', registered_name: null, ...Object.fromEntries(entries) };
  };
  return { keras_version: '3.5.0', model_config: visit(JSON.parse(text)) };
}

function keras3Node(inputs: unknown[][]): object {
  const tensors = inputs.map((history) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null], dtype: 'float32', keras_history: history.slice(0, 3) },
  }));
  return { args: tensors.length === 1 ? tensors : [tensors], kwargs: { training: null } };
}

/** DepthwiseConv2D has a kernel like all others there; a SeparableConv2D keeps its names. */
function keras3WeightName(name: string): string {
  return /depthwise_conv2d.*\/depthwise_kernel$/i.test(name) ? name.replace('depthwise_kernel', 'kernel') : name;
}

/** A Sequential model of one layer on images [H, W, 2] without weights. */
function one(className: string, config: object): object {
  const layer = { class_name: className, config: { name: 'it', batch_input_shape: [null, 4, 4, 2], ...config } };
  return file({ class_name: 'Sequential', config: { layers: [layer] } }, []);
}

describe('what is not read is said', () => {
  test.each<[string, object | string, RegExp]>([
    [
      'a layer of another class',
      one('Conv3D', {}),
      /layer Conv3D 'it' is of a class that is not read; those that are: InputLayer, Conv2D, /,
    ],
    [
      'an activation',
      one('Activation', { activation: 'glu' }),
      /layer Activation 'it' has the activation 'glu', but linear, relu, /,
    ],
    [
      'channels in front',
      one('MaxPooling2D', { data_format: 'channels_first' }),
      /has data_format 'channels_first', but 'channels_last' is read/,
    ],
    ['a bound', one('ReLU', { max_value: -1 }), /has max_value -1, which must not be negative/],
    [
      'a stride of 0',
      one('MaxPooling2D', { strides: [0, 1] }),
      /has strides \[0,1\], which must be one or two whole numbers >= 1/,
    ],
    [
      'a weight that is missing',
      one('Dense', { units: 3 }),
      /layer Dense 'it' needs the weight 'it\/kernel', which the manifest lacks/,
    ],
    [
      'a graph model',
      { format: 'graph-model', modelTopology: { node: [] } },
      /model\.json holds a graph model, not layers\. Call importTfjsGraphModel, or importTfjsModel/,
    ],
    ['a cut text', '{"modelTopology": {', /model\.json of 19 bytes is no JSON/],
    ['a list', '[]', /model\.json holds \[\], but must be an object/],
    ['no topology', { weightsManifest: [] }, /model\.json has the modelTopology nothing, but needs an object/],
    ['no weights', { modelTopology: {} }, /model\.json has the weightsManifest nothing, but needs a list/],
    [
      'no layers',
      file({ class_name: 'Sequential', config: { layers: [] } }, []),
      /has the layers \[\], but needs a list of some/,
    ],
    [
      'a layer in a circle',
      file(
        {
          class_name: 'Model',
          config: {
            layers: [
              {
                class_name: 'InputLayer',
                name: 'x',
                config: { batch_input_shape: [null, 4, 4, 2] },
                inbound_nodes: [],
              },
              { class_name: 'ReLU', name: 'a', config: {}, inbound_nodes: [[['b', 0, 0, {}]]] },
              { class_name: 'ReLU', name: 'b', config: {}, inbound_nodes: [[['a', 0, 0, {}]]] },
            ],
            input_layers: [['x', 0, 0]],
            output_layers: [['b', 0, 0]],
          },
        },
        [],
      ),
      /layer ReLU '[ab]' depends on its own output/,
    ],
  ])('%s', async (_, json, message) => {
    const reading = importTfjsLayersModel(
      json,
      Array.isArray((json as { weightsManifest?: unknown[] }).weightsManifest) &&
        (json as { weightsManifest: unknown[] }).weightsManifest.length > 0
        ? [new Uint8Array()]
        : [],
    );
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(message);
  });

  test('a weight of another shape, an unknown type, an impossible shape, a name that stands twice', async () => {
    const bytes = joined(weightBytes(sequential.weights));
    const changed = (change: (spec: Spec) => object): Promise<unknown> => {
      const [first, ...rest] = sequential.weights;
      return importTfjsLayersModel(file(topologyOf(sequential), [{ ...first, ...change(first) }, ...rest]), [bytes]);
    };
    await expect(changed(() => ({ shape: [3, 3, 6, 3] }))).rejects.toThrow(
      /weight '.*\/kernel' has shape \[3, 3, 6, 3\], but layer Conv2D '.*' needs \[3, 3, 3, 6\]\./,
    );
    await expect(changed(() => ({ dtype: 'complex64' }))).rejects.toThrow("has the dtype 'complex64', but float32,");
    await expect(changed(() => ({ shape: [2 ** 40, 2 ** 40] }))).rejects.toThrow('which is impossible');
    await expect(changed(() => ({ shape: [2 ** 40] }))).rejects.toThrow(
      /needs 4398046511104 bytes, but the shards end/,
    );
    await expect(changed(() => ({ name: sequential.weights[1].name }))).rejects.toThrow(
      'stands twice in the manifest.',
    );
    await expect(changed(() => ({ quantization: { dtype: 'uint4' } }))).rejects.toThrow('but needs float16, or uint8');
  });

  test('names of weights and layers that mean something to JavaScript are names', async () => {
    const json = JSON.stringify(one('ReLU', { name: '__proto__' })).replace(/"name":"__proto__"/, '"name":"__proto__"');
    const model = await importTfjsLayersModel(json, [new Uint8Array()]);
    expect(model.predict(Tensor.ones([1, 2, 4, 4])).shape).toEqual([1, 2, 4, 4]);
    await expect(importTfjsLayersModel(one('constructor', {}), [new Uint8Array()])).rejects.toThrow(
      "layer constructor 'it' is of a class that is not read",
    );
    await expect(
      importTfjsLayersModel(one('Activation', { activation: 'toString' }), [new Uint8Array()]),
    ).rejects.toThrow(FormatError);
  });
});

describe('damage', () => {
  const small = goldens.joining;
  const text = JSON.stringify(file(topologyOf(small), small.weights));
  const shard = joined(weightBytes(small.weights));

  test('of any byte of model.json gives a model or an error of this library', async () => {
    const bytes = new TextEncoder().encode(text);
    await fc.assert(
      fc.asyncProperty(mutated(bytes), (json) => expectOnlyOwnErrors(() => importTfjsLayersModel(json, [shard]))),
      { numRuns: 400 },
    );
  });

  test('of any value of the JSON, likewise', async () => {
    const paths: (string | number)[][] = [];
    const visit = (value: unknown, path: (string | number)[]): void => {
      if (path.length > 0) paths.push(path);
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value))
        visit(inner, [...path, Array.isArray(value) ? Number(key) : key]);
    };
    visit(JSON.parse(text), []);
    const odd = fc.constantFrom<unknown>(
      null,
      -1,
      0,
      1,
      3,
      0.5,
      1e300,
      '',
      'Flatten',
      'same',
      true,
      [],
      {},
      [[]],
      [1, 2],
      2 ** 31,
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), odd, async (path, value) => {
        const json = JSON.parse(text);
        let at = json;
        for (const key of path.slice(0, -1)) at = at[key];
        at[path[path.length - 1]] = value;
        await expectOnlyOwnErrors(() => importTfjsLayersModel(json, [shard]));
      }),
      { numRuns: 1500 },
    );
  });
});
