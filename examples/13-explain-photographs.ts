// What an answer comes from: npx tsx examples/13-explain-photographs.ts [PHOTO MODEL]
//
// MODEL is a classifier's file. Without them the example draws a picture, and explains a small network with random weights.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createModel, manualSeed } from 'stridenet';
import { ImageClassifier } from 'stridenet/classifier';
import { type ExplainMethod, explain, rankCorrelation } from 'stridenet/explain';

const [photo = drawn(), model] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const classifier = model === undefined ? untrained() : await ImageClassifier.load(model);
mkdirSync('runs/explained', { recursive: true });

// (1) Each method draws its map over what the network saw.
const methods: ExplainMethod[] = ['grad-cam', 'hires-cam', 'occlusion', 'saliency', 'guided-backprop'];
const maps = new Map<string, Float32Array>();
for (const method of methods) {
  const { name, confidence, map, overlay } = await explain(classifier, photo, { method });
  maps.set(method, map.data);
  writeFileSync(`runs/explained/${method}.png`, await overlay());
  console.log(`${method}: ${name} ${confidence.toFixed(2)}, runs/explained/${method}.png`);
}

// (2) Methods answer different questions, so their maps differ.
const [a, b] = ['grad-cam', 'hires-cam'].map((method) => maps.get(method) as Float32Array);
console.log(`rank correlation of grad-cam and hires-cam: ${rankCorrelation(a, b).toFixed(2)}`);

function untrained(): ImageClassifier {
  manualSeed(1);
  return new ImageClassifier(createModel('resnet20'), {
    classes: ['airplane', 'car', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    preprocessing: { size: 32 },
  });
}

function drawn(): { width: number; height: number; data: Uint8Array } {
  const [width, height] = [48, 40];
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return (x - 16) ** 2 + (y - 20) ** 2 < 100 ? 220 - 40 * (i % 3) : 60 + y;
  });
  return { width, height, data };
}
