import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../../../src/base/errors.js';
import { add } from '../../../../src/tensor/ops/math/add.js';
import { mul } from '../../../../src/tensor/ops/math/mul.js';
import { addRelu } from '../../../../src/tensor/ops/nn/addRelu.js';
import { relu } from '../../../../src/tensor/ops/nn/relu.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { shapes, wholes } from '../../../../testing/arbitraries.js';
import { gradientsOf } from '../../../../testing/gradients.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectGradients } from '../../../../testing/tolerance.js';

describe.each(tables)('addRelu on the %s kernels', (_name, table) => {
  const run = (title: string, fn: () => void): void => test(title, () => withTable(table, fn));

  run('by hand: sums below 0 become 0 and stop the gradient', () => {
    const a = Tensor.from([1, -5, 2, 0, 4]);
    const b = Tensor.from([2, 3, -2, 1, Number.NaN]);
    expect([...addRelu(a, b).data]).toEqual([3, 0, 0, 1, Number.NaN]);
    const dy = Tensor.from([10, 20, 30, 40, 50]);
    expect(gradientsOf(addRelu, [a, b], dy)).toEqual([
      [10, 0, 0, 40, 0],
      [10, 0, 0, 40, 0],
    ]);
  });

  run('relu(add(a, b)) and its gradients, whoever else uses a, b and the result', () => {
    fc.assert(
      fc.property(shapes(), fc.integer({ min: 0, max: 1e6 }), (shape, seed) => {
        const [a, b, dy] = [0, 1, 2].map((i) => Tensor.from(wholes(shape, seed + i), shape));
        const both = (fn: (join: typeof addRelu) => Tensor): void => {
          const [fused, apart] = [addRelu, (x: Tensor, z: Tensor) => relu(add(x, z))].map((join) =>
            gradientsOf(() => fn(join), [a, b], dy),
          );
          expect(fused).toEqual(apart);
        };
        both((join) => join(a, b));
        both((join) => join(a, a));
        both((join) => join(mul(a, b), b));
        both((join) => add(a, join(add(a, b), mul(b, 2))));
        both((join) => {
          const y = join(a, mul(b, 3));
          return add(mul(y, y), y);
        });
      }),
      { numRuns: 40 },
    );
  });

  run('the gradient of the result itself may be asked for too', () => {
    withTape((tape) => {
      const [a, b] = [Tensor.from([1, -5]), Tensor.from([2, 3])];
      const y = addRelu(a, b);
      const z = mul(y, 2);
      const [da, dy] = tape.gradient(z, [a, y], { cotangent: Tensor.from([1, 1]) });
      expect([...da.data]).toEqual([2, 0]);
      expect([...dy.data]).toEqual([2, 2]);
    });
  });

  run('gradients agree with central differences', () => {
    expectGradients(addRelu, [{ shape: [3, 7] }, { shape: [3, 7] }]);
  });

  run('shapes that differ are refused', () => {
    const refuse = (): Tensor => addRelu(Tensor.zeros([2, 3]), Tensor.zeros([3]));
    expect(refuse).toThrow(ShapeError);
    expect(refuse).toThrow(
      'addRelu: a has shape [2, 3], but b has [3]. They must be equal; relu(add(a, b)) broadcasts.',
    );
  });
});
