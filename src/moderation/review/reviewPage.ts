/** The page of reviewers. Photographs are blurred until they are asked for, and everything works from the keyboard. */
export const reviewPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Review</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; color: #1b1b1b; background: #fff; }
  h1 { font-size: 1.25rem; }
  #stage { position: relative; min-height: 20rem; background: #eee; display: grid; place-items: center; overflow: hidden; }
  #stage img { max-width: 100%; max-height: 65vh; grid-area: 1 / 1; }
  #photo.blurred { filter: blur(32px) grayscale(1); }
  #overlay { opacity: .6; }
  button { font: inherit; padding: .5rem 1rem; margin: .5rem .25rem 0 0; border: 2px solid #1b1b1b; background: #fff; color: #1b1b1b; border-radius: .3rem; }
  button:focus-visible { outline: 3px solid #0b57d0; outline-offset: 2px; }
  kbd { border: 1px solid #666; border-radius: .2rem; padding: 0 .3rem; }
  table { border-collapse: collapse; margin-top: 1rem; } td, th { text-align: left; padding: .1rem 1rem .1rem 0; }
  [hidden] { display: none !important; }
</style>
</head>
<body>
<main>
<h1>Review <span id="left"></span></h1>
<form id="who"><label>Your name <input id="reviewer" required autocomplete="username"></label> <button>Begin</button></form>
<div id="work" hidden>
  <div id="stage"><img id="photo" class="blurred" alt="The photograph under review"><img id="overlay" alt="What the classifier looked at" hidden></div>
  <p>
    <button id="show"><kbd>space</kbd> show or blur</button>
    <button id="explain"><kbd>e</kbd> explain</button>
    <button id="allow"><kbd>a</kbd> allow</button>
    <button id="block"><kbd>b</kbd> block</button>
    <button id="skip"><kbd>n</kbd> next</button>
  </p>
  <table><tbody id="facts"></tbody></table>
</div>
<p id="said" role="status"></p>
</main>
<script>
const token = new URLSearchParams(location.search).get('token');
const $ = (id) => document.getElementById(id);
const ask = async (path, body) => {
  const answer = await fetch(path, { method: body ? 'POST' : 'GET', headers: { 'x-token': token, 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error);
  return value;
};
const skipped = new Set();
let item, reviewer;
const next = async () => {
  const { items, counts, agreement } = await ask('/api/items?reviewer=' + encodeURIComponent(reviewer));
  item = items.find(({ id }) => !skipped.has(id));
  $('left').textContent = counts.review + ' left';
  $('work').hidden = !item;
  if (!item) { $('said').textContent = 'Nothing is left for you. ' + said(agreement); return; }
  const at = encodeURIComponent(item.id) + '?token=' + encodeURIComponent(token);
  $('photo').className = 'blurred';
  $('photo').src = '/photo/' + at;
  $('overlay').hidden = true;
  $('overlay').removeAttribute('src');
  $('facts').replaceChildren(...[['item', item.id], ['reason', item.reason], ['label', item.label ?? ''], ...Object.entries(item.scores).map(([k, v]) => [k, (100 * v).toFixed(1) + ' %'])].map(([k, v]) => {
    const row = document.createElement('tr');
    for (const text of [k, v]) row.append(Object.assign(document.createElement('td'), { textContent: text }));
    return row;
  }));
};
const said = ({ pairs, agreed, kappa }) => pairs === 0 ? '' : pairs + ' photographs were reviewed by two: ' + (100 * agreed).toFixed(0) + ' % agreement' + (kappa === null ? '.' : ', kappa ' + kappa.toFixed(2) + '.');
const actions = {
  show: () => $('photo').classList.toggle('blurred'),
  explain: () => {
    const overlay = $('overlay');
    if (!overlay.hidden) { overlay.hidden = true; return; }
    overlay.onload = () => { overlay.hidden = false; overlay.style.width = $('photo').clientWidth + 'px'; };
    overlay.onerror = () => { $('said').textContent = 'There is no explanation for this photograph.'; };
    overlay.src = '/overlay/' + encodeURIComponent(item.id) + '?token=' + encodeURIComponent(token);
  },
  allow: () => decide('allow'),
  block: () => decide('block'),
  skip: () => { skipped.add(item.id); return next(); },
};
const decide = async (verdict) => {
  const { outcome } = await ask('/api/verdict', { item: item.id, reviewer, verdict });
  $('said').textContent = item.id + ': ' + (outcome ? 'decided, ' + outcome : 'recorded, a second reviewer is asked');
  await next();
};
const run = async (name) => { try { await actions[name](); } catch (error) { $('said').textContent = error.message; } };
for (const name of Object.keys(actions)) $(name).onclick = () => run(name);
const keys = { ' ': 'show', e: 'explain', a: 'allow', b: 'block', n: 'skip' };
addEventListener('keydown', (event) => {
  if (!item || $('work').hidden || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  event.preventDefault();
  run(keys[event.key]);
});
$('who').onsubmit = (event) => { event.preventDefault(); reviewer = $('reviewer').value.trim(); if (!reviewer) return; $('who').hidden = true; document.activeElement.blur(); next().catch((error) => { $('said').textContent = error.message; }); };
</script>
</body>
</html>
`;
