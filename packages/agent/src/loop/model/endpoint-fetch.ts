import { APICallError } from 'ai'

/** An endpoint that has named its finish reason and keeps the connection open is cut off after this silence, in milliseconds. */
const AFTER_FINISH_MS = 500
/** Most of an answer that is no stream, in bytes: enough for its error. */
const MAX_PLAIN = 64 * 1024
/** Message of the error of a stream without an event. */
export const EMPTY_ANSWER = 'The stream ended without an event.'
/** A line of a stream longer than this carries no finish reason. In UTF-16 units. */
const MAX_LINE = 1024 * 1024

/** Sent where an endpoint ends its stream by `[DONE]` without a finish reason: the SDK would take the answer for broken. */
const finishEvent = new TextEncoder().encode(
  `\n\ndata: ${JSON.stringify({ id: 'finish', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`,
)

/** Sent after a comment, which a provider skips: the endpoint is alive, such as while it loads a model. */
const lifeEvent = new TextEncoder().encode('data: {"choices":[]}\n\n')

/**
 * A `fetch` for providers of the AI SDK that speak OpenAI's chat completions API. A streamed answer ends at `[DONE]`, or
 * half a second after its finish reason, also where the endpoint keeps the connection open. An answer that is no stream, such
 * as a web page or `{"error": …}` with status 200, rejects with an `APICallError` that holds its text. A stream that ends
 * without an event fails with one that names the endpoint.
 *
 * @example createOpenAICompatible({ name: 'local', baseURL: 'http://127.0.0.1:8080/v1', fetch: endpointFetch })
 */
export const endpointFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  const isStreaming = typeof init?.body === 'string' && /"stream"\s*:\s*true/.test(init.body)
  if (!response.ok || !response.body || !isStreaming) return response
  const reader = response.body.getReader()
  const read: Uint8Array[] = []
  let beginning = ''
  for (const decoder = new TextDecoder(); beginning.trim() === '' && beginning.length < MAX_PLAIN; ) {
    const { value, done } = await reader.read()
    if (done) break
    read.push(value)
    beginning += decoder.decode(value, { stream: true })
  }
  if (/^\s*[<{[]/.test(beginning)) throw await plainAnswer(response, reader, read)
  return new Response(untilFinished(response.url, reader, read), response)
}

type BodyReader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>

async function plainAnswer(response: Response, reader: BodyReader, read: Uint8Array[]): Promise<APICallError> {
  for (let bytes = 0; bytes < MAX_PLAIN; ) {
    const { value, done } = await reader.read()
    if (done) break
    read.push(value)
    bytes += value.length
  }
  void reader.cancel().catch(() => {})
  const decoder = new TextDecoder()
  return new APICallError({
    message: 'The answer is no stream.',
    url: response.url,
    requestBodyValues: {},
    statusCode: response.status,
    responseHeaders: Object.fromEntries(response.headers),
    responseBody: read.map(chunk => decoder.decode(chunk, { stream: true })).join(''),
    isRetryable: false,
  })
}

/** Passes on what was `read`, then the rest up to the end of the answer. */
function untilFinished(url: string, reader: BodyReader, read: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const end = new EndOfAnswer()
  const waiting = [...read]
  return new ReadableStream({
    async pull(controller) {
      const chunk = waiting.shift() ?? (await nextChunk(reader, end.hasReason ? AFTER_FINISH_MS : undefined))
      if (chunk) {
        controller.enqueue(chunk)
        if (end.feed(chunk) === 'comment') controller.enqueue(lifeEvent)
      }
      if (chunk && !end.isDone) return
      if (end.isEmpty) {
        void reader.cancel().catch(() => {})
        return controller.error(emptyAnswer(url))
      }
      if (end.isDone && !end.hasReason) controller.enqueue(finishEvent)
      controller.close()
      // An endpoint that ends its answer here lets its connection be used again.
      if (chunk) await nextChunk(reader, AFTER_FINISH_MS).catch(() => {})
      await reader.cancel().catch(() => {})
    },
    cancel: reason => reader.cancel(reason),
  })
}

const emptyAnswer = (url: string) =>
  new APICallError({
    message: EMPTY_ANSWER,
    url,
    requestBodyValues: {},
    statusCode: 200,
    isRetryable: true,
  })

/** Resolves with undefined at the end of the body, or after `ms` milliseconds. */
async function nextChunk(reader: BodyReader, ms: number | undefined): Promise<Uint8Array | undefined> {
  if (ms === undefined) return (await reader.read()).value
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, ms, undefined)
  })
  try {
    return await Promise.race([reader.read().then(({ value }) => value), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Looks for the end of an answer in the bytes of its stream. */
class EndOfAnswer {
  /** Whether a chunk had a finish reason. */
  hasReason = false
  /** Whether `[DONE]` came. */
  isDone = false
  #hasEvent = false
  /** Whether the last lines belong to an event that is not complete. */
  #isInEvent = false
  readonly #decoder = new TextDecoder()
  #line = ''

  /** Whether no event has come. */
  get isEmpty(): boolean {
    return !this.#hasEvent && (this.isDone || !this.#line.startsWith('data:'))
  }

  /** Reads a part of the stream. Returns `comment` if it has a comment, and an event may follow it. */
  feed(chunk: Uint8Array): 'comment' | undefined {
    let hasComment = false
    const lines = (this.#line + this.#decoder.decode(chunk, { stream: true })).split(/\r\n|\r|\n/)
    this.#line = lines.pop()!
    for (const line of lines) {
      this.#read(line)
      hasComment ||= line.startsWith(':')
      this.#isInEvent = line !== '' && (this.#isInEvent || !line.startsWith(':'))
    }
    if (/^data:\s*\[DONE\]$/.test(this.#line)) this.isDone = true
    const mayFollow = hasComment && this.#line === '' && !this.#isInEvent && !this.isDone
    if (this.#line.length > MAX_LINE) this.#line = ''
    return mayFollow ? 'comment' : undefined
  }

  #read(line: string): void {
    if (!line.startsWith('data:')) return
    const data = line.slice(5).trim()
    if (data === '[DONE]') this.isDone = true
    else this.#hasEvent = true
    if (data.includes('"finish_reason"')) this.hasReason ||= hasFinishReason(data)
  }
}

function hasFinishReason(data: string): boolean {
  try {
    const { choices } = JSON.parse(data) as { choices?: readonly { finish_reason?: unknown }[] }
    return choices?.some(choice => typeof choice?.finish_reason === 'string') === true
  } catch {
    return false
  }
}
