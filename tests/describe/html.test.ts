import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { imagesWithoutText, withAltTexts } from '../../src/describe/index.js';
import { chromium, visit } from '../../testing/chromium.js';

const page = `<!DOCTYPE html>
<html lang="de"><head><title>Page</title></head><body>
<p>Fish &amp; chips <IMG SRC="a.png"   width=4>
<img alt="" src="ornament.png"><img src="b.png" role="presentation"><img aria-label="Ours" src="c.png">
<!-- <img src="comment.png"> --><template><img src="d.png"/></template>
<img src="a.png" alt="kept">
`;

describe('imagesWithoutText', () => {
  test('finds images with no alt at all, by number and line, and the language of the page', async () => {
    expect(await imagesWithoutText(page)).toEqual({
      language: 'de',
      missing: [
        { index: 0, src: 'a.png', line: 3 },
        { index: 4, src: 'd.png', line: 5 },
      ],
    });
  });
});

describe('withAltTexts', () => {
  const change = { index: 0, src: 'a.png', text: 'A "dog" & <b>', isSuggestion: false };

  test('writes texts and leaves every other byte alone', async () => {
    const written = await withAltTexts(page, [
      change,
      { index: 4, src: 'd.png', text: 'A bicycle', isSuggestion: true },
    ]);
    expect(written).toBe(
      page
        .replace('<IMG SRC="a.png"', '<IMG alt="A &quot;dog&quot; &amp; &lt;b>" SRC="a.png"')
        .replace('<img src="d.png"/>', '<img alt="A bicycle" data-alt-status="suggested" src="d.png"/>'),
    );
  });

  test('takes a suggestion back, or makes it final', async () => {
    const suggested = await withAltTexts(page, [{ ...change, isSuggestion: true }]);
    expect(await withAltTexts(suggested, [{ ...change, text: null }])).toBe(page);
    const final = await withAltTexts(suggested, [{ ...change, text: 'A dog' }]);
    expect(final).toBe(page.replace('<IMG SRC', '<IMG alt="A dog" SRC'));
  });

  test('refuses a page that has changed, and a text of somebody else', async () => {
    await expect(withAltTexts(page, [{ ...change, src: 'z.png' }])).rejects.toThrow("is 'a.png', but was 'z.png'");
    await expect(withAltTexts(page, [{ ...change, index: 9 }])).rejects.toThrow('image 9 of the page is not there');
    await expect(withAltTexts(page, [{ ...change, index: 5 }])).rejects.toThrow("has the alternative text 'kept'");
  });

  test.skipIf(chromium === undefined)('makes a page that axe-core finds no missing text in', async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
    const check = `${axe};axe.run({ runOnly: ['image-alt'] }).then(({ violations, passes }) =>
      fetch('/result', { method: 'POST', body: JSON.stringify({ missing: violations.flatMap((v) => v.nodes).length, passed: passes.flatMap((v) => v.nodes).length }) }));`;
    const shown = async (html: string): Promise<unknown> => {
      const content = `${html}<script src="/script.js"></script>`;
      return visit(check, { files: { '/': { type: 'text/html', content } } });
    };
    expect(await shown(page)).toMatchObject({ missing: 1 });
    expect(await shown(await withAltTexts(page, [change]))).toMatchObject({ missing: 0, passed: 5 });
  });
});
