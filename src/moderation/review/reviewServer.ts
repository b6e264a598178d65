import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError, StridenetError } from '../../base/errors.js';
import { decodeImage, encodePng, resizeImage } from '../../images/index.js';
import { agreementOf } from '../agreement.js';
import type { DecisionRecord, ReviewStore, Verdict } from '../store/reviewStore.js';
import { reviewPage } from './reviewPage.js';

/** Options of `serveReviews`. */
export interface ServeReviewsOptions {
  /** The port, 0 for any that is free. Default 0. */
  port?: number | undefined;
  /** Verdicts that have to agree. Default 2. */
  reviewers?: number | undefined;
  /** A picture of what the classifier looked at, as a PNG with transparency. Default: there is none. */
  explain?: ((photo: Uint8Array, decision: DecisionRecord) => Promise<Uint8Array>) | undefined;
}

/** A page of reviewers that is open. */
export interface ReviewServer {
  /** The address for browsers of this machine; whoever has it may review. */
  readonly url: string;
  /** Closes the page. */
  close(): Promise<void>;
}

/** Items that a page knows ahead. */
const AHEAD = 50;
const LARGEST_BODY = 10_000;
const LARGEST_SIDE = 1280;

/**
 * Serves the review page of a store on this machine alone. A photograph is blurred until a reviewer asks for it; every verdict is recorded.
 *
 * Throws `ArgumentError` for options out of range.
 *
 * @example
 * const { url, close } = await serveReviews(store);
 */
export async function serveReviews(store: ReviewStore, options: ServeReviewsOptions = {}): Promise<ReviewServer> {
  checkOptions('serveReviews', options, ['port', 'reviewers', 'explain']);
  const { port = 0, reviewers = 2, explain } = options;
  if (!(Number.isSafeInteger(reviewers) && reviewers >= 1)) {
    throw new ArgumentError(`serveReviews: reviewers is ${reviewers}, but must be a whole number from 1.`);
  }
  const token = randomBytes(18).toString('base64url');
  const server = createServer((request, response) => {
    answer({ store, reviewers, explain, token }, request, response).catch((error: unknown) => {
      const isKnown = error instanceof StridenetError;
      json(response, isKnown ? 400 : 500, { error: isKnown ? error.message : 'The server failed. See its terminal.' });
      if (!isKnown) console.error(error);
    });
  });
  await new Promise<void>((ready, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', ready);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/?token=${token}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

interface Context {
  readonly store: ReviewStore;
  readonly reviewers: number;
  readonly explain: ServeReviewsOptions['explain'];
  readonly token: string;
}

async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { store, reviewers, explain, token } = context;
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; img-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
  );
  if (!isSame(String(request.headers['x-token'] ?? url.searchParams.get('token') ?? ''), token)) {
    return json(response, 403, { error: 'Open the address with its token, as the terminal shows it.' });
  }
  const [, kind, id = ''] = url.pathname.split('/').map(decodeURIComponent);
  if (url.pathname === '/') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(reviewPage);
    return;
  }
  if (url.pathname === '/api/items') {
    const items = store.forReview(url.searchParams.get('reviewer') ?? '', AHEAD).map(({ id: item, decision }) => {
      const { reason, label, scores } = decision;
      return { id: item, reason, label, scores };
    });
    return json(response, 200, { items, counts: store.counts(), agreement: agreementOf(store) });
  }
  if (url.pathname === '/api/verdict' && request.method === 'POST') {
    // Another page can't send the header without asking first, so it can't review in the name of this one.
    if (request.headers['x-token'] === undefined)
      return json(response, 403, { error: 'The header x-token is missing.' });
    const { item, reviewer, verdict } = await bodyOf(request);
    return json(response, 200, { outcome: store.review(item, reviewer, verdict, reviewers) ?? null });
  }
  const source = kind === 'photo' || kind === 'overlay' ? store.sourceOf(id) : undefined;
  if (source === undefined) return json(response, 404, { error: 'There is no such page.' });
  const bytes = await readFile(source).catch(() => null);
  if (bytes === null) return json(response, 404, { error: `${source} can't be read.` });
  if (kind === 'photo') return png(response, await shown(bytes));
  const decision = store.decisionOf(id);
  if (explain === undefined || decision === undefined)
    return json(response, 404, { error: 'There is no explanation.' });
  return png(response, await explain(bytes, decision));
}

/** The pixels alone, upright and no larger than a screen: no browser has to trust the file. */
async function shown(photo: Uint8Array): Promise<Uint8Array> {
  const picture = await decodeImage(photo);
  const { width, height } = picture;
  if (Math.max(width, height) <= LARGEST_SIDE) return encodePng(picture);
  return encodePng(await resizeImage(picture, { width: LARGEST_SIDE, height: LARGEST_SIDE, mode: 'fit' }));
}

function png(response: ServerResponse, bytes: Uint8Array): void {
  response.setHeader('Content-Type', 'image/png');
  response.end(bytes);
}

async function bodyOf(request: IncomingMessage): Promise<{ item: string; reviewer: string; verdict: Verdict }> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += part;
    if (text.length > LARGEST_BODY) throw new ArgumentError('review: the request is too large.');
  }
  let value: { item?: unknown; reviewer?: unknown; verdict?: unknown };
  try {
    value = JSON.parse(text);
  } catch {
    throw new ArgumentError('review: the request is no JSON.');
  }
  const { item, reviewer, verdict } = value ?? {};
  if (typeof item !== 'string' || typeof reviewer !== 'string' || reviewer.trim() === '') {
    throw new ArgumentError('review: the request needs an item and the name of a reviewer.');
  }
  if (verdict !== 'allow' && verdict !== 'block') {
    throw new ArgumentError(`review: the verdict is '${String(verdict)}', but must be 'allow' or 'block'.`);
  }
  return { item, reviewer: reviewer.trim(), verdict };
}

function json(response: ServerResponse, status: number, value: object): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(value));
}

function isSame(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
