import { DataError } from '../../base/errors.js';
import { byCodePoint } from './textOrder.js';

/** The labels of each file, as they are written down. */
export interface LabelTable {
  /** By the path of the file, in the order of the table. */
  labels: Map<string, string[]>;
  /** The part that each file belongs to, where the table says so. */
  splits: Map<string, string>;
  /** Whether files may have several labels or none. */
  isMultiLabel: boolean;
}

/** The names that columns and fields of tables have in the field. */
const FILE_NAMES = [
  'file',
  'filename',
  'file_name',
  'image',
  'image_name',
  'image_id',
  'path',
  'filepath',
  'file_path',
  'img',
];
const LABEL_NAMES = [
  'label',
  'labels',
  'class',
  'classes',
  'class_name',
  'category',
  'categories',
  'tag',
  'tags',
  'target',
];
const SPLIT_NAMES = ['split', 'subset', 'set', 'partition'];

/**
 * A table of rows, the first of which names the columns: file and label, or file and a column of 0 and 1 for each class. Several labels of a
 * file stand in one cell, separated by `;` or `|`, or in several rows. Two columns need no names.
 *
 * Throws `DataError` for a table that has no such columns, or a row of another length.
 */
export function labelsFromRows(rows: readonly (readonly string[])[], name: string): LabelTable {
  const header = (rows[0] ?? []).map((cell) => cell.trim());
  const lower = header.map((cell) => cell.toLowerCase());
  const fileColumn = lower.findIndex((cell) => FILE_NAMES.includes(cell));
  const isNamed = fileColumn >= 0;
  if (!isNamed && header.length !== 2) {
    throw new DataError(
      `${name}: no column is named ${FILE_NAMES.slice(0, 3).join(', ')} or the like. The first row is ${JSON.stringify(header.slice(0, 6))}.`,
    );
  }
  const body = isNamed ? rows.slice(1) : rows;
  for (const [i, row] of body.entries()) {
    if (row.length !== header.length) {
      throw new DataError(
        `${name}: row ${i + (isNamed ? 2 : 1)} has ${row.length} cells, but the first one has ${header.length}.`,
      );
    }
  }
  const file = isNamed ? fileColumn : 0;
  const labelColumn = isNamed ? lower.findIndex((cell) => LABEL_NAMES.includes(cell)) : 1;
  const splitColumn = isNamed ? lower.findIndex((cell) => SPLIT_NAMES.includes(cell)) : -1;
  const table: LabelTable = { labels: new Map(), splits: new Map(), isMultiLabel: false };
  const marks = labelColumn < 0 ? markColumns(header, body, [file, splitColumn], name) : [];
  for (const row of body) {
    const labels =
      labelColumn < 0 ? marks.filter((c) => row[c].trim() === '1').map((c) => header[c]) : cellLabels(row[labelColumn]);
    addLabels(table, row[file].trim(), labels);
    if (splitColumn >= 0) table.splits.set(row[file].trim(), row[splitColumn].trim());
  }
  return table;
}

/**
 * Labels from JSON: { "a.jpg": "cat", "b.jpg": ["cat", "dog"] }, or a list of objects with a file and its label or labels.
 *
 * Throws `DataError` for anything else.
 */
export function labelsFromJson(value: unknown, name: string): LabelTable {
  const table: LabelTable = { labels: new Map(), splits: new Map(), isMultiLabel: false };
  const items: readonly (readonly [file: unknown, labels: unknown, split?: unknown])[] = Array.isArray(value)
    ? value.map((item) => [fieldOf(item, FILE_NAMES), fieldOf(item, LABEL_NAMES), fieldOf(item, SPLIT_NAMES)])
    : Object.entries(typeof value === 'object' && value !== null ? value : {});
  if (items.length === 0) {
    throw new DataError(
      `${name}: there are no labels. Write { "a.jpg": "cat" }, or [{ "file": "a.jpg", "label": "cat" }].`,
    );
  }
  for (const [file, labels, split] of items) {
    const list = Array.isArray(labels) ? labels : [labels];
    if (typeof file !== 'string' || !list.every((label) => typeof label === 'string' || typeof label === 'number')) {
      throw new DataError(
        `${name}: ${JSON.stringify([file, labels])?.slice(0, 80)} is not the name of a file with its label, or a list of labels.`,
      );
    }
    if (Array.isArray(labels)) table.isMultiLabel ||= labels.length !== 1;
    addLabels(table, file, list.map(String));
    if (typeof split === 'string') table.splits.set(file, split);
  }
  return table;
}

/** The classes of a table: sorted as folders are, numbers by their value. */
export function classesOf({ labels }: LabelTable): string[] {
  const found = [...new Set([...labels.values()].flat())];
  return found.every((label) => /^-?\d+$/.test(label))
    ? found.sort((a, b) => Number(a) - Number(b))
    : found.sort(byCodePoint);
}

function addLabels(table: LabelTable, file: string, labels: readonly string[]): void {
  const before = table.labels.get(file);
  const all = [...new Set([...(before ?? []), ...labels])];
  table.labels.set(file, all);
  if (all.length !== 1) table.isMultiLabel = true;
}

function cellLabels(cell: string): string[] {
  return cell
    .split(/[;|]/)
    .map((label) => label.trim())
    .filter((label) => label !== '');
}

/** The columns of classes: all others, which hold 0 and 1 alone. */
function markColumns(header: string[], body: readonly (readonly string[])[], others: number[], name: string): number[] {
  const columns = header.map((_, c) => c).filter((c) => !others.includes(c));
  for (const c of columns) {
    const row = body.findIndex((cells) => !['0', '1'].includes(cells[c].trim()));
    if (row < 0) continue;
    throw new DataError(
      `${name}: no column is named ${LABEL_NAMES.slice(0, 3).join(', ')} or the like, and '${header[c]}' is no class of 0 and 1: row ${row + 2} has '${body[row][c]}'.`,
    );
  }
  return columns;
}

function fieldOf(item: unknown, names: readonly string[]): unknown {
  if (typeof item !== 'object' || item === null) return undefined;
  const key = Object.keys(item).find((field) => names.includes(field.toLowerCase()));
  return key === undefined ? undefined : (item as Record<string, unknown>)[key];
}
