import { Buffer } from 'node:buffer'
import type { CallBudget } from '@midsentence/core/wire'
import type { ErrorResponse, HttpExchange, RequestBody, StreamConnection } from '../http-exchange.ts'
import { FetchConnection } from './fetch-connection.ts'

/** What a host knows of its requests. */
export interface FetchHost {
  /** Returns the address of the client, for admission. Default: none is passed on. */
  addressOf?(request: Request): string | undefined
  /** Returns what the calls of a request are paid from, besides the rate of their session. Default: nothing. */
  budgetOf?(request: Request): CallBudget | undefined
}

/** A web-standard request and its response. */
export class FetchExchange implements HttpExchange {
  readonly target: string
  readonly response: Promise<Response>
  readonly #request: Request
  readonly #host: FetchHost
  #respond: (response: Response) => void = () => {}

  constructor(request: Request, target: string, host: FetchHost) {
    this.target = target
    this.#request = request
    this.#host = host
    this.response = new Promise(resolve => {
      this.#respond = resolve
    })
  }

  get method(): string {
    return this.#request.method
  }

  get address(): string | undefined {
    return this.#host.addressOf?.(this.#request)
  }

  get budget(): CallBudget | undefined {
    return this.#host.budgetOf?.(this.#request)
  }

  get signal(): AbortSignal {
    return this.#request.signal
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined
  }

  readBody(limit: number, done: (body: RequestBody) => void): void {
    void readBody(this.#request, limit).then(done)
  }

  send(text: string | undefined): void {
    this.#respond(
      text === undefined
        ? new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })
        : new Response(text, { headers: jsonHeaders }),
    )
  }

  sendError({ status, error, headers }: ErrorResponse): void {
    this.#respond(new Response(JSON.stringify({ error }), { status, headers: { ...jsonHeaders, ...headers } }))
  }

  openStream(): StreamConnection {
    return new FetchConnection(this.#request, this.#respond)
  }
}

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }

/** Reads at most `limit` bytes. Rejects a declared length above `limit` before reading. */
async function readBody({ headers, body, bodyUsed }: Request, limit: number): Promise<RequestBody> {
  if (Number(headers.get('content-length') ?? 0) > limit) return 'too-long'
  if (bodyUsed || body?.locked) return 'taken'
  if (!body) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return Buffer.concat(chunks, length)
      length += value.length
      if (length > limit) {
        reader.cancel().catch(() => {})
        return 'too-long'
      }
      chunks.push(value)
    }
  } catch {
    return 'broken'
  }
}
