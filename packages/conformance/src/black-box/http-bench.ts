import type { EventStreamRequest, OpenEventStream, ServerHarness, StreamEvent } from '../server/server-harness.ts'
import { eventReader } from './event-reader.ts'
import type { Http, HttpAnswer } from './http.ts'
import type { Pace } from './pace.ts'
import { sentenceOf } from './sentence.ts'
import { Recorder, type Transcript } from './transcript.ts'
import { Unanswered } from './unanswered.ts'
import { pause, unhurried } from './waiting.ts'

/** How long a wait may be where a call does not say: whoever has the floor in a rule gives it up at once. */
const WAIT_MS = 10_000
/** Leaving is asked for once, and not waited for longer. */
const LEAVE_MS = 1500

export interface HttpBenchParts {
  readonly url: string
  readonly room: string
  readonly http: Http
  readonly pace: Pace
  /** A call that waits for nobody is given up after so many milliseconds. */
  readonly answerMs: number
  /** Ends every call: with the error that is its reason. */
  readonly signal: AbortSignal
  /** The server asked to wait. */
  waits?(ms: number): void
  /** Is handed what was asked in a case that failed, and why. */
  failed(why: string, transcript: Transcript): void
}

/** A room of a server that runs somewhere, reached by HTTP: one case is played in it. */
export class HttpBench implements ServerHarness {
  readonly room: string
  readonly bounded = true
  readonly #parts: HttpBenchParts
  readonly #recorder = new Recorder()
  readonly #streams = new Set<OpenEventStream>()
  /** Whoever was just about to join when the run was stopped has to be told its token, to leave. */
  readonly #later = new AbortController()

  constructor(parts: HttpBenchParts) {
    this.#parts = parts
    this.room = parts.room
    if (parts.signal.aborted) this.#stop()
    else parts.signal.addEventListener('abort', this.#stop)
  }

  readonly #stop = (): void => {
    const { reason } = this.#parts.signal
    setTimeout(() => this.#later.abort(reason), LEAVE_MS).unref()
  }

  async send(text: string, token?: string): Promise<string | undefined> {
    const { signal, waits, answerMs } = this.#parts
    signal.throwIfAborted()
    const step = this.#recorder.rpc(text, token)
    const ending = /"method"\s*:\s*"join"/.test(text) ? this.#later.signal : signal
    try {
      const answer = await unhurried(
        text,
        text => this.#post(text, token, answerMs + waitOf(text), ending),
        async ms => {
          waits?.(ms)
          await pause(ms, signal)
        },
      )
      this.#recorder.end(step, answer)
      return answer
    } catch (error) {
      this.#recorder.end(step, error instanceof Unanswered ? error.message : undefined)
      throw error
    }
  }

  abandon(text: string, token: string): () => Promise<void> {
    const { answerMs } = this.#parts
    const step = this.#recorder.rpc(text, token)
    step.abandoned = true
    const gone = new AbortController()
    const signal = AbortSignal.any([gone.signal, this.#parts.signal])
    const ended = this.#post(text, token, answerMs + waitOf(text), signal).catch(() => undefined)
    return async () => {
      gone.abort(new Unanswered('It was given up.'))
      await ended
      this.#recorder.end(step)
    }
  }

  async stream({ room, token, after, lastEventId }: EventStreamRequest): Promise<OpenEventStream> {
    const { url, http, answerMs, signal } = this.#parts
    const text = (value: number | string | undefined) => (value === undefined ? undefined : String(value))
    const place = { after: text(after), lastEventId: text(lastEventId) }
    const step = this.#recorder.stream(room, token, {
      ...(place.after !== undefined && { after: place.after }),
      ...(place.lastEventId !== undefined && { lastEventId: place.lastEventId }),
    })
    const query = place.after === undefined ? '' : `?after=${encodeURIComponent(place.after)}`
    const { response, hangUp } = await http.open({
      method: 'GET',
      url: `${url}/rooms/${encodeURIComponent(room)}/events${query}`,
      headers: {
        accept: 'text/event-stream',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(place.lastEventId !== undefined && { 'last-event-id': place.lastEventId }),
      },
      what: 'the request for an event stream',
      withinMs: answerMs,
      signal,
    })
    const status = response.statusCode ?? 0
    step.status = status
    const type = response.headers['content-type'] ?? ''
    const events: StreamEvent[] = []
    const read = eventReader(event => {
      events.push(event)
      step.events++
    })
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => void (status === 200 && read(chunk)))
    // How a stream ends is not asked: what it brought is.
    response.on('error', () => {})
    const stream: OpenEventStream = {
      status,
      events,
      close: async () => {
        if (!this.#streams.delete(stream)) return
        this.#recorder.end(step)
        hangUp()
      },
    }
    this.#streams.add(stream)
    if (status === 200 && !/^text\/event-stream\s*(;|$)/i.test(type)) {
      await stream.close()
      throw new Unanswered(`An event stream is called ${shown(type)} by its server, not text/event-stream.`)
    }
    return stream
  }

  async settle(): Promise<void> {
    const { http, pace, signal } = this.#parts
    await http.written()
    await pause(pace.settleMs, signal)
  }

  failed(error: unknown): void {
    const { url, room } = this.#parts
    const why = this.#recorder.hidden(sentenceOf(error))
    this.#parts.failed(why, { url, room, steps: [...this.#recorder.steps] })
  }

  /** Leaves with every token that was given here, also where the run was stopped. */
  async close(): Promise<void> {
    this.#parts.signal.removeEventListener('abort', this.#stop)
    for (const stream of [...this.#streams]) await stream.close()
    const leave = '{"jsonrpc":"2.0","id":"leave","method":"leave"}'
    const never = new AbortController().signal
    await Promise.all(
      this.#recorder.tokens.map(token => this.#post(leave, token, LEAVE_MS, never).catch(() => undefined)),
    )
  }

  async #post(text: string, token: string | undefined, withinMs: number, signal: AbortSignal) {
    const { url, http, pace, answerMs } = this.#parts
    const began = performance.now()
    const what = methodOf(text)
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    const answer = await http.ask({ method: 'POST', url: `${url}/rpc`, headers, body: text, what, withinMs, signal })
    if (withinMs === answerMs) pace.took(performance.now() - began)
    return bodyOf(answer, what)
  }
}

/** The JSON in an answer, undefined for 204; throws where it is not what HTTP says of JSON-RPC. */
function bodyOf({ status, type, headers, text }: HttpAnswer, what: string): string | undefined {
  if (status === 204) {
    if (text === '') return undefined
    throw new Unanswered(`The server answered ${what} with 204, which is for nothing, and something.`)
  }
  if (status === 429) {
    const seconds = Number(headers['retry-after'] ?? 1)
    const retry_after_ms = Number.isFinite(seconds) ? seconds * 1000 : 1000
    return JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: 40003, message: text, data: { retry_after_ms } } })
  }
  if (status !== 200)
    throw new Unanswered(`The server answered ${what} with ${status}, not 200: ${shown(text.slice(0, 200))}.`)
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new Unanswered(`The answer to ${what} is called ${shown(type)} by its server, not application/json.`)
  return text
}

const shown = (text: string): string => JSON.stringify(text)

const methodOf = (text: string): string => {
  const method = /"method"\s*:\s*"([\w.]{1,30})"/.exec(text)?.[1]
  return text.trimStart().startsWith('[') ? 'a batch' : (method ?? 'what it was sent')
}

/** How long a call may wait for others, in milliseconds, by what it says itself. */
function waitOf(text: string): number {
  try {
    const { method, params } = JSON.parse(text) as { method?: unknown; params?: { timeout_ms?: unknown } }
    if (method !== 'check' && method !== 'push' && method !== 'publish') return 0
    const own = params?.timeout_ms
    return typeof own === 'number' && own >= 0 ? Math.min(own, 240_000) : WAIT_MS
  } catch {
    return 0
  }
}
