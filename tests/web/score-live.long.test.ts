import { connect } from '@midsentence/client'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { launch, person, servePage, skipped } from './person.ts'
import { openRecording, personWithoutServer, recordedDemo, recordsOf, seekRecord, shownScore } from './score-page.ts'

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await launch()
})
afterAll(() => browser?.close())

test.skipIf(skipped)('live, from history, by a link and from a file, a position shows the same', async () => {
  const { url } = await servePage({ rooms: { policy: recordedDemo } })
  const ada = await person(browser)
  await ada.join(url, 'demo', 'Ada')
  await ada.page.getByRole('link', { name: 'Score' }).click()
  await ada.page.getByRole('listbox').waitFor()
  const ben = await connect(url, { username: 'Ben', room: 'demo' })
  const cleo = await connect(url, { username: 'Cleo', room: 'demo' })
  onTestFinished(async () => void (await Promise.all([ben.close(), cleo.close()])))

  const live = new Map<number, readonly string[]>()
  const note = async (text: string) => {
    await ada.page.locator('.score-words').getByText(text).last().waitFor()
    const shown = await shownScore(ada.page)
    live.set(Number(shown[0]!.slice('record '.length)), shown)
  }
  await ben.append('I was about to say')
  await note('I was about to say')
  await cleo.append('Look out!')
  await cleo.push()
  await note('sent #1')
  expect(await ben.push()).toMatchObject({ status: 0 })
  await note('was held')
  await ben.undo()
  await note('took back')
  await ben.append('Thank you.')
  await ben.push()
  await note('sent #2')

  for (const [nth, shown] of live) {
    await seekRecord(ada.page, nth)
    await expect.poll(() => shownScore(ada.page)).toEqual(shown)
  }
  const [nth, shown] = [...live][2]!
  await seekRecord(ada.page, nth)
  await ada.page.waitForFunction(nth => location.hash.endsWith(`at=${nth}`), nth)
  const link = ada.page.url()
  await ada.page.goto('about:blank')
  await ada.page.goto(link)
  await ada.page.getByText(`· ${nth} of`).waitFor()
  await expect.poll(() => shownScore(ada.page)).toEqual(shown)

  // The same link asks another person for no name.
  const watcher = await person(browser, { viewport: { width: 1240, height: 800 } })
  await watcher.page.goto(link)
  await watcher.page.getByText(`· ${nth} of`).waitFor()
  await expect.poll(() => shownScore(watcher.page)).toEqual(shown)

  const records = await recordsOf(url, [...live.keys()].at(-1)!)
  const reader = await personWithoutServer(browser)
  await openRecording(reader.page, records)
  // Beside the score of a room is the list of its participants, so that less of the score fits.
  await reader.page.setViewportSize({ width: 1240, height: 800 })
  for (const [nth, shown] of live) {
    await seekRecord(reader.page, nth)
    await expect.poll(() => shownScore(reader.page)).toEqual(shown)
  }
  expect([...ada.errors, ...watcher.errors, ...reader.errors]).toEqual([])
})
