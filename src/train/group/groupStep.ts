import { RandomStreams, randomStream, withStreams } from '../../base/random.js';
import type { BatchShare } from '../../data/batchCut.js';
import { pause } from '../../data/pause.js';
import type { ProcessGroup } from '../../distributed/processGroup.js';
import { countRight } from '../../metrics/predictedTargets.js';
import { mul } from '../../tensor/ops/math/mul.js';
import type { Parameter } from '../../tensor/parameter.js';
import { withoutTape } from '../../tensor/scope.js';
import { Tape } from '../../tensor/tape.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { LabeledBatch } from '../batches.js';
import { checkedForward, checkSomethingIsTrained } from '../checkModel.js';
import type { GradientRecord } from '../gradientRecord.js';
import type { TrainingRun } from '../run.js';
import { gradientRecord, lossOf, mixedBatch, nonFinite } from '../trainStep.js';
import { BufferChanges } from './bufferChanges.js';
import { GradientBuckets, Reductions } from './gradientBuckets.js';
import { bytesToDoubles, doublesToBytes } from './numbers.js';
import { copyOf, type Output, outputTensor, readOutputs, writeOutputs } from './outputs.js';

/** What one micro-batch came to. */
interface PartResult {
  size: number;
  loss: number;
  correct: number;
}

/**
 * The gradients of a batch, on one of several ranks: (1) each micro-batch of this rank goes forward and back, from the same buffers and with random streams of
 * its own; (2) gradients, changes of buffers and losses are summed over all micro-batches in a fixed tree, where what is complete is sent while the
 * backward pass goes on. Then every rank makes the same step.
 */
export class GroupStepper {
  #buckets: GradientBuckets | null = null;
  readonly #buffers: BufferChanges;
  /** Micro-batches of this rank. */
  readonly #leaves: number;

  constructor(
    readonly run: TrainingRun,
    readonly group: ProcessGroup,
  ) {
    this.#leaves = group.microBatches / group.size;
    this.#buffers = new BufferChanges(run.model, this.#leaves);
  }

  /** Gradients stay with this rank in local SGD. */
  get #isLocal(): boolean {
    return this.group.local !== undefined;
  }

  async gradients(share: BatchShare<LabeledBatch>): Promise<GradientRecord> {
    const { run, group } = this;
    if (!run.isChecked) checkSomethingIsTrained(run.options.optimizer);
    run.isInStep = true;
    const seed = run.random.use(() => randomStream('microBatch').bits());
    const buckets = this.#currentBuckets();
    const reductions = new Reductions(group);
    const results: PartResult[] = [];
    const outputs: Output[] = [];
    buckets.begin();
    this.#buffers.begin();
    const images = this.#isLocal ? share.parts.reduce((sum, { x }) => sum + x.shape[0], 0) : share.size;
    for (const [leaf, part] of share.parts.entries()) {
      const streams = new RandomStreams();
      streams.reseed(`${seed}/${share.first + leaf}`);
      results.push(await this.#pass(part, { leaf, streams, images, reductions, outputs }));
    }
    const loss = this.#isLocal
      ? this.#finishAlone(buckets, results, outputs)
      : await this.#finishTogether(buckets, results, outputs, reductions);
    this.#buffers.finish();
    return gradientRecord(run, { size: share.size, ...loss });
  }

  /** One micro-batch, forward and back. */
  async #pass(part: LabeledBatch, pass: Pass): Promise<PartResult> {
    const { leaf, reductions } = pass;
    const buckets = this.#currentBuckets();
    const size = part.x.shape[0];
    const isLast = leaf === this.#leaves - 1;
    const send = (): boolean => {
      if (!isLast || this.#isLocal) return false;
      let any = false;
      for (const bucket of buckets.complete()) {
        reductions.start(bucket);
        any = true;
      }
      return any;
    };
    let result: PartResult = { size, loss: 0, correct: 0 };
    const rest = new Set(buckets.parameters);
    if (size > 0) {
      const tape = new Tape();
      try {
        const forward = withStreams(pass.streams, () => this.#forward(part, tape, pass));
        result = forward.result;
        this.#addBuffers(pass, size);
        for (const parameter of tape.backwardSteps(forward.loss)) {
          if (!isLast || !rest.delete(parameter)) continue;
          buckets.add(leaf, parameter);
          if (!send()) continue;
          // The network gets its turn.
          const goOn = tape.setAside();
          await pause();
          goOn();
        }
      } finally {
        tape.close();
      }
    } else this.#addBuffers(pass, size);
    for (const parameter of rest) buckets.add(leaf, parameter);
    send();
    await pause();
    return result;
  }

  #addBuffers({ leaf, images, reductions }: Pass, size: number): void {
    this.#buffers.add(leaf, size / images);
    if (leaf === this.#leaves - 1 && !this.#isLocal) reductions.start(this.#buffers.total);
  }

  #forward(part: LabeledBatch, tape: Tape, { images, outputs }: Pass): { loss: Tensor; result: PartResult } {
    const { run } = this;
    const { metrics } = run.options;
    const piece = mixedBatch(run, part);
    const output = run.isChecked ? run.model.forward(piece.x) : checkedForward(run.model, piece.x, tape);
    const mean = lossOf(run, output, piece);
    const loss = mean.item();
    if (!Number.isFinite(loss)) {
      run.model.zeroGrad();
      throw nonFinite(run, piece.x, loss);
    }
    if (metrics !== undefined) {
      outputs.push({ shape: output.shape, logits: output.data.slice(), targets: copyOf(piece.targets) });
    }
    const size = part.x.shape[0];
    const correct = output.shape.length === 2 ? countRight(output, piece.targets) : Number.NaN;
    return { loss: size === images ? mean : mul(mean, size / images), result: { size, loss, correct } };
  }

  /** Waits for the sums, and puts them in place. */
  async #finishTogether(
    buckets: GradientBuckets,
    own: readonly PartResult[],
    outputs: readonly Output[],
    reductions: Reductions,
  ): Promise<{ loss: number; correct: number }> {
    const { group, run } = this;
    const numbers = own.flatMap(({ size, loss, correct }) => [size, loss, correct]);
    const reached = buckets.parameters.map((p) => Number(buckets.reached.has(p)));
    run.clock.tick();
    const told = group.gather(doublesToBytes([run.clock.seconds, ...numbers, ...reached]));
    reductions.add(told);
    const shown = run.options.metrics === undefined ? undefined : group.gather(writeOutputs(outputs));
    if (shown !== undefined) reductions.add(shown);
    await reductions.settled();
    const all = (await told).map(bytesToDoubles);
    run.clock.seconds = all[0][0];
    const tail = 1 + 3 * this.#leaves;
    buckets.finish((_, index) => all.some((values) => values[tail + index] === 1));
    if (shown !== undefined) this.#updateMetrics((await shown).flatMap(readOutputs));
    return total(all.flatMap((values) => resultsIn(values.slice(1, tail))));
  }

  #finishAlone(
    buckets: GradientBuckets,
    own: readonly PartResult[],
    outputs: readonly Output[],
  ): { loss: number; correct: number } {
    this.run.clock.tick();
    buckets.finish((p) => buckets.reached.has(p));
    this.#updateMetrics(outputs);
    return total(own);
  }

  #updateMetrics(outputs: readonly Output[]): void {
    const metrics = Object.values(this.run.options.metrics ?? {});
    for (const output of outputs) {
      withoutTape(() => {
        const logits = outputTensor(output);
        for (const metric of metrics) metric.update(logits, output.targets.values, output.targets);
      });
    }
  }

  /** Anew when parameters were frozen or thawed. */
  #currentBuckets(): GradientBuckets {
    const { model, options } = this.run;
    const trained = new Set<Parameter>();
    for (const p of model.parameters()) if (p.requiresGrad) trained.add(p);
    for (const p of options.optimizer.parameters()) if (p.requiresGrad) trained.add(p);
    const list = [...trained];
    const known = this.#buckets?.parameters;
    if (known?.length !== list.length || !list.every((p, i) => p === known[i])) {
      this.#buckets = new GradientBuckets(list, this.#leaves);
    }
    return this.#buckets as GradientBuckets;
  }
}

interface Pass {
  /** Counted from 0 among the micro-batches of this rank. */
  leaf: number;
  streams: RandomStreams;
  /** That the loss is a mean over. */
  images: number;
  reductions: Reductions;
  outputs: Output[];
}

function resultsIn(values: readonly number[]): PartResult[] {
  return Array.from({ length: values.length / 3 }, (_, i) => {
    const [size, loss, correct] = values.slice(3 * i);
    return { size, loss, correct };
  });
}

/** In the order of the micro-batches, whoever had them. */
function total(parts: readonly PartResult[]): { loss: number; correct: number } {
  const images = parts.reduce((sum, { size }) => sum + size, 0);
  let [loss, correct] = [0, 0];
  for (const part of parts) {
    if (part.size === 0) continue;
    loss += (part.loss * part.size) / images;
    correct += part.correct;
  }
  return { loss, correct };
}
