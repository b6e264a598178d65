import type { FolderReport } from './folderReport.js';

/** What of a folder may harm training. `duplicates` are the parts and classes of the photographs of each group with the same pixels. */
export function folderWarnings(
  { skipped, images, parts }: FolderReport,
  duplicates: readonly (readonly { split: string | null; label: string }[])[],
): string[] {
  const warnings: string[] = [];
  if (skipped.length > 0) warnings.push(`${skipped.length} of ${images} files can't be read.`);
  const across = duplicates.filter((group) => new Set(group.map(({ split }) => split)).size > 1).length;
  if (across > 0) {
    warnings.push(
      `${count(across, 'photograph is', 'photographs are')} in several splits: validation is too good to be true.`,
    );
  }
  const contradicting = duplicates.filter((group) => new Set(group.map(({ label }) => label)).size > 1).length;
  if (contradicting > 0) {
    warnings.push(`${count(contradicting, 'photograph has', 'photographs have')} the labels of several classes.`);
  }
  for (const { split, classes } of parts) {
    const name = split === null ? '' : ` in ${split}`;
    const counts = Object.values(classes);
    const empty = Object.keys(classes).filter((key) => classes[key] === 0);
    if (empty.length > 0) warnings.push(`There are no images of ${empty.join(', ')}${name}.`);
    const [least, most] = [Math.min(...counts.filter((n) => n > 0)), Math.max(...counts)];
    if (most >= 5 * least) {
      warnings.push(`The largest class${name} has ${Math.round(most / least)} times as many images as the smallest.`);
    }
  }
  return warnings;
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
