import { must } from '../kit/assertions.ts'
import type { OpenEventStream, ServerHarness } from '../server/server-harness.ts'
import { filledIn, mismatch, type Remembered } from './matches.ts'
import type { GoldenRequest, GoldenStep, GoldenTranscript } from './transcript.ts'

/** A server that a transcript is played to. What it lacks, it lacks for the steps that need it. */
export interface GoldenHarness extends ServerHarness {
  /** Sends one request unchanged and returns its answer. */
  http?(request: GoldenRequest): Promise<{ readonly status: number; readonly text: string }>
  /** From now on the log writes nothing. */
  stopWriting?(): void
}

/** How often a bench settles before something that has not come is missed. */
const MAX_SETTLES = 1000

/** Plays a transcript; rejects at the first answer that is another. Steps for which `bench` lacks what it takes are an error. */
export async function playTranscript({ title, steps }: GoldenTranscript, harness: GoldenHarness): Promise<void> {
  const player = new TranscriptPlayer(harness)
  for (const [at, step] of steps.entries()) {
    try {
      await player.take(step)
    } catch (cause) {
      throw new Error(`${title}, step ${at + 1}: ${(cause as Error).message}`, { cause })
    }
  }
  await player.close()
}

class TranscriptPlayer {
  readonly #harness: GoldenHarness
  readonly #remembered: Remembered
  readonly #begun = new Map<string, Promise<string | undefined>>()
  readonly #streams = new Map<string, OpenEventStream>()

  constructor(harness: GoldenHarness) {
    this.#harness = harness
    this.#remembered = new Map([['room', harness.room]])
  }

  async take(step: GoldenStep): Promise<void> {
    if ('begin' in step) return this.#begin(step.begin, this.#send(step.send, step.as))
    if ('end' in step) return this.#answered(await this.#within(this.#begun.get(step.end)!), step.expect)
    if ('send' in step) return this.#answered(await this.#within(this.#send(step.send, step.as)), step.expect)
    if ('http' in step) {
      must(this.#harness.http !== undefined, 'this bench sends no requests as they stand')
      const { status, text } = await this.#harness.http(filledIn(step.http, this.#remembered))
      this.#expect(status, step.expect.status, 'the status')
      return 'body' in step.expect ? this.#expect(JSON.parse(text), step.expect.body, 'the body') : undefined
    }
    if ('stream' in step) return this.#stream(step)
    if ('events' in step) return this.#events(step.events, step.expect)
    if ('close' in step) return this.#streams.get(step.close)!.close()
    if ('pass_ms' in step) {
      must(this.#harness.pass !== undefined, 'the clock of this bench cannot be moved on')
      return this.#harness.pass(step.pass_ms)
    }
    must(this.#harness.stopWriting !== undefined, 'the log of this bench cannot be stopped')
    this.#harness.stopWriting()
  }

  async close(): Promise<void> {
    for (const stream of this.#streams.values()) await stream.close()
  }

  #send(request: unknown, as: string | undefined): Promise<string | undefined> {
    const said = filledIn(request, this.#remembered)
    const token = as === undefined ? undefined : this.#remembered.get(as)
    return this.#harness.send(
      typeof said === 'string' ? said : JSON.stringify(said),
      token === undefined ? as : `${token}`,
    )
  }

  async #begin(name: string, sending: Promise<string | undefined>): Promise<void> {
    this.#begun.set(name, sending)
    sending.catch(() => {})
    // It has arrived before the next step is taken.
    for (let turn = 0; turn < 5; turn++) await this.#harness.settle()
  }

  /** Null is expected where nothing is to be answered. */
  #answered(text: string | undefined, expected: unknown): void {
    this.#expect(text === undefined || text === '' ? null : JSON.parse(text), expected, 'the answer')
  }

  async #stream(step: Extract<GoldenStep, { stream: string }>): Promise<void> {
    must(this.#harness.stream !== undefined, 'this bench has no streams')
    const token = step.as === undefined ? undefined : `${this.#remembered.get(step.as) ?? step.as}`
    const stream = await this.#harness.stream({
      room: this.#harness.room,
      ...(token !== undefined && { token }),
      ...(step.after !== undefined && { after: step.after }),
      ...(step.last_event_id !== undefined && { lastEventId: step.last_event_id }),
    })
    this.#streams.set(step.stream, stream)
    this.#expect(stream.status, step.status, 'the status')
  }

  /** The events of a stream so far, without presence: who comes and goes when is not what a transcript is about. */
  async #events(name: string, expected: readonly unknown[]): Promise<void> {
    const stream = this.#streams.get(name)!
    const received = () => stream.events.filter(({ event }) => event !== 'presence')
    for (let tried = 0; tried < MAX_SETTLES && received().length < expected.length; tried++)
      await this.#harness.settle()
    const events = received().map(({ id, event, data }) => ({ id, event, data: JSON.parse(data) as unknown }))
    this.#expect(events, expected, 'the events')
  }

  async #within<T>(promise: Promise<T>): Promise<T> {
    let over = false
    const end = () => {
      over = true
    }
    promise.then(end, end)
    for (let tried = 0; tried < MAX_SETTLES && !over; tried++) await this.#harness.settle()
    must(over, 'there was no answer')
    return promise
  }

  #expect(found: unknown, expected: unknown, what: string): void {
    const wrong = mismatch(found, expected, this.#remembered, what)
    if (wrong !== undefined) throw new Error(wrong)
  }
}
