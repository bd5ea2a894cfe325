import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type {
  EventStreamRequest,
  OpenEventStream,
  ScoreStreamRequest,
  ServerHarness,
  StreamEvent,
} from '@midsentence/conformance'
import { systemClock, virtualClock } from '@midsentence/core'
import { type Hub, type HubOptions, openHub } from '@midsentence/core/hub'
import { fetchHandler, sseHandlers } from '@midsentence/transport-sse/server'
import type { Choose } from '../cluster/spread-hub.ts'
import { oneRecordedRoom, RECORDED } from './score-harness.ts'

const clock = systemClock()

/** Parses an event stream strictly by its standard. */
export function streamParser(take: (event: StreamEvent) => void): (chunk: string) => void {
  let rest = ''
  let id = ''
  let event = ''
  let data: string[] = []
  const parseLine = (text: string) => {
    if (text === '') {
      if (data.length > 0) take({ id, event: event || 'message', data: data.join('\n') })
      event = ''
      data = []
      return
    }
    const colon = text.indexOf(':')
    if (colon === 0) return
    const [field, raw] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
    const value = raw.startsWith(' ') ? raw.slice(1) : raw
    if (field === 'event') event = value
    else if (field === 'data') data.push(value)
    else if (field === 'id' && !value.includes('\0')) id = value
  }
  return chunk => {
    rest += chunk
    // A CR at the end may be half of a CRLF.
    for (let found = /\r\n|\n|\r(?!$)/.exec(rest); found; found = /\r\n|\n|\r(?!$)/.exec(rest)) {
      parseLine(rest.slice(0, found.index))
      rest = rest.slice(found.index + found[0].length)
    }
  }
}

/** Opens the event stream of a server as curl does, and collects its events. */
export const openStream = (
  url: string,
  { room, token, after, lastEventId }: EventStreamRequest,
  fetch = globalThis.fetch,
): Promise<OpenEventStream> =>
  collect(`${url}/rooms/${room}/events${after === undefined ? '' : `?after=${after}`}`, token, lastEventId, fetch)

interface CollectedStream extends OpenEventStream {
  /** Resolves once the server ended it. */
  readonly ended: Promise<void>
}

/** Opens the score of a room, and collects its events. */
export const openScore = (
  url: string,
  { room, from, lastEventId }: ScoreStreamRequest,
  fetch = globalThis.fetch,
): Promise<CollectedStream> =>
  collect(`${url}/rooms/${room}/score${from === undefined ? '' : `?from=${from}`}`, undefined, lastEventId, fetch)

async function collect(
  url: string,
  token: string | undefined,
  lastEventId: number | string | undefined,
  fetch: typeof globalThis.fetch,
): Promise<CollectedStream> {
  const abort = new AbortController()
  const response = await fetch(url, {
    signal: abort.signal,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(lastEventId !== undefined && { 'last-event-id': `${lastEventId}` }),
    },
  })
  const events: StreamEvent[] = []
  const reading = (async () => {
    if (response.status !== 200) return
    const parse = streamParser(event => void events.push(event))
    const decoder = new TextDecoder()
    for await (const chunk of response.body!) parse(decoder.decode(chunk as Uint8Array, { stream: true }))
  })().catch(() => {})
  return {
    status: response.status,
    events,
    ended: reading,
    close: async () => {
      abort.abort()
      await reading
    },
  }
}

/** Sends a request with node:http, which takes half of the time of the global fetch. */
function send(
  agent: Agent,
  url: string,
  method: 'POST' | 'HEAD',
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } })
    sent.on('error', reject)
    sent.on('response', response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.end(body)
  })
}

/** Makes calls to a server. */
export const callsTo = (url: string): Pick<ServerHarness, 'send' | 'stream' | 'score' | 'rooms' | 'settle'> => {
  const agent = new Agent({ keepAlive: true })
  return {
    send: async (body, token) => {
      const headers = {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      }
      const { status, text } = await send(agent, `${url}/rpc`, 'POST', headers, body)
      if (status === 204) return undefined
      if (status !== 200) throw new Error(`The server answered ${status}: ${text}`)
      return text
    },
    stream: request => openStream(url, request),
    score: request => openScore(url, request),
    rooms: async () => (await fetch(`${url}/rooms`)).json(),
    async settle() {
      // Earlier requests have arrived by the time this one is answered, also on a busy machine.
      await send(agent, `${url}/rpc`, 'HEAD')
      await new Promise<void>(settled => clock.after(2, settled))
    },
  }
}

/** Opens the hubs of a harness. */
export type OpenHubs = (options: HubOptions) => Promise<readonly Hub[]>

const openOneHub: OpenHubs = async options => [await openHub(options)]

/** Makes a harness of a hub over real HTTP on a free port. Of several hubs, each request goes to one that `choose` chooses. */
export async function sseServerHarness(
  open: OpenHubs = openOneHub,
  choose: Choose = ([first]) => first!,
): Promise<ServerHarness & { readonly url: string }> {
  // Only the hub's clock is virtual; bytes travel in real time.
  const rooms = virtualClock()
  const hubs = await open({ clock: rooms, policy: oneRecordedRoom })
  const handlers = hubs.map(hub => sseHandlers(hub))
  const server = createServer((req, res) => {
    if (!choose(handlers).handle(req, res)) res.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    room: 'lobby',
    recorded: RECORDED,
    ...callsTo(url),
    pass: ms => rooms.advance(ms),
    close: async () => {
      await Promise.all(handlers.map(each => each.close()))
      await Promise.all(hubs.map(hub => hub.close()))
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Makes a harness of a hub for web-standard requests, without any connection. */
export async function fetchServerHarness(): Promise<ServerHarness> {
  const rooms = virtualClock()
  const hub = await openHub({ clock: rooms, policy: oneRecordedRoom })
  const handler = fetchHandler(hub, { prefix: '/chat' })
  const url = 'http://chat.example/chat'
  const fetch: typeof globalThis.fetch = (input, init) => handler.fetch(new Request(input, init))
  return {
    room: 'lobby',
    recorded: RECORDED,
    score: request => openScore(url, request, fetch),
    rooms: async () => (await fetch(`${url}/rooms`)).json(),
    send: async (body, token) => {
      const headers = {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      }
      const response = await fetch(`${url}/rpc`, { method: 'POST', headers, body })
      if (response.status === 204) return undefined
      if (response.status !== 200) throw new Error(`The server answered ${response.status}: ${await response.text()}`)
      return response.text()
    },
    stream: request => openStream(url, request, fetch),
    // No bytes travel, so a turn of the event loop is enough.
    settle: () => new Promise(setImmediate),
    pass: ms => rooms.advance(ms),
    close: async () => {
      await handler.close()
      await hub.close()
    },
  }
}
