import type { Architecture } from '../../layers/architecture.js';
import type { PreprocessingOptions } from '../preprocessing.js';

/** Weights that exist in the world, and what it takes to classify with them. */
export interface Preset {
  /** The name that `loadPreset` takes. */
  readonly name: string;
  /** The network; null where the file itself describes it (TensorFlow.js, ONNX). */
  readonly architecture: Architecture | null;
  /** What the weights were trained with. */
  readonly preprocessing: PreprocessingOptions;
  /** The names of the classes, or those of ImageNet. */
  readonly classes: 'imagenet' | readonly string[];
  /** The file that was published. */
  readonly weights: {
    readonly file: string;
    /** Where it is published. */
    readonly url?: string | undefined;
    /** The SHA-256 of the file, or how it begins, in hexadecimal; undefined where it isn't published. */
    readonly sha256?: string | undefined;
    /** Where it is known. */
    readonly license?: string | undefined;
  };
}
