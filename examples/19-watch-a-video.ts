// Frames of a video: npx tsx examples/19-watch-a-video.ts [MODEL WIDTHxHEIGHT] < frames.rgb
//
// MODEL is a classifier's file; frames are raw RGB, such as `ffmpeg -i video.mp4 -f rawvideo -pix_fmt rgb24 -` writes. Without them the example
// draws five seconds of red, green and blue, which a network of its own takes for dogs, bicycles and cats.
import { globalAvgPool2d, Linear, Module, type Tensor } from 'stridenet';
import { ImageClassifier } from 'stridenet/classifier';
import { classifyFrames } from 'stridenet/watch';

class ColorNet extends Module {
  readonly head = new Linear(3, 3);

  forward(x: Tensor): Tensor {
    return this.head.forward(globalAvgPool2d(x));
  }
}

const [file, size = '32x32'] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const [width, height] = size.split('x').map(Number);
const classifier = file === undefined ? ofColors() : await ImageClassifier.load(file);
const stream = file === undefined ? drawnVideo() : process.stdin;

for await (const { events } of classifyFrames(stream, classifier, { width, height, framesPerSecond: 25 })) {
  for (const { kind, label, time, peak } of events) {
    console.log(`${time.toFixed(2)} s: ${label} ${kind}s (up to ${(100 * peak).toFixed(0)} %)`);
  }
}

/** Each color for a while, with a flash of another one. */
function* drawnVideo(): Generator<Uint8Array> {
  for (let frame = 0; frame < 125; frame++) {
    const color = frame === 30 ? 1 : Math.floor(frame / 50);
    yield Uint8Array.from({ length: width * height * 3 }, (_, i) => (i % 3 === color ? 255 : 0));
  }
}

function ofColors(): ImageClassifier {
  const network = new ColorNet();
  network.head.weight.data.set([12, 0, 0, 0, 12, 0, 0, 0, 12]);
  network.head.bias?.data.fill(0);
  return new ImageClassifier(network.eval(), {
    classes: ['dog', 'bicycle', 'cat'],
    preprocessing: { size: 16, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  });
}
