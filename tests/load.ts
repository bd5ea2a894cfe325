import { connect } from '@midsentence/client'
import type { Message, PushAnswer } from '@midsentence/core'
import { callsTo } from '@midsentence/testing/harness/sse-harness'
import { expect } from 'vitest'

/** A client that pushes its texts and reads all others. */
interface LoadClient {
  readonly name: string
  push(text: string): Promise<PushAnswer>
  read(): Promise<readonly Message[]>
  leave(): Promise<unknown>
}

/** Connects a client that keeps its own draft. */
async function local(url: string, room: string, username: string): Promise<LoadClient> {
  const participant = await connect(url, { username, room })
  return {
    name: username,
    async push(text) {
      const received: Message[] = []
      if (text !== '') received.push(...(await participant.append(text)).messages)
      const answer = await participant.push()
      return { ...answer, messages: [...received, ...answer.messages] }
    },
    read: async () => (await participant.check({ timeout_ms: 20_000 })).messages,
    leave: () => participant.close(),
  }
}

const overSockets = (url: string, room: string, username: string): Promise<LoadClient> =>
  local(url.replace('http', 'ws'), room, username)

/** Connects a client whose draft the server keeps. */
async function hosted(url: string, room: string, username: string): Promise<LoadClient> {
  const { send } = callsTo(url)
  let token: string | undefined
  const call = async (method: string, params: object) => {
    const text = await send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), token)
    const { result, error } = JSON.parse(text!)
    if (error) throw new Error(`${method}: ${error.message}`)
    return result
  }
  ;({ token } = await call('join', { room, username }))
  return {
    name: username,
    async push(text) {
      const received: Message[] = []
      if (text !== '') received.push(...(await call('append', { text })).messages)
      const answer = await call('push', {})
      return { ...answer, messages: [...received, ...answer.messages] }
    },
    read: async () => (await call('check', { timeout_ms: 20_000 })).messages,
    leave: () => call('leave', {}),
  }
}

export interface LoadOptions {
  readonly url: string
  readonly room: string
  /** Number of clients. */
  readonly clients: number
  /** Pushes per client. */
  readonly pushes: number
  /** A third of the clients connects by WebSocket. Default: half keep their drafts, half have them hosted. */
  readonly sockets?: true
  /** Legacy clients, which ignore holds. */
  readonly legacy?: LegacyClients
}

export interface LegacyClients {
  readonly names: readonly string[]
  /** Messages per client. */
  readonly messages: number
  send(name: string, text: string): Promise<void>
}

const connectors = [local, hosted, overSockets]

/**
 * Pushes from all clients at once, and reads everything. Then checks the room: one order, each message once, no unseen
 * message crossed, and at most five tries for a push.
 */
export async function runLoad({ url, room, clients, pushes, sockets, legacy }: LoadOptions): Promise<void> {
  const connected = await Promise.all(
    Array.from({ length: clients }, (_, at) => connectors[sockets ? at % 3 : at % 2]!(url, room, `client ${at}`)),
  )
  const legacyNames = legacy?.names ?? []
  const total = clients * pushes + legacyNames.length * (legacy?.messages ?? 0)
  const inboxes = new Map<LoadClient, Message[]>()
  const accepted: { readonly nth: number; readonly tries: number }[] = []

  const run = async (client: LoadClient) => {
    const inbox: Message[] = []
    inboxes.set(client, inbox)
    for (let nth = 0; nth < pushes; nth++) {
      let text = `${client.name} sends ${nth}`
      // An answer that could not show every unseen message does not count as a try.
      for (let tries = 0; ; ) {
        const { status, messages, more } = await client.push(text)
        text = ''
        inbox.push(...messages)
        if (!more) tries++
        if (status !== 1) continue
        accepted.push({ nth, tries })
        break
      }
    }
    while (inbox.length < total - pushes) inbox.push(...(await client.read()))
  }
  const runLegacy = async (name: string) => {
    for (let nth = 0; nth < legacy!.messages; nth++) await legacy!.send(name, `${name} sends ${nth}`)
  }
  await Promise.all([...connected.map(run), ...legacyNames.map(runLegacy)])

  const log = new Map<number, Message>()
  for (const inbox of inboxes.values()) for (const message of inbox) log.set(message.seq, message)
  const order = [...log.values()].sort((a, b) => a.seq - b.seq)
  expect(order.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, at) => at + 1))
  for (const [{ name }, inbox] of inboxes) {
    expect(inbox).toEqual(order.filter(({ sender_id }) => sender_id !== name))
  }
  for (const { sender_id, seq, base, crossed = [], crossed_more = 0 } of order) {
    const between = order.slice(base, seq - 1).filter(other => other.sender_id !== sender_id)
    // `crossed` lists the newest 100, `crossed_more` counts the others.
    const listed = between.slice(-100).map(other => other.seq)
    expect([crossed, crossed_more]).toEqual([listed, between.length - listed.length])
    if (!legacyNames.includes(sender_id)) {
      expect(between.filter(other => !legacyNames.includes(other.sender_id))).toEqual([])
    }
  }
  expect(accepted).toHaveLength(clients * pushes)
  // A client that had the floor cannot earn it again at once. Beside legacy clients only its first push is bounded.
  const bounded = accepted.filter(({ nth }) => nth === 0 || legacyNames.length === 0).map(({ tries }) => tries)
  expect(Math.max(...bounded)).toBeLessThanOrEqual(5)
  await Promise.all(connected.map(client => client.leave()))
}

/** Registers legacy clients, which send without a pause. */
export async function legacyClients(url: string, messages: number, count = 10): Promise<LegacyClients> {
  const post = async (path: string, body: object) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect([path, response.status, await response.json()]).toEqual([path, 200, { success: true }])
  }
  const names = Array.from({ length: count }, (_, at) => `legacy ${at}`)
  for (const username of names) await post('/register', { username })
  return { names, messages, send: (username, message) => post('/send', { username, message }) }
}
