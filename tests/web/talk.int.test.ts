import { connect } from '@midsentence/client'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { launch, person, servePage, skipped } from './person.ts'

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await launch()
})
afterAll(() => browser?.close())

/** Long enough that it takes seconds to read. */
const news =
  'The build is green again, and the cause was the stamp that is written before the install has ended. '.repeat(3)

test.skipIf(skipped)('two people and a program talk: segments, a held push, a reload in mid-draft', async () => {
  const { url } = await servePage()
  const ben = await connect(url, { username: 'Ben', room: 'demo' })
  onTestFinished(() => ben.close())
  const [ada, cleo] = [await person(browser), await person(browser)]
  await Promise.all([ada.join(url, 'demo', 'Ada'), cleo.join(url, 'demo', 'Cleo')])

  await ada.add('I would look')
  await ada.add('at the moon')
  await ada.hasDraft('I would look', ' at the moon')
  await ada.field.press('Backspace')
  await ada.hasDraft('I would look')
  await ada.add('at the build.')
  await cleo.sees('"Ada" is writing.')

  // What arrives while she writes is set apart. She cannot have read it yet, so her push is held.
  await ben.append(news)
  await ben.push()
  await ada.sees('Arrived while you were writing')
  await ada.send()
  await ada.sees('A message from "Ben" arrived before you could read it. Your draft is kept.')
  await expect.poll(() => cleo.messages.count()).toBe(1)

  await ada.page.reload()
  await ada.hasDraft('I would look', ' at the build.')
  await ada.add('Well done!')
  await ada.page.getByRole('button', { name: 'Send', exact: true }).click()
  await cleo.sees('I would look at the build. Well done!')
  await ada.hasDraft()
  expect((await ben.check()).messages).toMatchObject([{ sender_id: 'Ada' }])

  await cleo.field.fill('**Good** <b>work</b>')
  await cleo.send()
  await expect.poll(() => ada.page.locator('article strong').textContent()).toBe('Good')
  await ada.sees('<b>work</b>')
  expect([...ada.errors, ...cleo.errors]).toEqual([])
})

test.skipIf(skipped)('a push without a connection says so in words that stay true after it', async () => {
  const server = await servePage()
  const ada = await person(browser)
  await ada.join(server.url, 'demo', 'Ada')
  await server.close()
  await ada.sees('Reconnecting … your draft is safe')
  await ada.field.fill('Hello')
  await ada.send()
  await ada.sees('That was not done: the connection was down. Your draft is kept. Try again once it is back.')
  await ada.hasDraft('Hello')
})

test.skipIf(skipped)('on a phone the composer says what its buttons do, until there is a draft', async () => {
  const { url } = await servePage()
  const ada = await person(browser, { viewport: { width: 390, height: 800 } })
  await ada.join(url, 'demo', 'Ada')
  const hint = ada.page.getByText('Add keeps words in your draft. Send sends it all.')
  await hint.waitFor()
  await ada.add('Hello')
  await hint.waitFor({ state: 'detached' })
})
