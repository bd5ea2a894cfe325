// Charts of intervals as SVG, readable on a light and on a dark page.

const escaped = text => String(text).replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)

const style = `<style>
  :root { color-scheme: light dark; --ink: #1f2328; --soft: #57606a; --line: #d0d7de; --paper: #ffffff; --ours: #0a6e4f; --other: #7a4fbf }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e6edf3; --soft: #9da7b3; --line: #3d444d; --paper: #0d1117; --ours: #4cc38a; --other: #b79cf2 }
  }
  text { fill: var(--ink); font: 12px system-ui, sans-serif }
  .soft { fill: var(--soft) }
  .title { font-weight: 600; font-size: 14px }
  .grid { stroke: var(--line) }
  .one { stroke: var(--soft); stroke-dasharray: 3 3 }
  .mark { fill: var(--other); stroke: var(--other); stroke-width: 1.5 }
  .ours { fill: var(--ours); stroke: var(--ours) }
</style>`

const LABEL = 150
const PANEL = 190
const GAP = 44
const ROW = 20
const TOP = 64

/** A scale from a value to a position in a panel: linear from 0 to `most`, or by factors. */
function scaleOf({ least, most, log }) {
  const at = log
    ? value => Math.log(Math.min(Math.max(value, least), most) / least) / Math.log(most / least)
    : value => Math.min(Math.max(value, least) - least, most - least) / (most - least)
  return value => at(value) * PANEL
}

/**
 * Renders a panel for each group, side by side in rows of three, with a mark and an interval for each row. Groups:
 * `{title, rows: [{label, value, low, high, ours}]}`. Values beyond the scale are drawn at its end with an arrow.
 */
export function intervalChart({ title, note, groups, scale, ticks, format }) {
  const place = scaleOf(scale)
  const columns = Math.min(3, groups.length)
  const rows = groups[0].rows.length
  const panelHeight = rows * ROW + 56
  const width = LABEL + columns * (PANEL + GAP) + 16
  const height = TOP + Math.ceil(groups.length / columns) * panelHeight
  const panels = groups.map((group, index) => {
    const x = LABEL + (index % columns) * (PANEL + GAP)
    const y = TOP + Math.floor(index / columns) * panelHeight
    const isFirst = index % columns === 0
    const grid = ticks.map(
      tick =>
        `<line class="${scale.log && tick === 1 ? 'one' : 'grid'}" x1="${x + place(tick)}" x2="${x + place(tick)}" y1="${y + 22}" y2="${y + 26 + rows * ROW}"/>` +
        `<text class="soft" x="${x + place(tick)}" y="${y + 40 + rows * ROW}" text-anchor="middle">${escaped(format(tick))}</text>`,
    )
    const marks = group.rows.map(({ label, value, low, high, ours }, at) => {
      const middle = y + 34 + at * ROW
      const kind = ours ? 'mark ours' : 'mark'
      const name = isFirst ? `<text x="${LABEL - 12}" y="${middle + 4}" text-anchor="end">${escaped(label)}</text>` : ''
      if (!Number.isFinite(value)) return name
      const isBeyond = value > scale.most
      const end = x + place(value)
      const mark = isBeyond
        ? `<path class="${kind}" d="M ${end - 6} ${middle - 4} L ${end} ${middle} L ${end - 6} ${middle + 4} Z"/>`
        : `<circle class="${kind}" cx="${end}" cy="${middle}" r="3.5"/>`
      return (
        `${name}<line class="${kind}" x1="${x + place(low)}" x2="${x + place(high)}" y1="${middle}" y2="${middle}"/>${mark}` +
        `<title>${escaped(`${group.title}, ${label}: ${format(value)} (${format(low)} to ${format(high)})`)}</title>`
      )
    })
    return `<text x="${x}" y="${y + 14}" font-weight="600">${escaped(group.title)}</text>${grid.join('')}${marks
      .map(mark => `<g>${mark}</g>`)
      .join('\n')}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
${style}
<rect width="100%" height="100%" fill="var(--paper)"/>
<text class="title" x="16" y="24">${escaped(title)}</text>
<text class="soft" x="16" y="44">${escaped(note)}</text>
${panels.join('\n')}
</svg>
`
}
