import { defineCommand } from '../command.js';
import type { Settings } from '../train/settings.js';

export const command = defineCommand<Settings>({
  about: `Trains an image classifier on CIFAR-10 and prints its test accuracy.

The images come from FOLDER (or --data, or CIFAR10_DIR), an earlier download, or a download (170 MB). Without a network, it says so and
trains on built-in synthetic images. Ctrl-C stops after the current step and saves; a second Ctrl-C quits at once.`,
  arguments: [{ name: 'FOLDER', help: "folder with CIFAR-10's .bin files, or cifar10 to download it" }],
  flags: async () => (await import('../train/settings.js')).FLAGS,
  examples: [
    ['stridenet train', 'a minute or two on CIFAR-10; results are in runs/cifar10'],
    ['stridenet train --model resnet20 --minutes 20 --out runs/resnet20', 'another network, for a fixed time'],
    ['stridenet train --resume', 'goes on with a run that was stopped'],
  ],

  async run({ args: [folder = 'cifar10'], given, terminal }) {
    const { data = folder } = given;
    const { trainCifar10 } = await import('../train/trainCifar10.js');
    return trainCifar10(data === 'cifar10' ? withoutData(given) : { ...given, data }, terminal);
  },
});

/** The flags for images that are wherever an earlier download left them. */
function withoutData({ data: _, ...rest }: Partial<Settings>): Partial<Settings> {
  return rest;
}
