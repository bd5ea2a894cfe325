import { newHub } from '@midsentence/testing/harness/hub-harness'
import { retentionLog } from '@midsentence/testing/logs/retention-log'
import { expect, test } from 'vitest'
import { memorySessions } from '../memory/memory-sessions.ts'

/** Opens a room with Ada and Ben. Ben sends 1 to 6; the log drops those below `first`. */
async function forgotten(first: number) {
  const log = retentionLog()
  const sessions = memorySessions()
  const harness = await newHub({ log, sessions, tail: 1 })
  const ada = await harness.join('Ada')
  const ben = await harness.join('Ben')
  for (const text of ['1', '2', '3', '4', '5', '6']) await harness.say(ben, text)
  log.forget(first)
  return { ...harness, log, sessions, ada, ben }
}

const texts = ({ messages }: { readonly messages: readonly { readonly content: string }[] }) =>
  messages.map(({ content }) => content)

test('[L7] [L3] messages that retention dropped are reported once, with the messages that are left', async () => {
  const { ada } = await forgotten(4)
  const answer = await ada.append({ text: 'x', key: 'k' })
  expect(answer).toMatchObject({ missed: { from: 1, to: 3 }, cursor: 6 })
  expect(texts(answer)).toEqual(['4', '5', '6'])
  expect(await ada.append({ text: 'x', key: 'k' })).toEqual(answer)
  expect(await ada.preview()).not.toHaveProperty('missed')
})

test('[L7] [H1] missed messages hold a push as unseen ones do', async () => {
  const { ada } = await forgotten(6)
  await ada.append({ text: 'x' }, { notification: true })
  // The newest are still in memory.
  expect(await ada.push()).toMatchObject({ held: true, missed: { from: 1, to: 4 } })
  expect(await ada.push()).toMatchObject({ status: 1, seq: 7 })
})

test('[L7] [C1] a check reports missed messages at once, also without messages to give', async () => {
  const { ada, log, say } = await forgotten(0)
  await say(ada, 'mine')
  await say(ada, 'mine too')
  log.forget(7)
  expect(await ada.check({ after: 0 })).toEqual({ status: 0, messages: [], missed: { from: 1, to: 6 }, cursor: 8 })
  expect(await ada.check({ timeout_ms: 0 })).toEqual({ status: 0, messages: [], cursor: 8 })
})

test('[L7] one’s own messages are never missed', async () => {
  const { ben } = await forgotten(4)
  expect(await ben.preview({ after: 0 })).toEqual({
    status: 1,
    draft: '',
    length: 0,
    segments: [],
    suffix: '',
    messages: [],
    cursor: 6,
  })
})

test('[V4] [L3] a stream reports missed messages and goes on', async () => {
  const { ada, ben, listen, say } = await forgotten(4)
  const received = await listen(ada)
  await expect.poll(() => received.contents).toEqual(['4', '5', '6'])
  await say(ben, '7')
  expect(received.contents).toEqual(['4', '5', '6', '7'])
  expect(received.missing).toEqual([[1, 3]])
})

test('[G1] after retention a new hub continues the seqs and reports missed messages to its sessions', async () => {
  const { hub, log, sessions, ada, ben } = await forgotten(4)
  await hub.close()
  const { hub: after, join, say } = await newHub({ log, sessions, tail: 1 })
  const again = after.enter(ada.joinResult.token)
  expect(await again.check()).toMatchObject({ status: 1, missed: { from: 1, to: 3 }, cursor: 6 })
  expect(await say(await join('Cyd'), 'next')).toMatchObject({ seq: 7 })
  expect(texts(await after.enter(ben.joinResult.token).check())).toEqual(['next'])
})

test('a room log with a missing message is not opened', async () => {
  const { log } = await forgotten(0)
  const holed = {
    ...log,
    async *records(room: string) {
      for await (const record of log.records(room))
        if (record.type !== 'message' || record.message.seq !== 3) yield record
    },
  }
  const { hub } = await newHub({ log: holed })
  await expect(hub.join({ username: 'Dan' })).rejects.toMatchObject({
    code: 'internal',
    message: 'After message 2 the log has 4: messages in between are lost.',
  })
})
