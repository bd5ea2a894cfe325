import type { Clock, Message } from '@midsentence/core'
import { isConnectFailure } from '@midsentence/core/rpc-client'
import type { Echoes } from './echoes.ts'
import type { LegacyHttp, LegacyReply } from './http.ts'
import { refusals } from './refusals.ts'

export interface SendingParts {
  readonly http: LegacyHttp
  readonly echoes: Echoes
  readonly clock: Clock
  readonly username: string
  readonly echoTimeoutMs: number
  /** Takes the name up again, where the server has forgotten it. Rejects where that cannot be. */
  readonly register: () => Promise<void>
  /** The server has answered: a line that waits for its next attempt need not wait longer. */
  readonly reachable: () => void
  readonly isClosed: () => boolean
}

/** How a message got into the room: with its echo, or by the server's word alone. */
export type Sent = { readonly echo: Message } | { readonly echo: undefined }

/**
 * Sends `content` and waits for it to come back, which is its receipt and its place in the order. Resolves without an
 * echo where the server accepted it and none came in time. Rejects `unavailable`: with `data.unknown` where the server
 * may have it all the same.
 */
export async function send(parts: SendingParts, content: string): Promise<Sent> {
  const { echoes, isClosed } = parts
  const seen = echoes.expect(content)
  let over = false
  try {
    // The echo may be faster than the answer.
    const handed = await Promise.race([seen, handOver(parts, content, () => over)])
    if (typeof handed === 'object') return { echo: handed }
    const echo = await within(parts, seen)
    if (echo) return { echo }
    if (isClosed()) throw refusals.closed()
    if (handed !== 'accepted') throw refusals.notCertain()
    echoes.forget(true)
    return { echo: undefined }
  } finally {
    over = true
    echoes.forget()
  }
}

/** Waits for the echo of something that was sent before, and sends nothing. */
export async function lookFor(parts: SendingParts, content: string): Promise<Message> {
  const { echoes, isClosed } = parts
  const echo = await within(parts, echoes.expect(content))
  echoes.forget()
  if (echo) return echo
  throw isClosed() ? refusals.closed() : refusals.notCertain()
}

/** What the server says to it. Nothing is sent any more once it is `over`. */
async function handOver(
  parts: SendingParts,
  content: string,
  isOver: () => boolean,
  again = false,
): Promise<'accepted' | 'doubtful'> {
  const { http, username, echoTimeoutMs, register, reachable, isClosed } = parts
  const reply = await http.post('/send', { username, message: content }, echoTimeoutMs).catch((cause: unknown) => {
    if (isClosed()) throw refusals.closed()
    if (isConnectFailure(cause)) throw refusals.notSent('the chat server does not answer', cause)
    return undefined
  })
  if (!reply) return 'doubtful'
  if (reply.status !== 404) {
    reachable()
    return judge(reply)
  }
  // The server does not know this name any more, so it has not taken the message.
  if (again || isOver()) throw refusals.notSent('the chat server does not know your name any more')
  try {
    await register()
  } catch (cause) {
    throw isClosed() ? refusals.closed() : refusals.notSent('the chat server does not take your name back', cause)
  }
  if (isOver()) throw refusals.closed()
  return handOver(parts, content, isOver, true)
}

function judge(reply: LegacyReply): 'accepted' | 'doubtful' {
  if (reply.success) return 'accepted'
  if (reply.status === 503) throw refusals.notSent('the chat server is shutting down')
  if (reply.status === 429) throw refusals.tooMany(reply)
  if (reply.status >= 400 && reply.status < 500) throw refusals.notAccepted(reply)
  return 'doubtful'
}

function within(
  { clock, echoTimeoutMs }: SendingParts,
  seen: Promise<Message | undefined>,
): Promise<Message | undefined> {
  return new Promise(resolve => {
    const cancel = clock.after(echoTimeoutMs, () => resolve(undefined))
    seen.then(echo => {
      cancel()
      resolve(echo)
    })
  })
}
