import type { Message } from '@midsentence/core'
import { expect } from 'vitest'

/** A call as JSON-RPC has it. */
interface Call {
  readonly method: 'append' | 'undo' | 'reset' | 'push' | 'publish'
  readonly params: Readonly<Record<string, unknown>> & { readonly key: string }
}

/** Whatever an answer may hold. */
interface Answer {
  readonly result?: {
    readonly status: number
    readonly messages: readonly Message[]
    readonly cursor: number
    readonly draft?: string
    readonly seq?: number
    readonly durability?: string
    readonly held?: boolean
    readonly missed?: unknown
  }
  readonly error?: { readonly code: number; readonly message: string }
}

/** What a caller was told went out. */
export interface Told {
  readonly seq: number
  readonly content: string
}

/** Chance that is the same for the same seed. */
export type Chance = (below: number) => number

/** So long may a push wait for somebody's floor. */
const FLOOR_MS = 50

/**
 * One who calls a server, one keyed call at a time, and knows what has to be there. A call whose answer was lost is called
 * again under its key, as our own client does.
 */
export class Caller {
  readonly name: string
  /** What went out, as it was told. */
  readonly sent: Told[] = []
  /** What others said, as it was given. */
  readonly heard: Message[] = []
  readonly #chance: Chance
  #url = ''
  #token = ''
  #segments: string[] = []
  #cursor = 0
  #calls = 0
  #open: Call | undefined
  #before: { readonly call: Call; readonly answer: Answer } | undefined

  constructor(name: string, chance: Chance) {
    this.name = name
    this.#chance = chance
  }

  async join(url: string): Promise<void> {
    this.#url = url
    const secret = `a secret of ${this.name}, long enough`
    const answer = await this.#ask('join', { username: this.name, secret })
    const { token, cursor } = answer.result as unknown as { token: string; cursor: number }
    this.#token = token
    this.#cursor = cursor
  }

  /** Calls on and on, until the server is gone. `answered` is told of each answer. */
  async callUntilGone(answered: () => void): Promise<void> {
    for (;;) {
      this.#open = this.#next()
      const { method, params } = this.#open
      const answer = await this.#ask(method, params).catch(() => undefined)
      if (!answer) return
      this.#take(this.#open, answer)
      answered()
    }
  }

  /** Over a server that was started again: nothing acknowledged is lost, and what was not took effect once or not at all. */
  async goOn(url: string): Promise<void> {
    this.#url = url
    const { draft } = (await this.#look()).result!
    const call = this.#open!
    const possible = [this.#segments.join(''), this.#after(call)?.join('')]
    expect(possible).toContain(draft)
    const before = this.#before
    if (before) expect(await this.#ask(before.call.method, before.call.params)).toEqual(before.answer)
    const answer = await this.#ask(call.method, call.params)
    this.#take(call, answer)
    expect(await this.#ask(call.method, call.params)).toEqual(answer)
    expect((await this.#look()).result!.draft).toBe(this.#segments.join(''))
  }

  /** Reads to the end. */
  async finish(): Promise<void> {
    for (let more = -1; more !== this.heard.length; ) {
      more = this.heard.length
      await this.#look()
    }
  }

  async #look(): Promise<Answer> {
    const answer = await this.#ask('preview', { after: this.#cursor })
    this.#hear(answer)
    return answer
  }

  #next(): Call {
    const key = `${this.name} ${++this.#calls}`
    const dice = this.#chance(12)
    const after = this.#cursor
    if (dice < 6) return { method: 'append', params: { key, after, text: `${key}. ` } }
    if (dice < 7) return { method: 'undo', params: { key, after } }
    if (dice < 8) return { method: 'reset', params: { key, after } }
    if (dice < 11) return { method: 'push', params: { key, after, timeout_ms: FLOOR_MS } }
    return { method: 'publish', params: { key, base: after, content: `${key} whole`, timeout_ms: FLOOR_MS } }
  }

  /** The draft after `call` where it had its effect. */
  #after({ method, params }: Call): string[] | undefined {
    if (method === 'append') return [...this.#segments, String(params.text)]
    if (method === 'undo') return this.#segments.slice(0, -1)
    return method === 'publish' ? this.#segments : []
  }

  #take(call: Call, answer: Answer): void {
    this.#before = { call, answer }
    const { result, error } = answer
    if (error) {
      // A push of nothing; anything else would be a finding.
      expect([call.method, error.code, this.#segments]).toEqual(['push', 40001, []])
      return
    }
    this.#hear(answer)
    const sending = call.method === 'push' || call.method === 'publish'
    if (sending && result!.status === 1) {
      expect(result!.durability).toBe('flushed')
      const content = call.method === 'push' ? this.#segments.join('') : String(call.params.content)
      this.sent.push({ seq: result!.seq!, content })
    }
    if (!sending || result!.status === 1) this.#segments = this.#after(call)!
  }

  #hear({ result }: Answer): void {
    expect(result!.missed).toBeUndefined()
    for (const message of result!.messages) {
      // An answer that was lost may hold what was given since: the same again, and nothing else.
      if (message.seq > (this.heard.at(-1)?.seq ?? 0)) this.heard.push(message)
      else expect(this.heard).toContainEqual(message)
    }
    this.#cursor = Math.max(this.#cursor, result!.cursor)
  }

  async #ask(method: string, params: Readonly<Record<string, unknown>>): Promise<Answer> {
    const { after, ...rest } = params
    const asked = after === undefined ? rest : { ...rest, after: Math.max(Number(after), this.#cursor) }
    const response = await fetch(`${this.#url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: asked }),
    })
    return (await response.json()) as Answer
  }
}
