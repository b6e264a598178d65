/** The look of the report, in light and dark. */
export const style = `
:root { color-scheme: light dark; --text: #1c2430; --soft: #5b6677; --line: #dfe4ec; --card: #fff; --page: #f5f7fa; --accent: #2563eb; --bad: #c2410c; --good: #15803d }
@media (prefers-color-scheme: dark) { :root { --text: #e6eaf0; --soft: #9aa6b8; --line: #2c3645; --card: #18202c; --page: #10161f; --accent: #7aa5ff; --bad: #fb923c; --good: #4ade80 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px }
h1 { font-size: 28px; margin: 0 0 4px } h2 { font-size: 18px; margin: 0 0 10px } p { color: var(--soft); margin: 0 0 14px; max-width: 68ch }
.figures { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0 }
.figure { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 18px; min-width: 130px }
.figure b { display: block; font-size: 24px; font-variant-numeric: tabular-nums } .figure span { color: var(--soft); font-size: 13px }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 16px 0; overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums } th, td { padding: 5px 12px; text-align: right; border-bottom: 1px solid var(--line) }
th { font-weight: 600 } th:first-child, td:first-child { text-align: left } thead th { color: var(--soft); font-size: 13px; vertical-align: bottom }
.matrix td { min-width: 44px; text-align: center; border: 1px solid var(--line) }
.matrix td.right { background: color-mix(in srgb, var(--good) calc(var(--share) * 55%), transparent) }
.matrix td.wrong { background: color-mix(in srgb, var(--bad) calc(var(--share) * 85%), transparent) }
.turned span { writing-mode: vertical-rl; transform: rotate(180deg) }
.columns { display: flex; flex-wrap: wrap; gap: 24px; align-items: center } .columns p { flex: 1 1 260px }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); gap: 14px }
figure { margin: 0 } figure img { width: 132px; height: 132px; object-fit: contain; background: var(--page); border-radius: 6px; display: block }
figcaption { font-size: 13px; margin-top: 5px; color: var(--soft); overflow-wrap: anywhere } figcaption b { display: block; color: var(--text) } figcaption small { display: block; opacity: .75 }
.bad, figcaption b.bad { color: var(--bad) } figcaption b.good { color: var(--good) }
ul { margin: 0; padding-left: 20px; color: var(--soft); overflow-wrap: anywhere }
svg { max-width: 100%; height: auto; font: 11px system-ui, sans-serif } svg text { fill: var(--soft) } .end { text-anchor: end } .middle { text-anchor: middle }
.grid { stroke: var(--line) } .bar { fill: var(--accent); opacity: .55 } .mark { stroke: var(--text); stroke-width: 3 } .ideal { stroke: var(--soft); stroke-dasharray: 4 4 }
`;
