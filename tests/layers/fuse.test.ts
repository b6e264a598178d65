import { describe, expect, it } from 'vitest';
import { withFusion } from '../../src/tensor/scope.js';
import { normals } from '../../testing/arbitraries.js';
import * as s from '../../testing/library.js';
import { tables, withTable } from '../../testing/tables.js';

/** Statistics, scales and shifts as training might leave them: without them batch norm would change next to nothing. */
function trained<M extends s.Module>(model: M): M {
  for (const [at, module] of [...model.namedModules()].map(([, m]) => m).entries()) {
    if (!(module instanceof s.BatchNorm2d)) continue;
    const n = module.features;
    module.runningMean?.data.set(normals(n, `mean ${at}`).map((v) => 0.2 * v));
    module.runningVar?.data.set(normals(n, `variance ${at}`).map((v) => 0.5 + Math.abs(v)));
    module.weight?.data.set(normals(n, `weight ${at}`).map((v) => 1 + 0.1 * v));
    module.bias?.data.set(normals(n, `bias ${at}`).map((v) => 0.2 * v));
  }
  return model.eval();
}

const images = (shape: number[]): s.Tensor => s.Tensor.from(normals(shape, 'images'), shape);
const copy = (t: s.Tensor): Float32Array => Float32Array.from(t.data);
const plainForward = (model: s.Module, x: s.Tensor): Float32Array => s.scope(() => copy(model.eval().forward(x)));
const prediction = (model: s.Module, x: s.Tensor): Float32Array => s.scope(() => copy(model.predict(x)));

/** Largest difference relative to the largest number. */
function difference(a: Float32Array, b: Float32Array): number {
  const largest = b.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return a.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i])), 0) / largest;
}

const networks: [string, () => s.Module, number, number][] = [
  ['resnet20', () => new s.CifarResnet(20), 32, 19],
  ['mobilenet_v2', () => s.mobilenet_v2({ widthMultiplier: 0.35 }), 32, 52],
  ['squeezenet1_1', () => s.squeezenet1_1({ numClasses: 10 }), 48, 0],
  ['vgg11_bn', () => s.vgg11_bn({ widthMultiplier: 0.125 }), 32, 8],
];

/** conv(x) = 2x, then a batch norm that makes y = 3 * conv(x) - 1. */
function byHand(): { conv: s.Conv2d; norm: s.BatchNorm2d } {
  const conv = new s.Conv2d(1, 1, 1, { bias: false });
  conv.weight.data.fill(2);
  const norm = new s.BatchNorm2d(1, { eps: 0 });
  norm.runningVar?.data.fill(4);
  norm.runningMean?.data.fill(1);
  norm.weight?.data.fill(6);
  norm.bias?.data.fill(2);
  return { conv, norm: norm.eval() };
}

describe.each(tables)('predict on %s', (_name, table) => {
  it('merges convolution, batch norm and rectifier: by hand', () => {
    withTable(table, () => {
      const { conv, norm } = byHand();
      const x = s.Tensor.from([-1, 0, 1, 2], [1, 1, 2, 2]);
      expect([...prediction(new s.Sequential(conv, norm), x)]).toEqual([-7, -1, 5, 11]);
      expect([...prediction(new s.Sequential(conv, norm, new s.ReLU()), x)]).toEqual([0, 0, 5, 11]);
      expect([...prediction(new s.Sequential(conv, norm, new s.ReLU6()), x)]).toEqual([0, 0, 5, 6]);
      expect([...prediction(new s.Sequential(conv, new s.ReLU()), x)]).toEqual([0, 0, 2, 4]);
      x.data[0] = Number.NaN;
      expect([...prediction(new s.Sequential(conv, norm, new s.ReLU6()), x)]).toEqual([Number.NaN, 0, 5, 6]);
    });
  });

  it('gives a convolution its own value where it is read again besides its batch norm', () => {
    withTable(table, () => {
      const { conv, norm } = byHand();
      const x = s.Tensor.from([-1, 3], [1, 1, 1, 2]);
      const [a, b, c] = withFusion(() => {
        const y = conv.forward(x);
        const z = norm.forward(y);
        return [s.relu(z), s.add(z, y), y];
      });
      expect([...a.data]).toEqual([0, 17]);
      expect([...b.data]).toEqual([-9, 23]);
      expect([...c.data]).toEqual([-2, 6]);
    });
  });

  it('lets convolutions write into the concatenation that reads them', () => {
    withTable(table, () => {
      const { conv } = byHand();
      const x = s.Tensor.from([-1, 3], [1, 1, 1, 2]);
      const joined = (between: (y: s.Tensor) => s.Tensor[]): number[] => [
        ...withFusion(() => s.relu(s.concat(between(conv.forward(x)), 1))).data,
      ];
      expect(joined((y) => [y, conv.forward(y)])).toEqual([0, 6, 0, 12]);
      expect(joined((y) => [s.relu(y), y])).toEqual([0, 6, 0, 6]);
      expect(joined((y) => [x, y, s.mul(y, -1)])).toEqual([0, 3, 0, 6, 2, 0]);
      const [a, b, c] = withFusion(() => {
        const y = conv.forward(x);
        const z = s.concat([y, y], 1);
        return [z, s.relu6(z), s.concat([z, y], 1)];
      });
      expect([...a.data]).toEqual([-2, 6, -2, 6]);
      expect([...b.data]).toEqual([0, 6, 0, 6]);
      expect([...c.data]).toEqual([-2, 6, -2, 6, -2, 6]);
      // A tensor that is changed after it was joined does not change what it was joined to.
      const d = withFusion(() => {
        const copied = s.mul(x, 1);
        const z = s.concat([copied, conv.forward(x)], 1);
        copied.data.fill(100);
        return z;
      });
      expect([...d.data]).toEqual([-1, 3, -2, 6]);
    });
  });

  it('joins the images of a batch, and along other axes, as ever', () => {
    withTable(table, () => {
      const { conv } = byHand();
      const x = s.Tensor.from([1, 2], [2, 1, 1, 1]);
      const y = withFusion(() => s.concat([conv.forward(x), x], 1));
      expect([...y.data]).toEqual([2, 1, 4, 2]);
      const z = withFusion(() => s.concat([conv.forward(x), x], 0));
      expect([...z.data]).toEqual([2, 4, 1, 2]);
    });
  });

  it('survives disposal of the operands, views, and keep', () => {
    withTable(table, () => {
      const { conv, norm } = byHand();
      let kept: s.Tensor | undefined;
      const y = withFusion(() => {
        const x = s.Tensor.from([-1, 3], [1, 1, 1, 2]);
        const h = conv.forward(x);
        x.dispose();
        const z = norm.forward(h);
        kept = s.keep(h);
        s.Tensor.zeros([64]);
        return s.reshape(z, [2]);
      });
      conv.weight.data.fill(100);
      expect([...y.data]).toEqual([-7, 17]);
      expect([...(kept as s.Tensor).data]).toEqual([-2, 6]);
    });
  });

  it('sees weights that changed since', () => {
    withTable(table, () => {
      const { conv, norm } = byHand();
      const model = new s.Sequential(conv, norm);
      const x = s.Tensor.from([1], [1, 1, 1, 1]);
      expect([...prediction(model, x)]).toEqual([5]);
      conv.weight.data.fill(1);
      norm.bias?.data.fill(10);
      expect([...prediction(model, x)]).toEqual([10]);
    });
  });

  it('leaves as many bytes as before', () => {
    withTable(table, () => {
      const model = trained(new s.CifarResnet(20));
      const x = images([1, 3, 32, 32]);
      model.predict(x).dispose();
      const before = s.memoryInfo().liveBytes;
      for (let i = 0; i < 2; i++) model.predict(x).dispose();
      expect(s.memoryInfo().liveBytes).toBe(before);
    });
  });
});

describe.each(tables.filter(([name]) => name !== 'reference'))('networks on %s', (_name, table) => {
  it.each(networks)(
    '%s predicts, and is fused, within rounding of its forward',
    (_title, make, side, count) => {
      withTable(table, () => {
        const model = trained(make());
        const x = images([2, 3, side, side]);
        const one = images([1, 3, side, side]);
        const want = plainForward(model, x);
        expect(difference(prediction(model, x), want)).toBeLessThan(1e-5);
        expect(difference(prediction(model, one), plainForward(model, one))).toBeLessThan(1e-5);
        expect(s.fuse(model)).toBe(count);
        expect(difference(plainForward(model, x), want)).toBeLessThan(1e-5);
        expect(difference(prediction(model, x), want)).toBeLessThan(1e-5);
        expect(s.fuse(model)).toBe(0);
      });
    },
    30_000,
  );
});

describe('predict', () => {
  it('waits only there: not in forward, nor under a tape inside', () => {
    const { conv } = byHand();
    const x = s.Tensor.from([1], [1, 1, 1, 1]);
    expect(conv.forward(x).storage.deferred).toBeNull();
    withFusion(() => {
      expect(conv.forward(x).storage.deferred).not.toBeNull();
      s.withTape(() => expect(conv.forward(x).storage.deferred).toBeNull());
    });
  });
});

describe('fuse', () => {
  class Shared extends s.Module {
    conv = byHand().conv;
    norm = byHand().norm;
    forward(x: s.Tensor): s.Tensor {
      const y = this.conv.forward(x);
      return s.add(this.norm.forward(y), y);
    }
  }

  it('leaves alone a convolution whose output something else uses too', () => {
    const model = new Shared();
    expect(s.fuse(model, [1, 1, 2, 2])).toBe(0);
    expect([...prediction(model, s.Tensor.from([1], [1, 1, 1, 1]))]).toEqual([7]);
  });

  it('makes training an error, says why, and restores the modes', () => {
    const { conv, norm } = byHand();
    const model = new s.Sequential(conv, norm).train();
    expect(s.fuse(model, [1, 1, 2, 2])).toBe(1);
    expect(model.training).toBe(true);
    expect(norm.folded).toBe(true);
    expect(() => model.forward(s.Tensor.zeros([1, 1, 2, 2]))).toThrow(
      'BatchNorm2d: this batch norm of 1 channels was folded into its convolution by fuse(model), which is for inference only. Call eval(), or train a model that is not fused.',
    );
    expect([...prediction(model, s.Tensor.from([1], [1, 1, 1, 1]))]).toEqual([5]);
  });

  it('asks for a shape where it cannot guess one', () => {
    expect(() => s.fuse(new s.Linear(2, 2))).toThrow(
      'fuse: the model has no Conv2d, so the shape of its input is unknown. Pass inputShape.',
    );
  });
});
