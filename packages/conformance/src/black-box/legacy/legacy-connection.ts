import { eventReader } from '../event-reader.ts'
import type { HttpClient } from '../http-client.ts'
import { HttpFailure } from '../http-failure.ts'
import { pause } from '../send-patiently.ts'

/** One message as the dialect has it. */
export interface LegacyMessage {
  readonly sender: string
  readonly content: string
  readonly timestamp: string
}

export interface LegacyResponse {
  readonly status: number
  readonly text: string
}

/** The existing server looks once a second whether there is something to give: so many answers' time that takes. */
const POLL_FACTOR = 1.6
const POLL_MS = 25

export interface LegacyConnectionDeps {
  readonly url: string
  readonly http: HttpClient
  /** How long an answer may take, in milliseconds. */
  readonly answerMs: number
  readonly signal: AbortSignal
}

/** The line of one case to a server that speaks the dialect: everybody who registers over it is unregistered by `close`. */
export class LegacyConnection {
  readonly #deps: LegacyConnectionDeps
  readonly #curlLines: string[] = []
  readonly #registered = new Set<string>()
  readonly #streams: (() => void)[] = []

  constructor(parts: LegacyConnectionDeps) {
    this.#deps = parts
  }

  /** Sends `body` to `path`, whatever it is; asked again where the server says that this is too much. */
  async post(path: string, body: unknown, signal = this.#deps.signal): Promise<LegacyResponse> {
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
      throw new HttpFailure(`The answer to ${path} is called ${JSON.stringify(type)}, not application/json.`)
    return { status, text: answer.text }
  }

  async register(username: string): Promise<LegacyResponse> {
    const had = this.#registered.has(username)
    // Also where the answer never comes: nobody else has such a name.
    this.#registered.add(username)
    const reply = await this.post('/register', { username })
    if (reply.status !== 200 && !had) this.#registered.delete(username)
    return reply
  }

  async unregister(username: string): Promise<LegacyResponse> {
    this.#registered.delete(username)
    return this.post('/unregister', { username })
  }

  /** The status of an event stream, and what it brings; `query` as it stands behind the question mark. */
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
    const heard = new LegacyEvents(response.statusCode ?? 0, String(response.headers['content-type'] ?? ''), this.#deps)
    const read = eventReader(({ data }) => heard.add(data))
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => void (heard.status === 200 && read(chunk)))
    response.on('error', () => {})
    response.on('close', () => heard.end())
    return heard
  }

  openEventsAs = (username: string): Promise<LegacyEvents> =>
    this.openEvents(`username=${encodeURIComponent(username)}`)

  /** The lines of a shell that ask the same. */
  get curl(): string {
    return [`URL=${quoted(this.#deps.url)}`, ...this.#curlLines, 'wait'].join('\n')
  }

  async close(): Promise<void> {
    for (const hangUp of this.#streams) hangUp()
    const never = new AbortController().signal
    await Promise.all(
      [...this.#registered].map(username => this.post('/unregister', { username }, never).catch(() => undefined)),
    )
  }
}

/** What an event stream brought. */
export class LegacyEvents {
  readonly status: number
  readonly type: string
  /** The data of each event, as it came. */
  readonly events: string[] = []
  ended = false
  readonly #deps: LegacyConnectionDeps

  constructor(status: number, type: string, parts: LegacyConnectionDeps) {
    this.status = status
    this.type = type
    this.#deps = parts
  }

  add(data: string): void {
    this.events.push(data)
  }

  end(): void {
    this.ended = true
  }

  /** Everything that was said, notices too, in the order in which it came. Throws where it is no array of messages. */
  get messages(): readonly LegacyMessage[] {
    return this.events.flatMap(parseMessages)
  }

  /** Only what these said. */
  from(...senders: string[]): readonly LegacyMessage[] {
    return this.messages.filter(({ sender }) => senders.includes(sender))
  }

  /** Waits until it holds, or so long that it never will. */
  async waitUntil(holds: (heard: this) => boolean): Promise<void> {
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
  throw new Error(`an event is no array of {sender, content, timestamp}\nfound: ${data.slice(0, 300)}`)
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
