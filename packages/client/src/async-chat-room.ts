import {
  type ActionAnswer,
  type CheckOptions,
  type Clock,
  isMidsentenceError,
  type Journal,
  MidsentenceError,
  type Participant,
  type PushOptions,
  type Transport,
} from '@midsentence/core'
import { type Address, type ConnectOptions, connect } from './connect.ts'
import { renderAnswer, renderError } from './text.ts'

export interface AsyncChatRoomOptions
  extends Pick<ConnectOptions, 'fetch' | 'webSocket' | 'reclaim' | 'credential' | 'person'> {
  /** Default: the environment's `MIDSENTENCE_URL`, else `http://127.0.0.1:8890`. */
  readonly url?: Address
  /** Default: the environment's `MIDSENTENCE_NAME`, else a guest's name, made up anew. */
  readonly username?: string
  /** Default `lobby`. */
  readonly room?: string
  /** In place of the one that `url` leads to. One transport serves one attempt to connect; a function makes more. */
  readonly transport?: Transport | (() => Transport)
  /** Where to keep draft and place, to go on mid-sentence after a crash. It is closed with the room. Default: nowhere. */
  readonly journal?: Journal
  readonly clock?: Clock
  /** Ends it: calls that wait reject, and the room is closed. */
  readonly signal?: AbortSignal
}

/**
 * A chat room whose every action answers with text, as a model reads it: the messages that arrived, then sentences after
 * `* `, or "". What goes wrong in the room or on the way is such a sentence too; misuse (`TypeError`) and abort signals
 * reject. It connects at the first action, and again at the next one while that fails. Actions take effect in the order
 * they were called, also when nobody awaits them. For data instead of text, take its `participant()`, or `connect`.
 */
export class AsyncChatRoom {
  readonly #options: AsyncChatRoomOptions & { readonly url: Address; readonly username: string }
  #joining: Promise<Participant> | undefined
  #closing: Promise<void> | undefined

  constructor(options: AsyncChatRoomOptions = {}) {
    const { MIDSENTENCE_URL, MIDSENTENCE_NAME } = environment()
    const url = options.url ?? (MIDSENTENCE_URL || 'http://127.0.0.1:8890')
    const username = options.username ?? (MIDSENTENCE_NAME || guestName())
    this.#options = { ...options, url, username }
    if (options.signal?.aborted) void this.close()
    else options.signal?.addEventListener('abort', this.#end, { once: true })
  }

  /** The one who takes part, for data and streams. Connects; rejects where an action would give a sentence. */
  participant(): Promise<Participant> {
    if (this.#closing) return Promise.reject(new MidsentenceError('session-unknown', left))
    this.#joining ??= this.#join()
    return this.#joining
  }

  /** Waits for messages and gives them; "" when `timeout_ms` is over. */
  check({ timeout_ms, signal }: CheckOptions = {}): Promise<string> {
    const ended = this.#endedBy(signal)
    return this.#act(
      participant => participant.check({ ...(timeout_ms !== undefined && { timeout_ms }), ...ended }),
      ended.signal,
    )
  }

  /** Adds `text` to the draft as one segment. Says so where only a part of it was kept. */
  append(text: string): Promise<string> {
    return this.#act(participant => participant.append(text))
  }

  /** Takes back the most recent append. */
  undo(): Promise<string> {
    return this.#act(participant => participant.undo())
  }

  /** Empties the draft. */
  reset(): Promise<string> {
    return this.#act(participant => participant.reset())
  }

  /** Sends the draft as one message, unless somebody said something meanwhile: then it says so and keeps the draft. */
  push({ signal, ...how }: PushOptions = {}): Promise<string> {
    const ended = this.#endedBy(signal)
    return this.#act(participant => participant.push({ ...how, ...ended }), ended.signal)
  }

  /** Shows the draft, its lines indented: what a push would send. */
  preview(): Promise<string> {
    return this.#act(participant => participant.preview())
  }

  /** Leaves the room, once what was called before has begun. Idempotent, never fails. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #end = () => {
    // After the calls that wait have heard of it, so that they reject.
    queueMicrotask(() => void this.close())
  }

  #join(): Promise<Participant> {
    const { transport, url, signal: _, ...options } = this.#options
    const again = typeof transport === 'function' || transport === undefined
    const joining = (async () => connect(url, { ...options, ...(transport && { transport: made(transport) }) }))()
    joining.catch(() => {
      if (again) this.#joining = undefined
    })
    return joining
  }

  async #close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#end)
    const participant = await this.#joining?.catch(() => undefined)
    if (participant) await participant.close()
    else await this.#options.journal?.close().catch(() => {})
  }

  /** Every action takes the same number of turns to its participant, so that order is kept. */
  #act(run: (participant: Participant) => Promise<ActionAnswer>, signal?: AbortSignal): Promise<string> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    const joining = this.participant()
    const joined = signal && beforeAbort(joining, signal)
    const answer = joining
      .then(async participant => renderAnswer(await run(participant), participant.name))
      .catch(error => {
        if (isMidsentenceError(error)) return renderError(error)
        throw error
      })
    return joined ? Promise.race([joined.then(() => answer), answer]) : answer
  }

  #endedBy(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
    const signals = [this.#options.signal, signal].filter(each => each !== undefined)
    return signals.length === 0 ? {} : { signal: signals.length === 1 ? signals[0]! : AbortSignal.any(signals) }
  }
}

const left = 'You have left this room. Open it anew to go on.'
const made = (transport: Transport | (() => Transport)) => (typeof transport === 'function' ? transport() : transport)

/** Resolves when `joining` ends, however it does; rejects when `signal` aborts before that. */
function beforeAbort(joining: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abandon = () => reject(signal.reason)
    const done = () => {
      signal.removeEventListener('abort', abandon)
      resolve()
    }
    signal.addEventListener('abort', abandon, { once: true })
    joining.then(done, done)
  })
}

const environment = (): Readonly<Record<string, string | undefined>> =>
  (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {}

function guestName(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567'
  return `guest-${Array.from(crypto.getRandomValues(new Uint8Array(6)), byte => letters[byte % 32]).join('')}`
}
