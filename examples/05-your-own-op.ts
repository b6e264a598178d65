// Write an operation with its gradient, check the gradient, train with it: npx tsx examples/05-your-own-op.ts

import { add, Linear, Module, manualSeed, meanSquaredError, SGD, Tensor, withTape } from 'stridenet';
import { gradcheck } from 'stridenet/debug';
import { record } from 'stridenet/tensor';
import { tiny } from './support/tiny.js';

/**
 * The snake activation: grows like x and swings like a sine, so that a network can learn what repeats.
 *
 * y = x + sin(x)^2,  dy/dx = 1 + sin(2x)      (Ziyin et al. 2020, arXiv:2006.08195, with a = 1)
 */
function snake(x: Tensor): Tensor {
  // (1) Allocate the output, then read `.data`: an allocation may move the memory.
  const y = Tensor.empty('snake', x.shape);
  const [from, to] = [x.data, y.data];
  for (let i = 0; i < to.length; i++) to[i] = from[i] + Math.sin(from[i]) ** 2;
  // (2) Tell the tape how dy becomes dx. Gradients are added, since x may be used elsewhere too.
  record('snake', [x], y, (dy, [dx]) => {
    if (dx === null) return;
    const [values, out, into] = [x.data, dy.data, dx.data];
    for (let i = 0; i < into.length; i++) into[i] += out[i] * (1 + Math.sin(2 * values[i]));
  });
  return y;
}

// (3) Compare the gradient with finite differences, in float64.
const { maxError } = gradcheck(snake, [{ shape: [4, 5] }]);
console.log(`largest error of the gradient: ${maxError.toExponential(1)}`);

// (4) Use it like any other operation: fit x + sin(x)^2 shifted, which takes a tanh or relu net many more units.
class Net extends Module {
  fc1 = new Linear(1, 8);
  fc2 = new Linear(8, 1);
  forward(x: Tensor): Tensor {
    return this.fc2.forward(snake(this.fc1.forward(x)));
  }
}
manualSeed(1);
const x = Tensor.from(
  Array.from({ length: 64 }, (_, i) => (i - 32) / 8),
  [64, 1],
);
const target = add(snake(x), 0.5);
const net = new Net();
const optimizer = new SGD(net.parameters(), { learningRate: 0.01, momentum: 0.9 });
for (let step = 0; step <= (tiny ? 100 : 1000); step++) {
  const loss = withTape((tape) => {
    const loss = meanSquaredError(net.forward(x), target);
    tape.backward(loss);
    optimizer.step();
    return loss.item();
  });
  if (step % 100 === 0) console.log(`step ${step}: loss ${loss.toFixed(5)}`);
}
