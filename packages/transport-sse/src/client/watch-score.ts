import { type Clock, type Link, MidsentenceError, type ScoreRecord, systemClock } from '@midsentence/core'
import { type RpcClientOptions, resolveOptions, ServerAddresses } from '@midsentence/core/rpc-client'
import { Observable } from 'rxjs'
import { streamFetch } from '#stream-fetch'
import { ReconnectingStream, type StreamLoss } from '../reconnecting-stream.ts'
import type { StreamFetch } from '../stream-fetch.ts'
import { fetchText } from './fetch-text.ts'

/** What a watcher receives. */
export type ScoreItem =
  | { readonly type: 'record'; readonly record: ScoreRecord }
  /** The records at these positions are not kept any more. */
  | { readonly type: 'missed'; readonly from: number; readonly to: number }
  /** The connection. While it is down, `watchScore` reconnects and goes on after the last record. */
  | { readonly type: 'link'; readonly link: Link }

export interface WatchScoreOptions extends Pick<RpcClientOptions, 'backoff' | 'random' | 'idleTimeoutMs'> {
  /** The address of a midsentence server, or of several that share their rooms, tried in turn. */
  readonly url: string | readonly string[]
  readonly room: string
  /** The position after which it begins. Default: the oldest record that is kept. */
  readonly from?: number
  /** The password or signed token that a join would send. */
  readonly credential?: string
  readonly clock?: Clock
  readonly fetch?: StreamFetch
}

const EVENTS = ['record', 'missed']

/** The server will not answer otherwise later. */
const FINAL: readonly unknown[] = [400, 401, 403, 404, 405]

/**
 * Watches the score of a recorded room: what is kept, then what happens. Connects for each subscriber, and reconnects by
 * position until it unsubscribes. Errors with `room-unavailable`, `invalid-params` or `unavailable` once the server refuses
 * for good.
 */
export const watchScore = (options: WatchScoreOptions): Observable<ScoreItem> =>
  new Observable(subscriber => {
    const { url: servers, room, credential, fetch = streamFetch, ...rest } = options
    const resolved = resolveOptions(rest, systemClock())
    const addresses = new ServerAddresses([servers].flat())
    const endpoint = () => `${addresses.url}/rooms/${encodeURIComponent(room)}/score`
    let position = options.from
    let isUp = false
    const headers = (): Readonly<Record<string, string>> =>
      credential === undefined ? {} : { authorization: `Bearer ${encodeURIComponent(credential)}` }
    const url = () => (position === undefined ? endpoint() : `${endpoint()}?from=${position}`)
    const stream = new ReconnectingStream({
      ...resolved,
      fetch,
      addresses: addresses.count,
      url,
      headers,
      events: EVENTS,
      onEvent({ type, data }) {
        const item = itemOf(type, data)
        if (!item || (item.type === 'record' && item.record.position <= (position ?? 0))) return
        position = item.type === 'record' ? item.record.position : item.to
        subscriber.next(item)
      },
      onUp() {
        isUp = true
        subscriber.next({ type: 'link', link: { state: 'up' } })
      },
      onDown({ reason, status, silent }) {
        if (FINAL.includes(status)) return
        const again = isUp ? 'Reconnecting.' : 'Trying again.'
        const { url } = addresses
        // Retry a server that was up before, unless it fell silent. Else try the next.
        if (silent || !isUp) addresses.next()
        isUp = false
        subscriber.next({
          type: 'link',
          link: {
            state: 'down',
            reason: `The recording of ${room} at ${url} is not there: ${reason}. ${again}`,
          },
        })
      },
      async recover(loss) {
        if (!FINAL.includes(loss.status)) return false
        stream.close()
        subscriber.error(await refusalOf(fetch, url(), headers(), loss, `The room ${room} at ${addresses.url}`))
        return false
      },
    })
    stream.start()
    return () => stream.close()
  })

function itemOf(type: string, data: unknown): Extract<ScoreItem, { readonly type: 'record' | 'missed' }> | undefined {
  const value = parsed(data)
  if (type === 'record') {
    const record = value as ScoreRecord
    return Number.isSafeInteger(record.position) && typeof record.type === 'string' ? { type, record } : undefined
  }
  const { from, to } = value as { readonly from: number; readonly to: number }
  return Number.isSafeInteger(from) && Number.isSafeInteger(to) ? { type: 'missed', from, to } : undefined
}

/** Asks once more for the sentence of a refusal. */
async function refusalOf(
  fetch: StreamFetch,
  url: string,
  headers: Readonly<Record<string, string>>,
  { status, reason }: StreamLoss,
  subject: string,
): Promise<MidsentenceError> {
  const code = status === 400 ? 'invalid-params' : status === 401 || status === 404 ? 'room-unavailable' : 'unavailable'
  let why = reason
  try {
    const response = await fetchText(url, { headers, fetch })
    const { error } = response.status === status ? Object(JSON.parse(response.text)) : {}
    if (typeof error === 'string' && error !== '') why = error.replace(/\.$/, '')
  } catch {
    // The status has to do.
  }
  const hint = status === 404 ? ' Only a room whose settings say "observable" and "recorded" can be watched.' : ''
  return new MidsentenceError(code, `${subject} cannot be watched: ${why}.${hint}`)
}

function parsed(data: unknown): object {
  try {
    return Object(JSON.parse(String(data)))
  } catch {
    return {}
  }
}
