import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type McpHttpOptions, mcpHttp } from '@midsentence/mcp'
import { type Client, fromJsonSchema } from '@modelcontextprotocol/client'
import { firstValueFrom, type Observable, ReplaySubject, take, toArray } from 'rxjs'
import { onTestFinished } from 'vitest'

export interface RoomEvent {
  readonly eventId: string
  readonly data: { readonly seq: number; readonly sender_id: string; readonly content: string }
  readonly cursor?: string
}

export interface PollResult {
  readonly events: readonly RoomEvent[]
  readonly cursor: string
  readonly truncated: boolean
  readonly hasMore: boolean
}

/** A notification of `events/stream`. */
export interface StreamNotice extends Record<string, unknown> {
  readonly type: 'active' | 'event' | 'heartbeat' | 'terminated'
}

const anything = fromJsonSchema<Record<string, unknown>>({ type: 'object' })

/** Sends a request of the Events extension. */
export const ask = (client: unknown, method: string, params: Record<string, unknown> = {}, options = {}) =>
  (client as Client).request({ method, params }, anything, options)

export const poll = (client: unknown, params: Record<string, unknown>) =>
  ask(client, 'events/poll', { name: 'message', ...params }) as unknown as Promise<PollResult>

/** Polls until there are events. */
export async function pollUntil(client: unknown, params: Record<string, unknown>): Promise<PollResult> {
  for (;;) {
    const answer = await poll(client, params)
    if (answer.events.length > 0) return answer
  }
}

export const firstOf = <A>(values: Observable<A>, count: number): Promise<A[]> =>
  firstValueFrom(values.pipe(take(count), toArray()))

export const contentsOf = ({ events }: Pick<PollResult, 'events'>) => events.map(({ data }) => data.content)

/** Opens `events/stream`, and collects its notifications. */
export function stream(client: unknown, params: Record<string, unknown> = {}) {
  const notices = new ReplaySubject<StreamNotice>()
  for (const type of ['active', 'event', 'heartbeat', 'terminated'] as const) {
    ;(client as Client).setNotificationHandler(`notifications/events/${type}`, { params: anything }, fields =>
      notices.next({ ...fields, type }),
    )
  }
  const stop = new AbortController()
  const ended = ask(client, 'events/stream', { name: 'message', ...params }, { signal: stop.signal, timeout: 600_000 })
  ended.catch(() => {})
  return { notices, ended, stop: () => stop.abort() }
}

/** Serves MCP over HTTP in this process until the test ends. Resolves with its address. */
export async function httpServerOf(options: Omit<McpHttpOptions, 'version'>): Promise<string> {
  const endpoint = mcpHttp({ ...options, version: '1.0.0' })
  const http = createServer((req, res) => endpoint.handle(req, res))
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    http.close()
    await endpoint.close()
    http.closeAllConnections()
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}
