import { errorFromRpc, isMidsentenceError, type Seq } from '@midsentence/core'
import type { HubSession } from '@midsentence/core/hub'
import type { Call, Calling, Told, WitnessRecorder } from '../history/index.ts'
import { FAIR, NoAnswer } from './network.ts'
import type { Deed, Fate, Person } from './plan.ts'
import { type Actor, pause, type Stage } from './stage.ts'
import { Stream } from './stream.ts'

/** Whatever an answer holds that is looked at here. */
interface Answer extends Told {
  readonly suffix?: string
  readonly draft?: string
}

type Params = Record<string, unknown>

/** Whoever insists is sent long before this: sooner than that by the rule, but that a server which dies forgets. */
export const INSISTING = 40
/** A repeated call comes so long after the one before was given up. */
const RETRY_MS = 200

/**
 * One whose draft is hosted, and who calls in JSON-RPC. With keys its calls come one after another, each repeated until
 * it is answered, so that it knows at any time what its draft is; without, they come as they come and are never repeated.
 */
export class Hosted implements Actor {
  readonly person: Person
  readonly #stage: Stage
  readonly #keyed: boolean
  #session!: HubSession
  #witness!: WitnessRecorder
  #stream: Stream | undefined
  #line: Promise<void> = Promise.resolve()
  #cursor: Seq = 0
  #keys = 0
  #lives = 0
  /** What the draft must be. Of no meaning without keys. */
  #draft: string[] = []

  constructor(stage: Stage, person: Person) {
    this.#stage = stage
    this.person = person
    this.#keyed = person.manner === 'keyed'
  }

  async enter(): Promise<void> {
    // With a secret, since whoever joins and hears no answer would be locked out of its own name.
    const secret = `${this.person.name} ${this.#lives} `.padEnd(16, '*')
    const session = await this.#stage.server.join(this.person.name, { secret })
    if (!session) throw new NoAnswer()
    const { session_id, sender_id, cursor } = session.joinResult
    this.#session = session
    this.#cursor = cursor
    this.#draft = []
    this.#lives++
    this.#witness = this.#stage.recording.witness({ session: session_id, name: sender_id, cursor })
    if (this.person.slow !== undefined) {
      this.#stream?.close()
      this.#stream = new Stream(this.#stage, this.person, session.joinResult.token, cursor)
    }
  }

  do(deed: Deed): void {
    if (this.#keyed) this.#line = this.#line.then(() => this.#take(deed))
    else void this.#take(deed)
  }

  cut(ms: number, silent: boolean): void {
    this.#stream?.cut(ms, silent)
  }

  async finish(): Promise<void> {
    await this.#line
    await this.#insist({ n: -1, at: 0, who: 0, does: 'insist', fates: [] })
    await this.#readOn()
    this.#stream?.finish()
  }

  async #take(deed: Deed): Promise<void> {
    switch (deed.does) {
      case 'append':
        return void (await this.#append(deed))
      case 'notify':
        return this.#keyed ? void (await this.#append(deed)) : this.#notify(deed)
      case 'insist':
        return this.#insist(deed)
      case 'sit':
        return this.#sit(deed)
      case 'leave':
        return this.#leave()
      case 'batch':
        return void (await this.#batch(deed))
      case 'yield':
        return void (await this.#call(deed, 'yield', {}))
      case 'publish': {
        const content = this.#text(deed)
        return void (await this.#call(deed, 'publish', { content, base: this.#cursor }))
      }
      default:
        return void (await this.#call(deed, deed.does, {}))
    }
  }

  #append(deed: Deed): Promise<Answer | undefined> {
    return this.#call(deed, 'append', { text: this.#text(deed) })
  }

  #text({ n }: Deed): string {
    return `${this.person.name}${this.#lives}.${n};`
  }

  /** Pushes again and again, reading to the end in between, until it is sent. */
  async #insist(deed: Deed): Promise<void> {
    const { again: _, ...upToDate } = deed
    const appended = await this.#append(deed)
    if (!appended && !this.#keyed) return
    for (let tried = 0; tried < INSISTING; tried++) {
      await this.#readOn()
      const answer = await this.#call(upToDate, 'push', {})
      if (!answer || answer.status === 1) return
    }
    this.#stage.found('P6', `${this.person.name} insisted, and was held ${INSISTING} times.`)
  }

  /** Pushes until it has the floor, and then keeps everybody waiting. */
  async #sit(deed: Deed): Promise<void> {
    await this.#append(deed)
    for (let tried = 0; tried < INSISTING; tried++) {
      const answer = await this.#call(deed, 'push', {})
      if (!answer || answer.status === 1) return
      if (answer.floor?.name === this.person.name) return this.#stage.trace.line(this.person.name, 'sits on the floor')
    }
  }

  async #readOn(): Promise<void> {
    for (let more = true; more; ) {
      const answer = await this.#call(plain, 'preview', {})
      more = answer?.more === true
    }
  }

  async #leave(): Promise<void> {
    const { name } = this.person
    await this.#call(plain, 'leave', {})
    for (;;) {
      try {
        return await this.enter()
      } catch (error) {
        if (error instanceof NoAnswer || isMidsentenceError(error)) await pause(this.#stage, 500)
        else throw error
        this.#stage.trace.line(name, 'could not come in again yet')
      }
    }
  }

  #notify(deed: Deed): void {
    const { network, trace } = this.#stage
    const text = this.#text(deed)
    trace.line(this.person.name, `append as a notification ${JSON.stringify(text)}`)
    const request = JSON.stringify({ jsonrpc: '2.0', method: 'append', params: { text } })
    const { again: _, ...fate }: Fate = deed.fates[0] ?? FAIR
    network.call(this.person.name, request, this.#session.joinResult.token, fate).catch(() => undefined)
  }

  /** Some calls in one text: each by a key of its own, and all judged by what was known before them. */
  async #batch(deed: Deed): Promise<void> {
    const text = this.#text(deed)
    const key = () => (this.#keyed ? { key: this.#newKey() } : {})
    // What has no key says where it reads from, so that a lost answer is given again.
    const from = () => (this.#keyed ? { after: this.#cursor } : {})
    const calls: [string, Params][] = [
      ['append', { text, ...key() }],
      ['check', from()],
      ['push', key()],
      ['preview', from()],
    ]
    const ids = calls.map((_, at) => at + 1)
    const requests = calls.map(([method, params], at) => ({ jsonrpc: '2.0', id: ids[at], method, params }))
    for (let attempt = 0; ; attempt++) {
      const reply = this.#send(deed, attempt, JSON.stringify(requests), 0)
      const answers = calls.map(([method, params], at) =>
        this.#recorded(
          method,
          params,
          reply.then(text => resultOf((JSON.parse(text) as unknown[])[at])),
        ),
      )
      const settled = await Promise.allSettled(answers)
      if (
        !settled.some(({ status, ...rest }) => status === 'rejected' && isLost((rest as { reason?: unknown }).reason))
      ) {
        settled.forEach((outcome, at) => {
          if (outcome.status === 'fulfilled') this.#learn(calls[at]![0], calls[at]![1], outcome.value)
        })
        return
      }
      if (!this.#keyed) return
      await pause(this.#stage, RETRY_MS)
    }
  }

  /** One call, repeated under its key where it has one; undefined where its answer is lost, or it was refused. */
  async #call(deed: Deed, method: string, asked: Params): Promise<Answer | undefined> {
    const unkeyed = method === 'check' || method === 'preview' || method === 'yield' || method === 'leave'
    const params: Params = { ...asked }
    if (method === 'publish' || (this.#keyed && !unkeyed)) params.key = this.#newKey()
    if (deed.again !== undefined && !['publish', 'yield', 'leave'].includes(method)) {
      params.after = Math.max(0, this.#cursor - deed.again)
    } else if (this.#keyed && (method === 'check' || method === 'preview')) params.after = this.#cursor
    const waits = method === 'push' || method === 'publish' || method === 'check'
    if (waits) params.timeout_ms = deed.timeout_ms ?? (method === 'check' ? 5_000 : 25_000)
    const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    for (let attempt = 0; ; attempt++) {
      try {
        const wait = waits ? Number(params.timeout_ms) : 0
        const reply = this.#send(deed, attempt, request, wait)
        const answer = await this.#recorded(
          method,
          params,
          reply.then(text => resultOf(JSON.parse(text))),
        )
        this.#learn(method, params, answer)
        return answer
      } catch (error) {
        if (!isLost(error)) {
          if (isMidsentenceError(error)) this.#refused(method, error.code)
          else throw error
          return undefined
        }
        // What reads only may be asked anew; what has no key may not be repeated.
        if (!this.#keyed) return undefined
        await pause(this.#stage, RETRY_MS)
      }
    }
  }

  #send({ fates }: Deed, attempt: number, request: string, wait: number): Promise<string> {
    const { network, trace } = this.#stage
    const { again, ...once }: Fate = fates[attempt] ?? FAIR
    // What has no key, or holds a call that has none, is sent once, and so arrives once.
    const fate =
      again === undefined || request.startsWith('[') || !request.includes('"key"') ? once : { ...once, again }
    trace.line(this.person.name, `${attempt === 0 ? 'calls' : 'calls again'} ${request}`)
    return network.call(this.person.name, request, this.#session.joinResult.token, fate, wait)
  }

  async #recorded(method: string, params: Params, reply: Promise<Answer>): Promise<Answer> {
    const calling: Mutable<Calling> = { action: method as Call['action'] }
    if (params.key !== undefined) calling.key = params.key as string
    if (params.after !== undefined) calling.after = params.after as Seq
    if (method === 'publish') {
      calling.after = params.base as Seq
      calling.content = params.content as string
    }
    // A batch's own append goes before its push.
    if (method === 'push' && this.#keyed && !this.#inBatch(params)) calling.content = this.#draft.join('')
    const answer = await this.#witness.call(calling, () => reply)
    this.#stage.trace.line(this.person.name, `reads ${JSON.stringify(answer)}`)
    return answer
  }

  /** What an answer tells of the draft must be what it is. */
  #learn(method: string, params: Params, answer: Answer): void {
    if (typeof answer.cursor === 'number') this.#cursor = Math.max(this.#cursor, answer.cursor)
    if (!this.#keyed) return
    const before = this.#draft.join('')
    if (method === 'append' && answer.status === 1) this.#draft.push(String(params.text))
    else if (method === 'undo') {
      const undone = this.#draft.pop() !== undefined
      if (undone !== (answer.status === 1)) this.#wrong('D3', `undo said ${answer.status}`, before)
    } else if (method === 'reset') this.#draft = []
    else if (method === 'push' && answer.status === 1) this.#draft = []
    const draft = this.#draft.join('')
    if (method === 'preview' && answer.draft !== draft) this.#wrong('D1', `preview showed ${answer.draft}`, draft)
    if (answer.suffix !== undefined && method !== 'publish' && !draft.endsWith(answer.suffix)) {
      this.#wrong('S1', `${method} told the suffix ${answer.suffix}`, draft)
    }
  }

  #refused(method: string, code: string): void {
    this.#stage.trace.line(this.person.name, `is refused: ${code}`)
    if (code === 'no-draft' && (!this.#keyed || this.#draft.length === 0)) return
    // Whoever leaves twice is gone the second time; and with whoever leaves goes what it still waits for.
    if (code === 'session-unknown' && (!this.#keyed || method === 'leave')) return
    this.#stage.found('W4', `${this.person.name}'s ${method} was refused with ${code}.`)
  }

  #wrong(rule: 'D1' | 'D3' | 'S1', what: string, draft: string): void {
    this.#stage.found(rule, `${this.person.name} has the draft ${JSON.stringify(draft)}, and ${what}.`)
  }

  #inBatch(params: Params): boolean {
    return params.timeout_ms === undefined
  }

  #newKey(): string {
    return `${this.#lives}.${++this.#keys}`
  }
}

const plain: Deed = { n: -1, at: 0, who: 0, does: 'preview', fates: [] }

/** Is it not known what became of it, so that it is worth asking again? */
const isLost = (error: unknown): boolean =>
  error instanceof NoAnswer || (isMidsentenceError(error) && error.code === 'unavailable')

function resultOf(response: unknown): Answer {
  const { result, error } = response as { readonly result?: Answer; readonly error?: unknown }
  if (error !== undefined) throw errorFromRpc(error)
  return result!
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
