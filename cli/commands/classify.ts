import { defineCommand } from '../command.js';
import { VIEWS } from '../evaluate/evaluatePhotos.js';
import { UsageError } from '../flags.js';
import { interrupt } from '../interrupt.js';

interface ClassifyFlags {
  model?: string | undefined;
  top: number;
  minimum: number;
  precision?: number | undefined;
  views: (typeof VIEWS)[number];
  json?: boolean | undefined;
  csv?: boolean | undefined;
}

export const command = defineCommand<ClassifyFlags>({
  about: `Tells what photographs show. PHOTOS are files, or folders whose photographs are all classified.

Without --model, a small network that comes with stridenet answers, for CIFAR-10: it knows airplanes, cars, birds, cats, deer, dogs, frogs,
horses, ships and trucks, and nothing else.`,
  arguments: [{ name: 'PHOTOS', help: 'files or folders', required: true, many: true }],
  flags: [
    { name: 'model', value: 'FILE', help: "a classifier's file, as 'stridenet train' leaves it" },
    { name: 'top', value: 'N', help: 'labels per photograph', range: [1, 1000], default: 3 },
    {
      name: 'minimum',
      value: 'P',
      help: 'leave out labels of a confidence below P, 0 to 1',
      range: [0, 1],
      real: true,
      default: 0,
    },
    {
      name: 'precision',
      value: 'P',
      help: 'only labels that are right at least this often, such as 0.9',
      range: [0, 1],
      real: true,
    },
    {
      name: 'views',
      value: 'SET',
      help: 'views that are averaged: more are surer and slower',
      oneOf: VIEWS,
      default: 'center',
    },
    { name: 'json', help: 'print the answers as JSON, one line per photograph' },
    { name: 'csv', help: 'print the answers as CSV, one line per label' },
  ],
  examples: [
    ['stridenet classify photo.jpg', 'with the network that comes along'],
    ['stridenet classify photos/ --model flowers.safetensors --csv', 'a table for a spreadsheet'],
  ],

  async run({ args, options, terminal }) {
    if (options.json && options.csv) throw new UsageError('--json and --csv exclude each other.');
    const { photosIn, openClassifier, writers } = await import('../classify/classifyPhotos.js');
    const photos = await photosIn(args);
    const { classifier, isOwn } = await openClassifier(options.model);
    if (isOwn)
      terminal.note(`no --model: CIFAR-10's ten classes (${classifier.classes.join(', ')}) are all that it knows.`);
    const { signal, done } = interrupt();
    const write = writers(terminal)[options.json ? 'json' : options.csv ? 'csv' : 'text'];
    let failed = 0;
    try {
      const answers = classifier.classifyEach(photos, {
        top: options.top,
        minimumConfidence: options.minimum,
        precision: options.precision,
        views: options.views,
        signal,
      });
      for await (const outcome of answers) {
        if (outcome.error !== undefined) failed++;
        write(outcome);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      return 130;
    } finally {
      done();
    }
    return failed === 0 ? 0 : 1;
  },
});
