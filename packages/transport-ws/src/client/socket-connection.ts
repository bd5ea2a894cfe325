import type { Clock } from '@midsentence/core'
import {
  connectionFailed,
  httpFailure,
  NoResponseError,
  redirectTarget,
  resultOf,
  watchIdle,
} from '@midsentence/core/rpc-client'
import type { OpenSocket, SocketEvent, WebSocketLike } from './web-socket-like.ts'

/** Why a socket was lost or could not be opened. */
export interface SocketLoss {
  /** The second half of a sentence: "…: the server is closing". */
  readonly reason: string
  /** True if the server does not know the session. */
  readonly sessionUnknown: boolean
}

export interface SocketConnectionOptions {
  readonly url: string
  readonly open: OpenSocket
  readonly clock: Clock
  /** Milliseconds without any message after which a socket counts as dead. */
  readonly idleTimeoutMs: number
  /** Called for each notification of the server. */
  onNotification(method: string, params: unknown): void
  /** Called when an open socket is lost. Not called after `close`. */
  onLost(loss: SocketLoss): void
}

interface PendingCall {
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** One socket from open to close: pairs answers with calls by id and passes on notifications. */
export class SocketConnection {
  /** Resolves once open; rejects with `NoResponseError` if it does not open. */
  readonly ready: Promise<void>
  /** The token of the session the server bound this socket to. */
  token: string | undefined
  readonly #options: SocketConnectionOptions
  readonly #socket: WebSocketLike
  readonly #pending = new Map<number, PendingCall>()
  #state: 'opening' | 'open' | 'ended' = 'opening'
  #calls = 0
  #cause: unknown
  #fail: (error: NoResponseError) => void = () => {}

  constructor(options: SocketConnectionOptions) {
    this.#options = options
    const { clock, idleTimeoutMs } = options
    const silent = `nothing came for ${idleTimeoutMs / 1000} seconds`
    const watch = watchIdle(clock, idleTimeoutMs, () => this.#lose({ reason: silent, sessionUnknown: false }))
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
      watch.touch()
      if (this.#state === 'open') this.#receive(data)
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

  /** Sends a call and resolves with its result. Calls `answered` with it before any later message is handled. */
  call(method: string, params: object, signal: AbortSignal, answered: (result: unknown) => void): Promise<unknown> {
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      if (this.#state !== 'open') return reject(broken(this.#cause))
      this.#pending.set(id, {
        resolve(result) {
          answered(result)
          resolve(result)
        },
        reject,
      })
      signal.addEventListener('abort', () => this.#pending.delete(id), { once: true })
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    })
  }

  /** Sends a notification. Does nothing unless open. */
  notify(method: string, params: object): void {
    if (this.#state === 'open') this.#socket.send(JSON.stringify({ jsonrpc: '2.0', method, params }))
  }

  /** Ends the socket as lost. */
  fail(loss: SocketLoss): void {
    this.#lose(loss)
  }

  /** Closes the socket; pending calls reject with `NoResponseError`. Idempotent. */
  close(): void {
    const wasOpen = this.#state === 'open'
    this.#end('it was closed before the answer')
    this.#disconnect(wasOpen)
  }

  #lose(loss: SocketLoss): void {
    if (this.#state === 'ended') return
    const wasOpen = this.#state === 'open'
    this.#end('the connection broke before the answer')
    this.#disconnect(false)
    if (wasOpen) this.#options.onLost(loss)
  }

  #end(reason: string): void {
    if (this.#state === 'ended') return
    if (this.#state === 'opening') this.#fail(notOpened(this.#socket, this.#options.url, this.#cause))
    this.#state = 'ended'
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject } of pending) reject(new NoResponseError({ reason, outcomeUnknown: true, cause: this.#cause }))
  }

  /** Closes gracefully, or breaks the connection: a dead one would never answer a close frame. */
  #disconnect(gracefully: boolean): void {
    if (!gracefully && this.#socket.terminate) this.#socket.terminate()
    else this.#socket.close(1000)
  }

  #receive(data: unknown): void {
    const message = parsed(data)
    // Ignore what is not JSON-RPC, and answers to no call.
    if (typeof message !== 'object' || message === null) return
    if ('method' in message) {
      if (typeof message.method === 'string')
        this.#options.onNotification(message.method, 'params' in message ? message.params : undefined)
      return
    }
    const id = 'id' in message ? Number(message.id ?? Number.NaN) : Number.NaN
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#pending.delete(id)
    try {
      pending.resolve(resultOf(message, id))
    } catch (error) {
      pending.reject(error)
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
  new NoResponseError({ reason: 'the connection broke before the answer', outcomeUnknown: false, cause })

/** Builds the error of a socket that did not open at `url`. No call was sent, so none had an effect. */
export function notOpened(socket: WebSocketLike, url: string, cause: unknown): NoResponseError {
  const { upgradeStatus: status, upgradeLocation } = socket
  if (status === undefined) {
    const { message, outcomeUnknown } = connectionFailed(cause)
    const reason = outcomeUnknown ? 'no WebSocket could be opened' : message
    return new NoResponseError({ reason, outcomeUnknown: false, cause })
  }
  const location = status >= 300 && status < 400 ? upgradeLocation?.replace(/^http/i, 'ws') : undefined
  const redirectTo = redirectTarget(location, url, '/ws')
  const details = redirectTo === undefined ? {} : { redirectTo }
  const { message: reason } = httpFailure(status, null, details)
  return new NoResponseError({ reason, outcomeUnknown: false, status, ...details })
}

const SESSION_OVER = 4001

function lossOf({ code = 1006, reason = '' }: SocketEvent): SocketLoss {
  if (code === SESSION_OVER) return { reason: 'the session is over', sessionUnknown: true }
  // The reason becomes part of a sentence, so drop its full stop.
  const why = reason.slice(0, 123).replace(/[\s.]+$/, '')
  if (code === 1006 || why === '')
    return { reason: code === 1006 ? 'the connection broke' : `it was closed (${code})`, sessionUnknown: false }
  return { reason: `it was closed (${code}: ${why})`, sessionUnknown: false }
}
