import { connect } from '@midsentence/client'
import { startCuttableProxy } from '@midsentence/testing/legacy/proxy'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { launch, person, servePage, skipped } from './person.ts'

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await launch()
})
afterAll(() => browser?.close())

/** How long no byte passes, in milliseconds. The connections stay open meanwhile. */
const CUT_MS = 30_000

test.skipIf(skipped).each(['a WebSocket', 'server-sent events'])(
  'over %s, a line that passes nothing for 30 s keeps the draft, brings what was missed, and holds what would cross it',
  async way => {
    const { url } = await servePage()
    const proxy = await startCuttableProxy(url)
    onTestFinished(() => proxy.close())
    const ben = await connect(url, { username: 'Ben', room: 'demo' })
    onTestFinished(() => ben.close())
    const say = async (text: string) => {
      await ben.check({ timeout_ms: 0 })
      await ben.append(text)
      expect(await ben.push()).toMatchObject({ status: 1 })
    }
    const ada = await person(browser)
    if (way !== 'a WebSocket') await ada.page.routeWebSocket(/\/ws$/, socket => void socket.close())
    await ada.join(proxy.url, 'demo', 'Ada')
    await say('Said before.')
    await ada.sees('Said before.')
    await ada.add('Written before')

    proxy.cut('silently')
    const began = performance.now()
    await ada.add('and in the dark.')
    await say('Missed one.')
    await say('Missed two.')
    await ada.send()
    await ada.sees('Sending …')
    // Nothing tells the page that the line is dead but the silence.
    await ada.page
      .getByText(/Reconnecting/)
      .first()
      .waitFor({ timeout: 90_000 })
    await ada.hasDraft('Written before', ' and in the dark.')
    await expect.poll(() => performance.now() - began).toBeGreaterThan(CUT_MS)
    expect(await ada.page.getByText('Missed one.').count()).toBe(0)

    proxy.restore()
    await ada.page.getByText('Connected').first().waitFor({ timeout: 90_000 })
    await ada.sees('Missed one.')
    await ada.sees('Missed two.')
    await ada.sees('Not sent.')
    await ada.hasDraft('Written before', ' and in the dark.')
    expect((await ben.check({ timeout_ms: 0 })).messages).toEqual([])
    await ada.send()
    await ada.hasDraft()
    expect((await ben.check()).messages).toMatchObject([{ content: 'Written before and in the dark.' }])
    expect((await ben.check({ timeout_ms: 0 })).messages).toEqual([])
    await expect
      .poll(() => ada.page.getByText(/^(Said before|Missed one|Missed two)\.$/).allTextContents())
      .toEqual(['Said before.', 'Missed one.', 'Missed two.'])
    expect(ada.errors).toEqual([])
  },
)
