import { must } from '../kit/assertions.ts'
import type { OpenEventStream, ServerHarness } from '../server/server-harness.ts'
import { filledIn, mismatch, type Remembered } from './matches.ts'
import type { GoldenRequest, GoldenStep, GoldenTranscript } from './transcript.ts'

/** A server that transcripts are played against. A step fails if an optional member that it needs is absent. */
export interface GoldenHarness extends ServerHarness {
  /** Sends one request unchanged. Resolves with the response. */
  http?(request: GoldenRequest): Promise<{ readonly status: number; readonly text: string }>
  /** Makes every later write of the log fail. */
  stopWriting?(): void
}

/** Calls of `settle` before an awaited answer or event counts as missing. */
const MAX_SETTLES = 1000

/** Plays a transcript. Rejects at the first answer that differs, and at a step that `harness` cannot take. */
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
      must(this.#harness.http !== undefined, 'this harness cannot send HTTP requests')
      const { status, text } = await this.#harness.http(filledIn(step.http, this.#remembered))
      this.#expect(status, step.expect.status, 'the status')
      return 'body' in step.expect ? this.#expect(JSON.parse(text), step.expect.body, 'the body') : undefined
    }
    if ('stream' in step) return this.#stream(step)
    if ('events' in step) return this.#events(step.events, step.expect)
    if ('close' in step) return this.#streams.get(step.close)!.close()
    if ('pass_ms' in step) {
      must(this.#harness.pass !== undefined, 'this harness cannot advance the clock')
      return this.#harness.pass(step.pass_ms)
    }
    must(this.#harness.stopWriting !== undefined, 'this harness cannot make the log fail')
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

  /** `null` means that no answer is expected. */
  #answered(text: string | undefined, expected: unknown): void {
    this.#expect(text === undefined || text === '' ? null : JSON.parse(text), expected, 'the answer')
  }

  async #stream(step: Extract<GoldenStep, { stream: string }>): Promise<void> {
    must(this.#harness.stream !== undefined, 'this harness has no streams')
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

  /** Returns the events of a stream so far, without presence, whose order varies. */
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
