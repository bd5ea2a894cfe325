import {
  type ActionAnswer,
  type CheckOptions,
  type Clock,
  isMidsentenceError,
  type Journal,
  linkSignals,
  MidsentenceError,
  type Participant,
  type PushOptions,
  type Since,
  type Transport,
} from '@midsentence/core'
import { type ConnectOptions, connect, type ServerAddress } from './connect.ts'
import { renderAnswer, renderError, renderErrorForModel } from './text.ts'

export interface AsyncChatRoomOptions
  extends Pick<ConnectOptions, 'fetch' | 'webSocket' | 'reclaim' | 'credential' | 'person' | 'typing_indicator'> {
  /** As for `connect`. Default: the last 20 messages, where the room shows its history. */
  readonly since?: Since
  /** Default: the environment's `MIDSENTENCE_URL`, several with commas, else `http://127.0.0.1:8890`. */
  readonly url?: ServerAddress
  /** Default: the environment's `MIDSENTENCE_NAME`, else a random guest name. */
  readonly username?: string
  /** Default `lobby`. */
  readonly room?: string
  /** Used instead of a transport to `url`. A transport connects once; a function creates one for each attempt. */
  readonly transport?: Transport | (() => Transport)
  /** Stores draft and position, to continue after a crash. Closed with the room. Default: none. */
  readonly journal?: Journal
  readonly clock?: Clock
  /** Its abort rejects waiting calls and closes the room. */
  readonly signal?: AbortSignal
}

/**
 * A chat room for models: every action resolves with text, the messages that arrived and then sentences after `* `, or "".
 * Errors of the room and of the connection are such sentences too. Misuse (`TypeError`) and abort signals reject. The first
 * action connects; if that fails, the next one tries again. Actions take effect in the order of the calls, also without
 * `await`. For data instead of text, use `participant()` or `connect`.
 */
export class AsyncChatRoom {
  readonly #options: AsyncChatRoomOptions & { readonly url: ServerAddress; readonly username: string }
  #joining: Promise<Participant> | undefined
  /** Participants whose model knows that its draft is observed. */
  readonly #told = new WeakSet<Participant>()
  #closing: Promise<void> | undefined

  constructor(options: AsyncChatRoomOptions = {}) {
    const { MIDSENTENCE_URL, MIDSENTENCE_NAME } = environment()
    const url = options.url ?? (MIDSENTENCE_URL || 'http://127.0.0.1:8890').split(',')
    const username = options.username ?? (MIDSENTENCE_NAME || guestName())
    this.#options = { ...options, url, username }
    if (options.signal?.aborted) void this.close()
    else options.signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Connects, and resolves with the participant for data and streams. Rejects where an action resolves with a sentence. */
  participant(): Promise<Participant> {
    if (this.#closing) return Promise.reject(new MidsentenceError('session-unknown', LEFT_ROOM))
    this.#joining ??= this.#join()
    return this.#joining
  }

  /** Waits for messages and resolves with them, or with "" after `timeout_ms`. */
  check({ timeout_ms, signal }: CheckOptions = {}): Promise<string> {
    const options = timeout_ms === undefined ? {} : { timeout_ms }
    return this.#runUntilAbort(signal, (participant, abort) => participant.check({ ...options, ...abort }))
  }

  /** Adds `text` to the draft as one segment. The answer says if only a part of it fit. */
  append(text: string): Promise<string> {
    return this.#run(participant => participant.append(text))
  }

  /** Removes the last segment from the draft. */
  undo(): Promise<string> {
    return this.#run(participant => participant.undo())
  }

  /** Empties the draft. */
  reset(): Promise<string> {
    return this.#run(participant => participant.reset())
  }

  /** Sends the draft as one message. If unseen messages arrived, returns them instead and keeps the draft. */
  push({ signal, ...options }: PushOptions = {}): Promise<string> {
    return this.#runUntilAbort(signal, (participant, abort) => participant.push({ ...options, ...abort }))
  }

  /** Resolves with the draft, its lines indented. */
  preview(): Promise<string> {
    return this.#run(participant => participant.preview())
  }

  /** Leaves the room after earlier calls have started. Idempotent; never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #onAbort = () => {
    // After the abort listeners of waiting calls, so that these reject.
    queueMicrotask(() => void this.close())
  }

  #join(): Promise<Participant> {
    const { transport, url, signal: _, since = { last: EARLIER_MESSAGES }, ...options } = this.#options
    const retries = typeof transport === 'function' || transport === undefined
    const joining = (async () =>
      connect(url, { ...options, since, ...(transport && { transport: resolveTransport(transport) }) }))()
    joining.catch(() => {
      if (retries) this.#joining = undefined
    })
    return joining
  }

  async #close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    const participant = await this.#joining?.catch(() => undefined)
    if (participant) await participant.close()
    else await this.#options.journal?.close().catch(() => {})
  }

  /** Runs an action. Each takes the same number of microtasks to reach the participant, which keeps their order. */
  #run(action: (participant: Participant) => Promise<ActionAnswer>, signal?: AbortSignal): Promise<string> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    const joining = this.participant()
    const joined = signal && beforeAbort(joining, signal)
    const answer = joining
      .then(async participant =>
        renderAnswer(this.#withNotice(await action(participant), participant), participant.name),
      )
      .catch(error => {
        if (!isMidsentenceError(error)) throw error
        return error.message === LEFT_ROOM ? renderError(error) : renderErrorForModel(error)
      })
    return joined ? Promise.race([joined.then(() => answer), answer]) : answer
  }

  /** Adds to the first answer that drafts are observed, where they are. */
  #withNotice(answer: ActionAnswer, participant: Participant): ActionAnswer {
    const { observable, recorded } = participant.view
    if (!observable || this.#told.has(participant)) return answer
    this.#told.add(participant)
    return { ...answer, observable, ...(recorded && { recorded }) }
  }

  /** Runs an action that ends when `signal` or the signal of the room aborts. */
  #runUntilAbort(
    signal: AbortSignal | undefined,
    action: (participant: Participant, abort: { readonly signal: AbortSignal }) => Promise<ActionAnswer>,
  ): Promise<string> {
    const ended = linkSignals([this.#options.signal, signal])
    return this.#run(participant => action(participant, ended), ended.signal).finally(ended.unlink)
  }
}

/** How many messages from before the join the first answers give. */
const EARLIER_MESSAGES = 20
const LEFT_ROOM = 'You have left this room. Open it again to go on.'
const resolveTransport = (transport: Transport | (() => Transport)) =>
  typeof transport === 'function' ? transport() : transport

/** Resolves when `joining` settles; rejects if `signal` aborts first. */
function beforeAbort(joining: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    const done = () => {
      signal.removeEventListener('abort', abort)
      resolve()
    }
    signal.addEventListener('abort', abort, { once: true })
    joining.then(done, done)
  })
}

const environment = (): Readonly<Record<string, string | undefined>> =>
  (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {}

function guestName(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567'
  return `guest-${Array.from(crypto.getRandomValues(new Uint8Array(6)), byte => letters[byte % 32]).join('')}`
}
