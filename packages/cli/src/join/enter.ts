import { randomBytes } from 'node:crypto'
import type { JoinResult, WhoResult } from '@midsentence/core/hub'
import { call } from './call.ts'

export interface Entered {
  readonly entrance: JoinResult
  /** The names of those who are there, one's own too. */
  readonly present: readonly string[]
}

/** Joins `room` for somebody who goes on by hand. */
export async function entered(url: string, username: string, room: string, shows: object = {}): Promise<Entered> {
  // Without a secret the name would be free again while its owner still reads what to do; the token is all one needs.
  const secret = randomBytes(32).toString('hex')
  const entrance = (await call(url, 'join', { username, room, secret, ...shows })) as JoinResult
  // A session that was never used is dropped within a minute.
  const { participants } = (await call(url, 'who', {}, entrance.token)) as WhoResult
  return { entrance, present: participants.map(({ sender_id }) => sender_id) }
}
