import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultPolicy } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'
import { guide } from './guide.ts'

const docs = fileURLToPath(new URL('../docs', import.meta.url))

test('the programs of connect.md print what the page says', async () => {
  const policy = { ...defaultPolicy, access: () => ({ history: true }) }
  const { url, close } = await startServer({ port: 0, rooms: { policy } })
  onTestFinished(close)
  const { commands, run, change } = guide('connect.md')
  const text = readFileSync(join(docs, 'connect.md'), 'utf8')
  const printed = new Map([...text.matchAll(/^```text (\S+)\n(.*?)^```$/gms)].map(([, file, lines]) => [file, lines]))
  expect(commands).toEqual([...printed.keys()].map(file => `node ${file}`))
  for (const [file, lines] of printed) {
    change(file!, 'http://127.0.0.1:8890', url)
    expect([file, await run(`node ${file}`)]).toEqual([file, { code: 0, output: lines }])
  }
})

test('browser.md prints the files of example 11, which the browser test runs', () => {
  const { folder } = guide('browser.md')
  for (const file of ['use-room.ts', 'page.tsx']) {
    const example = fileURLToPath(new URL(`../examples/11-react/${file}`, import.meta.url))
    expect(readFileSync(join(folder, file), 'utf8')).toBe(readFileSync(example, 'utf8'))
  }
})
