import type { Picture } from '../classifier/picture.js';
import { resizeImage } from '../images/index.js';

/** The longer side at which sharpness is measured, so that sizes can be compared. */
const SIDE = 512;

/**
 * How sharp a picture is: the variance of its Laplacian, in gray levels squared. Of pictures of the same thing, the one in focus has the most.
 *
 * Source: Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy: a comparative study".
 */
export async function sharpness(picture: Picture): Promise<number> {
  const { width, height, data } =
    Math.max(picture.width, picture.height) > SIDE
      ? await resizeImage(picture, { width: SIDE, height: SIDE, mode: 'fit', filter: 'box' })
      : picture;
  if (width < 3 || height < 3) return 0;
  const gray = new Float64Array(width * height);
  for (let i = 0; i < gray.length; i++)
    gray[i] = 0.299 * data[3 * i] + 0.587 * data[3 * i + 1] + 0.114 * data[3 * i + 2];
  let [sum, squares] = [0, 0];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const value = gray[i - 1] + gray[i + 1] + gray[i - width] + gray[i + width] - 4 * gray[i];
      sum += value;
      squares += value * value;
    }
  }
  const n = (width - 2) * (height - 2);
  return squares / n - (sum / n) ** 2;
}
