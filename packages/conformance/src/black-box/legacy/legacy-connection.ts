import { eventReader } from '../event-reader.ts'
import { HttpFailure } from '../failures.ts'
import type { HttpClient } from '../http-client.ts'
import { pause } from '../send-patiently.ts'

/** A message in the legacy dialect. */
export interface LegacyMessage {
  readonly sender: string
  readonly content: string
  readonly timestamp: string
}

export interface LegacyAnswer {
  readonly status: number
  readonly text: string
}

/** How long to wait for events, as a multiple of `answerMs`. The Python server polls once a second. */
const POLL_FACTOR = 1.6
const POLL_MS = 25

export interface LegacyConnectionDeps {
  readonly url: string
  readonly http: HttpClient
  /** The timeout of a request, in milliseconds. */
  readonly answerMs: number
  readonly signal: AbortSignal
}

/** The requests of one case to a legacy server. `close` unregisters every name that it registered. */
export class LegacyConnection {
  readonly #deps: LegacyConnectionDeps
  readonly #curlLines: string[] = []
  readonly #registered = new Set<string>()
  readonly #streams: (() => void)[] = []

  constructor(deps: LegacyConnectionDeps) {
    this.#deps = deps
  }

  /** Sends `body` to `path`. Repeats the request if the server answers 429. */
  async post(path: string, body: unknown, signal = this.#deps.signal): Promise<LegacyAnswer> {
    const { url, http, answerMs } = this.#deps
    const text = JSON.stringify(body)
    this.#curlLines.push(`curl -sS "$URL${path}" -H 'content-type: application/json' --data-raw ${quoted(text)}`)
    const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
    const ask = {
      method: 'POST',
      url: url + path,
      headers,
      body: text,
      what: path,
      timeoutMs: answerMs,
      signal,
    } as const
    let answer = await http.request(ask)
    for (let asked = 0; answer.status === 429 && asked < 5; asked++) {
      const seconds = Number(answer.headers['retry-after'] ?? 1)
      await pause(Math.min(5, Number.isFinite(seconds) ? seconds : 1) * 1000, signal)
      answer = await http.request(ask)
    }
    const { status, type } = answer
    this.#curlLines.push(`# ${status} ${answer.text.slice(0, 200).replaceAll('\n', ' ')}`)
    if (!/^application\/json\s*(;|$)/i.test(type))
      throw new HttpFailure(`The answer to ${path} has the content type ${JSON.stringify(type)}, not application/json.`)
    return { status, text: answer.text }
  }

  async register(username: string): Promise<LegacyAnswer> {
    const wasRegistered = this.#registered.has(username)
    // Before the answer, which may never arrive. No other client has this name.
    this.#registered.add(username)
    const reply = await this.post('/register', { username })
    if (reply.status !== 200 && !wasRegistered) this.#registered.delete(username)
    return reply
  }

  async unregister(username: string): Promise<LegacyAnswer> {
    this.#registered.delete(username)
    return this.post('/unregister', { username })
  }

  /** Opens an event stream. `query` is the part of the URL after the question mark. */
  async openEvents(query: string): Promise<LegacyEvents> {
    const { url, http, answerMs, signal } = this.#deps
    this.#curlLines.push(`curl -sSN --max-time 5 "$URL/events?${query}" & sleep 0.2`)
    const { response, disconnect } = await http.open({
      method: 'GET',
      url: `${url}/events?${query}`,
      headers: { accept: 'text/event-stream' },
      what: '/events',
      timeoutMs: answerMs,
      signal,
    })
    this.#streams.push(disconnect)
    const events = new LegacyEvents(
      response.statusCode ?? 0,
      String(response.headers['content-type'] ?? ''),
      this.#deps,
    )
    const read = eventReader(({ data }) => events.add(data))
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => void (events.status === 200 && read(chunk)))
    response.on('error', () => {})
    response.on('close', () => events.end())
    return events
  }

  openEventsAs = (username: string): Promise<LegacyEvents> =>
    this.openEvents(`username=${encodeURIComponent(username)}`)

  /** Shell lines that repeat the requests. */
  get curl(): string {
    return [`URL=${quoted(this.#deps.url)}`, ...this.#curlLines, 'wait'].join('\n')
  }

  async close(): Promise<void> {
    for (const disconnect of this.#streams) disconnect()
    const never = new AbortController().signal
    await Promise.all(
      [...this.#registered].map(username => this.post('/unregister', { username }, never).catch(() => undefined)),
    )
  }
}

/** The events of one stream. */
export class LegacyEvents {
  readonly status: number
  readonly type: string
  /** The data of each event. */
  readonly events: string[] = []
  ended = false
  readonly #deps: LegacyConnectionDeps

  constructor(status: number, type: string, deps: LegacyConnectionDeps) {
    this.status = status
    this.type = type
    this.#deps = deps
  }

  add(data: string): void {
    this.events.push(data)
  }

  end(): void {
    this.ended = true
  }

  /** All messages in order, notices included. Throws if an event is not an array of messages. */
  get messages(): readonly LegacyMessage[] {
    return this.events.flatMap(parseMessages)
  }

  /** The messages of these senders. */
  from(...senders: string[]): readonly LegacyMessage[] {
    return this.messages.filter(({ sender }) => senders.includes(sender))
  }

  /** Waits until `holds` returns true, or until the timeout. */
  async waitUntil(holds: (events: this) => boolean): Promise<void> {
    const last = performance.now() + POLL_FACTOR * this.#deps.answerMs
    while (!holds(this) && performance.now() < last) await pause(POLL_MS, this.#deps.signal)
  }
}

function parseMessages(data: string): readonly LegacyMessage[] {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    value = undefined
  }
  const good = (one: unknown): one is LegacyMessage =>
    ['sender', 'content', 'timestamp'].every(
      field => typeof (one as Record<string, unknown> | null)?.[field] === 'string',
    )
  if (Array.isArray(value) && value.every(good)) return value
  throw new Error(`an event is not an array of {sender, content, timestamp}\nfound: ${data.slice(0, 300)}`)
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
