import { randomBytes } from 'node:crypto'
import type { JoinResult, WhoResult } from '@midsentence/core/hub'
import { callServer } from '../call-server.ts'

export interface JoinedRoom {
  readonly joined: JoinResult
  /** Names of all participants, the caller's own included. */
  readonly present: readonly string[]
}

/** Joins `room` for a user who continues with curl. */
export async function joinRoom(
  url: string,
  username: string,
  room: string,
  credential: { readonly credential?: string },
): Promise<JoinedRoom> {
  // Without a secret the session would expire while the user still reads the output. The token is enough to continue.
  const secret = randomBytes(32).toString('hex')
  const joined = (await callServer(url, 'join', { username, room, secret, ...credential })) as JoinResult
  // The server drops a session without any call within a minute.
  const { participants } = (await callServer(url, 'who', {}, joined.token)) as WhoResult
  return { joined, present: participants.map(({ sender_id }) => sender_id) }
}
