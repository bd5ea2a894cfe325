import type { Clock, Message } from '@midsentence/core'
import { neverConnected } from '@midsentence/core/rpc-client'
import type { EchoMatcher } from './echo-matcher.ts'
import { legacyErrors } from './legacy-errors.ts'
import type { LegacyHttp, LegacyReply } from './legacy-http.ts'

export interface SendDeps {
  readonly http: LegacyHttp
  readonly echoes: EchoMatcher
  readonly clock: Clock
  readonly username: string
  readonly echoTimeoutMs: number
  /** Takes the name up again, where the server has forgotten it. Rejects where that cannot be. */
  readonly register: () => Promise<void>
  /** The server has answered: a line that waits for its next attempt need not wait longer. */
  readonly onReachable: () => void
  readonly isClosed: () => boolean
}

/** How a message got into the room: with its echo, or by the server's word alone. */
export type SendResult = { readonly echo: Message } | { readonly echo: undefined }

/**
 * Sends `content` and waits for it to come back, which is its receipt and its place in the order. Resolves without an
 * echo where the server accepted it and none came in time. Rejects `unavailable`: with `data.unknown` where the server
 * may have it all the same.
 */
export async function send(parts: SendDeps, content: string): Promise<SendResult> {
  const { echoes, isClosed } = parts
  const seen = echoes.expect(content)
  let over = false
  try {
    // The echo may be faster than the answer.
    const handed = await Promise.race([seen, postMessage(parts, content, () => over)])
    if (typeof handed === 'object') return { echo: handed }
    const echo = await echoInTime(parts, seen)
    if (echo) return { echo }
    if (isClosed()) throw legacyErrors.closed()
    if (handed !== 'accepted') throw legacyErrors.notCertain()
    echoes.stopExpecting(true)
    return { echo: undefined }
  } finally {
    over = true
    echoes.stopExpecting()
  }
}

/** Waits for the echo of something that was sent before, and sends nothing. */
export async function waitForEcho(parts: SendDeps, content: string): Promise<Message> {
  const { echoes, isClosed } = parts
  const echo = await echoInTime(parts, echoes.expect(content))
  echoes.stopExpecting()
  if (echo) return echo
  throw isClosed() ? legacyErrors.closed() : legacyErrors.notCertain()
}

/** What the server says to it. Nothing is sent any more once it is `over`. */
async function postMessage(
  parts: SendDeps,
  content: string,
  isOver: () => boolean,
  again = false,
): Promise<'accepted' | 'doubtful'> {
  const { http, username, echoTimeoutMs, register, onReachable, isClosed } = parts
  const reply = await http.post('/send', { username, message: content }, echoTimeoutMs).catch((cause: unknown) => {
    if (isClosed()) throw legacyErrors.closed()
    if (neverConnected(cause)) throw legacyErrors.notSent('the chat server does not answer', cause)
    return undefined
  })
  if (!reply) return 'doubtful'
  if (reply.status !== 404) {
    onReachable()
    return outcomeOf(reply)
  }
  // The server does not know this name any more, so it has not taken the message.
  if (again || isOver()) throw legacyErrors.notSent('the chat server does not know your name any more')
  try {
    await register()
  } catch (cause) {
    throw isClosed()
      ? legacyErrors.closed()
      : legacyErrors.notSent('the chat server does not take your name back', cause)
  }
  if (isOver()) throw legacyErrors.closed()
  return postMessage(parts, content, isOver, true)
}

function outcomeOf(reply: LegacyReply): 'accepted' | 'doubtful' {
  if (reply.success) return 'accepted'
  if (reply.status === 503) throw legacyErrors.notSent('the chat server is shutting down')
  if (reply.status === 429) throw legacyErrors.tooMany(reply)
  if (reply.status >= 400 && reply.status < 500) throw legacyErrors.notAccepted(reply)
  return 'doubtful'
}

function echoInTime(
  { clock, echoTimeoutMs }: SendDeps,
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
