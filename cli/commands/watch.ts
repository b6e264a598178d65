import { defineCommand } from '../command.js';
import { UsageError } from '../flags.js';
import { MODEL_FLAGS, type ModelFlags } from '../photographs/openModel.js';

interface WatchFlags extends ModelFlags {
  top: number;
  minimum: number;
  journal?: string | undefined;
  settle: number;
  frames?: string | undefined;
  fps: number;
  every: number;
  smoothing: number;
  enter: number;
  exit: number;
  all?: boolean | undefined;
  json?: boolean | undefined;
}

export const command = defineCommand<WatchFlags>({
  about: `Classifies photographs as they arrive in a FOLDER, each once: what was classified is remembered across restarts. Ctrl-C ends it.

With --frames, it reads raw RGB frames from stdin instead, such as ffmpeg writes them, and tells when labels begin and end.`,
  arguments: [{ name: 'FOLDER', help: 'a folder to which photographs come' }],
  flags: [
    ...MODEL_FLAGS,
    { name: 'top', value: 'N', help: 'labels per photograph', range: [1, 1000], default: 1 },
    {
      name: 'minimum',
      value: 'P',
      help: 'leave out labels of a confidence below P, 0 to 1',
      range: [0, 1],
      real: true,
      default: 0,
    },
    { name: 'journal', value: 'FILE', help: 'what was classified; default: .stridenet-watch.jsonl in the folder' },
    {
      name: 'settle',
      value: 'MS',
      help: 'milliseconds for which a file must not grow before it is read',
      range: [0, 600000],
      default: 500,
    },
    { name: 'frames', value: 'WxH', help: 'read frames of this size from stdin, as raw RGB' },
    { name: 'fps', value: 'N', help: 'frames per second of the stream', range: [0.01, 1000], real: true, default: 30 },
    { name: 'every', value: 'N', help: 'look at every Nth frame', range: [1, 100000], default: 1 },
    {
      name: 'smoothing',
      value: 'S',
      help: 'seconds over which frames are averaged',
      range: [0, 3600],
      real: true,
      default: 0.5,
    },
    { name: 'enter', value: 'P', help: 'a label begins at this confidence', range: [0, 1], real: true, default: 0.7 },
    { name: 'exit', value: 'P', help: 'a label ends below this confidence', range: [0, 1], real: true, default: 0.4 },
    { name: 'all', help: 'print every frame, and not events alone' },
    { name: 'json', help: 'print JSON, one line each' },
  ],
  examples: [
    ['stridenet watch inbox --model photos.safetensors --json', 'a line of JSON for every photograph that arrives'],
    [
      'ffmpeg -i video.mp4 -vf scale=224:224 -f rawvideo -pix_fmt rgb24 - | stridenet watch --frames 224x224 --fps 25',
      'when what is to be seen in a video',
    ],
  ],

  async run({ args: [folder], options, terminal }) {
    if ((folder === undefined) === (options.frames === undefined)) {
      throw new UsageError(folder === undefined ? 'Name a FOLDER, or pass --frames WxH.' : '--frames takes no FOLDER.');
    }
    if (options.frames !== undefined) {
      const { watchFrames } = await import('../watch/watchFrames.js');
      return watchFrames(options.frames, options, terminal);
    }
    const { watchArrivals } = await import('../watch/watchArrivals.js');
    return watchArrivals(folder, options, terminal);
  },
});
