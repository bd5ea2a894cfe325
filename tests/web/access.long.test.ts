import { connect } from '@midsentence/client'
import axe, { type AxeResults } from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { launch, Person, person, servePage, skipped } from './person.ts'
import { recordedDemo, seekRecord } from './score-page.ts'

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await launch()
})
afterAll(() => browser?.close())

declare const window: { axe: { run(): Promise<AxeResults> } }

/** Lists what axe finds on the page: rule and elements. */
async function violations({ page }: Person): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => window.axe.run())
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  )
}

const talk = `Look:\n\n\`\`\`js\nconst veryLong = "${'line '.repeat(60)}"\n\`\`\`\n\n- one\n- two https://example.com\n\n| a | b |\n| - | - |\n| 1 | 2 |`
const slowly = (text: string) => `${text}: ${'a long message takes long to read, '.repeat(8)}`

test.skipIf(skipped).each([
  { colorScheme: 'light', width: 1440 },
  { colorScheme: 'dark', width: 1440 },
  { colorScheme: 'light', width: 390 },
  { colorScheme: 'dark', width: 390 },
] as const)('axe finds nothing on any view, in $colorScheme at $width px', async ({ colorScheme, width }) => {
  const { url } = await servePage({ password: 'sesame' })
  const names = ['Ben', 'Cleo', 'Dan', 'Eve', 'Fay', 'Gus', 'Hal', 'Ivy', 'Joe', 'Kim']
  const others = await Promise.all(
    names.map(username => connect(url, { username, room: 'demo', credential: 'sesame' })),
  )
  onTestFinished(() => Promise.all(others.map(other => other.close())).then(() => {}))
  const say = async (at: number, text: string) => {
    const other = others[at]!
    await other.check({ timeout_ms: 0 })
    await other.append(text)
    await other.push()
  }
  const ada = await person(browser, {
    colorScheme,
    viewport: { width, height: 800 },
    reducedMotion: 'reduce',
    bypassCSP: true,
  })
  const found: Record<string, readonly string[]> = {}
  const look = async (view: string) => {
    found[view] = await violations(ada)
  }

  await ada.page.goto(url)
  await ada.page.getByLabel('Your name').waitFor()
  await ada.page.getByText('Paths of this server').click()
  await look('lobby')
  await ada.page.goto(`${url}/#/rooms/demo`)
  await ada.page.getByLabel('Your name').fill('Ada')
  await ada.page.getByLabel('Password').fill('wrong')
  await ada.page.keyboard.press('Enter')
  await ada.page.getByRole('alert').waitFor()
  await look('join')
  await ada.page.getByLabel('Password').fill('sesame')
  await ada.page.keyboard.press('Enter')
  await ada.field.waitFor()
  await look('an empty room')
  for (const at of names.keys()) await say(at, `Hello from ${names[at]}.`)
  await say(0, talk)
  await ada.page.locator('article table').waitFor()
  await look('a conversation')
  await ada.add('First')
  for (const round of ['one', 'two', 'three']) {
    await say(1, slowly(round))
    await ada.sees(slowly(round).trim())
    if (round === 'one') await look('what arrived')
    await ada.send()
    await ada.sees('Not sent.')
    await ada.page.getByText('Sending …').waitFor({ state: 'detached' })
  }
  await ada.sees('You have the floor.')
  await look('the floor')
  await ada.field.press('Escape')
  await look('the question')
  if (width < 800) {
    await ada.page.getByRole('button', { name: /^You and/ }).click()
    await look('the people')
  }
  const second = new Person(await ada.page.context().newPage())
  await second.page.goto(`${url}/#/rooms/demo`)
  await second.sees('This room is open in another tab')
  found['another tab'] = await violations(second)
  expect(Object.entries(found).filter(([, problems]) => problems.length > 0)).toEqual([])
})

/** Lists the elements that move, or would move when they change. */
const moving = ({ page }: Person) =>
  page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .filter(element => {
        const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element)
        return transitionDuration !== '0s' || animationName !== 'none' || scrollBehavior === 'smooth'
      })
      .map(element => `${element.tagName}.${element.className}`),
  )

test.skipIf(skipped).each([
  { colorScheme: 'light', width: 1440 },
  { colorScheme: 'dark', width: 1440 },
  { colorScheme: 'light', width: 390 },
  { colorScheme: 'dark', width: 390 },
] as const)(
  'past and score of a room: axe, less motion, double text, in $colorScheme at $width px',
  async ({ colorScheme, width }) => {
    const { url } = await servePage({ rooms: { policy: recordedDemo } })
    const ben = await connect(url, { username: 'Ben', room: 'demo' })
    onTestFinished(() => ben.close())
    const context = { colorScheme, viewport: { width, height: 844 }, reducedMotion: 'reduce', bypassCSP: true } as const
    const [ada, watcher] = [await person(browser, context), await person(browser, context)]
    await ada.join(url, 'demo', 'Ada')
    const found: Record<string, unknown> = {}
    const fits = (who: Person) => who.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
    const look = async (view: string, who = ada) => {
      const html = (size: string) =>
        who.page.evaluate(size => document.documentElement.style.setProperty('font-size', size), size)
      const moves = await moving(who)
      const problems = [...(await violations(who)), ...moves.map(element => `moves: ${element}`)]
      if (!(await fits(who))) problems.push('is wider than the page')
      await html('200%')
      if (!(await fits(who))) problems.push('is wider than the page, with text of double size')
      await html('100%')
      if (problems.length > 0) found[view] = problems
    }
    await ada.page.getByRole('button', { name: 'Silence models' }).click()
    await ada.sees('The models are silent.')
    await look('silent models')
    await ada.page.getByRole('button', { name: 'Let models send' }).click()
    await ada.add('My draft')
    for (const round of ['one', 'two', 'three']) {
      await ben.check({ timeout_ms: 0 })
      await ben.append(slowly(round))
      await ben.push()
      await ada.sees(slowly(round).trim())
      await ada.send()
      await ada.sees('Not sent.')
      await ada.page.getByText('Sending …').waitFor({ state: 'detached' })
    }
    await ben.append('A draft of Ben')
    await ada.page.getByRole('link', { name: 'Past', exact: true }).click()
    await ada.sees('A draft of Ben')
    await ada.sees('"Ada" has the floor.')
    await look('past, live')
    await ada.page.getByLabel('Previous hold').click()
    await ada.sees(/^The past: /)
    await ada.page.getByLabel('See as').selectOption('Ada')
    await look('past, as a participant')
    await seekRecord(ada.page, 1)
    await look('past, at its beginning')
    await ada.page.getByRole('link', { name: 'Score', exact: true }).click()
    await ada.page.getByRole('listbox').waitFor()
    await look('score')
    await watcher.page.goto(`${url}/#/rooms/demo/past`)
    await watcher.sees('A draft of Ben')
    await look('past, watched', watcher)
    await watcher.page.goto(`${url}/#/rooms/demo/score`)
    await watcher.page.getByRole('listbox').waitFor()
    await look('score, watched', watcher)
    expect(found).toEqual({})
  },
)

test.skipIf(skipped)('everything can be done by keyboard alone', async () => {
  const { url } = await servePage()
  const ben = await connect(url, { username: 'Ben', room: 'demo' })
  onTestFinished(() => ben.close())
  const { page, ...ada } = Object.assign(await person(browser), {})
  const keyboard = page.keyboard
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')
  /** Presses a key until the focus is on a control of this name. */
  const walkTo = async (name: RegExp, key = 'Tab') => {
    const seen: string[] = []
    for (let presses = 0; presses < 40; presses++) {
      await keyboard.press(key)
      seen.push(await focused())
      if (name.test(seen.at(-1)!)) return
    }
    throw new Error(`Nothing of the name ${name} has the focus in turn: ${seen.join(' · ')}`)
  }

  await page.goto(url)
  await page.getByLabel('Your name').waitFor()
  await keyboard.type('Ada')
  await keyboard.press('Enter')
  await page.getByLabel('Your next words').waitFor()
  await expect.poll(focused).toBe('Your next words')
  await keyboard.type('One thing')
  await keyboard.press('Enter')
  await keyboard.type('wrong')
  await keyboard.press('Enter')
  await page.getByText('2 segments').waitFor()
  await keyboard.press('Backspace')
  await page.getByText('1 segment ').waitFor()
  await ben.append(slowly('Wait'))
  await ben.push()
  await page.getByText('Arrived while you were writing').waitFor()
  await keyboard.press('Control+Enter')
  await page.getByText('Not sent.').waitFor()
  await walkTo(/^Send again$/, 'Shift+Tab')
  await keyboard.press('Enter')
  await expect.poll(() => page.getByRole('article').count()).toBe(2)
  await expect.poll(focused).toBe('Your next words')

  // The messages are a feed to walk in, and every focus can be seen.
  await walkTo(/^Conversation$/, 'Shift+Tab')
  await keyboard.press('PageUp')
  await expect.poll(() => focused()).toContain('One thing')
  await keyboard.press('PageUp')
  await expect.poll(() => focused()).toContain('Wait')
  const outline = () => page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)
  await expect.poll(() => outline()).toBe('solid')

  await walkTo(/^Your next words$/)
  await walkTo(/^Enter sends$/)
  await keyboard.press('Space')
  await expect.poll(focused).toBe('Your next words')
  await keyboard.type('Sent by Enter')
  await keyboard.press('Enter')
  await expect.poll(() => page.getByRole('article').count()).toBe(3)
  await walkTo(/^Leave$/, 'Shift+Tab')
  await keyboard.press('Enter')
  await page.getByText('Join a room').waitFor()
  await walkTo(/^JavaScript$|^Model \(MCP\)$/)
  await keyboard.press('ArrowRight')
  await page.getByText('midsentence chat', { exact: false }).first().waitFor()
  expect(ada.errors).toEqual([])
})

test.skipIf(skipped).each([1440, 390])('text of double size fits a page of %i px', async width => {
  const { url } = await servePage()
  const ada = await person(browser, { viewport: { width, height: 844 } })
  const enlarge = () => ada.page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'))
  const fits = () => ada.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
  await ada.page.goto(url)
  await ada.page.getByLabel('Your name').waitFor()
  await enlarge()
  await expect.poll(() => fits()).toBe(true)
  await ada.join(url, 'demo', 'Ada')
  await enlarge()
  await ada.add('A draft of some length, so that it wraps on a small page.')
  await expect.poll(() => fits()).toBe(true)
  for (const name of ['Add', 'Leave']) {
    const box = await ada.page.getByRole('button', { name, exact: true }).boundingBox()
    expect(box && box.x >= 0 && box.x + box.width <= width && box.y + box.height <= 844).toBe(true)
  }
})

test.skipIf(skipped)('a screen reader hears of new messages a few at a time', async () => {
  const { url } = await servePage()
  const ben = await connect(url, { username: 'Ben', room: 'demo' })
  onTestFinished(() => ben.close())
  const ada = await person(browser)
  await ada.join(url, 'demo', 'Ada')
  await ada.page.evaluate(() => {
    const live = document.querySelector('[data-testid=announcer]')!
    const told: string[] = []
    Object.assign(globalThis, { told })
    new MutationObserver(() => live.textContent && told.push(live.textContent)).observe(live, {
      childList: true,
      characterData: true,
      subtree: true,
    })
  })
  for (let count = 1; count <= 20; count++) {
    await ben.append(`Message ${count}`)
    await ben.push()
  }
  await expect
    .poll(() => ada.page.evaluate(() => (globalThis as unknown as { told: string[] }).told.at(-1)))
    .toMatch(/Ben: Message 20$/)
  await expect
    .poll(() => ada.page.evaluate(() => (globalThis as unknown as { told: string[] }).told.length))
    .toBeLessThanOrEqual(4)
})
