// Tensors, operations and gradients: npx tsx examples/01-tensors-and-gradients.ts
import { add, conv2d, matmul, mean, mul, Parameter, relu, square, sub, Tensor, withTape } from 'stridenet';

// A tensor is an n-dimensional array of float32 numbers. Operations are functions; smaller shapes stretch to larger ones.
const a = Tensor.from([
  [1, 2, 3],
  [4, 5, 6],
]);
console.log('a + [10, 20, 30] =', add(a, Tensor.from([10, 20, 30])).toArray());
console.log('a times its columns =', matmul(a, Tensor.from([1, 0, 0, 1, 1, 1], [3, 2])).toArray());

// A convolution slides a filter over an image: a 6x6 image and a 3x3 filter leave 4x4 positions.
const edge = Tensor.from(
  [1, 1, 1, 0, 0, 0].flatMap((v) => Array.from({ length: 6 }, () => v)),
  [1, 1, 6, 6],
);
const filter = Tensor.from([1, 1, 1, 0, 0, 0, -1, -1, -1], [1, 1, 3, 3]);
console.log('where the picture turns dark:', conv2d(edge, filter, null).toArray());

// A tape records operations while it is open; `gradient` walks it backwards. The derivative of mean(x^2) is 2x / n.
const x = Tensor.from([1, 2, 3, 4]);
const [dx] = withTape((tape) => tape.gradient(mean(square(x)), [x]));
console.log('d mean(x^2) / dx =', dx.toArray());

// Gradient descent by hand: find w and b so that relu(w x + b) meets y = 2x + 1.
const y = Tensor.from([3, 5, 7, 9]);
const w = new Parameter([0.5]);
const b = new Parameter([0]);
for (let step = 0; step <= 200; step++) {
  withTape((tape) => {
    const loss = mean(square(sub(relu(add(mul(x, w), b)), y)));
    tape.backward(loss);
    if (step % 50 === 0) {
      console.log(`step ${step}: loss ${loss.item().toFixed(5)}, w ${w.item().toFixed(3)}, b ${b.item().toFixed(3)}`);
    }
    // When the tape closes, everything made inside is released. The parameters and their gradients stay.
  });
  for (const p of [w, b]) {
    p.data[0] -= 0.05 * p.grad!.item();
    p.zeroGrad();
  }
}
