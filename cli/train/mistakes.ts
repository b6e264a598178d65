import { type Dataset, type LabeledBatch, softmax, type Tensor } from '../../src/index.js';
import { enlarge, pictureFrom, toPng } from '../pictures.js';

/** A test image that the model got wrong, and how sure it was. */
export interface Mistake {
  index: number;
  label: number;
  predicted: number;
  probability: number;
}

/** Collects mistakes batch by batch: give `collect` to `evaluate` as `onBatch`. */
export class Mistakes {
  readonly #all: Mistake[] = [];
  #seen = 0;

  collect = ({ labels }: LabeledBatch, logits: Tensor): void => {
    const probabilities = softmax(logits);
    const classes = logits.shape[1];
    const p = probabilities.data;
    for (let n = 0; n < labels.length; n++) {
      const row = p.subarray(n * classes, (n + 1) * classes);
      const probability = Math.max(...row);
      const predicted = row.indexOf(probability);
      if (predicted !== labels[n]) {
        this.#all.push({ index: this.#seen + n, label: labels[n], predicted, probability });
      }
    }
    this.#seen += labels.length;
  };

  /** Those that the model was surest of. */
  worst(count: number): Mistake[] {
    return [...this.#all].sort((a, b) => b.probability - a.probability).slice(0, count);
  }
}

const TILE = 96;
const COLUMNS = 8;
const LABEL = 34;

/** A sheet of images of `dataset`, each above its true class and the one it was taken for, as SVG. */
export function mistakeSheet(mistakes: readonly Mistake[], dataset: Dataset): string {
  const rows = Math.max(1, Math.ceil(mistakes.length / COLUMNS));
  const tiles = mistakes.map(({ index, label, predicted, probability }, k) => {
    const x = 8 + (k % COLUMNS) * (TILE + 16);
    const y = 40 + Math.floor(k / COLUMNS) * (TILE + LABEL + 10);
    const pixels = dataset.image(index);
    const bright = pixels instanceof Uint8Array ? 255 : 1;
    const [, height] = dataset.shape;
    const picture = enlarge(pictureFrom(pixels, dataset.shape, [0, bright]), Math.max(1, Math.floor(TILE / height)));
    const href = `data:image/png;base64,${Buffer.from(toPng(picture)).toString('base64')}`;
    const said = `${dataset.classes[predicted]} ${(100 * probability).toFixed(0)} %`;
    return `<image x="${x}" y="${y}" width="${TILE}" height="${TILE}" href="${href}"/>
<text x="${x}" y="${y + TILE + 13}" fill="#2a7d2a">${escapeXml(dataset.classes[label])}</text>
<text x="${x}" y="${y + TILE + 27}" fill="#b02020">${escapeXml(said)}</text>`;
  });
  const width = 8 + COLUMNS * (TILE + 16);
  const height = 40 + rows * (TILE + LABEL + 10);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="8" y="24" font-size="15">The ${mistakes.length} worst mistakes: true class (green), what the model said and how sure it was (red)</text>
${tiles.join('\n')}
</svg>
`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
}
