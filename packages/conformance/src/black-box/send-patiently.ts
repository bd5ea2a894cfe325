/** A call that a server cannot take just now is sent again when it says, for so long at most, in milliseconds. */
const MAX_WAIT_MS = 20_000

/** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts. */
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

/** How long the server asks to wait before `said` is asked again; undefined where it does not. */
const retryAfterMs = (said: RpcReply | null | undefined): number | undefined => {
  const ms = said?.error?.code === 40003 ? (said.error.data?.retry_after_ms ?? 1000) : undefined
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
 * Sends `text` until the server has the time for all of it: what was answered with 40003 is sent again after
 * `retry_after_ms`, and nothing else is. Gives the last answer where that takes too long.
 */
export async function sendPatiently(
  text: string,
  send: (text: string) => Promise<string | undefined>,
  wait: (ms: number) => Promise<void>,
): Promise<string | undefined> {
  let spent = 0
  let answer = await send(text)
  for (;;) {
    const said = parsed(answer)
    const all = (Array.isArray(said) ? said : [said]) as (RpcReply | null)[]
    const waits = all.flatMap(one => retryAfterMs(one) ?? [])
    const ms = Math.max(...waits)
    if (waits.length === 0 || spent + ms > MAX_WAIT_MS) return answer
    spent += ms
    await wait(ms)
    if (waits.length === all.length) {
      answer = await send(text)
      continue
    }
    // Some calls of a batch had their effect.
    const late = new Set(all.filter(one => retryAfterMs(one) !== undefined).map(one => JSON.stringify(one?.id)))
    const calls = parsed(text) as { id?: unknown }[]
    const again = await send(JSON.stringify(calls.filter(({ id }) => late.has(JSON.stringify(id)))))
    const rest = parsed(again)
    answer = JSON.stringify([
      ...all.filter(one => retryAfterMs(one) === undefined),
      ...(Array.isArray(rest) ? rest : [rest]),
    ])
  }
}
