import { watchRoom } from '@midsentence/client'
import { defaultPolicy, type Policy, type ScoreRecord } from '@midsentence/core'
import type { Browser, Page } from 'playwright-core'
import { type Person, person, servePage } from './person.ts'

/** Records the room `demo`. */
export const recordedDemo: Policy = {
  ...defaultPolicy,
  access: room => (room === 'demo' ? { observable: true, recorded: true, history: true } : {}),
}

/** Opens the page, and then stops its server. */
export async function personWithoutServer(browser: Browser): Promise<Person> {
  const server = await servePage()
  const opened = await person(browser)
  await opened.page.goto(server.url)
  // The score is loaded when it is needed: the browser has it once a first file was open.
  await openRecording(opened.page, [{ position: 1, at: '2026-11-29T10:00:00.000Z', head: 0, type: 'stopped' }])
  await closeRecording(opened.page)
  await server.close()
  return opened
}

export const recordingOf = (records: readonly ScoreRecord[]): string =>
  records.map(record => `${JSON.stringify(record)}\n`).join('')

/** Opens a recorded file by the input of the lobby, and waits until it is shown. */
export async function openRecording(page: Page, records: readonly ScoreRecord[]): Promise<void> {
  const buffer = Buffer.from(recordingOf(records))
  await page.getByLabel(/Replay a recorded file/).setInputFiles({ name: 'a.ndjson', mimeType: 'text/plain', buffer })
  await page.locator('.score').waitFor()
}

export const closeRecording = (page: Page): Promise<void> =>
  page.getByRole('button', { name: 'Close', exact: true }).click()

/** Moves the slider to the nth record. */
export const seekRecord = (page: Page, nth: number): Promise<void> =>
  page.getByLabel('Position in the recording').fill(String(nth))

/** Everything that the score shows, as text: the number of the record, lanes with places, the panel, sentences. */
export const shownScore = (page: Page): Promise<readonly string[]> =>
  page.evaluate(async () => {
    // Changes are told in a microtask and drawn before the second frame.
    await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const elements = document.querySelectorAll<HTMLElement>(
      '.score-content > *, .score-label, .score-panel, .score-sentence',
    )
    const nth = /(\d+) of \d+/.exec(document.querySelector('.score-when')!.textContent)![1]
    const texts = [...elements].map(element => {
      const { left, top, width, height } = element.style
      const place = element.matches('.score-lines') ? '' : [left, top, width, height].join(' ')
      const label = element.getAttribute('aria-label') ?? ''
      return `${element.getAttribute('class')}: ${element.textContent} ${label} ${place}`
    })
    return [`record ${nth}`, ...texts]
  })

/** How many elements the score has mounted: items, names and lines of lanes. */
export const mountedItems = (page: Page): Promise<number> =>
  page.evaluate(() => document.querySelectorAll('.score-content > *, .score-label').length)

/** Resolves with the first `count` records of a room. */
export const recordsOf = (url: string, count: number): Promise<readonly ScoreRecord[]> =>
  new Promise((resolve, reject) => {
    const records: ScoreRecord[] = []
    const watch = watchRoom({ url, room: 'demo' }).subscribe({
      next(item) {
        if (item.type === 'record') records.push(item.record)
        if (records.length < count) return
        queueMicrotask(() => watch.unsubscribe())
        resolve(records)
      },
      error: reject,
    })
  })

/** Everything that the talk of an earlier moment shows. */
export const shownPast = (page: Page) =>
  page.evaluate(async () => {
    // As above.
    await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const texts = (selector: string, within: ParentNode = document) =>
      [...within.querySelectorAll<HTMLElement>(selector)].map(element =>
        element.textContent.replace(/\s+/g, ' ').trim(),
      )
    return {
      nth: Number(/(\d+) of \d+/.exec(document.querySelector('.score-when')?.textContent ?? '')?.[1]),
      messages: texts('.past-talk article'),
      people: texts('.past-person'),
      drafts: [...document.querySelectorAll('.past-drafts .draft')].map(
        draft =>
          `${draft.querySelector('.name')!.textContent}: ${[...draft.querySelectorAll('.segment')].map(each => each.textContent).join('|')}`,
      ),
      holds: texts('.past-hold').length,
    }
  })
