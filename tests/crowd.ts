import { connect } from '@midsentence/client'
import type { Message, PushAnswer } from '@midsentence/core'
import { callsTo } from '@midsentence/testing/harness/sse-harness'
import { expect } from 'vitest'

/** Somebody in a crowd: says its things, and reads everything. */
interface Member {
  readonly name: string
  push(text: string): Promise<PushAnswer>
  read(): Promise<readonly Message[]>
  leave(): Promise<unknown>
}

async function local(url: string, room: string, username: string): Promise<Member> {
  const participant = await connect(url, { username, room })
  return {
    name: username,
    async push(text) {
      const given: Message[] = []
      if (text !== '') given.push(...(await participant.append(text)).messages)
      const answer = await participant.push()
      return { ...answer, messages: [...given, ...answer.messages] }
    },
    read: async () => (await participant.check({ timeout_ms: 20_000 })).messages,
    leave: () => participant.close(),
  }
}

const overSockets = (url: string, room: string, username: string): Promise<Member> =>
  local(url.replace('http', 'ws'), room, username)

async function hosted(url: string, room: string, username: string): Promise<Member> {
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
      const given: Message[] = []
      if (text !== '') given.push(...(await call('append', { text })).messages)
      const answer = await call('push', {})
      return { ...answer, messages: [...given, ...answer.messages] }
    },
    read: async () => (await call('check', { timeout_ms: 20_000 })).messages,
    leave: () => call('leave', {}),
  }
}

export interface Crowd {
  /** Every third member, who keeps its draft, comes by a WebSocket. */
  readonly sockets?: true
  readonly url: string
  readonly room: string
  readonly members: number
  readonly pushes: number
  /** Names of those who speak out of turn, and say so many things besides. */
  readonly chatter?: {
    readonly names: readonly string[]
    readonly messages: number
    speak(name: string, text: string): Promise<void>
  }
}

const comes = [local, hosted, overSockets]

/**
 * Half of a crowd keeps its drafts, half has them hosted; all say their things at once and read everything. Holds them
 * to what a room promises: one order, everything once, nothing across what was not seen, nobody held for ever.
 */
export async function converse({ url, room, members, pushes, sockets, chatter }: Crowd): Promise<void> {
  const everybody = await Promise.all(
    Array.from({ length: members }, (_, at) => comes[sockets ? at % 3 : at % 2]!(url, room, `member ${at}`)),
  )
  const loud = chatter?.names ?? []
  const total = members * pushes + loud.length * (chatter?.messages ?? 0)
  const given = new Map<Member, Message[]>()
  const judged: { readonly said: number; readonly tried: number }[] = []

  const speak = async (member: Member) => {
    const heard: Message[] = []
    given.set(member, heard)
    for (let said = 0; said < pushes; said++) {
      let text = `${member.name} says ${said}`
      // Judged so often: an answer that could not show everything does not count.
      for (let tried = 0; ; ) {
        const { status, messages, more } = await member.push(text)
        text = ''
        heard.push(...messages)
        if (!more) tried++
        if (status !== 1) continue
        judged.push({ said, tried })
        break
      }
    }
    while (heard.length < total - pushes) heard.push(...(await member.read()))
  }
  const chat = async (name: string) => {
    for (let said = 0; said < chatter!.messages; said++) await chatter!.speak(name, `${name} chats ${said}`)
  }
  await Promise.all([...everybody.map(speak), ...loud.map(chat)])

  const log = new Map<number, Message>()
  for (const heard of given.values()) for (const message of heard) log.set(message.seq, message)
  const order = [...log.values()].sort((a, b) => a.seq - b.seq)
  expect(order.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, at) => at + 1))
  for (const [{ name }, heard] of given) {
    expect(heard).toEqual(order.filter(({ sender_id }) => sender_id !== name))
  }
  for (const { sender_id, seq, base, crossed = [], crossed_more = 0 } of order) {
    const between = order.slice(base, seq - 1).filter(other => other.sender_id !== sender_id)
    // The newest hundred are named, the others counted.
    const named = between.slice(-100).map(other => other.seq)
    expect([crossed, crossed_more]).toEqual([named, between.length - named.length])
    if (!loud.includes(sender_id)) expect(between.filter(other => !loud.includes(other.sender_id))).toEqual([])
  }
  expect(judged).toHaveLength(members * pushes)
  // Who had the floor rests as long: beside those who never wait, what counts is the first thing that one says.
  const bound = judged.filter(({ said }) => said === 0 || loud.length === 0).map(({ tried }) => tried)
  expect(Math.max(...bound)).toBeLessThanOrEqual(5)
  await Promise.all(everybody.map(member => member.leave()))
}

/** Old clients in the lobby, ten of them by default, who talk without a pause and know nothing of holds. */
export async function oldClients(url: string, messages: number, count = 10): Promise<NonNullable<Crowd['chatter']>> {
  const post = async (path: string, body: object) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect([path, response.status, await response.json()]).toEqual([path, 200, { success: true }])
  }
  const names = Array.from({ length: count }, (_, at) => `old ${at}`)
  for (const username of names) await post('/register', { username })
  return { names, messages, speak: (username, message) => post('/send', { username, message }) }
}
