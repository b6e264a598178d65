import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import type { ImageClassifier, Photo } from '../../src/classifier/index.js';
import { alternativeText, describedLanguages, imagesWithoutText, withAltTexts } from '../../src/describe/index.js';
import { writeFileAtomic } from '../../src/node/index.js';
import { CommandError } from '../flags.js';
import type { Terminal } from '../terminal.js';
import { type HowFlags, openDescriber } from './describePhotos.js';
import { HOW, type ReviewEntry, readReview } from './reviewFile.js';

interface PageFlags extends HowFlags {
  review?: string | undefined;
  write?: boolean | undefined;
}

/** Suggests texts for the images of a folder of pages. Returns the exit code. */
export async function describePages(folder: string, options: PageFlags, terminal: Terminal): Promise<number> {
  const pages = pagesIn(folder);
  const review = options.review ?? join(folder, 'alt-review.json');
  const earlier = existsSync(review) ? readReview(review).entries : [];
  const classifier = await openDescriber(options, terminal);
  const entries: ReviewEntry[] = [];
  for (const page of pages) {
    const file = relative(folder, page);
    const html = readFileSync(page, 'utf8');
    const { missing, language } = await imagesWithoutText(html);
    const found: ReviewEntry[] = [];
    for (const image of missing) {
      const known = earlier.find((each) => each.file === file && each.src === image.src && each.decision !== 'pending');
      found.push(known ?? (await suggested(folder, page, image, language, classifier, options)));
    }
    entries.push(...found);
    if (options.write) {
      const changes = found
        .filter(({ text, decision }) => text !== '' && decision === 'pending')
        .map(({ index, src, text }) => ({ index, src, text, isSuggestion: true }));
      if (changes.length > 0) await writeFileAtomic(page, await withAltTexts(html, changes));
    }
  }
  // What was written into a page before isn't missing there any more, but waits for its decision still.
  const waiting = options.write ? earlier.filter((old) => !entries.some((entry) => isSame(entry, old))) : [];
  await writeFileAtomic(
    review,
    `${JSON.stringify({ folder, how: HOW, entries: [...waiting, ...entries] }, null, 2)}\n`,
  );
  report(entries, pages.length, review, options, terminal);
  return 0;
}

function isSame(a: ReviewEntry, b: ReviewEntry): boolean {
  return a.file === b.file && a.index === b.index && a.src === b.src;
}

async function suggested(
  folder: string,
  page: string,
  image: { index: number; src: string; line: number },
  language: string | undefined,
  classifier: ImageClassifier,
  { locale, precision, regions }: PageFlags,
): Promise<ReviewEntry> {
  const entry = { file: relative(folder, page), ...image, text: '', confidence: 0, decision: 'pending' as const };
  const ofPage = describedLanguages.find((each) => each === language?.slice(0, 2).toLowerCase());
  try {
    const photo = photoOf(folder, page, image.src);
    const chosen = locale ?? (ofPage === undefined ? 'en' : language);
    const { text, confidence, reason } = await alternativeText(photo, {
      classifier,
      locale: chosen,
      precision,
      regions,
    });
    return { ...entry, text, confidence, ...(reason !== undefined && { reason }) };
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'ArgumentError') throw error;
    return { ...entry, reason: error.message };
  }
}

/** The file or the bytes that an address in a page means. */
function photoOf(folder: string, page: string, src: string): Photo {
  const data = /^data:[^,]*;base64,(.*)$/s.exec(src);
  if (data !== null) return new Uint8Array(Buffer.from(data[1], 'base64'));
  if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(src)) {
    throw new CommandError(`${src} is on another host, and nothing is downloaded unasked.`);
  }
  const path = decodeURIComponent(src.replace(/[?#].*$/, ''));
  const file = resolve(path.startsWith('/') ? folder : dirname(page), path.replace(/^\//, ''));
  if (relative(resolve(folder), file).startsWith('..')) {
    throw new CommandError(`${src} leads out of the folder ${folder}.`);
  }
  return file;
}

function pagesIn(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CommandError(`${folder} is no folder. Name a folder of HTML files.`);
  }
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ['.html', '.htm'].includes(extname(name).toLowerCase()) && !name.includes('node_modules'))
    .sort();
  if (pages.length === 0) throw new CommandError(`There is no HTML file in ${folder}.`);
  return pages.map((name) => join(folder, name));
}

function report(
  entries: readonly ReviewEntry[],
  pages: number,
  review: string,
  { json, write }: PageFlags,
  terminal: Terminal,
): void {
  for (const entry of entries) {
    if (json) terminal.print(JSON.stringify(entry));
    else {
      const said = entry.text === '' ? `no suggestion: ${entry.reason}` : entry.text;
      terminal.print(`${entry.file}:${entry.line} ${entry.src}: ${said}`);
    }
  }
  const texts = entries.filter(({ text }) => text !== '').length;
  terminal.note(
    `${pages} pages, ${entries.length} images without alternative text, ${texts} suggestions in ${review}${write ? ' and in the pages' : ''}.`,
  );
  if (texts < entries.length) terminal.note(`${entries.length - texts} images need a text by somebody who sees them.`);
}
