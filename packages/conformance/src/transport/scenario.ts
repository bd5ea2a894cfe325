import {
  type Inbound,
  join,
  type Link,
  type Message,
  type OpenRequest,
  type OpenResult,
  type Seq,
  type Transport,
} from '@midsentence/core'
import { must } from '../kit/assertions.ts'
import { turns } from '../kit/turns.ts'
import { RecordingClient } from './recording-client.ts'
import type { TransportHarness, TransportSetup } from './transport-harness.ts'

/** How often the harness settles before a promise counts as never ending. */
const MAX_SETTLES = 40
/** How long a promise or a condition may take on a real clock, in milliseconds: a busy machine needs more than a few settles. */
const UNTIL_MS = 10_000

/** A transport used without a participant, and what it brought. */
export interface OpenTransport {
  readonly peer: Transport
  readonly opened: OpenResult
  readonly inbound: Inbound[]
  readonly links: Link[]
  /** Returns the messages in `inbound`. */
  readonly messages: () => Message[]
}

/** One case: a harness, its clients, and waits that end with an error instead of hanging. */
export class TransportScenario {
  readonly harness: TransportHarness
  readonly clients: RecordingClient[] = []
  readonly #peers: Transport[] = []
  readonly #opened: OpenTransport[] = []
  readonly #tag = crypto.randomUUID().slice(0, 6)

  constructor(harness: TransportHarness) {
    this.harness = harness
  }

  /** Runs one case with a new harness, and closes everything after it. */
  static async run(setup: TransportSetup, run: (scenario: TransportScenario) => Promise<void>): Promise<void> {
    const scenario = new TransportScenario(await setup())
    try {
      await run(scenario)
    } finally {
      await scenario.#close()
    }
  }

  /** Makes a name unique, also if several harnesses share one room. */
  name(name: string): string {
    return `${name} ${this.#tag}`
  }

  peer(room?: string): Transport {
    const peer = this.harness.peer(room)
    this.#peers.push(peer)
    return peer
  }

  async join(name: string): Promise<RecordingClient> {
    const { room, clock } = this.harness
    const transport = this.peer()
    const joining = join({ transport, username: this.name(name), room, ...(clock && { clock }) })
    const client = new RecordingClient(await this.within(joining, 'join'), transport)
    this.clients.push(client)
    return client
  }

  /** Opens a transport without a participant and records what it brings. Default: in the room of the harness. */
  async open(name: string, more: Partial<OpenRequest> = {}): Promise<OpenTransport> {
    const peer = this.peer(more.room)
    const request = { room: this.harness.room, username: this.name(name), ...more }
    const opened = await this.within(peer.open(request), 'open')
    const inbound: Inbound[] = []
    const links: Link[] = []
    peer.inbound$.subscribe({ next: item => void inbound.push(item), error: () => {} })
    peer.link$.subscribe({ next: link => void links.push(link), error: () => {} })
    const messages = () => inbound.flatMap(i => (i.type === 'message' ? [i.message] : []))
    const made = { peer, opened, inbound, links, messages }
    this.#opened.push(made)
    return made
  }

  /** Waits until every open transport that is connected to the room has a message with this seq. */
  async arrived(room: string, seq: Seq): Promise<void> {
    const readers = this.#opened.filter(
      ({ opened, peer }) => opened.session.room === room && peer.supports.echo === true,
    )
    const lacks = ({ links, messages }: OpenTransport) =>
      links.at(-1)?.state === 'up' && (messages().at(-1)?.seq ?? 0) < seq
    await this.until(() => !readers.some(lacks))
  }

  /** Resolves or rejects as `promise` does. Rejects if it does not end after many settles and, on a real clock, ten seconds. */
  async within<T>(promise: Promise<T>, what: string): Promise<T> {
    let ended = false
    const end = () => {
      ended = true
    }
    const watched = promise.then(end, end)
    // A promise that is settled already is noticed without moving a clock.
    for (let turn = 0; turn < 20 && !ended; turn++) await undefined
    const hasTimeLeft = this.#hasTimeLeft()
    for (let tried = 0; (tried < MAX_SETTLES || hasTimeLeft()) && !ended; tried++) {
      if (tried >= MAX_SETTLES) await turns({ short: 0, long: 1 })
      const settled = this.harness.settle()
      await (this.harness.clock ? settled : Promise.race([watched, settled]))
    }
    must(ended, `${what} never ended`)
    return promise
  }

  /** Lets everything arrive until `holds`, a few times at most: on a busy machine one settle may be too short. Rejects with `what`, if it is given. */
  async until(holds: () => boolean | Promise<boolean>, what?: string): Promise<void> {
    const hasTimeLeft = this.#hasTimeLeft()
    for (let tried = 0; !(await holds()); tried++) {
      if (tried >= MAX_SETTLES && !hasTimeLeft()) return must(what === undefined, what ?? '')
      await this.harness.settle()
    }
  }

  /** Returns a function that tells whether there is time left on a real clock. */
  #hasTimeLeft(): () => boolean {
    const began = performance.now()
    return () => !this.harness.clock && performance.now() - began < UNTIL_MS
  }

  /** Resolves with the error of `promise`. Rejects if it has none. */
  async failure(promise: Promise<unknown>, what: string): Promise<unknown> {
    const [outcome] = await this.within(Promise.allSettled([promise]), what)
    must(outcome?.status === 'rejected', `${what} should have failed`)
    return outcome.reason
  }

  settle(): Promise<void> {
    return this.harness.settle()
  }

  /** Sends one message: pushes until it is not held. */
  async send(client: RecordingClient, text: string): Promise<void> {
    await this.within(client.append(text), 'append')
    for (let tried = 0; tried < 6; tried++) {
      const answer = await this.within(client.push(), 'push')
      if (answer.status === 1) return
    }
    must(false, 'a push was held six times in a row')
  }

  /** Lets everything arrive, and has all clients read it. */
  readAll(): Promise<void> {
    return this.catchUp(...this.clients)
  }

  /** Lets everything arrive, and has these clients read it. */
  async catchUp(...readers: RecordingClient[]): Promise<void> {
    const received = () => readers.reduce((sum, reader) => sum + reader.received.length, 0)
    for (let before = -1; before < received(); ) {
      before = received()
      await this.settle()
      for (const reader of readers) await this.within(reader.preview(), 'preview')
    }
  }

  async #close(): Promise<void> {
    const left = [...this.clients.map(s => s.participant.close()), ...this.#peers.map(peer => peer.close())]
    try {
      await this.within(Promise.allSettled(left), 'close')
    } finally {
      await this.harness.close()
    }
  }
}
