import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from '@midsentence/client'
import type { ScoreRecord } from '@midsentence/core'
import { simulatedScore } from '@midsentence/testing/score/simulated-score'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { hostileTexts } from '../hostile-texts.ts'
import { launch, person, servePage, skipped } from './person.ts'
import { mountedItems, openRecording, personWithoutServer, recordedDemo, seekRecord } from './score-page.ts'

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await launch()
})
afterAll(() => browser?.close())

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Returns what axe finds. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof import('axe-core') }).axe.run()
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
    )
  })
}

test.skipIf(skipped)('axe finds nothing, in both themes and directions', async () => {
  const { page } = await personWithoutServer(browser)
  await openRecording(page, simulatedScore({ records: 300, participants: 9, seed: 3 }))
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      await page.getByRole('listbox').press('Escape')
      await expect.poll(() => violationsOf(page)).toEqual([])
      await page.getByRole('listbox').press('End')
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true
      })
      await expect.poll(() => violationsOf(page)).toEqual([])
    }
  }
})

test.skipIf(skipped)('hostile names and texts, and 1,000 participants, neither run nor break the layout', async () => {
  const { page, errors } = await personWithoutServer(browser)
  const attacks = [
    ...hostileTexts,
    '<img src=x onerror="window.hit=1">',
    '<script>window.hit=1</script>',
    '[a](javascript:window.hit=1)',
    '\u202e\u2066\u200b\u200d\ufeff',
    'x'.repeat(20_000),
    '\u0301'.repeat(2000),
  ]
  const many = Array.from({ length: 1000 }, (_, nth) => `participant ${nth}`)
  const joined = many.map(
    (sender_id, nth): ScoreRecord => ({
      position: nth + 1,
      at: '2026-11-29T08:00:00.000Z',
      head: 0,
      type: 'joined',
      sender_id,
    }),
  )
  const rest = simulatedScore({ records: 1500, names: [...attacks, ...many.slice(0, 30)], texts: attacks, seed: 2 })
  const after = rest
    .filter(({ type }) => type !== 'state')
    .map(record => ({ ...record, position: record.position + 1000 }) as ScoreRecord)
  await openRecording(page, [...joined, ...after])
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 })
    for (const nth of [1, 1003, 1400, joined.length + after.length]) {
      await seekRecord(page, nth)
      await page.getByRole('listbox').press('End')
      expect(await mountedItems(page)).toBeLessThanOrEqual(300)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(overflow).toBeLessThanOrEqual(0)
    }
  }
  // Text at 200 %.
  await page.evaluate(() => {
    document.documentElement.style.fontSize = '32px'
  })
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth))
    .toBeLessThanOrEqual(0)
  await expect.poll(() => page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined()
  await expect.poll(() => page.locator('.score img, .score script, .score a').count()).toBe(0)
  // The same moments as a talk.
  await page.getByRole('button', { name: 'Talk', exact: true }).click()
  for (const nth of [1, 1003, 1400, joined.length + after.length]) {
    await seekRecord(page, nth)
    await page.getByText(`· ${nth} of`).waitFor()
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth))
      .toBeLessThanOrEqual(0)
    await expect.poll(() => page.locator('.past-talk :is(img, script, iframe, style)').count()).toBe(0)
    expect(await page.locator('.past-person').count()).toBeLessThanOrEqual(100)
    expect(await page.locator('.past-drafts section').count()).toBeLessThanOrEqual(20)
    expect(await page.getByRole('article').count()).toBeLessThanOrEqual(100)
  }
  await expect.poll(() => page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined()
  expect(errors).toEqual([])
})

test.skipIf(skipped)('10,000 records: at most 300 elements are mounted at any place, zoom and axis', async () => {
  const { page, errors } = await personWithoutServer(browser)
  await page.setViewportSize({ width: 1920, height: 1080 })
  await openRecording(page, simulatedScore({ records: 10_000, participants: 6, seed: 4 }))
  const zoomOut = page.getByLabel('Zoom out')
  while (await zoomOut.isEnabled()) await zoomOut.click()
  for (const axis of ['order', 'time']) {
    await page.getByLabel('Axis').selectOption(axis)
    for (const share of [0, 0.1, 0.33, 0.5, 0.77, 1]) {
      await page.evaluate(async share => {
        const list = document.querySelector('.score-scroll')!
        list.scrollLeft = share * list.scrollWidth
        // A frame tells of the scrolling and draws, and the next one comes after that.
        await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      }, share)
      const mounted = await mountedItems(page)
      expect(mounted).toBeGreaterThan(5)
      expect(mounted).toBeLessThanOrEqual(300)
    }
  }
  expect(errors).toEqual([])
})

test.skipIf(skipped)('100,000 records are read, and each of them can be reached', async () => {
  const { page, errors } = await personWithoutServer(browser)
  await openRecording(page, simulatedScore({ records: 100_000, participants: 6, seed: 6 }))
  for (const nth of [100_000, 50_001, 1]) {
    await seekRecord(page, nth)
    await page.getByText(`· ${nth} of 100000`).waitFor()
  }
  await (await page.context().newCDPSession(page)).send('HeapProfiler.collectGarbage')
  const used = await page.evaluate(
    () => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize,
  )
  expect(used).toBeLessThan(150e6)
  expect(errors).toEqual([])
})

test.skipIf(skipped)('the score begins again with a server that lost its rooms', async () => {
  const first = await servePage({ rooms: { policy: recordedDemo } })
  const { port } = new URL(first.url)
  const reader = await person(browser)
  await reader.page.goto(`${first.url}/#/rooms/demo/score`)
  const before = await connect(first.url, { username: 'Ben', room: 'demo' })
  await before.append('before the restart')
  await reader.sees('before the restart')
  await before.close()
  await first.close()
  const second = await servePage({ rooms: { policy: recordedDemo }, port: Number(port) })
  const after = await connect(second.url, { username: 'Cleo', room: 'demo' })
  onTestFinished(() => after.close())
  await after.append('after the restart')
  await reader.sees('after the restart')
  expect(reader.errors).toEqual([])
})
