import { defineCommand } from '../command.js';
import { interruptible } from '../interrupt.js';
import type { IndexSettings } from '../search/indexPhotos.js';

type IndexFlags = Omit<IndexSettings, 'signal'>;

export const command = defineCommand<IndexFlags>({
  about: `Makes an index of the photographs of a folder, for 'stridenet search', or brings one up to date: only new and changed photographs are read.
A run that was stopped goes on where it was.`,
  arguments: [{ name: 'FOLDER', help: 'a folder of photographs, with all folders inside', required: true }],
  flags: [
    { name: 'out', short: 'o', value: 'FILE', help: 'the index; default: stridenet.index in FOLDER' },
    { name: 'model', value: 'FILE', help: "a classifier's file, whose network tells what is similar" },
    { name: 'layer', value: 'NAME', help: 'the layer that vectors come from; default: what the last layer is given' },
    { name: 'precision', value: 'KIND', help: 'how vectors are kept', oneOf: ['int8', 'float32'], default: 'int8' },
    {
      name: 'components',
      value: 'N',
      help: 'shorten vectors to N numbers by their principal components',
      range: [1, 65536],
    },
    { name: 'hashes', help: 'no vectors: finds the same pixels and near-duplicates alone, without a model' },
    { name: 'keep', help: 'keep photographs in the index whose files are gone' },
    { name: 'graph', help: 'build the graph that makes searches among more than 100,000 photographs quick' },
    { name: 'repair', help: 'drop damaged records of the index' },
    { name: 'json', help: 'print what was done as JSON' },
  ],
  examples: [
    ['stridenet index photos --model flowers.safetensors', 'writes photos/stridenet.index'],
    ['stridenet index photos', 'brings it up to date'],
  ],

  async run({ args: [folder], options, terminal }) {
    const { indexPhotos } = await import('../search/indexPhotos.js');
    return interruptible(
      (signal) => indexPhotos(folder, { ...options, signal }, terminal),
      () => terminal.note('Stopped. Run the same command again to go on.'),
    );
  },
});
