import type { Message } from '@midsentence/core'
import { must } from '../kit/assertions.ts'
import type { ServerHarness } from './server-harness.ts'

export interface RpcFailure {
  readonly code: number
  readonly message: string
  readonly data?: Readonly<Record<string, unknown>>
}

/** A response, as JSON-RPC has it. */
export interface Response {
  readonly jsonrpc: string
  readonly id: unknown
  readonly result?: Answer
  readonly error?: RpcFailure
}

/** The result of an action, loosely: a rule looks at what it is about. */
export interface Answer {
  readonly status: number
  readonly messages: readonly Message[]
  readonly cursor: number
  readonly more?: boolean
  readonly held?: boolean
  readonly suffix?: string
  readonly draft?: string
  readonly accepted?: number
  readonly dropped?: number
  readonly seq?: number
  readonly message_id?: string
  readonly [field: string]: unknown
}

/** A promise is given up after the bench has settled so often. */
const PATIENCE = 5000

/** What becomes of `promise`; an error where nothing does, however long one waits. */
export async function within<T>(bench: ServerHarness, promise: Promise<T>, what: string): Promise<T> {
  if (bench.bounded) return promise
  let ended = false
  const end = () => {
    ended = true
  }
  promise.then(end, end)
  for (let tried = 0; tried < PATIENCE && !ended; tried++) await bench.settle()
  must(ended, `${what} was never answered`)
  return promise
}

export const refused = (error: unknown): error is Refused => error instanceof Refused

/** An error that a server answered. */
export class Refused extends Error {
  readonly code: number
  readonly data: Readonly<Record<string, unknown>>

  constructor({ code, message, data = {} }: RpcFailure) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** Somebody who talks to a server in JSON-RPC, and believes nothing. */
export class Caller {
  readonly bench: ServerHarness
  readonly name: string
  readonly token: string | undefined
  /** What joining answered. */
  readonly entrance: Answer
  /** Every message that an answer gave, in order. */
  readonly given: Message[] = []
  #ids = 0

  constructor(bench: ServerHarness, name: string, entrance: Answer) {
    this.bench = bench
    this.name = name
    this.entrance = entrance
    this.token = entrance.token as string | undefined
  }

  static async join(bench: ServerHarness, username: string, more: object = {}): Promise<Caller> {
    const nobody = new Caller(bench, username, { status: 1, messages: [], cursor: 0 })
    const entrance = await nobody.call('join', { room: bench.room, username, ...more })
    must(typeof entrance.token === 'string' && entrance.token !== '', 'join gave no token', entrance)
    return new Caller(bench, username, entrance)
  }

  /** The result of one call; rejects with `Refused` where an error was answered. */
  call(method: string, params: object = {}): Promise<Answer> {
    const answer = this.begin(method, params)
    // A check may wait as long as it says; whoever lets it knows how to go on.
    return method === 'check' ? answer : within(this.bench, answer, method)
  }

  /** As `call`, for what may wait for others: whoever lets it knows how to go on. */
  begin(method: string, params: object = {}): Promise<Answer> {
    const answer = this.#ask(method, params)
    // A rule that is broken meanwhile looks at it no more.
    answer.catch(() => {})
    return answer
  }

  async #ask(method: string, params: object): Promise<Answer> {
    const id = ++this.#ids
    const [response] = await this.send({ jsonrpc: '2.0', id, method, params })
    must(response !== undefined, `${method} was not answered`)
    must(response.id === id, `${method} was answered by another id`, response.id)
    if (response.error) throw new Refused(response.error)
    const answer = response.result!
    this.#take(answer)
    return answer
  }

  /** The error that a call must end with. */
  async refusal(method: string, params: object = {}): Promise<Refused> {
    const error = await this.call(method, params).then(
      answer => answer,
      error => error,
    )
    must(refused(error), `${method} should have been refused`, error)
    return error
  }

  /** A call that is not to be answered. */
  async notify(method: string, params: object = {}): Promise<void> {
    const answer = await this.bench.send(JSON.stringify({ jsonrpc: '2.0', method, params }), this.token)
    must(answer === undefined || answer === '', 'a notification was answered', answer)
  }

  /** Several calls in one batch: their responses, in the order of the calls. */
  async batch(...calls: readonly (readonly [method: string, params?: object])[]): Promise<readonly Response[]> {
    const from = this.#ids + 1
    this.#ids += calls.length
    const requests = calls.map(([method, params = {}], at) => ({ jsonrpc: '2.0', id: from + at, method, params }))
    const responses = await this.send(requests)
    return requests.map(({ id, method }) => {
      const found = responses.filter(response => response.id === id)
      must(found.length === 1, `${method} in a batch was answered ${found.length} times`)
      if (found[0]!.result) this.#take(found[0]!.result)
      return found[0]!
    })
  }

  /** Says one thing until the room takes it. */
  async say(content: string): Promise<Answer> {
    await this.call('append', { text: content })
    for (let tried = 0; tried < 6; tried++) {
      const answer = await this.call('push')
      if (answer.status === 1) return answer
    }
    return must(false, 'a push was held six times in a row') as never
  }

  /** Sends anything and gives the responses, however many came. */
  async send(message: unknown): Promise<readonly Response[]> {
    const text = await this.bench.send(typeof message === 'string' ? message : JSON.stringify(message), this.token)
    if (text === undefined || text === '') return []
    const answer = parsed(text)
    return Array.isArray(answer) ? answer : [answer]
  }

  #take(answer: Answer): void {
    if (Array.isArray(answer?.messages)) this.given.push(...answer.messages)
  }
}

function parsed(text: string): Response | Response[] {
  try {
    return JSON.parse(text)
  } catch {
    return must(false, 'an answer is not JSON', text.slice(0, 200)) as never
  }
}
