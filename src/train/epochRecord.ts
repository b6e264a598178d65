/** What one epoch came to. Losses and accuracies are means over images; accuracy is 0 to 1. */
export interface EpochRecord {
  /** Counted from 1, as it is shown. */
  epoch: number;
  /** Optimizer steps taken since the start of training. */
  step: number;
  /** That of the epoch's last step. */
  learningRate: number;
  /** Mean over the epoch's batches, each as it was trained on, so with weights that still changed. */
  loss: number;
  /** The share of training images that were predicted correctly, as they were trained on. */
  accuracy: number;
  /** Measured after the epoch in evaluation mode; absent without validation data. */
  validationLoss?: number | undefined;
  /** The share of validation images that were predicted correctly. */
  validationAccuracy?: number | undefined;
  /** What the `metrics` came to over the epoch's batches, and over the validation data. */
  metrics?: Record<string, number> | undefined;
  /** The values of `metrics` on the validation images. */
  validationMetrics?: Record<string, number> | undefined;
  /** Wall-clock time of the epoch, validation included. */
  seconds: number;
}
