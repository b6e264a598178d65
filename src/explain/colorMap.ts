/** Colors that stand for values from 0 to 1: a name, or colors at equal distances. */
export type ColorMapName = 'inferno' | 'balance';

/** Inferno of matplotlib, which grows steadily brighter, for readers who see few colors too; and one from blue through white to red, for values of two signs. */
const anchors: Readonly<Record<ColorMapName, readonly (readonly [number, number, number])[]>> = {
  inferno: [
    [0, 0, 4],
    [40, 11, 84],
    [101, 21, 110],
    [159, 42, 99],
    [212, 72, 66],
    [245, 125, 21],
    [250, 193, 39],
    [252, 255, 164],
  ],
  balance: [
    [5, 48, 97],
    [67, 147, 195],
    [247, 247, 247],
    [214, 96, 77],
    [103, 0, 31],
  ],
};

/** The color of a value from 0 to 1. */
export function colorOf(map: ColorMapName, value: number): [number, number, number] {
  const colors = anchors[map];
  const at = Math.max(0, Math.min(1, value)) * (colors.length - 1);
  const i = Math.min(colors.length - 2, Math.floor(at));
  const rest = at - i;
  return [0, 1, 2].map((c) => Math.round(colors[i][c] + rest * (colors[i + 1][c] - colors[i][c]))) as [
    number,
    number,
    number,
  ];
}
