/**
 * The style of a report: no fonts, images or scripts from anywhere; light or dark as the reader's system is; prints
 * well.
 */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --ink: #1d2329;
  --faint: #5b6570;
  --line: #d8dee4;
  --ground: #ffffff;
  --panel: #f6f8fa;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6e9ec;
    --faint: #9aa4ae;
    --line: #353c44;
    --ground: #15191d;
    --panel: #1c2126;
  }
}
body {
  margin: 0 auto;
  max-width: 1080px;
  padding: 24px;
  font:
    14px/1.5 system-ui,
    sans-serif;
  color: var(--ink);
  background: var(--ground);
  font-variant-numeric: tabular-nums;
}
h1 {
  font-size: 22px;
  margin: 0 0 4px;
  overflow-wrap: anywhere;
}
h2 {
  font-size: 16px;
  margin: 28px 0 8px;
  overflow-wrap: anywhere;
}
h3 {
  font-size: 14px;
  margin: 16px 0 4px;
}
p {
  margin: 4px 0;
}
.faint,
footer {
  color: var(--faint);
}
footer {
  margin-top: 32px;
  font-size: 12px;
}
.cards {
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
  margin: 16px 0;
}
.card {
  background: var(--panel);
  border: 1px solid var(--line);
  border-radius: 6px;
  padding: 8px 14px;
  min-width: 110px;
}
.card b {
  display: block;
  font-size: 18px;
}
.card span {
  color: var(--faint);
  font-size: 12px;
}
.charts {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(440px, 1fr));
  gap: 16px;
}
figure {
  margin: 0;
  min-width: 0;
}
figcaption {
  font-weight: 600;
}
svg {
  width: 100%;
  height: auto;
}
svg text {
  font:
    11px system-ui,
    sans-serif;
  fill: var(--faint);
}
.grid {
  stroke: var(--line);
  stroke-width: 1;
  fill: none;
}
.legend {
  display: flex;
  flex-wrap: wrap;
  gap: 4px 14px;
  font-size: 12px;
  margin: 8px 0;
}
.legend i {
  display: inline-block;
  width: 14px;
  height: 3px;
  margin-right: 5px;
  vertical-align: middle;
}
.wide {
  overflow-x: auto;
}
table {
  border-collapse: collapse;
  font-size: 13px;
}
th,
td {
  text-align: left;
  padding: 3px 12px 3px 0;
  border-bottom: 1px solid var(--line);
  vertical-align: top;
  overflow-wrap: anywhere;
}
th {
  color: var(--faint);
  font-weight: 500;
  overflow-wrap: normal;
}
td.n,
th.n {
  text-align: right;
}
td.n {
  white-space: nowrap;
}
tr.changed td {
  font-weight: 600;
}
details {
  margin: 8px 0;
}
summary {
  cursor: pointer;
  font-weight: 600;
}
@media print {
  body {
    max-width: none;
    padding: 0;
  }
  details {
    break-inside: avoid;
  }
}
`.trim()
