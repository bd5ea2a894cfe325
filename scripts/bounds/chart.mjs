// An SVG chart of two curves over time: memory, and the time /healthz takes.

const WIDTH = 960
const HEIGHT = 220
const LEFT = 60

/** Renders the samples of a run. The attack is shaded. */
export function boundsChart(samples) {
  const end = samples.at(-1).at
  const attack = samples.filter(({ phase }) => phase === 'attack')
  const shade = [attack[0]?.at ?? 0, attack.at(-1)?.at ?? 0]
  const memory = samples.map(({ at, memory }) => [at, memory])
  const health = samples.map(({ at, health }) => [at, Math.max(0, ...health)])
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${2 * HEIGHT}" font-family="sans-serif" font-size="11">
<title>Memory of the server and the time of /healthz, before, during and after an attack</title>
<rect width="100%" height="100%" fill="#fff"/>
${curve('Resident memory of the server, MB', memory, end, shade, 0)}
${curve('/healthz, slowest of half a second, ms', health, end, shade, HEIGHT)}
</svg>
`
}

function curve(title, points, end, shade, top) {
  const most = Math.max(1, ...points.map(([, value]) => value)) * 1.1
  const x = at => LEFT + (at / end) * (WIDTH - LEFT - 20)
  const y = value => top + HEIGHT - 30 - (value / most) * (HEIGHT - 60)
  const line = points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
  const marks = [0, most / 2, most / 1.1].map(
    value => `<text x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end">${Math.round(value)}</text>`,
  )
  return `<rect x="${x(shade[0])}" y="${top + 24}" width="${x(shade[1]) - x(shade[0])}" height="${HEIGHT - 54}" fill="#f4e3d7"/>
<text x="${LEFT}" y="${top + 16}" font-size="13" font-weight="bold">${title}</text>
${marks.join('\n')}
<text x="${WIDTH - 20}" y="${top + HEIGHT - 12}" text-anchor="end">${Math.round(end)} s</text>
<polyline points="${line}" fill="none" stroke="#2a5f7d" stroke-width="1.5"/>`
}
