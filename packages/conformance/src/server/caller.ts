import type { Message } from '@midsentence/core'
import { must } from '../kit/assertions.ts'
import type { ServerHarness } from './server-harness.ts'

export interface RpcFailure {
  readonly code: number
  readonly message: string
  readonly data?: Readonly<Record<string, unknown>>
}

/** A JSON-RPC response. */
export interface RpcResponse {
  readonly jsonrpc: string
  readonly id: unknown
  readonly result?: RpcAnswer
  readonly error?: RpcFailure
}

/** The result of an action. Rules check the fields that they are about. */
export interface RpcAnswer {
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

/** How often the harness settles before a call counts as never ending. */
const MAX_SETTLES = 5000

/** Resolves or rejects as `promise` does. Rejects if it does not end after many settles. */
export async function within<T>(harness: ServerHarness, promise: Promise<T>, what: string): Promise<T> {
  if (harness.bounded) return promise
  let ended = false
  const end = () => {
    ended = true
  }
  promise.then(end, end)
  for (let tried = 0; tried < MAX_SETTLES && !ended; tried++) await harness.settle()
  must(ended, `${what} never ended`)
  return promise
}

export const isRefusal = (error: unknown): error is RpcRefusal => error instanceof RpcRefusal

/** An error that a server answered with. */
export class RpcRefusal extends Error {
  readonly code: number
  readonly data: Readonly<Record<string, unknown>>

  constructor({ code, message, data = {} }: RpcFailure) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** A client of a server that speaks JSON-RPC and checks every response. */
export class Caller {
  readonly harness: ServerHarness
  readonly name: string
  readonly token: string | undefined
  /** The result of joining. */
  readonly joinResult: RpcAnswer
  /** Every message that an answer contained, in order. */
  readonly received: Message[] = []
  #ids = 0

  constructor(harness: ServerHarness, name: string, joinResult: RpcAnswer) {
    this.harness = harness
    this.name = name
    this.joinResult = joinResult
    this.token = joinResult.token as string | undefined
  }

  static async join(harness: ServerHarness, username: string, more: object = {}): Promise<Caller> {
    const visitor = new Caller(harness, username, { status: 1, messages: [], cursor: 0 })
    const joinResult = await visitor.call('join', { room: harness.room, username, ...more })
    must(typeof joinResult.token === 'string' && joinResult.token !== '', 'join gave no token', joinResult)
    return new Caller(harness, username, joinResult)
  }

  /** The result of one call; rejects with `RpcRefusal` if the server answers with an error. */
  call(method: string, params: object = {}): Promise<RpcAnswer> {
    const answer = this.begin(method, params)
    // A check may wait for a long time: its caller decides how to continue.
    return method === 'check' ? answer : within(this.harness, answer, method)
  }

  /** As `call`, for calls that may wait: their caller decides how to continue. */
  begin(method: string, params: object = {}): Promise<RpcAnswer> {
    const answer = this.#ask(method, params)
    // A case that fails meanwhile never awaits it.
    answer.catch(() => {})
    return answer
  }

  async #ask(method: string, params: object): Promise<RpcAnswer> {
    const id = ++this.#ids
    const [response] = await this.send({ jsonrpc: '2.0', id, method, params })
    must(response !== undefined, `${method} was not answered`)
    must(response.id === id, `${method} was answered by another id`, response.id)
    if (response.error) throw new RpcRefusal(response.error)
    const answer = response.result!
    this.#take(answer)
    return answer
  }

  /** Makes a call and resolves with its error. Rejects if it has a result. */
  async refusal(method: string, params: object = {}): Promise<RpcRefusal> {
    const error = await this.call(method, params).then(
      answer => answer,
      error => error,
    )
    must(isRefusal(error), `${method} should have been rejected`, error)
    return error
  }

  /** Sends a notification. */
  async notify(method: string, params: object = {}): Promise<void> {
    const answer = await this.harness.send(JSON.stringify({ jsonrpc: '2.0', method, params }), this.token)
    must(answer === undefined || answer === '', 'a notification was answered', answer)
  }

  /** Sends several calls in one batch. Resolves with the responses in the order of the calls. */
  async batch(...calls: readonly (readonly [method: string, params?: object])[]): Promise<readonly RpcResponse[]> {
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

  /** Sends one message: pushes until it is not held. */
  async sendMessage(content: string): Promise<RpcAnswer> {
    await this.call('append', { text: content })
    for (let tried = 0; tried < 6; tried++) {
      const answer = await this.call('push')
      if (answer.status === 1) return answer
    }
    return must(false, 'a push was held six times in a row') as never
  }

  /** Sends any text or value and resolves with all responses. */
  async send(message: unknown): Promise<readonly RpcResponse[]> {
    const text = await this.harness.send(typeof message === 'string' ? message : JSON.stringify(message), this.token)
    if (text === undefined || text === '') return []
    const answer = parsed(text)
    return Array.isArray(answer) ? answer : [answer]
  }

  #take(answer: RpcAnswer): void {
    if (Array.isArray(answer?.messages)) this.received.push(...answer.messages)
  }
}

function parsed(text: string): RpcResponse | RpcResponse[] {
  try {
    return JSON.parse(text)
  } catch {
    return must(false, 'a response is not JSON', text.slice(0, 200)) as never
  }
}
