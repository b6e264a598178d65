import { defineCommand } from '../command.js';
import { UsageError } from '../flags.js';

interface BudgetOptions {
  ms?: number | undefined;
  mb?: number | undefined;
  models?: string | undefined;
  widths: string;
  sides?: string | undefined;
  classes?: number | undefined;
  threads: number;
  int8?: boolean | undefined;
  json?: boolean | undefined;
}

export const command = defineCommand<BudgetOptions>({
  about: `Measures which networks of the zoo classify an image in a given time with weights of a given size, on this machine, at several widths and
sizes of images. The largest networks come first; as a rule they are the most accurate ones. Weights are not trained here, and accuracy is not
measured. Other programs that run meanwhile make the times longer.`,
  flags: [
    { name: 'ms', value: 'X', help: 'milliseconds for one image', range: [0.001, 1e6], real: true },
    {
      name: 'mb',
      value: 'X',
      help: 'megabytes of the file of weights, float32 or float16',
      range: [0.001, 1e6],
      real: true,
    },
    { name: 'models', value: 'NAMES', help: 'only these, separated by commas; default: all' },
    { name: 'widths', value: 'LIST', help: 'width multipliers', default: '0.25,0.5,0.75,1' },
    { name: 'sides', value: 'LIST', help: 'sides of the images; default: as designed, and for photographs 96 to 224' },
    { name: 'classes', value: 'N', help: 'classes to tell apart; default: as designed', range: [1, 1e6] },
    { name: 'threads', value: 'N', help: 'threads', range: [1, 256], default: 1 },
    { name: 'int8', help: 'measure each network in 8-bit integers as well' },
    { name: 'json', help: 'print all that was measured as JSON' },
  ],
  examples: [
    ['stridenet budget --ms 10 --mb 1', 'what fits into ten milliseconds and one megabyte'],
    ['stridenet budget --ms 30 --models mobilenet_v2,mobilenet_v3_small --classes 10', 'two networks, for ten classes'],
  ],

  async run({ options, terminal }) {
    const { ms, mb, models, widths, sides, classes, threads, int8, json } = options;
    const { useKernels } = await import('../../src/index.js');
    const { fitBudget } = await import('../../src/edge/index.js');
    await useKernels('simd', { threads });
    const table = await fitBudget({
      ms,
      bytes: mb === undefined ? undefined : 1e6 * mb,
      names: models?.split(',').map((name) => name.trim()),
      widths: numbersIn('widths', widths),
      sides: sides === undefined ? undefined : numbersIn('sides', sides),
      int8,
      numClasses: classes,
      onRow: ({ name, width, side, ms: time }) =>
        terminal.note(`${name} ${width} at ${side}x${side}: ${time.toFixed(2)} ms`),
    });
    if (json) terminal.json(table.rows);
    else terminal.print(String(table));
  },
});

/** `0.25,0.5` as numbers. Throws `UsageError`. */
function numbersIn(flag: string, text: string): number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.every((n) => n > 0 && Number.isFinite(n))) return numbers;
  throw new UsageError(`--${flag} is '${text}', but must be numbers > 0, separated by commas.`);
}
