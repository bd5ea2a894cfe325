import { expect } from 'vitest'
import { newHub } from '../../../../tests/hub-bench.ts'
import { type Author, type Call, type Rehearsal, rehearse } from '../../../../tests/hub-rehearsal.ts'
import { prop } from '../../../../tests/properties.ts'
import { rehearsals } from '../../../../tests/rehearsals.ts'
import { memoryLog } from '../memory/memory-log.ts'
import { memorySessions } from '../memory/memory-sessions.ts'
import type { RoomLog } from '../ports/room-log.ts'
import type { SessionLog } from '../ports/session-log.ts'
import type { HubOptions } from './hub.ts'

type Sums = NonNullable<HubOptions['sums']>

/** Plays it over logs that are kept. The same calls have the same effects, names, tokens and all. */
async function played(rehearsal: Rehearsal, sums: Sums) {
  const log = memoryLog('one and the same log')
  const sessions = memorySessions()
  let tokens = 0
  const newToken = () => `${++tokens}`.padStart(16, '0')
  const { authors } = await rehearse(rehearsal, { log, sessions, sums, newToken })
  return { log, sessions, authors: authors.filter(({ left }) => !left) }
}

const repeatable = ({ request, again, misuse }: Call): boolean => request.key !== undefined && !again && !misuse

/** All that can be seen of these from outside once they are opened again, what repeated calls are told among it. */
async function seenOf(log: RoomLog, sessions: SessionLog, authors: readonly Author[]): Promise<unknown[]> {
  const { hub } = await newHub({ log, sessions })
  const seen: unknown[] = []
  for (const { token, calls } of authors) {
    const session = hub.enter(token)
    const { participants, floor } = session.who()
    const names = participants.map(({ sender_id }) => sender_id).sort()
    seen.push(session.resume(), names, floor, session.arrive())
    for (const { action, request } of calls.filter(repeatable)) {
      seen.push(await Promise.allSettled([session[action](request as never) as Promise<unknown>]))
    }
    for (let more = true; more; ) {
      const answer = await session.preview()
      seen.push(answer)
      more = answer.more === true
    }
  }
  await hub.close()
  // Errors too, as what they say.
  return JSON.parse(JSON.stringify(seen))
}

prop(
  '[G1] what begins with snapshots, and sessions that stand for themselves, is what has read everything',
  [rehearsals],
  async rehearsal => {
    const plain = await played(rehearsal, { records: 1e9, facts: 1e9 })
    const { snapshots: _, ...log } = plain.log
    const expected = await seenOf(log, plain.sessions, plain.authors)
    const summed = await played(rehearsal, { records: 3, facts: 2 })
    const facts: string[] = []
    for await (const { fact } of summed.sessions.read()) facts.push(fact.type)
    expect(facts.length).toBeLessThanOrEqual(summed.authors.length * 25)
    expect(await seenOf(summed.log, summed.sessions, summed.authors)).toEqual(expected)
  },
)
