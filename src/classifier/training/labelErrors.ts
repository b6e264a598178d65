/** A photograph whose label looks wrong. */
export interface LabelSuspect {
  /** Its number. */
  readonly index: number;
  /** The class that it rather shows. */
  readonly suggested: number;
  /** The confidence of the suggested class minus that of the given one. */
  readonly margin: number;
}

/**
 * Labels that are probably wrong, the surest first: photographs for which another class is likelier than it usually is for its own
 * photographs.
 *
 * Shapes: confidences [N, K] row by row, of models that did not see the photograph.
 *
 * Source: confident learning, Northcutt, Jiang and Chuang 2021 (arXiv:1911.00068), section 3: the threshold of a class is the mean
 * confidence in it over the photographs that have its label.
 */
export function labelSuspects(
  confidences: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): LabelSuspect[] {
  const sums = new Float64Array(classes);
  const counts = new Float64Array(classes);
  for (let n = 0; n < labels.length; n++) {
    sums[labels[n]] += confidences[n * classes + labels[n]];
    counts[labels[n]]++;
  }
  const suspects: LabelSuspect[] = [];
  for (let n = 0; n < labels.length; n++) {
    const row = Array.from({ length: classes }, (_, k) => confidences[n * classes + k]);
    const likely = [...row.keys()].filter((k) => counts[k] > 0 && row[k] >= sums[k] / counts[k]);
    const suggested = likely.sort((a, b) => row[b] - row[a])[0];
    if (suggested === undefined || suggested === labels[n]) continue;
    suspects.push({ index: n, suggested, margin: row[suggested] - row[labels[n]] });
  }
  return suspects.sort((a, b) => b.margin - a.margin);
}
