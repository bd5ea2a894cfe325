import type { Clock, Seq } from '@midsentence/core'
import {
  connectionFailed,
  noAnswerWithin,
  type Rpc,
  type RpcCallOptions,
  type ServerAddresses,
} from '@midsentence/core/rpc-client'
import { SocketConnection, type SocketLoss } from './socket-connection.ts'
import type { OpenSocket } from './web-socket-like.ts'

/** Receives what a socket brings besides answers. */
export interface SocketListener {
  /** The seq to resume after. Undefined: the server cursor. */
  resumeAfter(): Seq | undefined
  /** Called when the server binds the socket to a session. Earlier notifications belong to no session. */
  onBound(by: 'join' | 'resume'): void
  onNotification(method: string, params: unknown): void
  onLost(loss: SocketLoss): void
}

export interface SocketRpcOptions {
  readonly open: OpenSocket
  readonly clock: Clock
  readonly idleTimeoutMs: number
}

/**
 * JSON-RPC 2.0 over one WebSocket at a time. A call opens a socket to the current address if there is none. The server
 * binds a socket to a session once; a call with another token sends `resume` first.
 */
export class SocketRpc implements Rpc {
  readonly #addresses: ServerAddresses
  readonly #options: SocketRpcOptions
  #listener: SocketListener | undefined
  #connection: SocketConnection | undefined

  constructor(addresses: ServerAddresses, options: SocketRpcOptions) {
    this.#addresses = addresses
    this.#options = options
  }

  /** Call once, before the first `call`. */
  setListener(listener: SocketListener): void {
    this.#listener = listener
  }

  call(method: string, params: object, { token, ms, signal }: RpcCallOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const { clock } = this.#options
      const cancelled = new AbortController()
      const connection = this.#connected()
      const end = (reason: unknown) => {
        finish()
        cancelled.abort()
        reject(reason)
      }
      const abort = () => end(signal?.reason)
      const late = () => {
        const { isOpen } = connection
        const error = noAnswerWithin(ms, isOpen)
        end(error)
        // A socket whose join or resume got no answer is not used again. `who` waits for nothing: the socket is dead.
        if (!isOpen || method === 'join' || method === 'resume') this.#drop(connection)
        else if (method === 'who') connection.fail({ reason: error.message, sessionUnknown: false })
      }
      const cancel = clock.after(ms, late)
      const finish = () => {
        cancel()
        signal?.removeEventListener('abort', abort)
      }
      signal?.addEventListener('abort', abort)
      this.#exchange(connection, method, params, token, cancelled.signal)
        .then(resolve, cause => reject(cause instanceof Error ? cause : connectionFailed(cause)))
        .finally(finish)
    })
  }

  /** True if an open socket is bound to the session of `token`. */
  isBoundTo(token: string): boolean {
    return this.#connection?.isOpen === true && this.#connection.token === token
  }

  /** Sends a notification over the bound socket. Without one it is lost. */
  async notify(method: string, params: object, { token }: RpcCallOptions): Promise<void> {
    const connection = this.#connection
    if (token !== undefined && this.isBoundTo(token))
      connection!.notify(method, method === 'resume' ? this.#resumeParams(token) : params)
  }

  /** Ends the current socket as lost. */
  fail(loss: SocketLoss): void {
    const connection = this.#connection
    this.#connection = undefined
    connection?.fail(loss)
  }

  close(): void {
    if (this.#connection) this.#drop(this.#connection)
  }

  #drop(connection: SocketConnection): void {
    if (this.#connection === connection) this.#connection = undefined
    connection.close()
  }

  #connected(): SocketConnection {
    if (this.#connection) return this.#connection
    const { open, clock, idleTimeoutMs } = this.#options
    const connection: SocketConnection = new SocketConnection({
      url: `${this.#addresses.url}/ws`,
      open,
      clock,
      idleTimeoutMs,
      onNotification: (method, params) => {
        if (this.#connection === connection) this.#listener?.onNotification(method, params)
      },
      onLost: loss => {
        if (this.#connection === connection) this.#connection = undefined
        this.#listener?.onLost(loss)
      },
    })
    this.#connection = connection
    connection.ready.catch(() => {
      if (this.#connection === connection) this.#connection = undefined
    })
    return connection
  }

  async #exchange(
    connection: SocketConnection,
    method: string,
    params: object,
    token: string | undefined,
    signal: AbortSignal,
  ) {
    await connection.ready
    const nothing = () => {}
    const bound = (by: 'join' | 'resume') => (result: unknown) => {
      connection.token = tokenIn(result)
      if (this.#connection === connection) this.#listener?.onBound(by)
    }
    const resume = () => connection.call('resume', this.#resumeParams(token), signal, bound('resume'))
    if (method === 'resume') return resume()
    if (method === 'join') return connection.call(method, params, signal, bound(method))
    if (token !== undefined && connection.token !== token) await resume()
    return connection.call(method, params, signal, nothing)
  }

  #resumeParams(token: string | undefined): object {
    const after = this.#listener?.resumeAfter()
    return { token, ...(after !== undefined && { after }) }
  }
}

const tokenIn = (result: unknown): string | undefined => {
  const { token } = Object(result) as { readonly token?: unknown }
  return typeof token === 'string' ? token : undefined
}
