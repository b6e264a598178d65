import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { Module } from '../../layers/module.js';
import { withoutTape } from '../../tensor/scope.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type Callback, classificationLoss, type FitOptions, fit, type History } from '../../train/index.js';
import { checkDistillation, type DistillationLossOptions, distillationLoss } from './distillationLoss.js';

/** Options of `distill`: those of `fit` but for the loss, and those of `distillationLoss`. */
export interface DistillOptions
  extends Omit<FitOptions, 'loss' | 'labelSmoothing'>,
    Pick<DistillationLossOptions, 'temperature' | 'alpha'> {
  /** What the teacher is given for the images of a batch, if it was trained on others: another normalization, or another size. */
  teacherInput?: ((x: Tensor) => Tensor) | undefined;
}

/** Every option, for the message about one that is not. */
const optionNames: Record<keyof DistillOptions, true> = {
  ...{ temperature: true, alpha: true, teacherInput: true, callbacks: true },
  ...{ train: true, validation: true, optimizer: true, epochs: true, timeBudget: true, schedule: true, clipNorm: true },
  ...{ microBatchSize: true, mix: true, average: true, lookahead: true, metrics: true, evaluateEvery: true },
  ...{ views: true, signal: true, group: true, resume: true, allowOtherData: true },
};

/**
 * Trains a small network, the student, to answer as a large one, the teacher, with `fit`: the loss is `distillationLoss`. The teacher sees the same
 * augmented or mixed images as the student, runs in evaluation mode without a tape, and doesn't change. Validation measures the student by the
 * ordinary loss.
 *
 * Throws what `fit` and `distillationLoss` throw.
 *
 * Source: Hinton et al. 2015 (arXiv:1503.02531); the same images for both as Beyer et al. 2022 (arXiv:2106.05237) recommend.
 *
 * @example
 * const history = await distill(teacher, student, { train, validation, optimizer, epochs: 30 });
 */
export async function distill(teacher: Module, student: Module, options: DistillOptions): Promise<History> {
  const { temperature, alpha, teacherInput = (x) => x, callbacks = [], ...training } = options;
  checkOptions('distill', options, Object.keys(optionNames));
  checkDistillation('distill', { temperature, alpha });
  if (teacher === student) throw new ArgumentError('distill: the teacher and the student are the same model.');
  let seen: { x: Tensor; answer?: Tensor | undefined } | null = null;
  const answerTo = (batch: { x: Tensor; answer?: Tensor | undefined }): Tensor => {
    // A mixed batch has two labels, but one answer.
    batch.answer ??= withoutTape(() => teacher.predict(teacherInput(batch.x)));
    return batch.answer;
  };
  const watch = watcher(student, (x) => {
    seen = x === null ? null : { x };
  });
  return fit(student, {
    ...training,
    loss: (logits, labels) =>
      seen === null
        ? classificationLoss(logits, labels)
        : distillationLoss(logits, answerTo(seen), labels, { temperature, alpha }),
    callbacks: [watch, ...callbacks],
  });
}

/** Tells what the student is given in training; in validation, where nobody asks, it runs without a hook. */
function watcher(student: Module, tell: (x: Tensor | null) => void): Callback {
  let stop = (): void => {};
  const start = (): void => {
    const hook = student.registerForwardPreHook((_module, x) => tell(x));
    stop = () => {
      hook.remove();
      tell(null);
    };
  };
  return { onTrainStart: start, onEvaluationStart: () => stop(), onEvaluationEnd: start, onClose: () => stop() };
}
