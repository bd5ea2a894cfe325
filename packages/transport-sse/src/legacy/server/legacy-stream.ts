import type { ServerResponse } from 'node:http'
import type { Clock, Message } from '@midsentence/core'
import type { RoomListener, RoomSubscription } from '@midsentence/core/hub'
import { framesOf, keepalive, noticesFrame } from './frames.ts'
import type { LegacyUser } from './legacy-users.ts'

/** A reader that takes nothing for so long, while more than this waits for it, is dropped; nothing is lost by it. */
const STALL_MS = 30_000
const STALL_BYTES = 2 ** 20

const head = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

/**
 * One stream of a guest: messages as they come, and who comes and goes. It queues neither. While its reader does not keep
 * up, or is away, the room's log keeps the messages; of comings and goings it says, in the end, what has changed.
 */
export class LegacyStream implements RoomListener {
  readonly #guest: LegacyUser
  readonly #res: ServerResponse
  readonly #clock: Clock
  /** Who is here, as this stream has said. */
  readonly #known: Set<string>
  #listening: RoomSubscription | undefined
  /** Since when the reader has taken nothing of what waits for it. */
  #stalledAt: number | undefined
  #quiet = true
  #over = false

  constructor(guest: LegacyUser, res: ServerResponse, clock: Clock) {
    this.#guest = guest
    this.#res = res
    this.#clock = clock
    this.#known = new Set(guest.announced)
    res.on('drain', () => this.#drained())
    res.once('close', () => this.end())
  }

  /** Nothing can be written to it any more. */
  get isClosed(): boolean {
    return this.#over || this.#res.destroyed
  }

  /** Calls `run` once the connection is done with it. */
  onClosed(run: () => void): void {
    if (this.#res.closed) run()
    else this.#res.once('close', run)
  }

  /** Answers the request, and begins. */
  open(listening: RoomSubscription): void {
    this.#listening = listening
    this.#res.writeHead(200, head)
    this.#catchUp()
    this.beat()
  }

  messages(batch: readonly Message[]): boolean {
    for (const { bytes, through } of framesOf(batch)) {
      this.#write(bytes, () => {
        this.#guest.deliveredSeq = Math.max(this.#guest.deliveredSeq, through)
      })
    }
    return this.#stalledAt === undefined
  }

  /** The dialect has no word for it. */
  missed(): void {}

  presence(sender_id: string, present: boolean): void {
    if (present === this.#known.has(sender_id)) return
    // Away is not gone.
    if (present || !this.#here().has(sender_id)) this.#announce([sender_id], present)
  }

  ended(): void {
    this.end()
  }

  /** Ends the response behind what was written. Idempotent. */
  end(): void {
    if (this.#over) return
    this.#over = true
    this.#listening?.close()
    if (this.#res.headersSent && !this.#res.destroyed) this.#res.end()
  }

  /** Breaks the connection, whatever is still to be written. Idempotent. */
  drop(): void {
    this.end()
    this.#res.destroy()
  }

  /** To be called every second: shows that the line lives, and drops who takes nothing. */
  beat(): void {
    if (this.#stalledAt === undefined) {
      if (this.#quiet) this.#write(keepalive)
      this.#quiet = true
    } else if (this.#clock.monotonic() - this.#stalledAt >= STALL_MS && this.#res.writableLength > STALL_BYTES) {
      this.drop()
    }
  }

  /** Who came, what was said meanwhile, who went; from then on everything as it happens. */
  #catchUp(): void {
    const here = this.#here()
    this.#announce(
      [...here].filter(name => !this.#known.has(name)),
      true,
    )
    if (this.#stalledAt === undefined) this.#listening?.resume()
    this.#announce(
      [...this.#known].filter(name => !here.has(name)),
      false,
    )
  }

  #drained(): void {
    if (this.#over) return
    this.#stalledAt = undefined
    this.#catchUp()
  }

  /** Everybody in the room, those who are away too. */
  #here(): Set<string> {
    return new Set(this.#guest.session.who().participants.map(({ sender_id }) => sender_id))
  }

  #announce(names: readonly string[], present: boolean): void {
    if (this.#stalledAt !== undefined || names.length === 0) return
    for (const name of names) setAnnounced(this.#known, name, present)
    this.#write(noticesFrame(names, present, this.#clock.now()), () => {
      for (const name of names) setAnnounced(this.#guest.announced, name, present)
    })
  }

  #write(bytes: Buffer, taken: () => void = () => {}): void {
    if (this.#over) return
    this.#quiet = false
    const keepsUp = this.#res.write(bytes, error => {
      if (error) return
      taken()
      if (this.#stalledAt !== undefined) this.#stalledAt = this.#clock.monotonic()
    })
    if (!keepsUp) this.#stalledAt ??= this.#clock.monotonic()
  }
}

function setAnnounced(known: Set<string>, name: string, present: boolean): void {
  if (present) known.add(name)
  else known.delete(name)
}
