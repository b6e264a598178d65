import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../../src/node/index.js';
import {
  type AlbumKind,
  albumKinds,
  albumsOf,
  applyPlan,
  type Organized,
  organize,
  planAlbums,
} from '../../src/organize/index.js';
import { photosIn } from '../classify/classifyPhotos.js';
import { withProgress } from '../classify/progress.js';
import { UsageError } from '../flags.js';
import { interruptible } from '../interrupt.js';
import { type ModelFlags, openModel } from '../photographs/openModel.js';
import type { Terminal } from '../terminal.js';

interface Flags extends ModelFlags {
  precision: number;
  albums: AlbumKind;
  clusters?: number | undefined;
  hours: number;
  links?: string | undefined;
  move?: string | undefined;
  apply?: boolean | undefined;
  correct?: string[] | undefined;
  out?: string | undefined;
  json?: boolean | undefined;
}

/** Organizes a folder. Returns the exit code. */
export async function organizeFolder(folder: string, options: Flags, terminal: Terminal): Promise<number> {
  const corrections = (options.correct ?? []).map(correctionOf);
  const { classifier } = await openModel(options);
  return interruptible((signal) =>
    withProgress(async (bar) => {
      const organized = await organize(photosIn([folder]), {
        classifier,
        precision: options.precision,
        hours: options.hours,
        memory: join(folder, '.stridenet'),
        ...(options.clusters !== undefined && { clusters: { method: 'k-means', clusters: options.clusters } }),
        signal,
        onProgress: (finished, total) => bar.show('photographs', finished, total),
      });
      bar.stop();
      if (corrections.length > 0) await organized.correct(corrections);
      for (const { path, reason } of organized.skipped) terminal.note(`skipped ${path}: ${reason}`);
      await show(organized, options, terminal);
      await carryOut(organized, options, terminal);
      return 0;
    }),
  );
}

function correctionOf(text: string): { path: string; label: string } {
  const [, path, label] = /^(.+)=([^=]+)$/.exec(text) ?? [];
  if (path === undefined) throw new UsageError(`--correct is '${text}', but must be PHOTO=LABEL, such as 7.jpg=heron.`);
  return { path, label };
}

async function show(organized: Organized, { albums: kind, out, json }: Flags, terminal: Terminal): Promise<void> {
  const albums = Object.fromEntries(albumKinds.map((each) => [each, albumsOf(organized, each)]));
  const everything = { photos: organized.photos, albums, skipped: organized.skipped };
  if (out !== undefined) await writeFileAtomic(out, `${JSON.stringify(everything, null, 2)}\n`);
  if (json) return terminal.json(everything);
  for (const { name, photos, keeper } of albums[kind]) {
    terminal.print(`${name}: ${photos.length} photographs${keeper === undefined ? '' : `, keep ${keeper}`}`);
    for (const photo of photos) terminal.print(`  ${photo}`);
  }
  const tagged = organized.photos.filter(({ tags }) => tags.length > 0).length;
  const copies = organized.duplicates.reduce((sum, { others }) => sum + others.length, 0);
  terminal.note(
    `${organized.photos.length} photographs: ${tagged} with tags, ${organized.events.length} events, ${organized.clusters.length} clusters, ${copies} duplicates${out === undefined ? '' : `; everything is in ${out}`}`,
  );
}

async function carryOut(organized: Organized, options: Flags, terminal: Terminal): Promise<void> {
  const target = options.links ?? options.move;
  if (target === undefined) return;
  const how = options.links === undefined ? 'moves' : 'links';
  const plan = planAlbums(albumsOf(organized, options.albums), target, { how });
  if (!options.apply) {
    for (const { from, to } of plan.files) terminal.print(`${how === 'moves' ? 'move' : 'link'} ${from} -> ${to}`);
    terminal.note(`${plan.files.length} ${how}, none of them done yet: add --apply.`);
    return;
  }
  const undo = join(resolve(target), 'undo.json');
  await applyPlan(plan, undo);
  terminal.print(`${plan.files.length} ${how} done. To undo: stridenet organize FOLDER --undo ${undo}`);
}
