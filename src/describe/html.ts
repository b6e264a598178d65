import { ArgumentError } from '../base/errors.js';

/** An image of a page that needs an alternative text. */
export interface ImageWithoutText {
  /** Its number among the images of the page, from 0. */
  readonly index: number;
  /** The address in the page. */
  readonly src: string;
  /** The line in the file, from 1. */
  readonly line: number;
}

/** A change of the `alt` of one image. */
export interface AltChange {
  /** The number of the image in its page, as `ImageWithoutText` has it. */
  readonly index: number;
  /** The address that the image has to have still. */
  readonly src: string;
  /** The alternative text to write; null removes one that was suggested. */
  readonly text: string | null;
  /** Marks the text with `data-alt-status="suggested"`, until a person has decided. */
  readonly isSuggestion: boolean;
}

/** What `imagesWithoutText` finds. */
export interface PageImages {
  /** The `lang` of the page, where it has one. */
  readonly language: string | undefined;
  /** Images with no `alt` at all. */
  readonly missing: readonly ImageWithoutText[];
}

/** The attribute that marks a text as a suggestion. */
const STATUS = 'data-alt-status';

interface Node {
  readonly nodeName: string;
  readonly attrs?: readonly { readonly name: string; readonly value: string }[] | undefined;
  readonly childNodes?: readonly Node[] | undefined;
  readonly content?: Node | undefined;
  readonly sourceCodeLocation?: Location | null | undefined;
}

interface Location {
  readonly startOffset: number;
  readonly startLine: number;
  readonly startTag?: { readonly startOffset: number } | undefined;
  readonly attrs?: Readonly<Record<string, { readonly startOffset: number; readonly endOffset: number }>> | undefined;
}

/**
 * Finds the images of a page that have no alternative text. Images with an empty `alt` are decorative and stay so, as do those that are hidden
 * from screen readers or named in another way.
 */
export async function imagesWithoutText(html: string): Promise<PageImages> {
  const { images, language } = await imagesOf(html);
  const missing = images.flatMap((image, index) => {
    const src = attribute(image, 'src');
    if (src === undefined || src.trim() === '' || !needsText(image)) return [];
    return [{ index, src, line: image.sourceCodeLocation?.startLine ?? 0 }];
  });
  return { language, missing };
}

/**
 * Writes alternative texts into a page. Everything else stays as it is, byte for byte.
 *
 * Throws `ArgumentError` when an image isn't where a change expects it, or has a text that somebody else wrote.
 */
export async function withAltTexts(html: string, changes: readonly AltChange[]): Promise<string> {
  const { images } = await imagesOf(html);
  const edits = changes.flatMap((change) => editsOf(images[change.index], change));
  let text = html;
  for (const { from, to, put } of edits.sort((a, b) => b.from - a.from || b.to - a.to)) {
    text = text.slice(0, from) + put + text.slice(to);
  }
  return text;
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly put: string;
}

function editsOf(image: Node | undefined, { index, src, text, isSuggestion }: AltChange): Edit[] {
  const found = image && attribute(image, 'src');
  const location = image?.sourceCodeLocation;
  if (image === undefined || location == null || found !== src) {
    throw new ArgumentError(
      `image ${index} of the page is ${found === undefined ? 'not there' : `'${found}'`}, but was '${src}'. The page has changed: describe it again.`,
    );
  }
  const alt = attribute(image, 'alt');
  if (alt !== undefined && attribute(image, STATUS) !== 'suggested') {
    throw new ArgumentError(`'${src}' has the alternative text '${alt}' by now, which is kept. Remove its entry.`);
  }
  const removed = ['alt', STATUS].flatMap((name) => {
    const at = location.attrs?.[name];
    // With the blank before it.
    return at === undefined ? [] : [{ from: at.startOffset - 1, to: at.endOffset, put: '' }];
  });
  if (text === null) return removed;
  const after = (location.startTag ?? location).startOffset + '<img'.length;
  const status = isSuggestion ? ` ${STATUS}="suggested"` : '';
  return [...removed, { from: after, to: after, put: ` alt="${escaped(text)}"${status}` }];
}

function needsText(image: Node): boolean {
  const role = attribute(image, 'role');
  const isHidden = role === 'presentation' || role === 'none' || attribute(image, 'aria-hidden') === 'true';
  const named = ['alt', 'aria-label', 'aria-labelledby'].some((name) => attribute(image, name) !== undefined);
  return !isHidden && !named;
}

async function imagesOf(html: string): Promise<{ images: Node[]; language: string | undefined }> {
  const { parse } = await import('parse5');
  const images: Node[] = [];
  let language: string | undefined;
  const visit = (node: Node): void => {
    if (node.nodeName === 'html') language = attribute(node, 'lang') || undefined;
    if (node.nodeName === 'img') images.push(node);
    if (node.content !== undefined) visit(node.content);
    for (const child of node.childNodes ?? []) visit(child);
  };
  visit(parse(html, { sourceCodeLocationInfo: true }) as unknown as Node);
  return { images, language };
}

function attribute(node: Node, name: string): string | undefined {
  return node.attrs?.find((each) => each.name === name)?.value;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
