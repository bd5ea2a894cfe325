import type { Clock, Message } from '@midsentence/core'
import { isConnectFailure } from '@midsentence/core/rpc-client'
import type { EchoMatcher } from './echo-matcher.ts'
import { legacyErrors } from './legacy-errors.ts'
import type { LegacyHttp, LegacyReply } from './legacy-http.ts'

export interface SendDeps {
  readonly http: LegacyHttp
  readonly echoes: EchoMatcher
  readonly clock: Clock
  readonly username: string
  readonly echoTimeoutMs: number
  /** Registers the name again after the server forgot it. */
  readonly register: () => Promise<void>
  /** Called when the server has answered, so that a waiting stream reconnects at once. */
  readonly onReachable: () => void
  readonly isClosed: () => boolean
}

/** A sent message: with its echo, or accepted by the server without one. */
export type SendResult = { readonly echo: Message } | { readonly echo: undefined }

/**
 * Sends `content` and waits for its echo, which is the receipt and sets the order. Resolves without an echo if the server
 * accepted the message and none came in time. Rejects with `unavailable`; with `data.unknown` if it may have been sent.
 */
export async function send(deps: SendDeps, content: string): Promise<SendResult> {
  const { echoes, isClosed } = deps
  const seen = echoes.expect(content)
  let over = false
  try {
    // The echo may arrive before the answer.
    const outcome = await Promise.race([seen, postMessage(deps, content, () => over)])
    if (typeof outcome === 'object') return { echo: outcome }
    const echo = await echoInTime(deps, seen)
    if (echo) return { echo }
    if (isClosed()) throw legacyErrors.closed()
    if (outcome !== 'accepted') throw legacyErrors.notCertain()
    echoes.stopExpecting(true)
    return { echo: undefined }
  } finally {
    over = true
    echoes.stopExpecting()
  }
}

/** Waits for the echo of an earlier attempt, without sending. */
export async function waitForEcho(deps: SendDeps, content: string): Promise<Message> {
  const { echoes, isClosed } = deps
  const echo = await echoInTime(deps, echoes.expect(content))
  echoes.stopExpecting()
  if (echo) return echo
  throw isClosed() ? legacyErrors.closed() : legacyErrors.notCertain()
}

/** Posts the message and classifies the answer. Sends nothing once `isOver`. */
async function postMessage(
  deps: SendDeps,
  content: string,
  isOver: () => boolean,
  isRetry = false,
): Promise<'accepted' | 'doubtful'> {
  const { http, username, echoTimeoutMs, register, onReachable, isClosed } = deps
  const reply = await http.post('/send', { username, message: content }, echoTimeoutMs).catch((cause: unknown) => {
    if (isClosed()) throw legacyErrors.closed()
    if (isConnectFailure(cause)) throw legacyErrors.notSent('the chat server does not answer', cause)
    return undefined
  })
  if (!reply) return 'doubtful'
  if (reply.status !== 404) {
    onReachable()
    return outcomeOf(reply)
  }
  // 404: the server forgot this name, so it did not take the message.
  if (isRetry || isOver()) throw legacyErrors.notSent('the chat server does not know your name any more')
  try {
    await register()
  } catch (cause) {
    throw isClosed()
      ? legacyErrors.closed()
      : legacyErrors.notSent('the chat server does not take your name back', cause)
  }
  if (isOver()) throw legacyErrors.closed()
  return postMessage(deps, content, isOver, true)
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
