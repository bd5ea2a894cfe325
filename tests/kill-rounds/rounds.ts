import type { Message } from '@midsentence/core'
import { exportStore } from '@midsentence/store-lmdb'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { expect, onTestFinished } from 'vitest'
import { serving } from '../midsentence.ts'
import { Caller, type Chance } from './caller.ts'

/**
 * Kills a server that keeps its rooms in a directory, under load and at any moment, and starts it again, `rounds` times.
 * In the end the room has each message that was acknowledged once and in its place, and everybody was given those of the
 * others once and in order.
 */
export async function killRounds(rounds: number, seed: number): Promise<{ readonly acknowledged: number }> {
  const chance = chanceOf(seed)
  const directory = freshFolder(onTestFinished)
  const callers = ['Ada', 'Ben', 'Cyd', 'Dan', 'Eve', 'Fay'].map(name => new Caller(name, chance))
  let server = await serving('--data', directory)
  let acknowledged = 0
  for (const caller of callers) await caller.join(server.url)
  for (let round = 0; round < rounds; round++) {
    let left = 1 + chance(150)
    const answered = () => {
      acknowledged++
      if (--left === 0) server.process.kill('SIGKILL')
    }
    await Promise.all(callers.map(caller => caller.callUntilGone(answered)))
    expect(await server.process.ended).toMatchObject({ code: null, stderr: '' })
    server = await serving('--data', directory)
    await Promise.all(callers.map(caller => caller.goOn(server.url)))
  }
  for (const caller of callers) await caller.finish()
  server.process.kill('SIGKILL')
  await server.process.ended
  mustAgree(callers, await messagesIn(directory))
  return { acknowledged }
}

function mustAgree(callers: readonly Caller[], room: readonly Message[]): void {
  expect(room.map(({ seq }) => seq)).toEqual(room.map((_, nth) => nth + 1))
  const sent = callers.flatMap(({ name, sent }) => sent.map(told => ({ ...told, sender_id: name })))
  const said = room.map(({ seq, content, sender_id }) => ({ seq, content, sender_id }))
  expect(said).toEqual(sent.sort((a, b) => a.seq - b.seq))
  for (const { name, heard } of callers) expect(heard).toEqual(room.filter(({ sender_id }) => sender_id !== name))
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

/** A linear congruential generator: the numbers of MINSTD. */
function chanceOf(seed: number): Chance {
  let state = seed
  return below => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}
