import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodePng } from '../../../src/images/index.js';
import { ReviewStore, serveReviews } from '../../../src/moderation/index.js';
import { chromium, visit } from '../../../testing/chromium.js';
import { colored, RED } from '../../../testing/colorClassifier.js';

/** Plays two reviewers, one after the other, by the keyboard; posts what they see. */
const script = `
const seen = JSON.parse(sessionStorage.seen ?? '{}');
const post = (value) => fetch('/result', { method: 'POST', body: JSON.stringify(value) });
const until = async (isSo) => {
  for (const end = Date.now() + 20000; !isSo(); ) {
    if (Date.now() > end) throw new Error('in vain: ' + isSo + ', said: ' + $('said').textContent);
    await new Promise((wait) => setTimeout(wait, 20));
  }
};
const key = (name, more) => dispatchEvent(new KeyboardEvent('keydown', { key: name, cancelable: true, ...more }));
const photo = $('photo');
const blur = () => getComputedStyle(photo).filter;
const shown = async (id) => {
  await until(() => $('facts').textContent.includes(id));
  await until(() => photo.complete && photo.naturalWidth > 0);
};
const begin = (name) => { $('reviewer').value = name; $('who').querySelector('button').click(); };
(async () => {
  if (location.search.endsWith('&second')) {
    begin('Bo');
    await shown('one');
    key('b');
    await until(() => $('said').textContent !== '');
    seen.second = $('said').textContent;
    await shown('two');
    key('n');
    await until(() => $('said').textContent.includes('Nothing'));
    seen.skipped = $('left').textContent;
    seen.agreement = $('said').textContent;
    await post(seen);
    return;
  }
  seen.before = $('work').hidden;
  key('b');
  begin('Ada');
  await shown('one');
  seen.blurred = [blur()];
  key('b', { ctrlKey: true });
  key(' ');
  seen.blurred.push(blur());
  key('e');
  await until(() => !$('overlay').hidden);
  seen.overlay = [$('overlay').naturalWidth, $('overlay').clientWidth === photo.clientWidth];
  key('b');
  await until(() => $('said').textContent !== '');
  seen.first = $('said').textContent;
  await shown('two');
  seen.blurred.push(blur());
  seen.hidden = $('overlay').hidden;
  key('a');
  await until(() => $('said').textContent.includes('Nothing'));
  sessionStorage.seen = JSON.stringify(seen);
  location = location.href + '&second';
})().catch((error) => post({ ...seen, error: error.message }));`;

test.skipIf(chromium === undefined)(
  'two reviewers work with the page by the keyboard, in Chromium',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stridenet-page-'));
    const store = await ReviewStore.open(join(folder, 'store.db'));
    const source = join(folder, 'photo.png');
    writeFileSync(source, colored([RED]));
    for (const id of ['one', 'two']) {
      store.add([{ id, source }]);
      store.decide(
        [{ item: id, action: 'review', reason: 'thresholds', label: 'weapon', scores: { weapon: 0.5 } }],
        () => true,
      );
    }
    const explain = async () => encodePng({ width: 2, height: 2, data: new Uint8Array(16), channels: 4 });
    const server = await serveReviews(store, { explain });
    const answer = await fetch(server.url);
    const content = `${await answer.text()}<script src="/script.js"></script>`;
    // The rules of the server hold here too, but for the script of this test.
    const rules = answer.headers.get('content-security-policy')?.replace('script-src', "script-src 'self'") as string;
    const page = { type: 'text/html', content, headers: { 'Content-Security-Policy': rules } };
    const { search } = new URL(server.url);
    const seen = await visit(script, {
      behind: server.url,
      files: {
        '/': { type: 'text/html', content: `<script>location = ${JSON.stringify(`/${search}`)}</script>` },
        [`/${search}`]: page,
        [`/${search}&second`]: page,
      },
    });
    expect(seen).toEqual({
      before: true,
      blurred: ['blur(32px) grayscale(1)', 'none', 'blur(32px) grayscale(1)'],
      overlay: [2, true],
      hidden: true,
      first: 'one: recorded, a second reviewer is asked',
      second: 'one: decided, block',
      skipped: '1 left',
      agreement: expect.stringContaining('1 photographs were reviewed by two: 100 % agreement'),
    });
    await server.close();
    store.close();
    rmSync(folder, { recursive: true });
  },
  60_000,
);
