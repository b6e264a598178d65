// What the programs share: settings, data, and how each answers the one that compares them.

/** 5x5x16, 5x5x20, 5x5x20, each padded by 2 and followed by a 2x2 pool; 3.9 million multiply-adds an image. */
export const demoNet = { batch: 32, learningRate: 0.01, momentum: 0.9 };

/** 41 million multiply-adds an image. */
export const resnet20 = { batch: 8, learningRate: 0.1, momentum: 0.9 };

/** Images of uniform noise in NCHW order with labels: the same numbers in every program. What they show costs no time. */
export function images(batch) {
  let state = 1;
  const random = () => {
    // Park and Miller 1988
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const x = Float32Array.from({ length: batch * 3 * 32 * 32 }, () => random() - 0.5);
  return { x, labels: Int32Array.from({ length: batch }, () => Math.floor(random() * 10)) };
}

/**
 * Waits for { steps } from the parent process, trains that many steps and answers { images, seconds, cpuSeconds, loss }. `step`
 * returns the loss of its batch, or a promise of it.
 */
export function answer(batch, step) {
  process.on('message', async ({ steps }) => {
    let loss = Number.NaN;
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (let i = 0; i < steps; i++) loss = await step();
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    process.send({ images: steps * batch, seconds, cpuSeconds: (user + system) / 1e6, loss });
  });
  process.send({ ready: true });
}
