import { defineCommand } from '../command.js';
import { UsageError } from '../flags.js';
import { MODEL_FLAGS, type ModelFlags } from '../photographs/openModel.js';

interface DescribeFlags extends ModelFlags {
  locale?: string | undefined;
  precision: number;
  regions: 'whole' | 'halves';
  html?: boolean | undefined;
  write?: boolean | undefined;
  review?: string | undefined;
  apply?: string | undefined;
  json?: boolean | undefined;
}

export const command = defineCommand<DescribeFlags>({
  about: `Suggests alternative texts for people who don't see a picture. PATHS are photographs or folders of them; with --html, folders
of HTML files, whose images without an alternative text get a suggestion. Decorative images (alt="") stay as they are.

With --html, the suggestions go to a review file. Set each decision there to "accept", "edit" (and change the text) or "reject", and run the
command again with --apply.`,
  arguments: [{ name: 'PATHS', help: 'photographs, or folders', required: true, many: true }],
  flags: [
    ...MODEL_FLAGS,
    { name: 'locale', value: 'TAG', help: 'the language: en, de, fr, es or ja; default: that of the page, or en' },
    {
      name: 'precision',
      value: 'P',
      help: 'the share of claims that have to be right',
      range: [0.5, 1],
      real: true,
      default: 0.9,
    },
    {
      name: 'regions',
      value: 'WHERE',
      help: 'look at whole photographs, or at their halves too',
      oneOf: ['whole', 'halves'],
      default: 'whole',
    },
    { name: 'html', help: 'PATHS are folders of HTML files' },
    { name: 'review', value: 'FILE', help: 'where the suggestions go; default: alt-review.json in the folder' },
    { name: 'write', help: 'also write the suggestions into the pages, marked with data-alt-status="suggested"' },
    { name: 'apply', value: 'FILE', help: 'write what was decided in this review file into the pages' },
    { name: 'json', help: 'print the results as JSON, one line each' },
  ],
  examples: [
    ['stridenet describe photo.jpg --model photos.safetensors --locale de', 'a sentence in German'],
    [
      'stridenet describe site --html --model photos.safetensors',
      'suggestions for the images of a site, in site/alt-review.json',
    ],
    ['stridenet describe site --apply site/alt-review.json', 'the accepted ones, in the pages'],
  ],

  async run({ args, options, terminal }) {
    if (options.apply !== undefined) {
      if (args.length > 1) throw new UsageError('--apply takes the one folder that the review file is about.');
      const { applyReview } = await import('../describe/applyReview.js');
      return applyReview(args[0], options.apply, terminal);
    }
    if (options.html) {
      if (args.length > 1) throw new UsageError('--html takes one folder.');
      const { describePages } = await import('../describe/describePages.js');
      return describePages(args[0], options, terminal);
    }
    for (const flag of ['write', 'review'] as const) {
      if (options[flag] !== undefined) throw new UsageError(`--${flag} belongs to --html.`);
    }
    const { describePhotos } = await import('../describe/describePhotos.js');
    return describePhotos(args, options, terminal);
  },
});
