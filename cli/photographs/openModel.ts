import type { ImageClassifier } from '../../src/classifier/index.js';
import { openClassifier } from '../classify/classifyPhotos.js';
import type { Flag } from '../flags.js';
import { UsageError } from '../flags.js';

/** Flags that name a classifier. */
export interface ModelFlags {
  model?: string | undefined;
  preset?: string | undefined;
}

export const MODEL_FLAGS: readonly Flag<keyof ModelFlags>[] = [
  { name: 'model', value: 'FILE', help: "a classifier's file, as 'stridenet train' leaves it" },
  {
    name: 'preset',
    value: 'NAME',
    help: 'what the published weights in --model are, such as torchvision/resnet18 or tfjs/mobilenet_v1_1.0_224',
  },
];

/** The classifier that the flags name, or the one that travels with the package. */
export async function openModel({ model, preset }: ModelFlags): Promise<{
  classifier: ImageClassifier;
  isOwn: boolean;
}> {
  if (preset === undefined) return openClassifier(model);
  if (model === undefined) throw new UsageError('--preset needs the file of the weights: --model FILE.');
  const { loadPreset } = await import('../../src/classifier/index.js');
  return { classifier: await loadPreset(preset, model), isOwn: false };
}
