import { randomBytes } from 'node:crypto'
import { callServer } from '@midsentence/client'
import { MidsentenceError } from '@midsentence/core'
import type { JoinResult, WhoResult } from '@midsentence/core/hub'
import { ServerAddresses } from '@midsentence/core/rpc-client'

export interface JoinedRoom {
  readonly joined: JoinResult
  /** The address that answered. */
  readonly url: string
  /** Names of all participants, the caller's own included. */
  readonly present: readonly string[]
}

/** Whether an answer has a token and a room that can be pasted into a shell. */
const isPlain = ({ token, room, sender_id }: JoinResult): boolean =>
  typeof sender_id === 'string' && /^[\x21-\x7e]{1,500}$/.test(token) && /^[\w.-]{1,64}$/.test(room)

const answerProblem =
  'The server answered the join with a token or a room that no midsentence server gives: nothing of it is printed.'

/** Milliseconds for an answer: with one repetition, a first call fails within 5 s. */
const answerMs = 2400

export interface JoinRoomOptions {
  readonly room: string
  /** How many messages from before the join are read, where the room shows its history. */
  readonly last: number
  readonly credential?: string
}

/** Joins a room for a user who continues with curl. */
export async function joinRoom(
  urls: readonly string[],
  username: string,
  options: JoinRoomOptions,
): Promise<JoinedRoom> {
  // Without a secret the session would expire while the user still reads the output. The token is enough to continue.
  const addresses = new ServerAddresses(urls)
  const secret = randomBytes(32).toString('hex')
  const joined = (await callServer(
    addresses,
    'join',
    { username, secret, ...options },
    { answerMs, repeatable: true },
  )) as JoinResult
  if (!isPlain(joined)) throw new MidsentenceError('internal', answerProblem)
  // The server drops a session without any call within a minute.
  const { participants } = (await callServer(
    addresses,
    'who',
    {},
    { token: joined.token, answerMs, repeatable: true },
  )) as WhoResult
  return { joined, url: addresses.url, present: participants.map(({ sender_id }) => sender_id) }
}
