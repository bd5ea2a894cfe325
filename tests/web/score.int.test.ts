import type { ScoreRecord } from '@midsentence/core'
import { simulatedScore } from '@midsentence/testing/score/simulated-score'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launch, person, servePage, skipped } from './person.ts'
import {
  closeRecording,
  openRecording,
  personWithoutServer,
  recordedDemo,
  recordingOf,
  seekRecord,
  shownScore,
} from './score-page.ts'

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await launch()
})
afterAll(() => browser?.close())

test.skipIf(skipped)(
  'without a server, a recording shows at each position what one that ends there shows',
  async () => {
    const { page, errors } = await personWithoutServer(browser)
    const records = simulatedScore({ records: 120, participants: 3, seed: 11 })
    const at = [1, 7, 40, 83, 120]
    const then: (readonly string[])[] = []
    for (const nth of at) {
      await openRecording(page, records.slice(0, nth))
      then.push(await shownScore(page))
      await closeRecording(page)
    }
    await openRecording(page, records)
    const inReverse: (readonly string[])[] = []
    for (const nth of [...at].reverse()) {
      await seekRecord(page, nth)
      inReverse.unshift(await shownScore(page))
    }
    expect(inReverse).toEqual(then)
    expect(then.at(-1)!.length).toBeGreaterThan(50)
    expect(errors).toEqual([])
  },
)

test.skipIf(skipped)('a file that is dropped on the page replays, and one that is none says so', async () => {
  const { page, errors } = await personWithoutServer(browser)
  const drop = (text: string) =>
    page.evaluate(content => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([content], 'talk.ndjson'))
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
    }, text)
  await drop('<html>')
  await expect
    .poll(() => page.getByRole('alert').textContent())
    .toBe('Line 1 is no JSON. A recording has one record per line.')
  await drop(recordingOf(simulatedScore({ records: 40 })))
  await page.locator('.score-box').first().waitFor()
  await expect.poll(() => page.getByRole('heading', { level: 1 }).textContent()).toBe('Recording talk.ndjson')
  expect(errors).toEqual([])
})

test.skipIf(skipped)('playing ends at the newest record, and a participant sees only what it was given', async () => {
  const { page } = await personWithoutServer(browser)
  const at = '2026-11-29T10:00:00.000Z'
  const message = { message_id: 'm', sender_id: 'Ada', content: 'the message', timestamp: at, seq: 1 }
  const records: ScoreRecord[] = [
    { position: 1, at, head: 0, type: 'joined', sender_id: 'Ada' },
    { position: 2, at, head: 0, type: 'joined', sender_id: 'Ben' },
    {
      position: 3,
      at: '2026-11-29T10:00:00.050Z',
      head: 0,
      type: 'appended',
      sender_id: 'Ada',
      text: 'the message',
      base: 0,
    },
    { position: 4, at: '2026-11-29T10:00:00.100Z', head: 1, type: 'message', seq: 1, message },
    { position: 5, at: '2026-11-29T10:00:00.100Z', head: 1, type: 'pushed', sender_id: 'Ada', seq: 1 },
    { position: 6, at: '2026-11-29T10:00:00.200Z', head: 1, type: 'given', sender_id: 'Ben', seq: 1 },
  ]
  await openRecording(page, records)
  const boxes = () => page.locator('.score-box:not(.score-mark)').allTextContents()
  await page.getByLabel('See as').selectOption('Ben')
  await seekRecord(page, 5)
  await expect.poll(() => boxes()).toEqual([])
  await page.getByLabel('Play at 16 times the speed').click()
  await page.getByText('6 of 6').waitFor()
  await expect.poll(() => boxes()).toEqual(['the message'])
  await page.getByLabel('See as').selectOption('')
  await seekRecord(page, 3)
  await expect.poll(() => boxes()).toEqual(['the message'])
  await expect.poll(() => page.locator('.score-look-draft[role=option]').count()).toBe(1)
})

test.skipIf(skipped)('the lane of the newest record is in view, and each name is beside its own lane', async () => {
  const { page } = await personWithoutServer(browser)
  const at = '2026-11-29T10:00:00.000Z'
  const names = Array.from({ length: 9 }, (_, nth) => `P${nth + 1}`)
  const records = names.flatMap((sender_id, nth): ScoreRecord[] => [
    { position: 2 * nth + 1, at, head: 0, type: 'joined', sender_id },
    { position: 2 * nth + 2, at, head: 0, type: 'appended', sender_id, text: `Words of ${sender_id}`, base: 0 },
  ])
  await openRecording(page, records)
  /** Returns the draft whose middle is in view, with the name that is shown level with it. */
  const shown = (text: string) =>
    page.evaluate(text => {
      const rect = (element: Element) => element.getBoundingClientRect()
      const list = rect(document.querySelector('.score-scroll')!)
      const isVertical = document.querySelector('.score-vertical') !== null
      const box = [...document.querySelectorAll('.score-block')].find(each => each.textContent === text)
      if (!box) return
      const middle = isVertical ? rect(box).left + rect(box).width / 2 : rect(box).top + rect(box).height / 2
      const [from, to] = isVertical ? [list.left, list.right] : [list.top, list.bottom]
      if (middle < from || middle > to) return
      return [...document.querySelectorAll('.score-label')].find(label => {
        const { left, right, top, bottom } = rect(label)
        return isVertical ? left < middle && middle < right : top < middle && middle < bottom
      })?.firstElementChild?.textContent
    }, text)
  for (const width of [1000, 390]) {
    await page.setViewportSize({ width, height: 700 })
    for (const nth of [9, 1, 8]) {
      await seekRecord(page, 2 * nth)
      await expect.poll(() => shown(`Words of P${nth}`)).toBe(`P${nth}`)
    }
  }
})

test.skipIf(skipped)('the keyboard alone selects, reads, travels and filters', async () => {
  const { page } = await personWithoutServer(browser)
  await openRecording(page, simulatedScore({ records: 200, participants: 3, seed: 5, faults: false, dropped: 0 }))
  const score = page.getByRole('listbox')
  const active = () =>
    score.evaluate(list => document.getElementById(list.getAttribute('aria-activedescendant') ?? '')?.ariaLabel)
  await score.focus()
  await page.keyboard.press('Home')
  const first = await active()
  expect(first).toMatch(/^joined: .*joined\.$/)
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => active()).not.toBe(first)
  await page.keyboard.press('ArrowLeft')
  await expect.poll(() => active()).toBe(first)
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => active()).toBeTruthy()
  await page.keyboard.press('End')
  await page.getByLabel('Selection', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByLabel('Drafts at this moment').waitFor()
  const slider = page.getByLabel('Position in the recording')
  await slider.focus()
  await page.keyboard.press('Home')
  await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/record 1 of 200$/)
  const next = page.getByLabel('Next hold')
  await next.focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('.score-look-held[role=option]').count()).toBe(1)
  await page.locator('.score-filter summary').focus()
  await page.keyboard.press('Enter')
  await page.getByRole('checkbox', { name: 'P2' }).focus()
  await page.keyboard.press('Space')
  await expect.poll(() => page.locator('.score-label bdi').allTextContents()).not.toContain('P2')
  const sentence = page.getByRole('article').last()
  await sentence.focus()
  await page.keyboard.press('PageUp')
  await page.keyboard.press('Enter')
  await page.getByLabel('Selection', { exact: true }).waitFor()
})

test.skipIf(skipped)('a room without a recording says so', async () => {
  const { url } = await servePage({ rooms: { policy: recordedDemo } })
  const ada = await person(browser)
  await ada.join(url, 'quiet', 'Ada')
  await ada.page.getByRole('link', { name: 'Score' }).click()
  await ada.sees('Nothing is recorded here yet.')
  await ada.page.locator('.score-legend strong').filter({ hasText: 'The room quiet' }).waitFor()
  expect(ada.errors).toEqual([])
})
