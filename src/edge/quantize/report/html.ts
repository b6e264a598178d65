import type { ReportNumbers } from './numbers.js';

/** A report as one page: the table, and a bar for the error of each layer. */
export function reportHtml(numbers: ReportNumbers, rows: readonly (readonly string[])[]): string {
  const { model, weightBits, activationBits, perChannel, layers, floatOperations } = numbers;
  const most = Math.max(...layers.map(({ error }) => error), 1e-9);
  const cells = rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`);
  const bars = layers.map(({ name, operation, error }) => {
    const width = ((100 * error) / most).toFixed(1);
    const bar = `<div class="bar" style="width:${width}%"></div>`;
    return `<tr><td>${escaped(name || operation)}</td><td>${escaped(operation)}</td><td>${(100 * error).toFixed(2)} %</td><td class="bars">${bar}</td></tr>`;
  });
  const left = floatOperations.map((name) => `<li>${escaped(name)}</li>`).join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escaped(model)} in integers</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 56rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid #ddd; padding: 0.2rem 0.8rem 0.2rem 0; text-align: left; }
.bars { width: 50%; }
.bar { background: #4c78a8; height: 0.7rem; }
</style>
</head>
<body>
<h1>${escaped(model)} in integers</h1>
<p>Weights of ${weightBits} bits ${perChannel ? 'per channel' : 'per tensor'}, activations of ${activationBits} bits.</p>
<table><tr><th></th><th>float32</th><th>integers</th><th></th></tr>${cells.join('')}</table>
<h2>Error of each layer</h2>
<p>The root of the squared difference to the float model, relative to the root of the squared numbers.</p>
<table>${bars.join('\n')}</table>
${left === '' ? '' : `<h2>Left in float32</h2><ul>${left}</ul>`}
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] as string);
}
