import type { Cancel, Clock } from '@midsentence/core'
import type { ServerBus } from '../../ports.ts'
import type { ClusterCounters } from '../cluster-counters.ts'
import { decodeFrame, encodeFrame, type Frame, type Item } from './frames.ts'

/** How often a server in conversation with another sends a frame, so that the loss of the last one shows. */
const BEAT_MS = 1000

export interface LinksDeps {
  /** This server. */
  readonly id: string
  readonly bus: ServerBus
  readonly clock: Clock
  readonly counters: ClusterCounters
  newSeries(): string
  receive(from: string, item: Item): void
  /** Called when frames of a server, or to it, were lost: nothing between the two goes on. */
  lost(server: string): void
  /** Whether calls or streams are open between this server and another. */
  isBusy(server: string): boolean
}

interface ServerLink {
  /** The series of frames to the server. */
  readonly series: string
  sent: number
  /** What waits for the end of this turn. */
  outbox: Item[]
  /** The series from the server, and the number of its next frame. */
  theirs: string | undefined
  next: number
  /** A series from the server that was given up, until another begins. */
  lost: string | undefined
}

/** Carries items between this server and the others: in order, and all or, from the first loss on, none. */
export class Links {
  readonly #deps: LinksDeps
  readonly #links = new Map<string, ServerLink>()
  #stop: (() => Promise<void>) | undefined
  #beat: Cancel | undefined
  #closed = false

  constructor(deps: LinksDeps) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    const { bus, id } = this.#deps
    this.#stop = await bus.listen(id, bytes => this.#receive(decodeFrame(bytes)))
    this.#scheduleBeat()
  }

  /**
   * Sends an item at the end of this turn of the event loop, in one frame with the others of the turn: a stream's event and the
   * answer to the call that caused it, or the calls of several clients.
   */
  send(to: string, item: Item): void {
    const link = this.#links.get(to) ?? this.#open(to)
    const last = link.outbox.at(-1)
    if (item.t === 'event' && last?.t === 'event' && last.kind === item.kind && last.value === item.value) {
      last.streams.push(...item.streams)
      return
    }
    if (link.outbox.length === 0) this.#deps.clock.soon(() => this.#flush(to, link))
    link.outbox.push(item)
  }

  /** Forgets a server that has ended. */
  forget(server: string): void {
    if (this.#links.delete(server)) this.#deps.lost(server)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#beat?.()
    await this.#stop?.()
  }

  #open(to: string, from: Partial<Pick<ServerLink, 'theirs' | 'next' | 'lost'>> = {}): ServerLink {
    const mine = { series: this.#deps.newSeries(), sent: 0, outbox: [] }
    const link: ServerLink = { ...mine, theirs: undefined, next: 0, lost: undefined, ...from }
    this.#links.set(to, link)
    return link
  }

  #flush(to: string, link: ServerLink, beat?: true): void {
    if (this.#closed || this.#links.get(to) !== link) return
    const { id, bus } = this.#deps
    const { series, theirs, lost, outbox: items } = link
    link.outbox = []
    const seen = { ...(theirs !== undefined && { sees: theirs }), ...(lost !== undefined && { lost }) }
    bus.send(to, encodeFrame({ from: id, series, n: link.sent++, ...seen, ...(beat && { beat }), items }))
  }

  #receive({ from, series, n, sees, lost, beat, items }: Frame): void {
    if (this.#closed) return
    let link = this.#links.get(from)
    if (link && lost === link.series) {
      // The frames before this one may have been lost too.
      if (n > 0) return this.#giveUp(from, series)
      this.forget(from)
      link = this.#open(from, { theirs: series })
    } else if (link && series === link.lost) return this.#flush(from, link)
    else if (link?.theirs !== series) {
      if (n > 0) return this.#giveUp(from, series)
      link = this.#begin(from, series, sees, link)
    } else if (n !== link.next) return this.#giveUp(from, series)
    link.next = n + 1
    for (const item of items) {
      if (this.#links.get(from) !== link) return
      this.#deps.receive(from, item)
    }
    // A server that waits for an answer learns whether it was lost.
    if (beat && !this.#deps.isBusy(from)) this.#flush(from, link)
  }

  /** A series of another server begins. If it does not know this server's own one, that one has ended with its last. */
  #begin(from: string, series: string, sees: string | undefined, link: ServerLink | undefined): ServerLink {
    const goesOn = link && (sees === link.series || (link.theirs === undefined && sees === undefined))
    if (!goesOn) {
      if (link) this.forget(from)
      return this.#open(from, { theirs: series })
    }
    link.theirs = series
    link.lost = undefined
    return link
  }

  /** Takes nothing more of a series, and tells its sender: both sides learn that nothing between them goes on. */
  #giveUp(server: string, lost: string): void {
    this.#deps.counters.lostLinks++
    this.forget(server)
    this.#flush(server, this.#open(server, { lost }))
  }

  #scheduleBeat(): void {
    if (this.#closed) return
    this.#beat = this.#deps.clock.after(BEAT_MS, () => {
      for (const [server, link] of this.#links) {
        // The notice of a loss may be lost too.
        if (link.lost !== undefined || this.#deps.isBusy(server)) this.#flush(server, link, true)
      }
      this.#scheduleBeat()
    })
  }
}
