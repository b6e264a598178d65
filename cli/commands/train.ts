import { defineCommand } from '../command.js';
import { kebab, UsageError } from '../flags.js';
import type { Settings } from '../train/settings.js';
import type { PhotoSettings } from '../trainPhotos/settings.js';

export const command = defineCommand<Settings & PhotoSettings>({
  about: `Trains an image classifier on a folder of photographs, a folder per class or with a file of labels, or on CIFAR-10, and prints its accuracy.
Photographs may have several labels.

With --backbone, a network that knows photographs already learns yours, in a minute or so. A val or test part of FOLDER is used to measure,
and for nothing else. The classifier's file and an HTML report are left in --out, runs/FOLDER by default. After Ctrl-C, --resume goes
on where the run was stopped.

For CIFAR-10, the images come from FOLDER (or --data, or CIFAR10_DIR), an earlier download, or a download (170 MB). Without a network, it says so and
trains on built-in synthetic images. Ctrl-C stops after the current step and saves; a second Ctrl-C quits at once.`,
  arguments: [
    {
      name: 'FOLDER',
      help: "photographs, a folder per class or with labels.csv; or CIFAR-10's .bin files, or cifar10 to download them",
    },
  ],
  flags: async () => [
    ...(await import('../train/settings.js')).FLAGS,
    ...(await import('../trainPhotos/settings.js')).PHOTO_FLAGS,
  ],
  examples: [
    ['stridenet train photos --backbone mobilenet/model.json', 'a classifier of your own photographs, and a report'],
    ['stridenet train photos --backbone mobilenet/model.json --fine-tune all', 'surer, and slower'],
    ['stridenet train photos --labels tags.csv --backbone mobilenet/model.json', 'several labels per photograph'],
    ['stridenet train', 'a minute or two on CIFAR-10; results are in runs/cifar10'],
    ['stridenet train --model resnet20 --minutes 20 --out runs/resnet20', 'another network, for a fixed time'],
    ['stridenet train --resume', 'goes on with a run that was stopped'],
  ],

  async run({ args: [folder = 'cifar10'], given, terminal }) {
    const { holdsPhotos, trainPhotos } = await import('../trainPhotos/trainPhotos.js');
    if (given.data === undefined && holdsPhotos(folder)) return trainPhotos(folder, forPhotos(given), terminal);
    const { data = folder } = given;
    const { trainCifar10 } = await import('../train/trainCifar10.js');
    return trainCifar10(data === 'cifar10' ? withoutData(given) : { ...given, data }, terminal);
  },
});

/** The flags for images that are wherever an earlier download left them. */
function withoutData({ data: _, ...rest }: Partial<Settings>): Partial<Settings> {
  return rest;
}

/** Flags that say something for a folder of photographs. */
const FOR_PHOTOS = [
  ...['backbone', 'architecture', 'fineTune', 'labels', 'kind', 'positive', 'perClass', 'title'],
  ...['epochs', 'batchSize', 'learningRate', 'seed', 'threads', 'out', 'resume'],
];

function forPhotos<S extends object>(given: S): S {
  const wrong = Object.keys(given).filter((name) => !FOR_PHOTOS.includes(name));
  if (wrong.length === 0) return given;
  throw new UsageError(
    `--${wrong.map(kebab).join(', --')} is for CIFAR-10, but FOLDER holds photographs. Leave it out.`,
  );
}
