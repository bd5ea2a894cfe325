import { join } from 'node:path'
import { exportStore } from '@midsentence/store-lmdb'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'
import { serving } from './midsentence.ts'

/** Returns a program that appends numbers, pushes after each third, and prints what was acknowledged. */
const writerProgram = (url: string, journal: string, from: number) => `
  import { connect } from '@midsentence/client'
  import { fileJournal } from '@midsentence/client/node'
  const print = output => console.log(JSON.stringify(output))
  const ada = await connect(${JSON.stringify(url)}, { username: 'Ada', journal: fileJournal(${JSON.stringify(journal)}) })
  const { draft, rejoined } = await ada.preview()
  print({ draft, rejoined: rejoined === true })
  for (let n = ${from}; ; n++) {
    await ada.append(n + ',')
    print({ appended: n })
    if (n % 3 > 0) continue
    const { status } = await ada.push()
    print({ pushed: status })
  }
`

interface WriterOutput {
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

test('[J1] [G1] a client and its server, killed at the same moment, keep each acknowledged append and send it once', async () => {
  const folder = freshFolder(onTestFinished)
  const [data, journal] = [join(folder, 'rooms'), join(folder, 'ada.journal')]
  const acknowledged: number[] = []
  let earlier: number[] = []
  for (const [round, lines] of [9, 14, 3, 22, 1].entries()) {
    const { url, process: server } = await serving('--data', data)
    const client = node(['--input-type=module', '-e', writerProgram(url, journal, 1 + round * 1000)])
    await client.says(new RegExp(`^([^\\n]+\\n){${lines}}`))
    client.kill('SIGKILL')
    server.kill('SIGKILL')
    const [{ stdout, stderr }] = await Promise.all([client.ended, server.ended])
    expect(stderr).toBe('')
    const outputs: WriterOutput[] = stdout
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line))
    // The restarted client keeps its session, and its draft holds what was not sent.
    expect(outputs[0]!.rejoined).toBe(false)
    const drafted = numbersIn(outputs[0]!.draft!)
    const sent = (await contentsIn(data)).flatMap(numbersIn)
    for (const n of earlier) expect([...sent, ...drafted], `${n} is lost`).toContain(n)
    acknowledged.push(...outputs.flatMap(({ appended }) => appended ?? []))
    earlier = [...acknowledged]
    expect(outputs.flatMap(({ pushed }) => pushed ?? []).filter(status => status !== 1)).toEqual([])
  }
  const { url, process: server } = await serving('--data', data)
  const last = node(['--input-type=module', '-e', writerProgram(url, journal, 9000)])
  await last.says('"pushed":1')
  last.kill('SIGKILL')
  server.kill('SIGKILL')
  await Promise.all([last.ended, server.ended])
  const sent = (await contentsIn(data)).flatMap(numbersIn)
  expect(new Set(sent).size).toBe(sent.length)
  expect(sent).toEqual([...sent].sort((a, b) => a - b))
  expect(sent).toEqual(expect.arrayContaining(acknowledged))
})
