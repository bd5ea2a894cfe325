import { randomBytes } from 'node:crypto'
import type { Entrance, WhoAnswer } from '@midsentence/core/hub'
import { callServer } from '../call-server.ts'

export interface JoinedRoom {
  readonly entrance: Entrance
  /** The names of those who are there, one's own too. */
  readonly present: readonly string[]
}

/** Joins `room` for somebody who goes on by hand. */
export async function joinRoom(url: string, username: string, room: string, shows: object = {}): Promise<JoinedRoom> {
  // Without a secret the name would be free again while its owner still reads what to do; the token is all one needs.
  const secret = randomBytes(32).toString('hex')
  const entrance = (await callServer(url, 'join', { username, room, secret, ...shows })) as Entrance
  // A session that was never used is dropped within a minute.
  const { participants } = (await callServer(url, 'who', {}, entrance.token)) as WhoAnswer
  return { entrance, present: participants.map(({ sender_id }) => sender_id) }
}
