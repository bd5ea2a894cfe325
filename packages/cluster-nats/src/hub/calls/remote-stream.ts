import type { Message } from '@midsentence/core'
import type {
  PresenceChange,
  RoomListener,
  RoomSubscription,
  ScoreListener,
  ScoreSubscription,
} from '@midsentence/core/hub'
import type { RemoteCalls, RemoteListener } from './remote-calls.ts'
import { TAKEN_EVERY } from './stream-events.ts'

type ScoreBatch = Parameters<ScoreListener['records']>[0]
type Changes = ReadonlyMap<string, PresenceChange>

/** What a stream of another server ends with if that server is lost. A reader connects again and goes on. */
const LOST = 'The server of this room has ended or cannot be reached.'

/** Events that a reader takes one after another. The others tell of the present. */
const waitsForReader: ReadonlySet<string> = new Set(['messages', 'records', 'missed'])

/** The stream of a room, or of its score, whose owner is another server. */
export class RemoteStream implements RemoteListener, RoomSubscription, ScoreSubscription {
  readonly number: number
  readonly #calls: RemoteCalls
  readonly #listener: Partial<RoomListener> & Partial<ScoreListener> & Pick<RoomListener, 'missed' | 'ended'>
  #begun = false
  #paused = false
  /** What arrived since the pause, at most as much as may be in flight. */
  #held: { readonly kind: string; readonly value: unknown }[] = []
  #taken = 0
  #closed = false
  cursor = 0

  constructor(calls: RemoteCalls, server: string, listener: RoomListener | ScoreListener) {
    this.#calls = calls
    this.#listener = listener
    this.number = calls.openStream(server, this)
  }

  get position(): number {
    return this.cursor
  }

  /** Resolves with itself once its owner says where it begins. Closed if that fails. */
  async opened(answer: Promise<unknown>): Promise<this> {
    try {
      this.cursor = (await answer) as number
      return this
    } catch (error) {
      this.close()
      throw error
    }
  }

  resume(): void {
    if (this.#closed) return
    this.#paused = false
    if (!this.#begun) {
      this.#begun = true
      return this.#calls.resume(this.number)
    }
    const held = this.#held
    this.#held = []
    for (const { kind, value } of held) this.event(kind, value)
    this.#tellTaken(1)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#held = []
    this.#calls.closeStream(this.number)
  }

  event(kind: string, value: unknown): void {
    if (this.#closed) return
    if (this.#paused && waitsForReader.has(kind)) return void this.#held.push({ kind, value })
    if (kind === 'messages') {
      const batch = value as readonly Message[]
      this.cursor = batch.at(-1)!.seq
      this.#took(this.#listener.messages!(batch))
    } else if (kind === 'records') {
      const batch = value as ScoreBatch
      this.cursor = batch.at(-1)!.position
      this.#took(this.#listener.records!(batch))
    } else if (kind === 'missed') {
      const [from, to] = value as [number, number]
      this.cursor = to
      this.#listener.missed(from, to)
    } else if (kind === 'presence') this.#listener.presence?.(value as Changes)
    else if (kind === 'writing') this.#listener.writing?.(value as Changes)
    else if (kind === 'hush') this.#listener.hush?.(value as boolean)
    else if (kind === 'watchers') this.#listener.watchers?.(value as number)
    else if (kind === 'ended') this.#end(value as string)
  }

  lost(): void {
    if (!this.#closed) this.#end(LOST)
  }

  #end(reason: string): void {
    this.close()
    this.#listener.ended(reason)
  }

  #took(goesOn: boolean): void {
    this.#taken++
    if (!goesOn) this.#paused = true
    else if (!this.#paused) this.#tellTaken(TAKEN_EVERY)
  }

  #tellTaken(least: number): void {
    if (this.#taken < least) return
    this.#calls.resume(this.number, this.#taken)
    this.#taken = 0
  }
}
