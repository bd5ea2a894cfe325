import type { Message } from '@midsentence/core'
import { exportStore } from '@midsentence/store-lmdb'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { expect, onTestFinished } from 'vitest'
import { serving } from '../midsentence.ts'
import { Caller, type RandomInt } from './caller.ts'

/**
 * Kills a durable server under load at a random moment and restarts it, `rounds` times. Then checks that the room has each
 * acknowledged message once and in its place, and that each caller received the others' messages once and in order.
 * Resolves with the number of responses.
 */
export async function killRounds(rounds: number, seed: number): Promise<{ readonly acknowledged: number }> {
  const random = seededRandom(seed)
  const directory = freshFolder(onTestFinished)
  const callers = ['Ada', 'Ben', 'Cyd', 'Dan', 'Eve', 'Fay'].map(name => new Caller(name, random))
  let server = await serving('--data', directory)
  let acknowledged = 0
  for (const caller of callers) await caller.join(server.url)
  for (let round = 0; round < rounds; round++) {
    let left = 1 + random(150)
    const onResponse = () => {
      acknowledged++
      if (--left === 0) server.process.kill('SIGKILL')
    }
    await Promise.all(callers.map(caller => caller.callUntilGone(onResponse)))
    expect(await server.process.ended).toMatchObject({ code: null, stderr: '' })
    server = await serving('--data', directory)
    await Promise.all(callers.map(caller => caller.resume(server.url)))
  }
  for (const caller of callers) await caller.finish()
  server.process.kill('SIGKILL')
  await server.process.ended
  expectAgreement(callers, await messagesIn(directory))
  return { acknowledged }
}

function expectAgreement(callers: readonly Caller[], room: readonly Message[]): void {
  expect(room.map(({ seq }) => seq)).toEqual(room.map((_, nth) => nth + 1))
  const sent = callers.flatMap(({ name, sent }) => sent.map(message => ({ ...message, sender_id: name })))
  const logged = room.map(({ seq, content, sender_id }) => ({ seq, content, sender_id }))
  expect(logged).toEqual(sent.sort((a, b) => a.seq - b.seq))
  for (const { name, received } of callers) expect(received).toEqual(room.filter(({ sender_id }) => sender_id !== name))
}

async function messagesIn(directory: string): Promise<Message[]> {
  const messages: Message[] = []
  await exportStore(directory, text => {
    for (const line of text.trimEnd().split('\n')) {
      const { record } = JSON.parse(line)
      if (record?.type === 'message') messages.push(record.message)
    }
  })
  return messages
}

/** Creates a linear congruential generator (MINSTD). */
function seededRandom(seed: number): RandomInt {
  let state = seed
  return below => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}
