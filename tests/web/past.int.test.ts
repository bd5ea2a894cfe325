import { connect } from '@midsentence/client'
import type { ScoreRecord } from '@midsentence/core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { launch, person, servePage, skipped } from './person.ts'
import { openRecording, personWithoutServer, recordedDemo, seekRecord, shownPast } from './score-page.ts'

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await launch()
})
afterAll(() => browser?.close())

test.skipIf(skipped)('the talk of an earlier moment shows the floor, with the time that it could last', async () => {
  const { page } = await personWithoutServer(browser)
  const at = (seconds: number) => `2026-11-29T10:00:${String(seconds).padStart(2, '0')}.000Z`
  const records: ScoreRecord[] = [
    { position: 1, at: at(0), head: 7, type: 'joined', sender_id: 'Ada' },
    { position: 2, at: at(1), head: 7, type: 'floor.granted', sender_id: 'Ada', for_ms: 30_000 },
    { position: 3, at: at(11), head: 7, type: 'appended', sender_id: 'Ada', text: 'So', base: 7 },
    { position: 4, at: at(12), head: 8, type: 'message', seq: 8 },
    { position: 5, at: at(12), head: 8, type: 'pushed', sender_id: 'Ada', seq: 8 },
    { position: 6, at: at(12), head: 8, type: 'floor.ended', sender_id: 'Ada', why: 'sent' },
  ]
  await openRecording(page, records)
  await page.getByRole('button', { name: 'Talk', exact: true }).click()
  const floor = page.locator('.past-drafts .floor')
  await seekRecord(page, 3)
  await expect.poll(() => floor.textContent()).toBe('"Ada" has the floor. The others wait until it has sent. 20 s left')
  await seekRecord(page, 6)
  await expect.poll(() => floor.count()).toBe(0)
  await page.getByText('Messages up to #7 are older than this recording.').waitFor()
  await expect.poll(async () => (await shownPast(page)).messages).toEqual([expect.stringContaining('So')])
})

test.skipIf(skipped)('what arrives while the past is shown is new on return to the talk', async () => {
  const { url } = await servePage({ rooms: { policy: recordedDemo } })
  const ada = await person(browser)
  await ada.join(url, 'demo', 'Ada')
  await ada.page.getByRole('link', { name: 'Past', exact: true }).click()
  await ada.sees('Now, as an observer sees it.')
  const ben = await connect(url, { username: 'Ben', room: 'demo' })
  onTestFinished(() => ben.close())
  await ben.append('While you looked back')
  await ben.push()
  await ada.page.waitForFunction(() => document.title.startsWith('(1) '))
  await ada.page.getByRole('link', { name: 'Talk', exact: true }).click()
  await ada.sees('New since you looked away')
  await ada.page.waitForFunction(() => document.title === 'demo · midsentence')
})

test.skipIf(skipped)(
  'the lobby leads to the past of a recorded room, whose file is asked for until it comes',
  async () => {
    const { url, hub } = await servePage({ rooms: { policy: recordedDemo } })
    const ben = await hub.join({ username: 'Ben', room: 'demo' })
    await ben.append({ text: 'Nothing yet' })
    const { page, errors } = await person(browser)
    let [isDown, refused] = [true, 0]
    await page.route(/score-view-.*\.js$/, route => {
      if (!isDown) return route.continue()
      refused++
      return route.abort()
    })
    await page.goto(url)
    await page.getByRole('link', { name: 'See its past, without joining' }).click()
    // The browser may ask twice at once: to preload the file, and to run it.
    await expect.poll(() => refused).toBeGreaterThan(1)
    isDown = false
    await page.getByText('Nothing yet').first().waitFor()
    expect(errors).toEqual([])
  },
)

test.skipIf(skipped)('a person who looks at the score is no visitor to themselves', async () => {
  const { url } = await servePage({ rooms: { policy: recordedDemo } })
  const ada = await person(browser)
  await ada.join(url, 'demo', 'Ada')
  const ben = await person(browser)
  await ben.page.goto(`${url}/#/rooms/demo/score`)
  await ada.sees('One visitor watches without taking part.')
  await ada.page.getByRole('link', { name: 'Score', exact: true }).click()
  await ada.page.locator('.score-box').first().waitFor()
  await ben.page.goto('about:blank')
  await ada.page.locator('.watchers').waitFor({ state: 'detached' })
})

test.skipIf(skipped)('after a reload the past of a server with a password says how to see it', async () => {
  const { url } = await servePage({ password: 'sesame', rooms: { policy: recordedDemo } })
  const ada = await person(browser)
  await ada.join(url, 'demo', 'Ada', 'sesame')
  await ada.page.getByRole('link', { name: 'Past', exact: true }).click()
  await ada.sees('Now, as an observer sees it.')
  await ada.page.reload()
  await ada.sees(/This server has a password, which a page keeps only until a reload\./)
})
