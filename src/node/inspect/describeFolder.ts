import type { FolderReport } from './folderReport.js';
import type { Spread } from './spread.js';

/** Groups and files that a text names. */
const NAMED = 5;

/** The report as text: a table of classes, and a line for everything else. */
export function describeFolder(report: FolderReport): string {
  const { folder, images, skipped, channels, duplicates, nearDuplicates, pictures } = report;
  const rgb = (values: readonly number[]): string => values.map((value) => value.toFixed(4)).join(', ');
  const lines: [string, string][] = [
    ['width', spread(report.width, 0)],
    ['height', spread(report.height, 0)],
    ['width / height', spread(report.aspectRatio, 2)],
    ['file size', spread({ ...scaled(report.fileBytes, 1024) }, 1, ' KiB')],
    ['formats', counts(report.formats)],
    ['modes', counts(report.fileModes)],
    ['gray', String(report.gray)],
    ['turned by EXIF', String(report.turned)],
    ['mean', rgb(channels.mean)],
    ['deviation', rgb(channels.std)],
    ['duplicates', groups(duplicates)],
    ['near duplicates', groups(nearDuplicates)],
    ['unreadable', skipped.length === 0 ? 'none' : String(skipped.length)],
  ];
  return [
    `${folder}: ${images} images`,
    '',
    ...classTable(report),
    '',
    ...lines.map(([name, text]) => `${name.padEnd(16)} ${text}`),
    ...listed(
      'Files that cannot be read',
      skipped.map(({ path, reason }) => (reason.includes(path) ? reason : `${path}: ${reason}`)),
    ),
    ...listed(
      'The same pixels',
      duplicates.map((group) => group.join('  ')),
    ),
    ...listed(
      'Alike',
      nearDuplicates.map((group) => group.join('  ')),
    ),
    ...listed('Warnings', report.warnings),
    ...listed('Pictures', pictures, pictures.length),
  ].join('\n');
}

/** A row for each class, a column for each part. */
function classTable({ parts }: FolderReport): string[] {
  const names = [...new Set(parts.flatMap(({ classes }) => Object.keys(classes)))];
  const shown = names.slice(0, 40);
  const wide = Math.max(16, ...shown.map(({ length }) => length));
  const row = (name: string, cells: readonly (string | number)[]): string =>
    `${name.padEnd(wide)} ${cells.map((cell) => String(cell).padStart(8)).join('')}`;
  return [
    row(
      'class',
      parts.map(({ split }) => split ?? 'images'),
    ),
    ...shown.map((name) =>
      row(
        name,
        parts.map(({ classes }) => classes[name] ?? 0),
      ),
    ),
    ...(names.length > shown.length ? [`and ${names.length - shown.length} more classes`] : []),
    row(
      'all',
      parts.map(({ images }) => images),
    ),
  ];
}

function listed(title: string, lines: readonly string[], most = NAMED): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length > most ? [`  and ${lines.length - most} more`] : [];
  return ['', `${title}:`, ...lines.slice(0, most).map((line) => `  ${line}`), ...rest];
}

function groups(found: readonly (readonly string[])[]): string {
  if (found.length === 0) return 'none';
  const files = found.reduce((sum, group) => sum + group.length, 0);
  return `${files} files in ${found.length} ${found.length === 1 ? 'group' : 'groups'}`;
}

function scaled({ minimum, median, maximum }: Spread, by: number): Spread {
  return { minimum: minimum / by, median: median / by, maximum: maximum / by };
}

function spread({ minimum, median, maximum }: Spread, digits: number, unit = ''): string {
  const [a, b, c] = [minimum, median, maximum].map((value) => value.toFixed(digits));
  return a === c ? `${a}${unit}` : `${a} to ${c}${unit}, median ${b}${unit}`;
}

function counts(found: Readonly<Record<string, number>>): string {
  return Object.entries(found)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
