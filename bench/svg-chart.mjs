// An SVG chart of the ratios of a benchmark: one bar per row, with the aim as a line across it.

const WIDTH = 960
const LEFT = 470
const ROW = 22

const escaped = text => text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)

/** Maps a ratio to a horizontal position on a logarithmic scale from 0.1 to 100. */
const position = ratio => LEFT + ((Math.log10(Math.min(Math.max(ratio, 0.1), 100)) + 1) / 3) * (WIDTH - LEFT - 70)

/** Renders the results of `compare`. Rows without a ratio are left out. */
export function svgChart(results, title) {
  const rows = results.filter(({ ratio }) => Number.isFinite(ratio))
  const height = (rows.length + 3) * ROW
  const gridLines = [0.1, 1, 10, 100].map(
    ratio =>
      `<line x1="${position(ratio)}" x2="${position(ratio)}" y1="${1.5 * ROW}" y2="${height - ROW}" stroke="#ccc"/>` +
      `<text x="${position(ratio)}" y="${height - 6}" text-anchor="middle">${ratio}x</text>`,
  )
  const bars = rows.map((row, at) => bar(row, (at + 2) * ROW))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="8" y="16" font-size="13" font-weight="bold">${escaped(title)}</text>
${[...gridLines, ...bars].join('\n')}
</svg>
`
}

function bar({ what, against, ratio, aim, met }, y) {
  const [from, to] = [position(1), position(ratio)].sort((a, b) => a - b)
  const colour = aim ? (met ? '#2a7d4f' : '#b3432b') : '#777'
  const bound = aim?.atLeast ?? aim?.atMost
  const mark = bound
    ? `<line x1="${position(bound)}" x2="${position(bound)}" y1="${y - 14}" y2="${y + 2}" stroke="#000" stroke-width="2"/>`
    : ''
  const label = what.length > 62 ? `${what.slice(0, 61)}…` : what
  return (
    `<text x="${LEFT - 8}" y="${y - 3}" text-anchor="end">${escaped(`${label}, against ${against}`)}</text>` +
    `<rect x="${from}" y="${y - 13}" width="${Math.max(1, to - from)}" height="14" fill="${colour}"/>${mark}` +
    `<text x="${Math.max(to, from, bound ? position(bound) : 0) + 6}" y="${y - 2}">${ratio < 0.01 ? `1/${Math.round(1 / ratio)}` : `${ratio.toFixed(2)}x`}</text>`
  )
}
