import { linkSignals } from '@midsentence/core'
import type { RuleId } from '../kit/rules.ts'
import { FormWatch } from '../server/form-watch.ts'
import type { EventStreamRequest, OpenEventStream, ServerHarness, StreamEvent } from '../server/server-harness.ts'
import { eventReader } from './event-reader.ts'
import { failureText, HttpFailure } from './failures.ts'
import type { HttpClient, HttpResponse } from './http-client.ts'
import type { ResponseTimes } from './response-times.ts'
import { pause, sendPatiently } from './send-patiently.ts'
import { type HttpTranscript, TranscriptRecorder } from './transcript.ts'

/** The wait to expect of a call without `timeout_ms`. Short: in the rules a floor's holder gives it up at once. */
const WAIT_MS = 10_000
/** The timeout of a `leave`, which is sent once. */
const LEAVE_MS = 1500

export interface HttpHarnessDeps {
  readonly url: string
  readonly room: string
  readonly http: HttpClient
  readonly responseTimes: ResponseTimes
  /** The timeout in milliseconds of a call that does not wait. */
  readonly answerMs: number
  /** Aborts every call, which rejects with the signal's reason. */
  readonly signal: AbortSignal
  /** Called when the server asks to wait. */
  onWait?(ms: number): void
  /** Called with a problem of form and the steps up to it, when the case ends. */
  onProblem(id: RuleId, why: string, transcript: HttpTranscript): void
  /** Called with the reason and the transcript of a failed case. */
  onFailure(why: string, transcript: HttpTranscript): void
}

/** Runs one case in a room of a running server, over HTTP. */
export class HttpHarness implements ServerHarness {
  readonly room: string
  readonly bounded = true
  readonly #deps: HttpHarnessDeps
  readonly #recorder = new TranscriptRecorder()
  readonly #streams = new Set<OpenEventStream>()
  /** The first problem of form of each rule, and the number of steps that led to it. */
  readonly #problems = new Map<RuleId, { readonly why: string; readonly steps: number }>()
  readonly #watch = new FormWatch((id, why) => {
    if (!this.#problems.has(id)) this.#problems.set(id, { why, steps: this.#recorder.steps.length })
  })
  /** Aborts joins later than other calls: a session must know its token to leave. */
  readonly #stopJoins = new AbortController()

  constructor(deps: HttpHarnessDeps) {
    this.#deps = deps
    this.room = deps.room
    if (deps.signal.aborted) this.#stop()
    else deps.signal.addEventListener('abort', this.#stop)
  }

  readonly #stop = (): void => {
    const { reason } = this.#deps.signal
    setTimeout(() => this.#stopJoins.abort(reason), LEAVE_MS).unref()
  }

  async send(text: string, token?: string): Promise<string | undefined> {
    const { signal, onWait, answerMs } = this.#deps
    signal.throwIfAborted()
    const step = this.#recorder.rpc(text, token)
    const ending = /"method"\s*:\s*"join"/.test(text) ? this.#stopJoins.signal : signal
    try {
      const answer = await sendPatiently(
        text,
        text => this.#post(text, token, answerMs + waitOf(text), ending),
        async ms => {
          onWait?.(ms)
          await pause(ms, signal)
        },
      )
      this.#recorder.end(step, answer)
      return answer
    } catch (error) {
      this.#recorder.end(step, error instanceof HttpFailure ? error.message : undefined)
      throw error
    }
  }

  abandon(text: string, token: string): () => Promise<void> {
    const { answerMs } = this.#deps
    const step = this.#recorder.rpc(text, token)
    step.abandoned = true
    const gone = linkSignals([this.#deps.signal])
    const ended = this.#post(text, token, answerMs + waitOf(text), gone.signal)
      .catch(() => undefined)
      .finally(gone.unlink)
    return async () => {
      gone.abort(new HttpFailure('The caller disconnected.'))
      await ended
      this.#recorder.end(step)
    }
  }

  async stream({ room, token, after, lastEventId }: EventStreamRequest): Promise<OpenEventStream> {
    const { url, http, answerMs, signal } = this.#deps
    const text = (value: number | string | undefined) => (value === undefined ? undefined : String(value))
    const place = { after: text(after), lastEventId: text(lastEventId) }
    const step = this.#recorder.stream(room, token, {
      ...(place.after !== undefined && { after: place.after }),
      ...(place.lastEventId !== undefined && { lastEventId: place.lastEventId }),
    })
    const query = place.after === undefined ? '' : `?after=${encodeURIComponent(place.after)}`
    const { response, disconnect } = await http.open({
      method: 'GET',
      url: `${url}/rooms/${encodeURIComponent(room)}/events${query}`,
      headers: {
        accept: 'text/event-stream',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(place.lastEventId !== undefined && { 'last-event-id': place.lastEventId }),
      },
      what: 'the request for an event stream',
      timeoutMs: answerMs,
      signal,
    })
    const status = response.statusCode ?? 0
    step.status = status
    const type = response.headers['content-type'] ?? ''
    const events: StreamEvent[] = []
    const read = eventReader(event => {
      events.push(event)
      step.events++
      this.#watch.event(event)
    })
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => void (status === 200 && read(chunk)))
    // How a stream ends does not matter, only what it brought.
    response.on('error', () => {})
    const stream: OpenEventStream = {
      status,
      events,
      close: async () => {
        if (!this.#streams.delete(stream)) return
        this.#recorder.end(step)
        disconnect()
      },
    }
    this.#streams.add(stream)
    if (status === 200 && !/^text\/event-stream\s*(;|$)/i.test(type)) {
      await stream.close()
      throw new HttpFailure(`An event stream has the content type ${shown(type)}, not text/event-stream.`)
    }
    return stream
  }

  async settle(): Promise<void> {
    const { http, responseTimes, signal } = this.#deps
    await http.written()
    await pause(responseTimes.settleMs, signal)
  }

  failed(error: unknown): void {
    const { url, room } = this.#deps
    const why = this.#recorder.redact(failureText(error))
    this.#deps.onFailure(why, { url, room, steps: [...this.#recorder.steps] })
  }

  /** Leaves with every token of this room, also after an abort. */
  async close(): Promise<void> {
    const { url, room } = this.#deps
    for (const [id, { why, steps }] of this.#problems) {
      const transcript = { url, room, steps: this.#recorder.steps.slice(0, steps) }
      this.#deps.onProblem(id, this.#recorder.redact(why), transcript)
    }
    this.#deps.signal.removeEventListener('abort', this.#stop)
    for (const stream of [...this.#streams]) await stream.close()
    const leave = '{"jsonrpc":"2.0","id":"leave","method":"leave"}'
    const left = this.#recorder.tokens.map(token =>
      this.#post(leave, token, LEAVE_MS, new AbortController().signal).catch(() => undefined),
    )
    await Promise.all(left)
  }

  async #post(text: string, token: string | undefined, withinMs: number, signal: AbortSignal) {
    const { url, http, responseTimes, answerMs } = this.#deps
    const began = performance.now()
    const what = methodOf(text)
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    const answer = await http.request({
      method: 'POST',
      url: `${url}/rpc`,
      headers,
      body: text,
      what,
      timeoutMs: withinMs,
      signal,
    })
    if (withinMs === answerMs) responseTimes.record(performance.now() - began)
    const body = bodyOf(answer, what)
    // HTTP 429 has no JSON-RPC error.
    if (answer.status === 200) this.#watch.answer(text, body)
    return body
  }
}

/** Returns the JSON text of an answer, or undefined for 204. Throws if the answer breaks W5. */
function bodyOf({ status, type, headers, text }: HttpResponse, what: string): string | undefined {
  if (status === 204) {
    if (text === '') return undefined
    throw new HttpFailure(`The server answered ${what} with 204, but with a body.`)
  }
  if (status === 429) {
    const seconds = Number(headers['retry-after'] ?? 1)
    const retry_after_ms = Number.isFinite(seconds) ? seconds * 1000 : 1000
    return JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: 40003, message: text, data: { retry_after_ms } } })
  }
  if (status !== 200)
    throw new HttpFailure(`The server answered ${what} with ${status}, not 200: ${shown(text.slice(0, 200))}.`)
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new HttpFailure(`The answer to ${what} has the content type ${shown(type)}, not application/json.`)
  return text
}

const shown = (text: string): string => JSON.stringify(text)

const methodOf = (text: string): string => {
  const method = /"method"\s*:\s*"([\w.]{1,30})"/.exec(text)?.[1]
  return text.trimStart().startsWith('[') ? 'a batch' : (method ?? 'the request')
}

/** Returns how long a call may wait by its own parameters, in milliseconds. */
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
