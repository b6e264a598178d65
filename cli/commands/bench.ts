import type { BenchSettings } from '../bench/measure.js';
import { defineCommand } from '../command.js';

export const command = defineCommand<BenchSettings>({
  about: `Measures how fast this machine multiplies matrices, trains and classifies.

Each line is the median of repeated runs. Close other programs first: the load average is printed so that you can tell.`,
  flags: async () => (await import('../bench/measure.js')).FLAGS,
  examples: [['stridenet bench --models resnet50,vgg16 --threads 1', 'two networks on one thread']],

  async run({ options, terminal }) {
    const { bench } = await import('../bench/measure.js');
    await bench(options, terminal);
  },
});
