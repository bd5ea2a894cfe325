/** How long a call that the server refuses with 40003 is repeated at most. */
const MAX_WAIT_MS = 20_000

/** Resolves after `ms` milliseconds. Rejects with the signal's reason when it aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}

interface RpcReply {
  readonly id?: unknown
  readonly error?: { readonly code?: unknown; readonly data?: { readonly retry_after_ms?: unknown } }
}

/** Returns how long the server asks to wait before a retry, in milliseconds; undefined if it does not ask. */
const retryAfterMs = (reply: RpcReply | null | undefined): number | undefined => {
  const ms = reply?.error?.code === 40003 ? (reply.error.data?.retry_after_ms ?? 1000) : undefined
  return typeof ms === 'number' && ms >= 0 ? ms : undefined
}

const parsed = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return undefined
  }
}

/**
 * Sends `text` and repeats the calls that are refused with 40003 after their `retry_after_ms`. Returns the last answer if
 * that takes longer than 20 s in total.
 */
export async function sendPatiently(
  text: string,
  send: (text: string) => Promise<string | undefined>,
  wait: (ms: number) => Promise<void>,
): Promise<string | undefined> {
  let spent = 0
  let answer = await send(text)
  for (;;) {
    const reply = parsed(answer)
    const all = (Array.isArray(reply) ? reply : [reply]) as (RpcReply | null)[]
    const waits = all.flatMap(each => retryAfterMs(each) ?? [])
    const ms = Math.max(...waits)
    if (waits.length === 0 || spent + ms > MAX_WAIT_MS) return answer
    spent += ms
    await wait(ms)
    if (waits.length === all.length) {
      answer = await send(text)
      continue
    }
    // The other calls of the batch took effect and must not be repeated.
    const refused = new Set(all.filter(each => retryAfterMs(each) !== undefined).map(each => JSON.stringify(each?.id)))
    const calls = parsed(text) as { id?: unknown }[]
    const again = await send(JSON.stringify(calls.filter(({ id }) => refused.has(JSON.stringify(id)))))
    const rest = parsed(again)
    answer = JSON.stringify([
      ...all.filter(each => retryAfterMs(each) === undefined),
      ...(Array.isArray(rest) ? rest : [rest]),
    ])
  }
}
