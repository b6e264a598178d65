// Alternative texts: npx tsx examples/16-describe-photographs.ts [MODEL PHOTO...]
//
// MODEL is a classifier's file, or the model.json of TensorFlow.js' MobileNet. Without arguments the example draws pictures of one color,
// and a network that takes red for dogs, green for bicycles and blue for cats.
import { globalAvgPool2d, Linear, Module, type Tensor } from 'stridenet';
import { ImageClassifier, loadPreset, type Photo } from 'stridenet/classifier';
import { alternativeText, describedLanguages } from 'stridenet/describe';

class ColorNet extends Module {
  readonly head = new Linear(3, 3);

  forward(x: Tensor): Tensor {
    return this.head.forward(globalAvgPool2d(x));
  }
}

const [file, ...paths] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const classifier =
  file === undefined
    ? ofColors()
    : file.endsWith('.json')
      ? await loadPreset('tfjs/mobilenet_v1_0.75_224', file)
      : await ImageClassifier.load(file);
const drawn = { red: plain(255, 0, 0), magenta: plain(255, 0, 255), gray: plain(99, 99, 99) };
const photos: [string, Photo][] = file === undefined ? Object.entries(drawn) : paths.map((path) => [path, path]);

for (const [name, photo] of photos) {
  for (const locale of describedLanguages) {
    const { text, reason } = await alternativeText(photo, { classifier, locale });
    console.log(`${name}, ${locale}: ${text || `(nothing: ${reason})`}`);
  }
}

/** A classifier by color. */
function ofColors(): ImageClassifier {
  const network = new ColorNet();
  network.head.weight.data.set([12, 0, 0, 0, 12, 0, 0, 0, 12]);
  network.head.bias?.data.fill(0);
  return new ImageClassifier(network.eval(), {
    classes: ['dog', 'bicycle', 'cat'],
    preprocessing: { size: 16, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  });
}

function plain(r: number, g: number, b: number): Photo {
  return { width: 32, height: 32, data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => [r, g, b][i % 3]) };
}
