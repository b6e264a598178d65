import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePng } from '../../../src/images/index.js';
import { type ReviewServer, ReviewStore, serveReviews } from '../../../src/moderation/index.js';
import { colored, RED } from '../../../testing/colorClassifier.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-review-'));
let store: ReviewStore;
let server: ReviewServer;
let token: string;

beforeAll(async () => {
  store = await ReviewStore.open(join(folder, 'store.db'));
  const source = join(folder, 'photo.png');
  writeFileSync(source, colored([RED]));
  store.add([{ id: 'a/b', source }]);
  store.decide([{ item: 'a/b', action: 'review', reason: 'thresholds', scores: { weapon: 0.5 } }], () => true);
  const explain = async () => encodePng({ width: 2, height: 2, data: new Uint8Array(16), channels: 4 });
  server = await serveReviews(store, { explain });
  token = new URL(server.url).searchParams.get('token') as string;
});
afterAll(async () => {
  await server.close();
  store.close();
  rmSync(folder, { recursive: true });
});

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(new URL(path, server.url), { ...init, headers: { 'x-token': token, ...init.headers } });
const decide = (reviewer: string, verdict: string): Promise<Response> =>
  ask('/api/verdict', { method: 'POST', body: JSON.stringify({ item: 'a/b', reviewer, verdict }) });

describe('the review page', () => {
  test('opens with its token alone', async () => {
    const page = await (await fetch(server.url)).text();
    expect(page).toContain('class="blurred"');
    expect((await fetch(server.url.replace(/token=.*/, 'token=guess'))).status).toBe(403);
    const forged = await fetch(new URL(`/api/verdict?token=${token}`, server.url), { method: 'POST', body: '{}' });
    expect(forged.status).toBe(403);
  });

  test('shows photographs and explanations of items alone', async () => {
    const photo = await ask('/photo/a%2Fb');
    expect(photo.headers.get('content-type')).toBe('image/png');
    expect((await ask('/overlay/a%2Fb')).status).toBe(200);
    expect((await ask('/photo/..%2F..%2Fetc%2Fpasswd')).status).toBe(404);
  });

  test('records verdicts of two reviewers and their agreement', async () => {
    const { items } = await (await ask('/api/items?reviewer=Ada')).json();
    expect(items).toEqual([{ id: 'a/b', reason: 'thresholds', scores: { weapon: 0.5 } }]);
    expect(await (await decide('Ada', 'maybe')).json()).toEqual({
      error: "review: the verdict is 'maybe', but must be 'allow' or 'block'.",
    });
    expect(await (await decide('Ada', 'block')).json()).toEqual({ outcome: null });
    expect((await decide('Ada', 'block')).status).toBe(400);
    expect(await (await decide('Bo', 'block')).json()).toEqual({ outcome: 'block' });
    const left = await (await ask('/api/items?reviewer=Cy')).json();
    expect(left).toMatchObject({ items: [], counts: { review: 0 }, agreement: { pairs: 1, agreed: 1 } });
  });
});
