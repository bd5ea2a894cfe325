import { isMidsentenceError, type Message, type Seq } from '@midsentence/core'
import type { HubSession, RoomSubscription } from '@midsentence/core/hub'
import type { Action, Calling, Told, WitnessRecorder } from '../history/index.ts'
import { shortly } from './outcome-difference.ts'
import type { Race } from './race.ts'
import type { Move } from './race-script.ts'

/** A call, as its racer keeps it. */
export interface Raced {
  readonly action: Move['does']
  readonly said: string | undefined
  readonly again: boolean
  readonly silent: boolean
  answer?: Told & { readonly draft?: string; readonly suffix?: string }
  error?: string
  /** Under its key, what it came to is asked for until it is known. */
  repeat?: () => Promise<void>
}

type Request = { [field: string]: unknown }

/** Somebody who calls without waiting for what comes of it, and writes down what does. */
export class Racer {
  readonly name: string
  readonly token: string
  readonly start: Seq
  readonly session_id: string
  readonly calls: Raced[] = []
  /** What its stream brought. */
  readonly heard: Message[] = []
  left = false
  readonly #race: Race
  readonly #witness: WitnessRecorder
  #listening: RoomSubscription | undefined
  #batches = 0
  #keys = 0

  constructor(race: Race, { joinResult }: HubSession) {
    const { session_id, sender_id, cursor, token } = joinResult
    this.#race = race
    this.name = sender_id
    this.token = token
    this.session_id = session_id
    this.start = cursor
    this.#witness = race.recording.witness({ session: session_id, name: sender_id, cursor })
  }

  /** Hears on where it was: at first, and from another hub. */
  async listen(): Promise<void> {
    const session = this.#session()
    if (!session) return
    const after = this.heard.at(-1)?.seq ?? this.start
    let mine = true
    this.#listening = await session.subscribe(
      {
        messages: batch => {
          if (mine) this.heard.push(...batch)
          return ++this.#batches % 3 !== 0
        },
        missed: (from, to) => this.#race.broken('V2', `${this.name}'s stream missed ${from} to ${to}.`),
        presence: () => {},
        ended: () => {
          mine = false
        },
      },
      after,
    )
    this.#race.onCrash(() => {
      mine = false
    })
    this.#listening.resume()
  }

  do(move: Move, n: number): void {
    const { does, much } = move
    if (does === 'read') return this.#listening?.resume()
    if (does === 'repeat') {
      const former = this.calls.filter(({ repeat }) => repeat)
      return void former[much % (former.length || 1)]?.repeat?.()
    }
    const session = this.#session()
    if (!session) return
    if (does === 'yield') {
      this.#race.tell(`${this.name} yield`)
      return void this.#witness.call({ action: 'yield' }, async () => session.yield()).catch(ignore)
    }
    this.#act(session, move, `${this.name}${n};`)
  }

  async leave(): Promise<void> {
    const session = this.#session()
    if (!session) return
    this.left = true
    this.#race.tell(`${this.name} leave`)
    await this.#witness.call({ action: 'leave' }, () => session.leave()).catch(ignore)
  }

  /** What is not known is asked for again; then it reads to the end. */
  async finish(): Promise<void> {
    for (const call of this.calls) if (call.repeat && !call.answer && !call.error) await call.repeat()
    this.#listening?.resume()
    for (let more = true; more; ) {
      const session = this.#session()
      if (!session) return
      const call: Raced = { action: 'preview', said: undefined, again: false, silent: false }
      this.calls.push(call)
      await this.#made(call, { action: 'preview' }, () => session.preview())
      more = call.answer?.more === true
    }
  }

  readOn(): void {
    this.#listening?.resume()
  }

  #act(session: HubSession, move: Move, text: string): void {
    const { does, after, keyed, timeout_ms, much, silent } = move
    const action = does as Action
    const { shown, cursor } = session.snapshotCursor()
    const waits = action === 'push' || action === 'publish' || action === 'check'
    const claims = action === 'publish' && after === 'none' ? 'shown' : after
    const claimed = claims === 'none' ? undefined : claims === 'shown' ? shown : Math.max(0, cursor - (much % 5))
    const key = (keyed || action === 'publish') && action !== 'check' && action !== 'preview'
    const request: Request = {
      ...(action === 'append' && { text }),
      ...(action === 'publish' && { content: text }),
      ...(claimed !== undefined && { [action === 'publish' ? 'base' : 'after']: claimed }),
      ...(key && { key: `${++this.#keys}` }),
      ...(waits && timeout_ms !== undefined && { timeout_ms }),
    }
    const said = action === 'append' || action === 'publish' ? text : undefined
    const calling: Calling = {
      action,
      ...(action === 'publish' && { content: text }),
      ...(claimed !== undefined && { after: claimed }),
      ...(key && { key: `${this.#keys}` }),
    }
    const call: Raced = { action, said, again: false, silent }
    this.calls.push(call)
    const make = (on: HubSession, manner: object) =>
      on[action as 'append'](request as never, manner) as Promise<unknown>
    // What a notification is told when it is repeated, nobody can know.
    if (key && !silent) {
      call.repeat = async () => {
        const now = this.#session()
        if (!now) return
        const repeated: Raced = { action, said, again: true, silent: false }
        this.calls.push(repeated)
        await this.#made(repeated, calling, () => make(now, {}))
        // What it came to is known now, if it was not before.
        call.answer ??= repeated.answer!
        call.error ??= repeated.error!
      }
    }
    void this.#made(call, calling, () => {
      const answer = make(session, silent ? { silent } : {})
      // A notification is told nothing.
      return silent ? answer.then(told => Promise.reject(new Unheard(told))) : answer
    })
  }

  async #made(call: Raced, calling: Calling, make: () => Promise<unknown>): Promise<void> {
    const { action, key, after } = calling
    const parts = [call.said && shortly(call.said), key && `key ${key}`, after !== undefined && `after ${after}`]
    const line = `${this.name} ${action}${call.silent ? ' (a notification)' : ''} ${parts.filter(Boolean).join(', ')}`
    const told = this.#race.tell(call.again ? `${line}, again` : line)
    try {
      call.answer = (await this.#witness.call(calling, make)) as NonNullable<Raced['answer']>
      told(answerIn(call.answer))
    } catch (error) {
      if (error instanceof Unheard) call.answer = error.told as NonNullable<Raced['answer']>
      else if (isMidsentenceError(error)) call.error = error.code
      else throw error
      told(call.error ? `refused: ${call.error}` : 'done')
    }
  }

  #session(): HubSession | undefined {
    return this.left ? undefined : this.#race.enter(this.token)
  }
}

class Unheard extends Error {
  readonly told: unknown

  constructor(told: unknown) {
    super()
    this.told = told
  }
}

const ignore = () => {}

function answerIn({ status, seq, held, floor, messages, cursor, more, draft }: NonNullable<Raced['answer']>): string {
  const parts = [
    `status ${status}`,
    seq !== undefined && `seq ${seq}`,
    held && 'held',
    floor && `floor of ${floor.name}`,
    draft !== undefined && `draft ${shortly(draft)}`,
    messages.length > 0 && `given ${messages.map(message => message.seq)}`,
    `cursor ${cursor}`,
    more && 'more',
  ]
  return parts.filter(Boolean).join(', ')
}
