import { type Inbound, join, type Link, type Message, type OpenResult, type Transport } from '@midsentence/core'
import { must } from '../kit/assertions.ts'
import { Speaker } from './recording-client.ts'
import type { Bench, Setup } from './transport-harness.ts'

/** A promise is given up after a bench has settled so often. */
const PATIENCE = 40

/** A transport used by hand, and what came out of it. */
export interface Line {
  readonly peer: Transport
  readonly welcome: OpenResult
  readonly inbound: Inbound[]
  readonly links: Link[]
  /** The messages among what came in. */
  readonly messages: () => Message[]
}

/** One case on a bench: who takes part, and the patience to wait for things without hanging. */
export class Stage {
  readonly bench: Bench
  readonly speakers: Speaker[] = []
  readonly #peers: Transport[] = []
  readonly #tag = crypto.randomUUID().slice(0, 6)

  constructor(bench: Bench) {
    this.bench = bench
  }

  /** Plays one case on a fresh bench and takes everything down behind it, however it ends. */
  static async play(setup: Setup, run: (stage: Stage) => Promise<void>): Promise<void> {
    const stage = new Stage(await setup())
    try {
      await run(stage)
    } finally {
      await stage.#close()
    }
  }

  /** A name that nobody else has, also where benches share one room. */
  name(name: string): string {
    return `${name} ${this.#tag}`
  }

  peer(): Transport {
    const peer = this.bench.peer()
    this.#peers.push(peer)
    return peer
  }

  async join(name: string): Promise<Speaker> {
    const { room, clock } = this.bench
    const transport = this.peer()
    const joining = join({ transport, username: this.name(name), room, ...(clock && { clock }) })
    const speaker = new Speaker(await this.within(joining, 'join'), transport)
    this.speakers.push(speaker)
    return speaker
  }

  /** Opens a transport by hand and listens to it. */
  async open(name: string): Promise<Line> {
    const peer = this.peer()
    const welcome = await this.within(peer.open({ room: this.bench.room, username: this.name(name) }), 'open')
    const inbound: Inbound[] = []
    const links: Link[] = []
    peer.inbound$.subscribe({ next: item => void inbound.push(item), error: () => {} })
    peer.link$.subscribe({ next: link => void links.push(link), error: () => {} })
    return {
      peer,
      welcome,
      inbound,
      links,
      messages: () => inbound.flatMap(i => (i.type === 'message' ? [i.message] : [])),
    }
  }

  /** What becomes of `promise`; an error where nothing does, however long one waits. */
  async within<T>(promise: Promise<T>, what: string): Promise<T> {
    let ended = false
    const end = () => {
      ended = true
    }
    const watched = promise.then(end, end)
    // A promise that is settled already gets to say so.
    for (let turn = 0; turn < 20 && !ended; turn++) await undefined
    for (let tried = 0; tried < PATIENCE && !ended; tried++) {
      const settled = this.bench.settle()
      await (this.bench.clock ? settled : Promise.race([watched, settled]))
    }
    must(ended, `${what} never ended`)
    return promise
  }

  /** The error that `promise` must end with. */
  async failure(promise: Promise<unknown>, what: string): Promise<unknown> {
    const [outcome] = await this.within(Promise.allSettled([promise]), what)
    must(outcome?.status === 'rejected', `${what} should have failed`)
    return outcome.reason
  }

  settle(): Promise<void> {
    return this.bench.settle()
  }

  /** Says one thing until the room takes it. */
  async say(speaker: Speaker, text: string): Promise<void> {
    await this.within(speaker.append(text), 'append')
    for (let tried = 0; tried < 6; tried++) {
      const answer = await this.within(speaker.push(), 'push')
      if (answer.status === 1) return
    }
    must(false, 'a push was held six times in a row')
  }

  /** Lets everything arrive, and everybody read it. */
  readAll(): Promise<void> {
    return this.catchUp(...this.speakers)
  }

  /** Lets everything arrive, and these read it. */
  async catchUp(...readers: Speaker[]): Promise<void> {
    const given = () => readers.reduce((sum, reader) => sum + reader.given.length, 0)
    for (let before = -1; before < given(); ) {
      before = given()
      await this.settle()
      for (const reader of readers) await this.within(reader.preview(), 'preview')
    }
  }

  async #close(): Promise<void> {
    const left = [...this.speakers.map(s => s.participant.close()), ...this.#peers.map(peer => peer.close())]
    try {
      await this.within(Promise.allSettled(left), 'close')
    } finally {
      await this.bench.close()
    }
  }
}
