import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { HttpFailure, httpFailure } from './failures.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** The name of the request in a failure sentence. */
  readonly what: string
  /** The timeout in milliseconds, until the whole answer, or until the head of a stream. */
  readonly timeoutMs: number
  /** Aborts the request, which rejects with the signal's reason. */
  readonly signal: AbortSignal
}

export interface HttpResponse {
  readonly status: number
  readonly type: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** An answer whose body is read while it arrives. */
export interface HttpStream {
  readonly response: IncomingMessage
  /** Closes the connection. */
  disconnect(): void
}

/** The maximum size of an answer, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024

/** An HTTP client for untrusted servers: every request ends in time, with an answer or an `HttpFailure`. */
export class HttpClient {
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  #sending = 0
  #sent: (() => void)[] = []

  /** Resolves with the whole answer. Rejects with `HttpFailure`, or with the signal's reason. */
  async request(ask: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#requestOnce(ask)
    } catch (error) {
      // The server closed an idle connection while the request was on its way, so it did not read the request.
      if (error !== idle) throw error
      return this.#requestOnce(ask)
    }
  }

  /** Resolves with the head of an answer. Rejects like `request`. */
  open(ask: HttpRequest): Promise<HttpStream> {
    return new Promise((resolve, reject) => {
      const request = this.#start(ask, reject, response => {
        clear()
        resolve({ response, disconnect: () => void request.destroy() })
      })
      const clear = limit(request, ask, reject)
    })
  }

  /** Resolves when every request has been handed to the network. */
  written(): Promise<void> {
    return this.#sending === 0 ? Promise.resolve() : new Promise(resolve => void this.#sent.push(resolve))
  }

  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }

  #requestOnce(ask: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => {
        clear()
        reject(error)
      }
      const request = this.#start(ask, failed, response => {
        const chunks: Buffer[] = []
        let length = 0
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          length += chunk.length
          if (length > MAX_BYTES) request.destroy(new HttpFailure(`The answer to ${ask.what} is longer than 16 MiB.`))
        })
        response.on('error', error => failed(sentence(error, ask.what)))
        response.on('end', () => {
          clear()
          const { statusCode = 0, headers } = response
          const type = headers['content-type'] ?? ''
          resolve({ status: statusCode, type, headers, text: Buffer.concat(chunks).toString('utf8') })
        })
      })
      const clear = limit(request, ask, reject)
    })
  }

  #start(ask: HttpRequest, failed: (error: unknown) => void, answered: (response: IncomingMessage) => void) {
    const { method, url, headers, body, what } = ask
    const secure = url.startsWith('https:')
    const make = secure ? httpsRequest : httpRequest
    const request = make(url, { method, headers, agent: secure ? this.#https : this.#http })
    this.#sending++
    let counted = true
    const sent = () => {
      if (!counted) return
      counted = false
      if (--this.#sending === 0) for (const tell of this.#sent.splice(0)) tell()
    }
    let begun = false
    request.on('response', response => {
      begun = true
      answered(response)
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      sent()
      const stale = request.reusedSocket && !begun && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      failed(stale ? idle : sentence(error, what))
    })
    request.on('finish', sent)
    request.on('close', sent)
    request.end(body)
    return request
  }
}

const idle = new HttpFailure('The server closed an idle connection.')

const sentence = (error: NodeJS.ErrnoException, what: string): Error =>
  error instanceof HttpFailure ? error : httpFailure(error, what)

/** Ends `request` at its timeout or when its signal aborts. Returns a function that stops this. */
function limit(request: ClientRequest, { what, timeoutMs, signal }: HttpRequest, reject: (error: unknown) => void) {
  const give = (error: unknown) => {
    clear()
    reject(error)
    request.destroy()
  }
  const late = () =>
    give(new HttpFailure(`The server did not answer ${what} within ${Math.round(timeoutMs / 100) / 10} seconds.`))
  const stop = () => give(signal.reason)
  const timer = setTimeout(late, timeoutMs)
  const clear = () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop)
  return clear
}
