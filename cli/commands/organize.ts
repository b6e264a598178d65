import { defineCommand } from '../command.js';
import { UsageError } from '../flags.js';
import { MODEL_FLAGS, type ModelFlags } from '../photographs/openModel.js';

interface OrganizeFlags extends ModelFlags {
  precision: number;
  albums: 'tags' | 'events' | 'clusters' | 'duplicates';
  clusters?: number | undefined;
  hours: number;
  links?: string | undefined;
  move?: string | undefined;
  apply?: boolean | undefined;
  undo?: string | undefined;
  correct?: string[] | undefined;
  out?: string | undefined;
  json?: boolean | undefined;
}

export const command = defineCommand<OrganizeFlags>({
  about: `Organizes the photographs of a FOLDER: tags that are right with a stated precision, clusters of alike ones, events by time and place,
and duplicates with the sharpest as the one to keep. Prints the albums.

With --links or --move, it plans a folder of albums and shows the plan; --apply carries it out and leaves a file for --undo. Nothing
is ever deleted or overwritten. What was computed and corrected is remembered in FOLDER/.stridenet.`,
  arguments: [{ name: 'FOLDER', help: 'a folder of photographs', required: true }],
  flags: [
    ...MODEL_FLAGS,
    {
      name: 'precision',
      value: 'P',
      help: 'the share of tags that have to be right',
      range: [0.5, 1],
      real: true,
      default: 0.9,
    },
    {
      name: 'albums',
      value: 'KIND',
      help: 'what albums are made of',
      oneOf: ['tags', 'events', 'clusters', 'duplicates'],
      default: 'tags',
    },
    {
      name: 'clusters',
      value: 'N',
      help: 'make N clusters (k-means); default: as many as there are, by density',
      range: [1, 10000],
    },
    { name: 'hours', value: 'H', help: 'a pause that parts events', range: [0, 10000], real: true, default: 4 },
    {
      name: 'correct',
      value: 'PHOTO=LABEL',
      help: 'say what a photograph shows; may be given several times',
      many: true,
    },
    { name: 'links', value: 'DIR', help: 'plan links to the photographs, in a folder per album' },
    { name: 'move', value: 'DIR', help: 'plan to move the photographs to a folder per album' },
    { name: 'apply', help: 'carry out the plan of --links or --move' },
    { name: 'undo', value: 'FILE', help: 'undo what this file says was done' },
    { name: 'out', short: 'o', value: 'FILE', help: 'write everything as JSON to FILE' },
    { name: 'json', help: 'print everything as JSON' },
  ],
  examples: [
    ['stridenet organize photos --model mine.safetensors', 'tags, events and duplicates'],
    ['stridenet organize photos --albums events --move sorted --apply', 'a folder per event'],
    ['stridenet organize photos --undo sorted/undo.json', 'and back again'],
    ['stridenet organize photos --correct photos/7.jpg=heron', 'a mistake, named'],
  ],

  async run({ args: [folder], options, terminal }) {
    if (options.links !== undefined && options.move !== undefined)
      throw new UsageError('--links and --move exclude each other.');
    if (options.apply && options.links === undefined && options.move === undefined) {
      throw new UsageError('--apply needs a plan: --links DIR or --move DIR.');
    }
    if (options.undo !== undefined) {
      const { undoPlan } = await import('../../src/organize/index.js');
      terminal.print(`${await undoPlan(options.undo)} photographs are where they were.`);
      return 0;
    }
    const { organizeFolder } = await import('../organize/organizeFolder.js');
    return organizeFolder(folder, options, terminal);
  },
});
