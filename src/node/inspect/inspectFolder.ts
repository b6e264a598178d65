import { relative } from 'node:path';
import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { DataError, FormatError } from '../../base/errors.js';
import { countClasses } from '../../data/classWeights.js';
import { findSplits } from '../folder/folderSplits.js';
import { type ImageFolder, imageFolder } from '../folder/imageFolder.js';
import { slashed } from '../folder/scanFolder.js';
import type { SkippedFile } from '../folder/skippedFiles.js';
import type { PhotoMeasures } from '../photos/measurePhoto.js';
import { usualThreads } from '../photos/photoThreads.js';
import { preparationOf } from '../photos/preparationOptions.js';
import { equalGroups, nearGroups } from './duplicates.js';
import { drawPictures, FolderPictures } from './folderPictures.js';
import { type FolderReport, INSPECT_OPTIONS, type InspectFolderOptions } from './folderReport.js';
import { folderWarnings } from './folderWarnings.js';
import { ImageSums } from './imageSums.js';
import { measureAll } from './measureAll.js';
import { spreadOf } from './spread.js';

/**
 * Reads all photographs of a folder and says what is in it: classes, sizes, formats, damaged files, duplicates, mean and deviation. Memory holds
 * the measures of each photograph and the small pictures of the contact sheet, not the photographs.
 *
 * Throws what `imageFolder` throws where there is nothing to read, and `DataError` when no photograph can be read. Damaged files are listed.
 *
 * @example
 * const report = await inspectFolder('photos', { out: 'inspection' });
 * console.log(describeFolder(report));
 */
export async function inspectFolder(dir: string, options: InspectFolderOptions = {}): Promise<FolderReport> {
  checkOptions('inspectFolder', options, INSPECT_OPTIONS);
  const { split, out, perClass = 24, distance = 4, onProgress, threads = usualThreads(), ...rest } = options;
  checkWhole('inspectFolder', 'perClass', perClass, 0);
  checkWhole('inspectFolder', 'distance', distance, 0);
  const preparation = preparationOf('inspectFolder', options);
  const common = { ...rest, onError: 'skip', allowEmpty: true } as const;
  const first = imageFolder(dir, { ...common, split });
  const splits = split === undefined ? [...findSplits(dir).keys()].filter((name) => name !== first.split) : [];
  const folders = [first, ...splits.map((name) => imageFolder(dir, { ...common, split: name }))];
  const total = folders.reduce((sum, { length }) => sum + length, 0);
  const sums = new ImageSums(...(first.shape as [number, number, number]));
  const pictures = new FolderPictures(perClass);
  const photos: { path: string; part: number; label: string; measures: PhotoMeasures }[] = [];
  const skipped: SkippedFile[] = folders.flatMap((folder) => folder.skipped);
  let done = 0;
  for (const [part, folder] of folders.entries()) {
    for await (const measured of measureAll(folder.paths, JSON.stringify(preparation), threads)) {
      const path = slashed(relative(dir, folder.paths[measured.index]));
      if ('error' in measured) skipped.push({ path, reason: reasonOf(measured.error) });
      else {
        const { measures, pixels } = measured;
        photos.push({ path, part, label: labelOf(folder, measured.index), measures });
        sums.add(pixels);
        if (out !== undefined) await pictures.add(titleOf(folder, photos.at(-1)?.label ?? ''), pixels, first.shape);
      }
      onProgress?.(++done, total);
    }
  }
  if (photos.length === 0)
    throw new DataError(`inspectFolder: none of the ${total} files of ${dir} can be read. ${skipped[0]?.reason ?? ''}`);
  const all = photos.map(({ measures }) => measures);
  const pathsOf = (groups: readonly number[][]): string[][] => groups.map((group) => group.map((i) => photos[i].path));
  const duplicates = equalGroups(all.map(({ pixelHash }) => pixelHash));
  const nearDuplicates = nearGroups(
    all.map(({ differenceHash }) => differenceHash),
    distance,
  );
  const report: FolderReport = {
    folder: dir,
    images: total,
    parts: folders.map((folder) => {
      const counts = countClasses(folder);
      const classes = Object.fromEntries(folder.classes.map((name, k) => [name, counts[k]]));
      return { split: folder.split, images: folder.length, classes };
    }),
    skipped,
    formats: countsOf(all.map(({ format }) => format)),
    fileModes: countsOf(all.map(({ fileMode }) => fileMode)),
    gray: all.filter(({ isGray }) => isGray).length,
    turned: all.filter(({ orientation }) => orientation !== 1).length,
    width: spreadOf(all.map(({ width }) => width)),
    height: spreadOf(all.map(({ height }) => height)),
    aspectRatio: spreadOf(all.map(({ width, height }) => width / height)),
    fileBytes: spreadOf(all.map(({ fileBytes }) => fileBytes)),
    channels: sums.channelMeanStd(),
    duplicates: pathsOf(duplicates),
    nearDuplicates: pathsOf(nearDuplicates),
    warnings: [],
    pictures: [],
  };
  const partOf = ({ part, label }: (typeof photos)[number]) => ({ split: folders[part].split, label });
  report.warnings = folderWarnings(
    report,
    duplicates.map((group) => group.map((i) => partOf(photos[i]))),
  );
  if (out !== undefined) {
    report.pictures = await drawPictures(
      out,
      pictures,
      sums,
      all.map(({ width, height }) => [width, height] as const),
    );
  }
  return report;
}

/** What a file that cannot be read is listed with; other errors are none of the file. */
function reasonOf(error: unknown): string {
  if (error instanceof DataError || error instanceof FormatError) return error.message;
  throw error;
}

function labelOf(folder: ImageFolder, i: number): string {
  const labels = folder.multiHot?.(i);
  if (labels === undefined) return folder.classes[folder.label(i)];
  return folder.classes.filter((_, k) => labels[k] === 1).join(' + ') || 'no class';
}

function titleOf({ split }: ImageFolder, label: string): string {
  return split === null ? label : `${split} / ${label}`;
}

function countsOf(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
