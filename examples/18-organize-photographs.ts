// Order in a folder: npx tsx examples/18-organize-photographs.ts [FOLDER MODEL]
//
// FOLDER holds photographs, MODEL is a classifier's file. Without them the example draws pictures of one color, and a network that takes red for
// beagles, green for bicycles and blue for tabbies. Nothing is moved.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { globalAvgPool2d, Linear, Module, type Tensor } from 'stridenet';
import { ImageClassifier } from 'stridenet/classifier';
import { encodePng } from 'stridenet/images';
import { albumKinds, albumsOf, organize, planAlbums } from 'stridenet/organize';

class ColorNet extends Module {
  readonly head = new Linear(3, 3);

  forward(x: Tensor): Tensor {
    return this.head.forward(globalAvgPool2d(x));
  }
}

const [given, file] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const folder = given ?? draw('runs/to-organize');
const classifier = file === undefined ? ofColors() : await ImageClassifier.load(file);
const paths = readdirSync(folder).map((name) => `${folder}/${name}`);

// (1) Tags, events, clusters and duplicates.
const organized = await organize(paths, { classifier });
for (const kind of albumKinds) {
  for (const { name, photos } of albumsOf(organized, kind))
    console.log(`${kind}: ${name}, ${photos.length} photographs`);
}

// (2) A mistake, named: similar photographs follow.
await organized.correct([{ path: paths[0], label: 'lobster' }]);
console.log('after the correction:', organized.photos.map(({ tags }) => tags[0]?.name ?? '-').join(' '));

// (3) What a folder of albums would look like.
for (const { from, to } of planAlbums(albumsOf(organized, 'tags'), 'runs/albums').files.slice(0, 3)) {
  console.log(`${from} -> ${to}`);
}

function ofColors(): ImageClassifier {
  const network = new ColorNet();
  network.head.weight.data.set([12, 0, 0, 0, 12, 0, 0, 0, 12]);
  network.head.bias?.data.fill(0);
  return new ImageClassifier(network.eval(), {
    classes: ['beagle', 'bicycle', 'tabby'],
    preprocessing: { size: 16, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  });
}

function draw(to: string): string {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  const colors = [
    [255, 0, 0],
    [240, 0, 10],
    [0, 255, 0],
    [0, 240, 10],
    [0, 0, 255],
    [255, 0, 255],
  ];
  for (const [i, color] of colors.entries()) {
    const data = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => color[at % 3]);
    writeFileSync(`${to}/${i}.png`, encodePng({ width: 32, height: 32, data }));
  }
  return to;
}
