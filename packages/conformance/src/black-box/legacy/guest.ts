import { eventReader } from '../event-reader.ts'
import type { Http } from '../http.ts'
import { Unanswered } from '../unanswered.ts'
import { pause } from '../waiting.ts'

/** One message as the dialect has it. */
export interface Entry {
  readonly sender: string
  readonly content: string
  readonly timestamp: string
}

export interface Reply {
  readonly status: number
  readonly text: string
}

/** The existing server looks once a second whether there is something to give: so many answers' time that takes. */
const HEARD = 1.6
const LOOK_MS = 25

export interface LineParts {
  readonly url: string
  readonly http: Http
  /** How long an answer may take, in milliseconds. */
  readonly answerMs: number
  readonly signal: AbortSignal
}

/** The line of one case to a server that speaks the dialect: everybody who registers over it is unregistered by `close`. */
export class Line {
  readonly #parts: LineParts
  readonly #asked: string[] = []
  readonly #registered = new Set<string>()
  readonly #streams: (() => void)[] = []

  constructor(parts: LineParts) {
    this.#parts = parts
  }

  /** Sends `body` to `path`, whatever it is; asked again where the server says that this is too much. */
  async post(path: string, body: unknown, signal = this.#parts.signal): Promise<Reply> {
    const { url, http, answerMs } = this.#parts
    const text = JSON.stringify(body)
    this.#asked.push(`curl -sS "$URL${path}" -H 'content-type: application/json' --data-raw ${quoted(text)}`)
    const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
    const ask = {
      method: 'POST',
      url: url + path,
      headers,
      body: text,
      what: path,
      withinMs: answerMs,
      signal,
    } as const
    let answer = await http.ask(ask)
    for (let asked = 0; answer.status === 429 && asked < 5; asked++) {
      const seconds = Number(answer.headers['retry-after'] ?? 1)
      await pause(Math.min(5, Number.isFinite(seconds) ? seconds : 1) * 1000, signal)
      answer = await http.ask(ask)
    }
    const { status, type } = answer
    this.#asked.push(`# ${status} ${answer.text.slice(0, 200).replaceAll('\n', ' ')}`)
    if (!/^application\/json\s*(;|$)/i.test(type))
      throw new Unanswered(`The answer to ${path} is called ${JSON.stringify(type)}, not application/json.`)
    return { status, text: answer.text }
  }

  async register(username: string): Promise<Reply> {
    const had = this.#registered.has(username)
    // Also where the answer never comes: nobody else has such a name.
    this.#registered.add(username)
    const reply = await this.post('/register', { username })
    if (reply.status !== 200 && !had) this.#registered.delete(username)
    return reply
  }

  async unregister(username: string): Promise<Reply> {
    this.#registered.delete(username)
    return this.post('/unregister', { username })
  }

  /** The status of an event stream, and what it brings; `query` as it stands behind the question mark. */
  async listen(query: string): Promise<Heard> {
    const { url, http, answerMs, signal } = this.#parts
    this.#asked.push(`curl -sSN --max-time 5 "$URL/events?${query}" & sleep 0.2`)
    const { response, hangUp } = await http.open({
      method: 'GET',
      url: `${url}/events?${query}`,
      headers: { accept: 'text/event-stream' },
      what: '/events',
      withinMs: answerMs,
      signal,
    })
    this.#streams.push(hangUp)
    const heard = new Heard(response.statusCode ?? 0, String(response.headers['content-type'] ?? ''), this.#parts)
    const read = eventReader(({ data }) => heard.take(data))
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => void (heard.status === 200 && read(chunk)))
    response.on('error', () => {})
    response.on('close', () => heard.end())
    return heard
  }

  listenAs = (username: string): Promise<Heard> => this.listen(`username=${encodeURIComponent(username)}`)

  /** The lines of a shell that ask the same. */
  get curl(): string {
    return [`URL=${quoted(this.#parts.url)}`, ...this.#asked, 'wait'].join('\n')
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
export class Heard {
  readonly status: number
  readonly type: string
  /** The data of each event, as it came. */
  readonly events: string[] = []
  ended = false
  readonly #parts: LineParts

  constructor(status: number, type: string, parts: LineParts) {
    this.status = status
    this.type = type
    this.#parts = parts
  }

  take(data: string): void {
    this.events.push(data)
  }

  end(): void {
    this.ended = true
  }

  /** Everything that was said, notices too, in the order in which it came. Throws where it is no array of messages. */
  get entries(): readonly Entry[] {
    return this.events.flatMap(entriesOf)
  }

  /** Only what these said. */
  by(...senders: string[]): readonly Entry[] {
    return this.entries.filter(({ sender }) => senders.includes(sender))
  }

  /** Waits until it holds, or so long that it never will. */
  async until(holds: (heard: this) => boolean): Promise<void> {
    const last = performance.now() + HEARD * this.#parts.answerMs
    while (!holds(this) && performance.now() < last) await pause(LOOK_MS, this.#parts.signal)
  }
}

function entriesOf(data: string): readonly Entry[] {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    value = undefined
  }
  const good = (one: unknown): one is Entry =>
    ['sender', 'content', 'timestamp'].every(
      field => typeof (one as Record<string, unknown> | null)?.[field] === 'string',
    )
  if (Array.isArray(value) && value.every(good)) return value
  throw new Error(`an event is no array of {sender, content, timestamp}\nfound: ${data.slice(0, 300)}`)
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
