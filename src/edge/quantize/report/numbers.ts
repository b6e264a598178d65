/** How far a layer's integers are from the float network. */
export interface LayerError {
  /** The path of its module. */
  readonly name: string;
  /** What it computes. */
  readonly operation: string;
  /** Its output in the integer network. */
  readonly value: number;
  /** The root of the squared error, relative to the root of the squared numbers: 0.01 is 1 %. */
  readonly error: number;
}

/** The same measure of both models. */
export interface BeforeAfter {
  /** The float model. */
  readonly before: number;
  /** The quantized model. */
  readonly after: number;
}

/** The numbers of a `QuantizationReport`. */
export interface ReportNumbers {
  /** The class of the model. */
  readonly model: string;
  /** Bits of a weight. */
  readonly weightBits: 7 | 8;
  /** Bits of an activation. */
  readonly activationBits: 7 | 8;
  /** Whether weights have a scale for each output channel. */
  readonly perChannel: boolean;
  /** Bytes of a file with the weights. */
  readonly bytes: BeforeAfter;
  /** Milliseconds of a prediction for one image, on the kernels in use. */
  readonly ms: BeforeAfter;
  /** Images that accuracy was measured on; 0 where there were no labels. */
  readonly images: number;
  /** Whether these were the calibration images. */
  readonly onCalibration: boolean;
  /** The share of labels that were the best answer, 0 to 1; null without labels. */
  readonly top1: BeforeAfter | null;
  /** The share of labels among the best five answers, 0 to 1; null without labels. */
  readonly top5: BeforeAfter | null;
  /** The share of images for which both models give the same class. */
  readonly agreement: number;
  /** The layers in order. */
  readonly layers: readonly LayerError[];
  /** Operations that stay in float32. */
  readonly floatOperations: readonly string[];
}
