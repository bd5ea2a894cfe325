import { connect } from '@midsentence/client'
import { node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'
import { chromiumMissing, openPageAt } from './browser/chromium.ts'

const missing = chromiumMissing()
const skipped = missing !== undefined && !process.env.CI
if (skipped) console.warn(`Skipped: the React page of example 11, since ${missing}.`)

test.skipIf(skipped)(
  'example 11: under StrictMode the page joins once, draws draft and messages, and comes back after a reload',
  async () => {
    const [, url] = await node(['examples/11-react/serve.mjs', '0']).says(/Open (\S+)\/\?name=Ada/)
    const ben = await connect(url!, { username: 'Ben' })
    onTestFinished(() => ben.close())
    await ben.append('Before you came.')
    await ben.push()

    const { page, errors, close } = await openPageAt(`${url}/?name=Ada`)
    onTestFinished(close)
    const shown = (id: string) => page.getByTestId(id).textContent()
    const until = (id: string, text: string) => expect.poll(() => shown(id)).toBe(text)
    const add = async (line: string) => {
      await page.getByLabel('line').fill(line)
      await page.getByRole('button', { name: 'Add' }).click()
    }
    await until('messages', 'Ben: Before you came.')
    expect([...ben.view.present].sort()).toEqual(['Ada', 'Ben'])

    await add('Half a ')
    await until('draft', 'Half a ')
    await page.reload()
    await until('messages', 'Ben: Before you came.')
    await until('draft', 'Half a ')
    await add('sentence.')
    await until('draft', 'Half a sentence.')
    await page.getByRole('button', { name: 'Send' }).click()
    await until('messages', 'Ben: Before you came.\nAda: Half a sentence.')
    await until('draft', '')
    expect((await ben.check()).messages).toMatchObject([{ sender_id: 'Ada', content: 'Half a sentence.' }])

    await ben.append('I see you.')
    await ben.push()
    await until('messages', 'Ben: Before you came.\nAda: Half a sentence.\nBen: I see you.')
    expect(errors).toEqual([])
  },
)
