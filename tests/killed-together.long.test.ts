import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'
import { exportStore } from '../packages/store-lmdb/src/index.ts'
import { serving } from './midsentence.ts'

/** Writes numbers, and sends them three at a time; says what was acknowledged. */
const writer = (url: string, journal: string, from: number) => `
  import { connect } from '@midsentence/client'
  import { fileJournal } from '@midsentence/client/node'
  const say = told => console.log(JSON.stringify(told))
  const ada = await connect(${JSON.stringify(url)}, { username: 'Ada', journal: fileJournal(${JSON.stringify(journal)}) })
  const { draft, rejoined } = await ada.preview()
  say({ draft, rejoined: rejoined === true })
  for (let n = ${from}; ; n++) {
    await ada.append(n + ',')
    say({ appended: n })
    if (n % 3 > 0) continue
    const { status } = await ada.push()
    say({ pushed: status })
  }
`

interface Said {
  readonly draft?: string
  readonly rejoined?: boolean
  readonly appended?: number
  readonly pushed?: number
}

const numbersIn = (text: string) => text.split(',').filter(Boolean).map(Number)

async function contentsIn(directory: string): Promise<string[]> {
  const contents: string[] = []
  await exportStore(directory, text => {
    for (const line of text.trimEnd().split('\n')) {
      const { record } = JSON.parse(line)
      if (record?.type === 'message') contents.push(record.message.content)
    }
  })
  return contents
}

// Ten processes, one after the other.
const patience = 150_000

test('[J1] [G1] client and server killed at the same moment go on mid-sentence, once', {
  timeout: patience,
}, async () => {
  const folder = freshFolder(onTestFinished)
  const [data, journal] = [join(folder, 'rooms'), join(folder, 'ada.journal')]
  const acknowledged: number[] = []
  let before: number[] = []
  for (const [life, lines] of [9, 14, 3, 22, 1].entries()) {
    const { url, process: server } = await serving('--data', data)
    const client = node(['--input-type=module', '-e', writer(url, journal, 1 + life * 1000)])
    await client.says(new RegExp(`^([^\\n]+\\n){${lines}}`))
    client.kill('SIGKILL')
    server.kill('SIGKILL')
    const [{ stdout, stderr }] = await Promise.all([client.ended, server.ended])
    expect(stderr).toBe('')
    const said: Said[] = stdout
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line))
    // What it begins with, it had; and the server knew it again.
    expect(said[0]!.rejoined).toBe(false)
    const held = numbersIn(said[0]!.draft!)
    const sent = (await contentsIn(data)).flatMap(numbersIn)
    for (const n of before) expect([...sent, ...held], `${n} is lost`).toContain(n)
    acknowledged.push(...said.flatMap(({ appended }) => appended ?? []))
    before = [...acknowledged]
    expect(said.flatMap(({ pushed }) => pushed ?? []).filter(status => status !== 1)).toEqual([])
  }
  const { url, process: server } = await serving('--data', data)
  const last = node(['--input-type=module', '-e', writer(url, journal, 9000)])
  await last.says('"pushed":1')
  last.kill('SIGKILL')
  server.kill('SIGKILL')
  await Promise.all([last.ended, server.ended])
  const sent = (await contentsIn(data)).flatMap(numbersIn)
  expect(new Set(sent).size).toBe(sent.length)
  expect(sent).toEqual([...sent].sort((a, b) => a - b))
  expect(sent).toEqual(expect.arrayContaining(acknowledged))
})
