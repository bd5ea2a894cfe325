import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type {
  EventStreamRequest,
  OpenEventStream,
  ScoreStreamRequest,
  ServerHarness,
  StreamEvent,
} from '@midsentence/conformance'
import { systemClock, virtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { wsUpgrade } from '@midsentence/transport-ws/server'
import { WebSocket } from 'ws'
import type { Choose } from '../cluster/spread-hub.ts'
import { oneRecordedRoom, RECORDED } from './score-harness.ts'
import type { OpenHubs } from './sse-harness.ts'

const clock = systemClock()
const settle = () =>
  new Promise<void>(settled => {
    clock.after(2, settled)
  })

interface RpcFrame {
  readonly id?: unknown
  readonly method?: string
  readonly params?: { readonly seq?: number; readonly position?: number }
  readonly result?: { readonly token?: string }
}

/** A sent text without an answer, and the ids that its answer may have. */
interface Waiting {
  readonly ids: readonly unknown[]
  resolve(text: string | undefined): void
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Returns whether a call is a JSON-RPC notification. Everything else gets a response. */
const isNotification = (call: unknown): boolean =>
  isObject(call) &&
  !Object.hasOwn(call, 'id') &&
  call.jsonrpc === '2.0' &&
  typeof call.method === 'string' &&
  (call.params === undefined || (typeof call.params === 'object' && call.params !== null))

/** Returns the ids that an answer to `text` may have: null for invalid requests, none if no answer comes. */
function idsIn(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    const calls = Array.isArray(value) && value.length > 0 ? value : [value]
    if (calls.every(isNotification)) return []
    return [null, ...calls.map(call => (isObject(call) ? call.id : null))]
  } catch {
    return [null]
  }
}

/** A WebSocket client that matches answers to texts by their ids. */
class RpcSocket {
  readonly notifications: RpcFrame[] = []
  readonly socket: WebSocket
  /** 200, or the status of a rejected upgrade. */
  readonly opened: Promise<number>
  readonly #waiting: Waiting[] = []

  constructor(url: string, token?: string) {
    this.socket = new WebSocket(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
    this.opened = new Promise(resolve => {
      this.socket.once('open', () => resolve(200))
      this.socket.once('unexpected-response', (_, { statusCode = 0 }) => {
        resolve(statusCode)
        this.socket.terminate()
      })
    })
    this.socket.on('error', () => {})
    this.socket.on('message', data => this.#take(String(data)))
    this.socket.on('close', () => {
      for (const { resolve } of this.#waiting.splice(0)) resolve(undefined)
    })
  }

  send(text: string): Promise<string | undefined> {
    const ids = idsIn(text)
    this.socket.send(text)
    return ids.length === 0 ? Promise.resolve(undefined) : new Promise(resolve => this.#waiting.push({ ids, resolve }))
  }

  async close(): Promise<void> {
    const closed = new Promise(resolve => this.socket.once('close', resolve))
    if (this.socket.readyState === WebSocket.CLOSED) return
    this.socket.close()
    await closed
  }

  #take(text: string): void {
    const frames = JSON.parse(text) as RpcFrame | readonly RpcFrame[]
    if (!Array.isArray(frames) && (frames as RpcFrame).method !== undefined)
      return void this.notifications.push(frames as RpcFrame)
    const answers = (Array.isArray(frames) ? frames : [frames]) as readonly RpcFrame[]
    const at = this.#waiting.findIndex(({ ids }) => answers.every(({ id }) => ids.includes(id)))
    this.#waiting.splice(at, 1)[0]?.resolve(text)
  }
}

/** Converts notifications to stream events. A message's id is its seq; other events have the id of the last message. */
const eventsOf = (notifications: readonly RpcFrame[], from: number): StreamEvent[] => {
  let id = from
  return notifications
    .filter(({ method }) => method !== 'alive')
    .map(({ method = '', params }) => {
      if (method === 'message') id = params!.seq!
      return { id: `${id}`, event: method, data: JSON.stringify(params) }
    })
}

/** Converts the notifications of a score to events. The id of a record is its position. */
const scoreEventsOf = (notifications: readonly RpcFrame[]): StreamEvent[] =>
  notifications
    .filter(({ method }) => method !== 'alive')
    .map(({ method = '', params }) => ({ id: `${params?.position}`, event: method, data: JSON.stringify(params) }))

/** Makes calls over WebSockets: one quiet socket for each token, and one for each stream. */
export function socketsTo(url: string): Pick<ServerHarness, 'send' | 'stream' | 'score' | 'settle'> {
  const callSockets = new Map<string, Promise<RpcSocket>>()

  const openCallSocket = async (token: string): Promise<RpcSocket> => {
    const socketOf = new RpcSocket(`${url}?quiet`, token)
    if ((await socketOf.opened) === 200) return socketOf
    // After a rejected upgrade the calls go over a socket without a session, which answers with the error.
    const socket = new RpcSocket(`${url}?quiet`)
    await socket.opened
    return socket
  }
  return {
    settle,
    async send(text, token) {
      if (token === undefined) {
        const socketOf = new RpcSocket(`${url}?quiet`)
        await socketOf.opened
        const answer = await socketOf.send(text)
        const joined = answer === undefined ? undefined : (JSON.parse(answer) as RpcFrame).result?.token
        if (joined === undefined) await socketOf.close()
        // The socket that joined belongs to the session.
        else callSockets.set(joined, Promise.resolve(socketOf))
        return answer
      }
      let socketOf = await callSockets.get(token)
      if (socketOf?.socket.readyState !== WebSocket.OPEN) {
        const opening = openCallSocket(token)
        callSockets.set(token, opening)
        socketOf = await opening
      }
      return socketOf.send(text)
    },
    async stream({ room, token, after, lastEventId }: EventStreamRequest): Promise<OpenEventStream> {
      const position = lastEventId ?? after
      // The path names the room of the session: any other is rejected.
      const path = room === 'lobby' || room === RECORDED ? '' : `/${room}`
      const socketOf = new RpcSocket(`${url}${path}${position === undefined ? '' : `?after=${position}`}`, token)
      let status = await socketOf.opened
      if (status === 200 && token === undefined) {
        const answer = JSON.parse((await socketOf.send('{"jsonrpc":"2.0","id":1,"method":"resume"}'))!)
        status = answer.error.code === 40010 ? 401 : 500
      }
      return {
        status,
        get events() {
          return eventsOf(socketOf.notifications, Number(position ?? 0))
        },
        close: () => socketOf.close(),
      }
    },
    async score({ room, from, lastEventId }: ScoreStreamRequest): Promise<OpenEventStream> {
      const position = lastEventId ?? from
      const query = position === undefined ? '' : `?from=${position}`
      const socketOf = new RpcSocket(`${url.replace(/\/ws$/, '')}/rooms/${room}/score${query}`)
      return {
        status: await socketOf.opened,
        get events() {
          return scoreEventsOf(socketOf.notifications)
        },
        close: () => socketOf.close(),
      }
    },
  }
}

/** Makes a harness of a hub over real WebSockets on a free port. Of several hubs, each socket goes to one that `choose` chooses. */
export async function wsServerHarness(
  open: OpenHubs = async options => [await openHub(options)],
  choose: Choose = ([first]) => first!,
): Promise<ServerHarness> {
  // Only the hub's clock is virtual; bytes travel in real time.
  const rooms = virtualClock()
  const hubs = await open({ clock: rooms, policy: oneRecordedRoom })
  const upgrades = hubs.map(hub => wsUpgrade(hub))
  const server = createServer((_, res) => void res.writeHead(404).end())
  server.on('upgrade', (req, socket, head) => {
    if (!choose(upgrades).upgrade(req, socket, head)) socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const calls = socketsTo(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`)
  return {
    room: 'lobby',
    recorded: RECORDED,
    ...calls,
    pass: ms => rooms.advance(ms),
    async close() {
      await Promise.all(upgrades.map(each => each.close()))
      await Promise.all(hubs.map(hub => hub.close()))
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
