import { pause } from '../../data/pause.js';
import type { ProcessGroup } from '../../distributed/processGroup.js';
import type { Module } from '../../layers/module.js';
import { withoutTape } from '../../tensor/scope.js';
import { type BatchSource, iterateShare, targetsOf } from '../batches.js';
import { type EvaluateOptions, type Evaluation, logitsOf, Scores } from '../evaluate.js';
import { copyOf, type Output, outputTensor, readOutputs, writeOutputs } from './outputs.js';

/** What a rank adds to its outputs. */
const GOES_ON = 0;
const HAS_NO_MORE = 1;
const ABORTED = 2;

/**
 * `evaluate` whose batches are dealt out to the ranks: rank r predicts batches r, r + R, r + 2 R, ... Each round, the ranks exchange their logits,
 * and every rank adds them up in the order of the batches, so that all get what one process alone would.
 */
export async function evaluateInGroup(
  group: ProcessGroup,
  within: <T>(part: () => T) => T,
  model: Module,
  data: BatchSource,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const { rank, size } = group;
  const scores = new Scores(options);
  const cut = { parts: 1, take: (batch: number) => [0, batch % size === rank ? 1 : 0] as const };
  const batches = within(() => iterateShare('evaluate', data, cut, within));
  let state = GOES_ON;
  try {
    while (state === GOES_ON) {
      const own = await predictNext();
      const all = await group.gather(own);
      for (const message of all) {
        for (const output of readOutputs(message.subarray(4))) {
          within(() => withoutTape(() => scores.add(outputTensor(output), output.targets)));
        }
      }
      // The state of all: an abort counts more than an end.
      state = Math.max(...all.map(([first]) => first));
      await pause();
    }
  } finally {
    await batches.return?.();
  }
  return scores.result(state === ABORTED);

  /** State and outputs of this rank's next batch. */
  async function predictNext(): Promise<Uint8Array> {
    const outputs: Output[] = [];
    let own = GOES_ON;
    if (options.signal?.aborted) own = ABORTED;
    else {
      const { done, value: share } = await within(() => batches.next());
      if (done) own = HAS_NO_MORE;
      else {
        const [batch] = share.parts;
        const predict = (): void => {
          const logits = logitsOf(model, batch.x, options);
          outputs.push({ shape: logits.shape, logits: logits.data.slice(), targets: copyOf(targetsOf(batch)) });
          options.onBatch?.(batch, logits);
        };
        within(() => withoutTape(predict));
      }
    }
    const body = writeOutputs(outputs);
    const message = new Uint8Array(4 + body.length);
    message[0] = own;
    message.set(body, 4);
    return message;
  }
}
