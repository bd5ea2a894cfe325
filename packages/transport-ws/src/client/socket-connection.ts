import type { Clock } from '@midsentence/core'
import { NoResponseError, neverConnected, resultOf, watchIdle } from '@midsentence/core/rpc-client'
import type { OpenSocket, SocketEvent, WebSocketLike } from './web-socket-like.ts'

/** Why a socket is no more, or never came to be. */
export interface SocketLoss {
  /** The end of a sentence that begins with what is lost: "…: the server is closing". */
  readonly reason: string
  /** The session is not known there. */
  readonly sessionUnknown: boolean
}

export interface SocketConnectionOptions {
  readonly url: string
  readonly open: OpenSocket
  readonly clock: Clock
  /** A socket on which nothing came for so long is dead. Milliseconds. */
  readonly silenceMs: number
  /** The server says something of itself. */
  onNotification(method: string, params: unknown): void
  /** It was open, and is no more. Not called after `end`. */
  onLost(loss: SocketLoss): void
}

interface PendingCall {
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** One socket, from its opening to its end: calls by id, and what comes besides. */
export class SocketConnection {
  /** Resolves once it is open; rejects with `Unanswered` where it does not open. */
  readonly ready: Promise<void>
  /** The token of the session that the server has bound it to. */
  token: string | undefined
  readonly #options: SocketConnectionOptions
  readonly #socket: WebSocketLike
  readonly #waiting = new Map<number, PendingCall>()
  #state: 'opening' | 'open' | 'over' = 'opening'
  #calls = 0
  #cause: unknown
  #fail: (error: NoResponseError) => void = () => {}

  constructor(options: SocketConnectionOptions) {
    this.#options = options
    const { clock, silenceMs } = options
    const silent = `nothing came for ${silenceMs / 1000} seconds`
    const watch = watchIdle(clock, silenceMs, () => this.#lose({ reason: silent, sessionUnknown: false }))
    this.#socket = options.open(options.url)
    this.ready = new Promise((resolve, reject) => {
      this.#fail = reject
      this.#socket.addEventListener('open', () => {
        if (this.#state !== 'opening') return
        this.#state = 'open'
        resolve()
      })
    })
    this.ready.catch(() => {})
    this.#socket.addEventListener('message', ({ data }) => {
      watch.alive()
      if (this.#state === 'open') this.#take(data)
    })
    this.#socket.addEventListener('error', ({ error }) => {
      this.#cause ??= error
    })
    this.#socket.addEventListener('close', event => {
      watch.cancel()
      this.#lose(lossOf(event))
    })
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** Asks, and calls `answered` with the result before anything that comes behind it. It must be open. */
  call(method: string, params: object, signal: AbortSignal, answered: (result: unknown) => void): Promise<unknown> {
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      if (this.#state !== 'open') return reject(broken(this.#cause))
      this.#waiting.set(id, {
        resolve(result) {
          answered(result)
          resolve(result)
        },
        reject,
      })
      signal.addEventListener('abort', () => this.#waiting.delete(id), { once: true })
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    })
  }

  /** Says something that is not answered. */
  notify(method: string, params: object): void {
    if (this.#state === 'open') this.#socket.send(JSON.stringify({ jsonrpc: '2.0', method, params }))
  }

  /** Gives it up for a reason, as if it had broken. */
  fail(loss: SocketLoss): void {
    this.#lose(loss)
  }

  /** Closes it in peace; calls under way end unanswered. Idempotent. */
  close(): void {
    const wasOpen = this.#state === 'open'
    this.#over('it was closed before the answer')
    this.#hangUp(wasOpen)
  }

  #lose(loss: SocketLoss): void {
    if (this.#state === 'over') return
    const wasOpen = this.#state === 'open'
    this.#over('the connection broke before the answer')
    this.#hangUp(false)
    if (wasOpen) this.#options.onLost(loss)
  }

  #over(reason: string): void {
    if (this.#state === 'over') return
    if (this.#state === 'opening') this.#fail(notOpened(this.#socket.upgradeStatus, this.#cause))
    this.#state = 'over'
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(new NoResponseError({ reason, doubtful: true, cause: this.#cause }))
  }

  /** A dead line would not answer a farewell: whoever can, breaks it. */
  #hangUp(inPeace: boolean): void {
    if (!inPeace && this.#socket.terminate) this.#socket.terminate()
    else this.#socket.close(1000)
  }

  #take(data: unknown): void {
    const said = parsed(data)
    // What is no JSON-RPC is passed over, as what nobody asked for is.
    if (typeof said !== 'object' || said === null) return
    if ('method' in said) {
      if (typeof said.method === 'string')
        this.#options.onNotification(said.method, 'params' in said ? said.params : undefined)
      return
    }
    const id = 'id' in said ? Number(said.id ?? Number.NaN) : Number.NaN
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    this.#waiting.delete(id)
    try {
      waiting.resolve(resultOf(said, id))
    } catch (error) {
      waiting.reject(error)
    }
  }
}

function parsed(data: unknown): unknown {
  try {
    return typeof data === 'string' ? JSON.parse(data) : undefined
  } catch {
    return undefined
  }
}

const broken = (cause: unknown) =>
  new NoResponseError({ reason: 'the connection broke before the answer', doubtful: false, cause })

/** Nothing was asked yet, so nothing was done. */
function notOpened(status: number | undefined, cause: unknown): NoResponseError {
  if (status !== undefined)
    return new NoResponseError({ reason: `the server answered ${status}`, doubtful: false, status })
  const reason = neverConnected(cause) ? 'nobody answers there' : 'no WebSocket could be opened'
  return new NoResponseError({ reason, doubtful: false, cause })
}

const SESSION_OVER = 4001

function lossOf({ code = 1006, reason = '' }: SocketEvent): SocketLoss {
  if (code === SESSION_OVER) return { reason: 'the session is over', sessionUnknown: true }
  // What the server says ends like a sentence of ours goes on.
  const why = reason.slice(0, 123).replace(/[\s.]+$/, '')
  if (code === 1006 || why === '')
    return { reason: code === 1006 ? 'the connection broke' : `it was closed (${code})`, sessionUnknown: false }
  return { reason: `it was closed (${code}: ${why})`, sessionUnknown: false }
}
