import type { Message } from '@midsentence/core'

interface FakeSession {
  readonly session_id: string
  readonly token: string
  readonly sender_id: string
  readonly secret: string | undefined
  readonly answers: Map<string, object>
}

type FakeParams = Readonly<Record<string, unknown>>
type FakeOutcome = { readonly result: object } | { readonly error: object }

/** A small room for client tests: sessions, secrets, keys, and holds without a floor. */
export class FakeRoom {
  readonly log: string
  readonly messages: Message[] = []
  /** By token. */
  readonly sessions = new Map<string, FakeSession>()
  #sessionCount = 0

  constructor(log = 'log 1') {
    this.log = log
  }

  get names(): string[] {
    return [...this.sessions.values()].map(({ sender_id }) => sender_id)
  }

  add(sender_id: string, content: string, base: number): Message {
    const seq = this.messages.length + 1
    const message = { message_id: `m-${seq}`, sender_id, content, timestamp: '2026-01-01T00:00:00.000Z', seq, base }
    this.messages.push(message)
    return message
  }

  handle(method: string, params: FakeParams, token: string): FakeOutcome {
    if (method === 'join') return this.#join(String(params.username), params.secret as string | undefined)
    const session = this.sessions.get(token)
    if (!session) return { error: { code: 40010, message: 'This session is not known. Join first.' } }
    if (method === 'publish') return this.#publish(session, params)
    if (method === 'leave') this.sessions.delete(token)
    return { result: method === 'resume' ? { ...this.#joinResult(session), suffix: '' } : { status: 1 } }
  }

  #join(sender_id: string, secret: string | undefined): FakeOutcome {
    const taken = [...this.sessions.values()].find(session => session.sender_id === sender_id)
    if (taken && secret && taken.secret === secret) return { result: this.#joinResult(taken) }
    if (taken) return { error: { code: 40011, message: `The name ${sender_id} is taken. Choose another.` } }
    const [session_id, token] = [`s-${++this.#sessionCount}`, `token ${this.#sessionCount} of ${this.log}`]
    const session = { session_id, token, sender_id, secret, answers: new Map() }
    this.sessions.set(session.token, session)
    return { result: this.#joinResult(session) }
  }

  #joinResult({ session_id, token, sender_id }: FakeSession): object {
    const { log, messages } = this
    return { session_id, token, room: 'lobby', sender_id, cursor: messages.length, log, policy: 'hold' }
  }

  #publish({ sender_id, answers }: FakeSession, { content, base, key }: FakeParams): FakeOutcome {
    const first = answers.get(String(key))
    if (first) return { result: first }
    const unseen = this.messages.filter(message => message.seq > Number(base) && message.sender_id !== sender_id)
    const cursor = this.messages.length
    let result: object = { status: 0, held: true, suffix: '', segments: 0, messages: unseen, cursor }
    if (unseen.length === 0) {
      const { message_id, timestamp, seq } = this.add(sender_id, String(content), Number(base))
      result = { status: 1, message_id, timestamp, seq, durability: 'memory', messages: [], cursor: seq }
    }
    answers.set(String(key), result)
    return { result }
  }
}
