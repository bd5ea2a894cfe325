import { connect } from '@midsentence/client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { launch, person, servePage, skipped } from './person.ts'
import { openRecording, personWithoutServer, recordedDemo, recordsOf, seekRecord, shownPast } from './score-page.ts'

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await launch()
})
afterAll(() => browser?.close())

const articles = (page: Page) => page.getByRole('article').allInnerTexts()

test.skipIf(skipped)(
  'the talk of an earlier moment shows what was there then: live, by a link and from a file',
  async () => {
    const { url } = await servePage({ rooms: { policy: recordedDemo } })
    const ada = await person(browser)
    await ada.join(url, 'demo', 'Ada')
    const ben = await connect(url, { username: 'Ben', room: 'demo' })
    const cleo = await connect(url, { username: 'Cleo', room: 'demo' })
    onTestFinished(async () => void (await Promise.all([ben.close(), cleo.close()])))

    // Another person watches the past as it happens.
    const watcher = await person(browser)
    await watcher.page.goto(`${url}/#/rooms/demo/past`)
    await watcher.sees('Now, as an observer sees it.')
    const live = new Map<number, Awaited<ReturnType<typeof shownPast>>>()
    const note = async (check: (shown: Awaited<ReturnType<typeof shownPast>>) => boolean) => {
      await expect.poll(async () => check(await shownPast(watcher.page))).toBe(true)
      const shown = await shownPast(watcher.page)
      live.set(shown.nth, shown)
      return shown
    }
    await ben.append('I was about')
    await ben.append(' to say')
    await note(({ drafts }) => drafts.includes('Ben: I was about| to say'))
    await cleo.append('Look out!')
    await cleo.push()
    await note(({ messages, drafts }) => messages.length === 1 && drafts.length === 1)
    expect(await ben.push()).toMatchObject({ status: 0 })
    const held = await note(({ holds }) => holds === 1)
    expect(held.people).toEqual(['Ada', 'Ben draft', 'Cleo'])
    await ben.undo()
    await ben.append('. Thank you.')
    await ben.push()
    await ada.add('A draft')
    await cleo.close()
    await note(({ people, drafts }) => people.length === 2 && drafts.includes('Ada: A draft'))

    // What the participant reads in the talk is what the newest moment shows.
    await expect.poll(() => ada.messages.count()).toBe(2)
    expect(await articles(watcher.page)).toEqual((await articles(ada.page)).map(text => text.replace(/\nyou\b/, '')))

    // She looks at what was there while her draft waits, and nothing there can be written.
    await ada.page.getByRole('link', { name: 'Past', exact: true }).click()
    await ada.sees('Now, as an observer sees it.')
    for (const [nth, shown] of live) {
      await seekRecord(ada.page, nth)
      await expect.poll(() => shownPast(ada.page)).toEqual(shown)
      await ada.sees(/^The past: /)
    }
    expect(await ada.page.getByRole('textbox').count()).toBe(0)

    // As Ben, who had not been given Cleo's message when he was about to send.
    const [before] = [...live.keys()].slice(1)
    await seekRecord(ada.page, before!)
    await ada.page.getByLabel('See as').selectOption('Ben')
    await expect.poll(() => shownPast(ada.page)).toMatchObject({ messages: [], drafts: ['Ben: I was about| to say'] })
    await ada.page.getByLabel('See as').selectOption('Cleo')
    await expect.poll(() => shownPast(ada.page)).toMatchObject({ drafts: [] })
    expect((await shownPast(ada.page)).messages).toHaveLength(1)

    // The address leads there, also from the score, and back to the talk.
    await ada.page.waitForFunction(nth => location.hash.endsWith(`/past?at=${nth}&as=Cleo`), before)
    const link = ada.page.url()
    await ada.page.getByRole('link', { name: 'Score', exact: true }).click()
    await ada.page.getByText(`· ${before} of`).waitFor()
    await ada.page.getByRole('link', { name: 'Past', exact: true }).click()
    const expected = await shownPast(ada.page)
    expect(expected).toMatchObject({ nth: before, drafts: [] })
    await ada.page.getByRole('link', { name: 'Back to the talk' }).click()
    await ada.hasDraft('A draft')
    const other = await person(browser)
    await other.page.goto(link)
    await expect.poll(() => shownPast(other.page)).toEqual(expected)
    // A link to another moment of the same room, in the same tab.
    const [first, shownFirst] = [...live][0]!
    await other.page.evaluate(nth => {
      location.hash = `#/rooms/demo/past?at=${nth}`
    }, first)
    await expect.poll(() => shownPast(other.page)).toEqual(shownFirst)

    const records = await recordsOf(url, [...live.keys()].at(-1)!)
    const reader = await personWithoutServer(browser)
    await openRecording(reader.page, records)
    await reader.page.getByRole('button', { name: 'Talk', exact: true }).click()
    for (const [nth, shown] of live) {
      await seekRecord(reader.page, nth)
      await expect.poll(() => shownPast(reader.page)).toEqual(shown)
    }
    expect([...ada.errors, ...watcher.errors, ...other.errors, ...reader.errors]).toEqual([])
  },
)
