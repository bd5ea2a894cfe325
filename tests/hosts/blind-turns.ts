import { connect } from '@midsentence/client'
import type { Participant } from '@midsentence/core'
import type { HostRun } from './host-run.ts'
import type { ToolCall } from './model/scripted-model.ts'

/** A turn that a model writes before it reads any of its results. */
export interface BlindTurn {
  readonly tools: readonly string[]
  /** The call before which a message of another participant arrives, counted from 0. */
  readonly arrivesBefore: number
}

/** A message arrives before the turn, and between each call and the next. */
export const blindTurns: readonly BlindTurn[] = [
  ['append', 'check', 'push'],
  ['append', 'push'],
].flatMap(tools => tools.map((_, arrivesBefore) => ({ tools, arrivesBefore })))

/** What a blind turn came to: `sent` is the error that read codes prevent. */
export type BlindOutcome = 'held' | 'sent'

/** The other participant in the room of a host's model. */
export class Listener {
  readonly #participant: Participant
  /** All messages of the room, as `name: text`. */
  readonly heard: string[] = []

  private constructor(participant: Participant) {
    this.#participant = participant
    participant.messages$.subscribe(({ sender_id, content }) => void this.heard.push(`${sender_id}: ${content}`))
  }

  static async join(url: string): Promise<Listener> {
    return new Listener(await connect(url, { username: 'Ada' }))
  }

  /** Sends a message. Resolves when the room has it. */
  async say(text: string): Promise<void> {
    await this.#participant.append(text)
    // A hold shows what the model said, which a second push has then read.
    while ((await this.#participant.push()).status !== 1);
  }

  close = (): Promise<void> => this.#participant.close()
}

/** Lets the model of a host write turns blind, and then read. */
export class BlindModel {
  readonly #host: HostRun
  readonly #ada: Listener
  #code: string | undefined

  constructor(host: HostRun, ada: Listener) {
    this.#host = host
    this.#ada = ada
  }

  /** Writes a turn blind while nothing arrives. */
  async alone(): Promise<BlindOutcome> {
    const results = await this.#turn([['append', { text: 'Alone.' }], ['push']])
    return isHeld(results.at(-1)!) ? 'held' : 'sent'
  }

  /**
   * Writes a turn blind, with the newest read code that the model has or without one. After a hold, it sends the draft with the
   * code of the answer.
   */
  async round({ tools, arrivesBefore }: BlindTurn, label: string, withCode: boolean): Promise<BlindOutcome> {
    const read = withCode && this.#code !== undefined ? { read: this.#code } : {}
    const args = { append: { text: `Draft ${label}.` }, check: { timeout_ms: 300, ...read }, push: read }
    let calls = 0
    this.#host.tap.beforeCall = async () => {
      if (calls++ === arrivesBefore) await this.#ada.say(`Wait ${label}.`)
    }
    const results = await this.#turn(tools.map(tool => [tool, args[tool as keyof typeof args]] as const))
    this.#host.tap.beforeCall = () => {}
    const push = results.at(-1)!
    if (!isHeld(push)) return 'sent'
    if (!results.some(result => result.includes(`Wait ${label}.`))) throw new Error(`Held without the reason: ${push}`)
    const sent = await this.#turn([
      ['append', { text: ` After ${label}.` }],
      ['push', { read: this.#code }],
    ])
    if (isHeld(sent.at(-1)!)) throw new Error(`Held in spite of its code: ${sent.at(-1)}`)
    return 'held'
  }

  async #turn(calls: readonly ToolCall[]): Promise<readonly string[]> {
    const results = await this.#host.model.calls(...calls)
    if (results.length !== calls.length) throw new Error(`${calls.length} calls, ${results.length} results: ${results}`)
    this.#code = results.map(codeOf).findLast(code => code !== undefined) ?? this.#code
    return results
  }
}

const isHeld = (result: string) => /Not sent yet|"held":true/.test(result)

const codeOf = (result: string): string | undefined => /Read code: ([\w-]+)/.exec(result)?.[1]
