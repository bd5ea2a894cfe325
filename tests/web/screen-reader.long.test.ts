import { connect } from '@midsentence/client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { launch, person, servePage, skipped } from './person.ts'
import { recordedDemo } from './score-page.ts'

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await launch()
})
afterAll(() => browser?.close())

/**
 * Notes what a screen reader says by itself from now on: texts that are added to a live region. A region that is added together with
 * its text is silent in most screen readers, except an alert.
 */
async function listen(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const heard: string[] = []
    Object.assign(globalThis, { heard })
    const live = '[aria-live], [role=status], [role=alert], [role=log], [role=timer]'
    const regionOf = (node: Node) => {
      const element = node instanceof Element ? node : node.parentElement
      const region = element?.closest(live)
      return region?.getAttribute('aria-live') === 'off' || region?.getAttribute('role') === 'timer' ? null : region
    }
    new MutationObserver(records => {
      const added = records.flatMap(({ addedNodes }) => [...addedNodes])
      const changed = new Set<Element>()
      for (const { type, target, addedNodes } of records) {
        const region = regionOf(target)
        const hasText = type === 'characterData' || [...addedNodes].some(node => node.textContent?.trim())
        if (region && hasText && !added.some(node => node.contains(region))) changed.add(region)
      }
      for (const node of added) {
        if (!(node instanceof Element)) continue
        const alert = node.matches('[role=alert]') ? node : node.querySelector('[role=alert]')
        if (alert) changed.add(alert)
      }
      for (const region of changed) {
        const text = region.textContent?.replace(/\s+/g, ' ').trim()
        if (text) heard.push(text)
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
  })
  return () => page.evaluate(() => (globalThis as unknown as { heard: readonly string[] }).heard)
}

test.skipIf(skipped)(
  'while 50 segments and 25 messages stream in, a screen reader says a few sentences in each view',
  async () => {
    const { url } = await servePage({ rooms: { policy: recordedDemo } })
    const [ada, past, score] = [await person(browser), await person(browser), await person(browser)]
    await ada.join(url, 'demo', 'Ada')
    await past.page.goto(`${url}/#/rooms/demo/past`)
    await past.sees('Now, as an observer sees it.')
    await score.page.goto(`${url}/#/rooms/demo/score`)
    await score.page.getByRole('listbox').waitFor()
    const listeners = await Promise.all([ada, past, score].map(({ page }) => listen(page)))
    const [ben, cleo] = await Promise.all(['Ben', 'Cleo'].map(username => connect(url, { username, room: 'demo' })))
    onTestFinished(async () => void (await Promise.all([ben!.close(), cleo!.close()])))
    const start = performance.now()
    for (let count = 1; count <= 50; count++) {
      const author = Math.ceil(count / 2) % 2 === 1 ? ben! : cleo!
      await author.append(`Segment ${count}. `)
      // One after another, as they are shown.
      await score.page.locator('.score-words').getByText(`Segment ${count}. `).first().waitFor()
      if (count % 2 > 0) continue
      await author.check({ timeout_ms: 0 })
      await author.push()
    }
    await ada.page.getByRole('article').nth(24).waitFor()
    for (const heard of listeners) {
      // Each of them says the newest message in the end.
      await expect.poll(async () => (await heard()).at(-1)).toContain('Segment 49.')
      const seconds = (performance.now() - start) / 1000
      const said = await heard()
      expect(said.length, said.join('\n')).toBeLessThanOrEqual(2 + Math.ceil(seconds / 5))
      expect(said.length).toBeLessThan(12)
    }
  },
)

test.skipIf(skipped)(
  'a screen reader says that a push is held, who has the floor, and that models are silent',
  async () => {
    const { url } = await servePage()
    const ben = await connect(url, { username: 'Ben', room: 'demo' })
    onTestFinished(() => ben.close())
    const ada = await person(browser)
    await ada.join(url, 'demo', 'Ada')
    const heard = await listen(ada.page)
    const hears = (text: string) => expect.poll(async () => (await heard()).join('\n')).toContain(text)
    await ada.add('So I think')
    for (const round of ['one', 'two', 'three']) {
      const long = `${round}: ${'it takes long to read, '.repeat(12)}`
      await ben.check({ timeout_ms: 0 })
      await ben.append(long)
      await ben.push()
      await ada.sees(long.trim())
      await ada.send()
      await ada.sees('Not sent.')
      await ada.page.getByText('Sending …').waitFor({ state: 'detached' })
    }
    await hears('Not sent. A message from "Ben" arrived before you could read it.')
    await hears('You have the floor.')
    // Not at each tick of the time that is left.
    const floors = async () => (await heard()).filter(text => text.includes('You have the floor.')).length
    const before = await floors()
    const left = await ada.page.getByRole('timer').textContent()
    await expect.poll(() => ada.page.getByRole('timer').textContent()).not.toBe(left)
    expect(await floors()).toBe(before)
    await ada.page.getByRole('button', { name: 'Silence models' }).click()
    await hears('The models are silent.')
  },
)

test.skipIf(skipped)(
  'the talk, the past and the score have landmarks, names and an order that can be walked',
  async () => {
    const { url } = await servePage({ rooms: { policy: recordedDemo } })
    const ben = await connect(url, { username: 'Ben', room: 'demo' })
    onTestFinished(() => ben.close())
    const ada = await person(browser)
    await ada.join(url, 'demo', 'Ada')
    await ben.append('Hello')
    await ben.push()
    await ben.append('And more')
    await ada.add('So I')
    await ada.sees('Hello')
    /** The roles and names of a view in reading order, from landmarks to controls. */
    const walk = async (): Promise<readonly string[]> =>
      (await ada.page.locator('body').ariaSnapshot())
        .split('\n')
        .map(line =>
          line
            .trim()
            .replace(/^- /, '')
            .replace(/^'(.*)':?$/, '$1')
            .replace(/:$/, '')
            .replace(/\d\d:\d\d [AP]M/, 'TIME'),
        )
        .filter(line =>
          /^(banner|navigation|main|region|heading|feed|article|slider|listbox|combobox|textbox|complementary|group|list ")/.test(
            line,
          ),
        )
    await expect
      .poll(() => walk())
      .toEqual([
        'banner',
        'heading "demo" [level=1]',
        'navigation "Views of the room"',
        'main "Talk"',
        'region "Conversation"',
        'feed "Messages"',
        'article "Ben TIME"',
        'region "Write"',
        'heading "Your draft" [level=2]',
        'list "Segments of your draft"',
        'textbox "Your next words"',
        'complementary "Here now · 2"',
        'heading "Here now · 2" [level=2]',
      ])
    await ada.page.getByRole('link', { name: 'Past', exact: true }).click()
    await expect
      .poll(() => walk())
      .toEqual([
        'banner',
        'heading "demo" [level=1]',
        'navigation "Views of the room"',
        'main "Past"',
        'group "Time travel"',
        expect.stringMatching(/^slider "Position in the recording"/),
        'combobox "See as"',
        'list "Here at this moment"',
        'region "Conversation at this moment"',
        'feed "Messages at this moment"',
        'article "Ben TIME"',
        'region "Drafts at this moment"',
        'region "Draft of Ben"',
        'heading "Draft of Ben" [level=2]',
        'region "Draft of Ada"',
        'heading "Draft of Ada" [level=2]',
      ])
    await ada.page.getByRole('link', { name: 'Score', exact: true }).click()
    await ada.page.getByRole('listbox').waitFor()
    const score = await walk()
    expect(score.slice(3, 8)).toEqual([
      'main "Score"',
      'list "Signs"',
      'group "Time travel"',
      expect.stringMatching(/^slider "Position in the recording"/),
      'group "View"',
    ])
    expect(score.filter(line => line.startsWith('article'))).toContainEqual(
      expect.stringMatching(/^article "Ben sent #1: “Hello”"/),
    )
  },
)
