// The page in Chromium: `npm run bench:page`. Prints the first paint of the lobby, the size of the scripts, and, in a room of 2,000
// messages, script and layout time per frame while scrolling, mounted messages and heap. Medians of five runs, or of `--rounds N`.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { startServer } from '@midsentence/server'
import { chromium } from 'playwright-core'
import { rounds } from '../options.mjs'

const MESSAGES = 2000
const page = fileURLToPath(new URL('../../packages/web/dist', import.meta.url))
const access = () => ({ history: true })
const policy = { room: () => ({}), limits: () => ({}), access }
const server = await startServer({ port: 0, page, limits: false, rooms: { policy } })
const browser = await chromium.launch({
  executablePath: process.env.MIDSENTENCE_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--enable-precise-memory-info'],
})
const author = await server.hub.join({ username: 'Ben', room: 'demo' })
// Stays, so that the room is not alone between the runs.
await server.hub.join({ username: 'Cleo', room: 'demo' })

const runs = []
for (let turn = 0; turn < rounds; turn++) runs.push(await measure(turn))
await browser.close()
await server.close()

const median = of => runs.map(of).sort((a, b) => a - b)[Math.floor(runs.length / 2)]
const line = (name, value, aim) =>
  console.log(`${name.padEnd(56)} ${String(value).padStart(8)}${aim ? `   aim ${aim}` : ''}`)
line('first paint of the lobby, nothing cached, ms', median(run => run.paint).toFixed(0), '<= 1000')
line('from the link to a room to its newest message, ms', median(run => run.joined).toFixed(0))
line(`${MESSAGES} messages: script and layout per frame, ms`, median(run => run.frame).toFixed(2), '<= 8')
line(
  'most mounted messages',
  median(run => run.mounted),
  '<= 300',
)
line('heap, MB', median(run => run.heap).toFixed(1), '<= 150')
for (const name of readdirSync(`${page}/assets`).filter(name => name.endsWith('.js')))
  line(`${name}, kB gzipped`, (gzipSync(readFileSync(`${page}/assets/${name}`), { level: 9 }).length / 1000).toFixed(1))

async function measure(turn) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const tab = await context.newPage()
  await tab.goto(server.url)
  await tab.getByLabel('Your name').waitFor()
  const paint = await tab.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime)
  const start = performance.now()
  await tab.goto(`${server.url}/#/rooms/demo`)
  await tab.getByLabel('Your name').fill(`Ada ${turn}`)
  await tab.keyboard.press('Enter')
  await tab.getByLabel('Your next words').waitFor()
  const joined = performance.now() - start
  for (let count = 1; count <= MESSAGES; count++) {
    const content = `Message ${count} with **some** words, \`code\` and ${'more of them '.repeat(count % 20)}`
    await author.publish({ content, base: 0, key: `${turn} ${count}` })
  }
  await tab.getByText(`Message ${MESSAGES} `).waitFor()
  const devtools = await context.newCDPSession(tab)
  await devtools.send('Performance.enable')
  const worked = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    const of = name => metrics.find(metric => metric.name === name).value * 1000
    return of('ScriptDuration') + of('LayoutDuration') + of('RecalcStyleDuration')
  }
  const before = await worked()
  const { frames, mounted } = await tab.evaluate(async () => {
    const list = document.querySelector('.scroller')
    let [frames, mounted] = [0, 0]
    for (; frames < 300; frames++) {
      list.scrollTop -= 60
      if (list.scrollTop === 0) list.querySelector('.earlier')?.click()
      await new Promise(requestAnimationFrame)
      mounted = Math.max(mounted, document.querySelectorAll('article').length)
    }
    return { frames, mounted }
  })
  const frame = ((await worked()) - before) / frames
  const heap = await tab.evaluate(() => performance.memory.usedJSHeapSize / 1e6)
  await context.close()
  return { paint, joined, frame, mounted, heap }
}
