import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@midsentence/client'
import { fileJournal } from '@midsentence/client/node'
import type { Message, Participant } from '@midsentence/core'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from './midsentence.ts'

const quickRetries = { backoff: { minMs: 20, maxMs: 100 } }

function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function serveAt(port: number) {
  const server = midsentence('serve', '--memory', '--port', String(port))
  await server.says('midsentence serves at')
  return server
}

/** Resolves once the participant's link is in this state. */
function linkIs(participant: Participant, state: 'up' | 'down'): Promise<void> {
  return new Promise(resolve => {
    const subscription = participant.state$.subscribe(({ link }) => {
      if (link.state !== state) return
      resolve()
      queueMicrotask(() => subscription.unsubscribe())
    })
  })
}

const contents = (messages: readonly Message[]) => messages.map(({ content }) => content)

test('[J1] [P3] clients of a killed in-memory server keep their drafts and read of the new room', async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const path = newFolder()
  const first = await serveAt(port)
  const ada = await connect(url, { username: 'Ada', journal: fileJournal(join(path, 'ada')), ...quickRetries })
  const ben = await connect(url, { username: 'Ben', journal: fileJournal(join(path, 'ben')), ...quickRetries })
  onTestFinished(() => Promise.all([ada.close(), ben.close()]).then(() => {}))
  await ben.append('before')
  await ben.push()
  expect(contents((await ada.check()).messages)).toEqual(['before'])
  await ada.append('in the middle of ')
  const log = ada.state.session?.log

  first.kill('SIGKILL')
  await Promise.all([linkIs(ada, 'down'), linkIs(ben, 'down')])
  expect((await ada.append('a sentence')).status).toBe(1)
  await expect(ada.push()).rejects.toMatchObject({ code: 'unavailable' })
  await serveAt(port)
  await Promise.all([linkIs(ada, 'up'), linkIs(ben, 'up')])

  const preview = await ada.preview()
  expect(preview).toMatchObject({ rejoined: 'room', draft: 'in the middle of a sentence', messages: [], cursor: 0 })
  expect(ada.state.session?.log).not.toBe(log)
  expect(await ada.push()).toMatchObject({ status: 1, seq: 1 })
  const check = await ben.check()
  expect([contents(check.messages), check.rejoined]).toEqual([['in the middle of a sentence'], 'room'])
  expect((await ben.preview()).rejoined).toBeUndefined()
})

test('[J1] a client that is killed and started again keeps its name, draft and cursor', async () => {
  const { url, process } = await serving()
  const path = join(newFolder(), 'ada')
  const script = `
    import { connect } from '@midsentence/client'
    import { fileJournal } from '@midsentence/client/node'
    const ada = await connect(${JSON.stringify(url)}, { username: 'Ada', journal: fileJournal(${JSON.stringify(path)}) })
    const { messages } = await ada.append('half a ')
    console.log(ada.state.session.token, messages.length)
    await new Promise(() => setInterval(() => {}, 1000))
  `
  const client = node(['--input-type=module', '-e', script])
  const [, token] = await client.says(/^(s-[0-9a-f.]+) 0\n/)
  client.kill('SIGKILL')
  await client.ended
  const ben = await connect(url, { username: 'Ben' })
  await ben.append('meanwhile')
  await ben.push()
  const ada = await connect(url, { username: 'Ada', journal: fileJournal(path) })
  expect(ada.state.session?.token).toBe(token)
  expect(await ada.append('sentence')).toMatchObject({
    suffix: 'half a sentence',
    messages: [{ content: 'meanwhile' }],
  })
  expect(await ada.push()).toMatchObject({ status: 1, seq: 2 })
  expect(contents((await ben.check()).messages)).toEqual(['half a sentence'])
  await Promise.all([ada.close(), ben.close()])
  process.kill('SIGINT')
  expect((await process.ended).code).toBe(0)
})
