import { beforeEach, describe, expect, it } from 'vitest';
import { mixup } from '../../../src/data/index.js';
import { distill } from '../../../src/edge/index.js';
import { Flatten, Linear, Module, manualSeed, Sequential, SGD, Tensor } from '../../../src/index.js';

beforeEach(() => manualSeed(1));

/** Logits that are the pixels themselves: a teacher that knows nothing of labels. */
class Pixels extends Module {
  seen = 0;
  forward(x: Tensor): Tensor {
    this.seen += this.training ? Number.NaN : 1;
    return new Flatten().forward(x);
  }
}

const student = (): Sequential => new Sequential(new Flatten(), new Linear(4, 4));
const x = Tensor.from([4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4], [4, 1, 2, 2]);
/** All labels wrong by one: only the teacher is right. */
const batch = { x, labels: Int32Array.of(1, 2, 3, 0) };
const right = { x, labels: Int32Array.of(0, 1, 2, 3) };

describe('distill', () => {
  it('with alpha 1, the student learns what the teacher says and nothing of the labels', async () => {
    const [model, teacher] = [student(), new Pixels().train()];
    const optimizer = new SGD(model.parameters(), { learningRate: 0.2 });
    const options = { train: Array(20).fill(batch), validation: [right], optimizer, epochs: 3, alpha: 1 };
    const history = await distill(teacher, model, options);
    expect(history.epochs.at(-1)?.validationAccuracy).toBe(1);
    // Evaluation mode, though its own mode was training; which it still is.
    expect(teacher.seen).not.toBeNaN();
    expect(teacher.training).toBe(true);
  });

  it('with alpha 0, it learns the labels', async () => {
    const model = student();
    const optimizer = new SGD(model.parameters(), { learningRate: 0.2 });
    const options = { train: Array(20).fill(batch), validation: [batch], optimizer, epochs: 3, alpha: 0 };
    expect((await distill(new Pixels(), model, options)).epochs.at(-1)?.validationAccuracy).toBe(1);
  });

  it('validation is by the ordinary loss, and hooks are gone afterwards', async () => {
    const model = student();
    const optimizer = new SGD(model.parameters(), { learningRate: 1e-9 });
    for (const p of model.parameters()) p.data.fill(0);
    const history = await distill(new Pixels(), model, { train: [batch], validation: [batch], optimizer, epochs: 1 });
    expect(history.epochs[0].validationLoss).toBeCloseTo(Math.log(4), 4);
    // KL at T = 4 and the labels' loss: none is log 4 alone.
    expect(history.epochs[0].loss).not.toBeCloseTo(Math.log(4), 2);
  });

  it('the teacher sees mixed images as the student does, and what teacherInput makes of them', async () => {
    const model = student();
    const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
    const given: number[] = [];
    const teacherInput = (images: Tensor): Tensor => {
      given.push(...images.data);
      return images;
    };
    await distill(new Pixels(), model, {
      train: [batch],
      optimizer,
      epochs: 1,
      mix: mixup({ alpha: 1 }),
      teacherInput,
    });
    expect(given.length).toBe(16);
    expect(given.some((v) => v !== 0 && v !== 4)).toBe(true);
  });

  it('refuses one model for both, and a loss of its own', async () => {
    const model = student();
    const options = { train: [batch], optimizer: new SGD(model.parameters(), { learningRate: 0.1 }), epochs: 1 };
    await expect(distill(model, model, options)).rejects.toThrow('the teacher and the student are the same model');
    await expect(distill(new Pixels(), model, { ...options, alpha: 3 })).rejects.toThrow('distill: alpha is 3');
    await expect(distill(new Pixels(), model, { ...options, loss: () => x } as never)).rejects.toThrow(
      "distill: there is no option 'loss'",
    );
  });
});
