import type { ServerResponse } from 'node:http'
import type { Clock, Message } from '@midsentence/core'
import type { PresenceChange, RoomListener, RoomSubscription } from '@midsentence/core/hub'
import { framesOf, keepalive, noticesFrame } from './frames.ts'
import { type LegacyUser, participantsOf } from './legacy-users.ts'

/** A reader that takes nothing for this time, with more than these bytes waiting, is dropped. It loses no messages. */
const STALL_MS = 30_000
const STALL_BYTES = 2 ** 20

const head = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

/**
 * Streams messages and presence to a legacy user. It queues neither: a stalled or absent reader resumes from the room's
 * log, and gets the net changes of presence.
 */
export class LegacyStream implements RoomListener {
  readonly #user: LegacyUser
  readonly #res: ServerResponse
  readonly #clock: Clock
  readonly #unread: (bytes: number) => void
  /** Participants that this stream has announced as present. */
  readonly #announced: Set<string>
  #subscription: RoomSubscription | undefined
  /** Time since which the reader has taken nothing. */
  #stalledAt: number | undefined
  #isIdle = true
  #isEnded = false

  /** `unread` is called with the bytes that wait for a reader who does not keep up, and with 0 once it has. */
  constructor(user: LegacyUser, res: ServerResponse, clock: Clock, unread: (bytes: number) => void = () => {}) {
    this.#unread = unread
    this.#user = user
    this.#res = res
    this.#clock = clock
    this.#announced = new Set(user.announced)
    res.on('drain', () => this.#drained())
    res.once('close', () => this.end())
  }

  /** True once nothing can be written any more. */
  get isClosed(): boolean {
    return this.#isEnded || this.#res.destroyed || this.#res.writableEnded
  }

  /** Calls `run` once the response is closed. */
  onClosed(run: () => void): void {
    if (this.#res.closed) run()
    else this.#res.once('close', run)
  }

  /** Sends the head, then presence and messages. */
  open(subscription: RoomSubscription): void {
    this.#subscription = subscription
    this.#res.writeHead(200, head)
    this.#catchUp()
    this.beat()
  }

  messages(batch: readonly Message[]): boolean {
    for (const { bytes, through } of framesOf(batch)) {
      this.#write(bytes, () => {
        this.#user.deliveredSeq = Math.max(this.#user.deliveredSeq, through)
      })
    }
    return this.#stalledAt === undefined
  }

  /** Ignored: the legacy protocol has no such event. */
  missed(): void {}

  presence(changes: ReadonlyMap<string, PresenceChange>): void {
    const changed = [...changes].filter(([name, { present }]) => present !== this.#announced.has(name))
    const [came, gone] = [true, false].map(each =>
      changed.flatMap(([name, { present }]) => (present === each ? name : [])),
    )
    this.#announce(came!, true)
    if (gone!.length === 0) return
    // A participant whose connection is down is still in the room.
    const participants = participantsOf(this.#user.session)
    this.#announce(
      gone!.filter(name => !participants.has(name)),
      false,
    )
  }

  ended(): void {
    this.end()
  }

  /** Ends the response after what was written. Idempotent. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#subscription?.close()
    if (this.#res.headersSent && !this.#res.destroyed) this.#res.end()
  }

  /** Breaks the connection and discards unwritten bytes. Idempotent. */
  drop(): void {
    this.end()
    this.#res.destroy()
  }

  /** Writes a keepalive, or drops a reader that has stalled too long. Called every second. */
  beat(): void {
    if (this.#stalledAt === undefined) {
      if (this.#isIdle) this.#write(keepalive)
      this.#isIdle = true
    } else if (this.#clock.monotonic() - this.#stalledAt >= STALL_MS && this.#res.writableLength > STALL_BYTES) {
      this.drop()
    }
  }

  /** Announces joins, resumes messages, then announces leaves. */
  #catchUp(): void {
    const present = participantsOf(this.#user.session)
    this.#announce(
      [...present].filter(name => !this.#announced.has(name)),
      true,
    )
    if (this.#stalledAt === undefined) this.#subscription?.resume()
    this.#announce(
      [...this.#announced].filter(name => !present.has(name)),
      false,
    )
  }

  #drained(): void {
    if (this.#isEnded) return
    this.#stalledAt = undefined
    this.#unread(0)
    this.#catchUp()
  }

  #announce(names: readonly string[], present: boolean): void {
    if (this.#stalledAt !== undefined || names.length === 0) return
    for (const name of names) setAnnounced(this.#announced, name, present)
    this.#write(noticesFrame(names, present, this.#clock.now()), () => {
      for (const name of names) setAnnounced(this.#user.announced, name, present)
    })
  }

  #write(bytes: Buffer, taken: () => void = () => {}): void {
    if (this.#isEnded) return
    this.#isIdle = false
    const keepsUp = this.#res.write(bytes, error => {
      if (error) return
      taken()
      if (this.#stalledAt !== undefined) this.#stalledAt = this.#clock.monotonic()
    })
    if (keepsUp) return
    this.#stalledAt ??= this.#clock.monotonic()
    this.#unread(this.#res.writableLength)
  }
}

function setAnnounced(known: Set<string>, name: string, present: boolean): void {
  if (present) known.add(name)
  else known.delete(name)
}
