// Makes the README's picture of the score: `npm run picture`. Plays the demo on a new server, opens its score in Chromium, and
// writes docs/score-light.png and docs/score-dark.png.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

/** Narrow enough to be read on the README's page, in CSS pixels. */
const WIDTH = 1130

const path = name => fileURLToPath(new URL(`../${name}`, import.meta.url))
const server = spawn(process.execPath, [path('packages/cli/bin/midsentence.js'), 'serve', '--demo', '--port', '0'])
process.once('exit', () => server.kill())
const url = await new Promise((resolve, reject) => {
  let text = ''
  server.stdout.on('data', chunk => {
    text += chunk
    const found = /serves at (http:\S+?)\.?\s/.exec(text)
    if (found) resolve(found[1])
  })
  server.once('exit', code => reject(new Error(`The server ended with ${code}: ${text}`)))
})

const browser = await chromium.launch({
  executablePath: process.env.MIDSENTENCE_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
})
const page = await browser.newPage({ viewport: { width: WIDTH, height: 900 }, deviceScaleFactor: 2, bypassCSP: true })
await page.goto(`${url}/#/rooms/demo`)
await page.getByLabel('Your name').fill('Ada')
await page.keyboard.press('Enter')
await page.getByRole('link', { name: 'Score' }).click()
const score = page.getByRole('listbox')
// The demo ends when both have left.
await page.locator('.score-words').getByText('GPT left').waitFor({ timeout: 60_000 })

await page.locator('.score-filter summary').click()
await page.getByRole('checkbox', { name: 'Ada' }).click()
await page.locator('.score-filter summary').click()
// The first words that Claude took back: the picture shows what they crossed.
await score.focus()
await page.keyboard.press('Home')
await page.addStyleTag({
  content: `
    .room-head, .people, .score-travel, .score-choices, .score-panel, .score-in-words { display: none !important }
    .room { display: block !important }
    .score-legend li:last-child { display: none }
    .score-body { height: auto !important }
    .score-scroll { height: 23rem; border: 0 !important; outline: 0 !important }
  `,
})
const block = page.locator('.score-look-undone[role=option]').first()
await block.click()
// From the first words to the push that is held.
await score.evaluate(element => {
  element.scrollLeft = 40
})
for (const colorScheme of ['light', 'dark']) {
  await page.emulateMedia({ colorScheme })
  const box = await page.locator('.score-body').boundingBox()
  await page.screenshot({
    path: path(`docs/score-${colorScheme}.png`),
    clip: { x: 0, y: 0, width: WIDTH, height: Math.ceil(box.y + box.height) },
  })
}
await browser.close()
server.kill()
