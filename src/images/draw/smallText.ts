/** Letters of 3 x 5 pixels: five rows of three bits, top to bottom, in octal digits. */
const LETTERS: Readonly<Record<string, string>> = {
  A: '25755',
  B: '65656',
  C: '34443',
  D: '65556',
  E: '74647',
  F: '74644',
  G: '34553',
  H: '55755',
  I: '72227',
  J: '11152',
  K: '55655',
  L: '44447',
  M: '57755',
  N: '65555',
  O: '25552',
  P: '65644',
  Q: '25563',
  R: '65655',
  S: '34216',
  T: '72222',
  U: '55557',
  V: '55552',
  W: '55775',
  X: '55255',
  Y: '55222',
  Z: '71247',
  '0': '75557',
  '1': '26227',
  '2': '61247',
  '3': '61216',
  '4': '55711',
  '5': '74616',
  '6': '34757',
  '7': '71222',
  '8': '75757',
  '9': '75716',
  '-': '00700',
  '.': '00002',
  ',': '00024',
  '(': '24442',
  ')': '21112',
  '/': '11244',
  ':': '02020',
  _: '00007',
  "'": '22000',
};

/** Writes text into an RGB image, with pixels of `scale` x `scale`; what sticks out on the right is left out. Other characters are boxes. */
export function writeText(
  image: { width: number; height: number; data: Uint8Array },
  text: string,
  place: { left: number; top: number; scale: number; color: readonly [number, number, number] },
): void {
  const { left, top, scale, color } = place;
  for (const [at, character] of [...text.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase()].entries()) {
    if (character === ' ') continue;
    const rows = LETTERS[character] ?? '75557';
    for (let y = 0; y < 5 * scale; y++) {
      for (let x = 0; x < 3 * scale; x++) {
        const isSet = (Number(rows[Math.floor(y / scale)]) >> (2 - Math.floor(x / scale))) & 1;
        const [column, row] = [left + 4 * scale * at + x, top + y];
        if (isSet && column < image.width && row < image.height)
          image.data.set(color, 3 * (row * image.width + column));
      }
    }
  }
}
