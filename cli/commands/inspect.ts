import { defineCommand } from '../command.js';

interface InspectOptions {
  json?: boolean | undefined;
  out?: string | undefined;
  split?: string | undefined;
  labels?: string | undefined;
  size: number;
  perClass: number;
  distance: number;
}

export const command = defineCommand<InspectOptions>({
  about: 'Reads all photographs of a folder and prints its classes, sizes, formats, damaged files and duplicates.',
  arguments: [{ name: 'FOLDER', help: 'a folder with a folder of photographs for each class', required: true }],
  flags: [
    { name: 'json', help: 'print the report as JSON' },
    { name: 'out', short: 'o', value: 'DIR', help: 'draw a contact sheet, the mean image, sizes and others into DIR' },
    { name: 'split', value: 'NAME', help: 'only this part; default: all', oneOf: ['train', 'val', 'test'] },
    { name: 'labels', value: 'FILE', help: 'a CSV or JSON file of labels, in place of folders as classes' },
    { name: 'size', value: 'N', help: 'pixels of the images that are averaged', default: 224, range: [8, 4096] },
    {
      name: 'perClass',
      value: 'N',
      help: 'photographs of each class on the contact sheet',
      default: 24,
      range: [1, 1000],
    },
    {
      name: 'distance',
      value: 'N',
      help: 'bits in which near duplicates may differ, of 64',
      default: 4,
      range: [0, 32],
    },
  ],
  examples: [
    ['stridenet inspect photos', 'what is in the folder'],
    ['stridenet inspect photos --out inspection', 'with a contact sheet and other pictures'],
  ],

  async run({ args: [folder], options, terminal }) {
    const { describeFolder, inspectFolder } = await import('../../src/node/index.js');
    const { json = false, split, ...rest } = options;
    let shown = performance.now();
    const report = await inspectFolder(folder, {
      ...rest,
      split: split as 'train' | 'val' | 'test' | undefined,
      onProgress: (done, total) => {
        if (performance.now() - shown < 2000) return;
        shown = performance.now();
        terminal.note(`${done} of ${total} photographs`);
      },
    });
    if (json) terminal.json(report);
    else terminal.print(describeFolder(report));
  },
});
