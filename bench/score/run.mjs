// The score in Chromium: `npm run bench:score`. Opens a recording of 10,000 records, scrolls through it at a constant speed, and
// prints script and layout time per frame from a trace, mounted elements, heap, and the size of the scripts.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { rounds } from '../options.mjs'
import { frameTimes } from './frame-times.mjs'

const RECORDS = 10_000
const root = fileURLToPath(new URL('../..', import.meta.url))
const dist = join(root, 'packages/web/dist')
const folder = mkdtempSync(join(tmpdir(), 'midsentence-score-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const { outputFiles } = await build({
  entryPoints: [join(root, 'packages/testing/src/score/simulated-score.ts')],
  bundle: true,
  write: false,
  format: 'esm',
  conditions: ['@midsentence/source'],
})
writeFileSync(join(folder, 'simulated-score.mjs'), outputFiles[0].text)
const { simulatedScore } = await import(join(folder, 'simulated-score.mjs'))
const file = join(folder, 'recording.ndjson')
const records = simulatedScore({ records: RECORDS, participants: 6, seed: 4 })
writeFileSync(file, records.map(record => `${JSON.stringify(record)}\n`).join(''))

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
const server = createServer((req, res) => {
  const path = req.url === '/' ? '/index.html' : req.url
  if (!existsSync(join(dist, path))) return res.writeHead(404).end()
  res.setHeader('content-type', types[extname(path)] ?? 'text/plain')
  res.end(readFileSync(join(dist, path)))
}).listen(0, '127.0.0.1')
await new Promise(resolve => server.once('listening', resolve))

const browser = await chromium.launch({
  executablePath: process.env.MIDSENTENCE_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--enable-precise-memory-info'],
})

const runs = []
for (let turn = 0; turn < Math.max(rounds, rounds === 1 ? 1 : 5); turn++) runs.push(await measure())
await browser.close()
server.close()

const median = of => runs.map(of).sort((a, b) => a - b)[Math.floor(runs.length / 2)]
const line = (name, value, aim) => console.log(`${name.padEnd(52)} ${value}${aim ? `   aim: ${aim}` : ''}`)
console.log(`A score of ${RECORDS} records, ${runs.length} runs, medians\n`)
line('read, fold and draw, ms', median(run => run.opened).toFixed(0))
line('script and layout per frame while scrolling, median ms', median(run => run.median).toFixed(2))
line('the same, slowest twentieth, ms', median(run => run.slow).toFixed(2), '<= 8')
line(
  'frames with work',
  median(run => run.frames),
)
line(
  'most mounted elements',
  median(run => run.mounted),
  '<= 300',
)
line('heap, MB', median(run => run.heap).toFixed(1), '<= 150')
for (const name of readdirSync(join(dist, 'assets')).filter(name => name.endsWith('.js'))) {
  line(`${name}, kB gzipped`, (gzipSync(readFileSync(join(dist, 'assets', name))).length / 1000).toFixed(1))
}

async function measure() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  const start = performance.now()
  await page.getByLabel(/Replay a recorded file/).setInputFiles(file)
  await page.locator('.score-box').first().waitFor()
  const opened = performance.now() - start
  await page.evaluate(() => {
    document.querySelector('.score-scroll').scrollLeft = 0
  })
  await browser.startTracing(page, {
    categories: [
      'toplevel',
      'devtools.timeline',
      'disabled-by-default-devtools.timeline',
      'disabled-by-default-devtools.timeline.frame',
    ],
  })
  const mounted = await page.evaluate(async () => {
    const list = document.querySelector('.score-scroll')
    let most = 0
    for (let frame = 0; frame < 300; frame++) {
      await new Promise(requestAnimationFrame)
      list.scrollLeft += 60
      most = Math.max(most, document.querySelectorAll('.score-content > *, .score-label').length)
    }
    return most
  })
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString())
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const heap = (await page.evaluate(() => performance.memory.usedJSHeapSize)) / 1e6
  await page.close()
  return { opened, mounted, heap, ...frameTimes(traceEvents) }
}
