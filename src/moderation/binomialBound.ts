/**
 * The largest rate that is still plausible after `events` in `trials`: it lies below the true rate in at most 1 - `confidence` of all
 * samples. 1 without trials.
 *
 * Source: Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in the case of the binomial".
 */
export function upperBound(events: number, trials: number, confidence: number): number {
  if (events >= trials) return 1;
  let [low, high] = [events / trials, 1];
  // The rate at which so few events have a chance of 1 - confidence: 60 halvings are below the spacing of doubles.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (atMost(events, trials, middle) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}

/** The chance of at most `events` in `trials` independent ones of this rate. */
function atMost(events: number, trials: number, rate: number): number {
  if (rate <= 0) return 1;
  if (rate >= 1) return 0;
  const [yes, no] = [Math.log(rate), Math.log1p(-rate)];
  let choose = 0;
  let sum = 0;
  for (let k = 0; k <= events; k++) {
    sum += Math.exp(choose + k * yes + (trials - k) * no);
    choose += Math.log((trials - k) / (k + 1));
  }
  return Math.min(1, sum);
}
