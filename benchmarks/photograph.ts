// How long does it take from a JPEG of 12 megapixels to the label of MobileNet v2, beside Pillow and PyTorch on the same core? Both decode, bring the short side to 256,
// cut out 224x224, normalize and predict, in a process of their own, by turns of one photograph.
//
//   taskset -c 0 npx tsx benchmarks/photograph.ts [ROUNDS]
//
// Needs Python with Pillow, PyTorch and torchvision (STRIDENET_PYTHON=...), which also draws the photograph.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ImageClassifier } from '../src/classifier/index.js';
import { createModel, useKernels } from '../src/index.js';
import { printHeader } from './support.js';

const rounds = Number(process.argv[2] ?? 15);
const python = process.env.STRIDENET_PYTHON ?? '/usr/bin/python3';
const folder = mkdtempSync(join(tmpdir(), 'stridenet-photograph-'));
const photo = join(folder, 'photo.jpg');

// Clouds of noise, as fine as a photograph: about 3 MB at quality 90.
const drawing = `
import random
from PIL import Image, ImageChops, ImageFilter
random.seed(1)
photo = Image.new('RGB', (4000, 3000), (128, 128, 128))
for side, weight in ((8, 90), (64, 60), (500, 40), (2000, 16)):
    noise = [Image.effect_noise((side, side * 3 // 4), weight) for _ in range(3)]
    photo = ImageChops.add(photo, Image.merge('RGB', noise).resize(photo.size, Image.BICUBIC), 1, -128)
photo.save(${JSON.stringify(photo)}, quality=90)
`;

const peer = `
import sys, time
import torch, torchvision
from PIL import Image
from torchvision import transforms
torch.set_num_threads(1)
model = torchvision.models.mobilenet_v2(weights=None).eval()
prepare = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
for _ in sys.stdin:
    started = time.perf_counter()
    with torch.inference_mode():
        x = prepare(Image.open(${JSON.stringify(photo)}).convert('RGB'))[None]
        ready = time.perf_counter()
        model(x).argmax().item()
    print(1000 * (ready - started), 1000 * (time.perf_counter() - started), flush=True)
`;

printHeader('A JPEG of 12 megapixels to a label');
execFileSync(python, ['-c', drawing]);
console.log(`4000 x 3000 pixels, ${(statSync(photo).size / 1e6).toFixed(1)} MB`);
await useKernels('simd', { threads: 1 });
const classifier = new ImageClassifier(createModel('mobilenet_v2'), {
  classes: Array.from({ length: 1000 }, (_, i) => `class ${i}`),
  preprocessing: { size: 224, shortSide: 256, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
});
const child = spawn(python, ['-c', peer], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

const ours: number[] = [];
const theirs: number[] = [];
const peerReady: number[] = [];
const parts = { decode: 0, prepare: 0, predict: 0 };
for (let round = -3; round < rounds; round++) {
  const started = performance.now();
  const { timing } = await classifier.classify(readFileSync(photo));
  const ms = performance.now() - started;
  child.stdin.write('\n');
  const [ready, other] = String((await answers.next()).value)
    .split(' ')
    .map(Number);
  if (round < 0) continue;
  ours.push(ms);
  theirs.push(other);
  peerReady.push(ready);
  for (const part of ['decode', 'prepare', 'predict'] as const) parts[part] += timing[part] / rounds;
}
child.stdin.end();
rmSync(folder, { recursive: true });

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];
const ratio = median(ours.map((ms, i) => ms / theirs[i]));
const text = Object.entries(parts).map(([name, ms]) => `${name} ${ms.toFixed(1)}`);
console.log(
  `stridenet ${median(ours).toFixed(1)} ms (${text.join(', ')}), Pillow and PyTorch ${median(theirs).toFixed(1)} ms (decoded and prepared after ${median(peerReady).toFixed(1)}): ${ratio.toFixed(2)} x`,
);
