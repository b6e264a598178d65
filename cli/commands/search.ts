import { defineCommand } from '../command.js';

interface SearchFlags {
  index: string;
  model?: string | undefined;
  top: number;
  minimum: number;
  where?: string[] | undefined;
  exact?: boolean | undefined;
  json?: boolean | undefined;
  sheet?: string | undefined;
  page?: string | undefined;
}

export const command = defineCommand<SearchFlags>({
  about: `Finds photographs like PHOTO in an index: those of the same pixels, copies (resized, compressed, mirrored, turned, cropped, with a border or a
caption), and those that show alike things.`,
  arguments: [{ name: 'PHOTO', help: 'the photograph to look for', required: true }],
  flags: [
    { name: 'index', short: 'i', value: 'FILE', help: 'the index, or the folder that it is in', default: '.' },
    { name: 'model', value: 'FILE', help: 'the classifier of the index, if it was moved' },
    { name: 'top', value: 'N', help: 'similar photographs', range: [0, 10000], default: 10 },
    {
      name: 'minimum',
      value: 'S',
      help: 'leave out photographs that are less similar than S, -1 to 1',
      range: [-1, 1],
      real: true,
      default: -1,
    },
    { name: 'where', value: 'KEY=VALUE', help: 'only photographs with this metadata; may be given again', many: true },
    { name: 'exact', help: 'compare with all vectors even where there is a graph' },
    { name: 'json', help: 'print the result as JSON' },
    { name: 'sheet', value: 'FILE', help: 'draw what was found into a PNG file' },
    { name: 'page', value: 'FILE', help: 'write what was found as an HTML page' },
  ],
  examples: [
    ['stridenet search photo.jpg --index photos', 'in the index of the folder photos'],
    ['stridenet search photo.jpg --index photos --page found.html', 'with pictures'],
  ],

  async run({ args: [photo], options, terminal }) {
    const { searchPhoto } = await import('../search/searchPhoto.js');
    return searchPhoto(photo, options, terminal);
  },
});
