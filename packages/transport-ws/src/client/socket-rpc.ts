import type { Clock, Seq } from '@midsentence/core'
import {
  type Addresses,
  connectionFailed,
  NoResponseError,
  type Rpc,
  type RpcCallOptions,
} from '@midsentence/core/rpc-client'
import { SocketConnection, type SocketLoss } from './socket-connection.ts'
import type { OpenSocket } from './web-socket-like.ts'

/** Who hears what comes besides answers. */
export interface SocketListener {
  /** Behind which seq messages are to go on; undefined: where the server believes. */
  resumeAfter(): Seq | undefined
  /** The server has bound the socket to a session: what came before means nothing any more. */
  onBound(by: 'join' | 'resume'): void
  onNotification(method: string, params: unknown): void
  onLost(loss: SocketLoss): void
}

export interface SocketRpcOptions {
  readonly open: OpenSocket
  readonly clock: Clock
  readonly silenceMs: number
}

/**
 * JSON-RPC 2.0 over a WebSocket: one at a time, opened when something is asked and none is there, to whichever server is
 * in use. A socket needs no token but once: a call by another than the one it is bound to resumes first.
 */
export class SocketRpc implements Rpc {
  readonly #addresses: Addresses
  readonly #options: SocketRpcOptions
  #hearing: SocketListener | undefined
  #wire: SocketConnection | undefined

  constructor(addresses: Addresses, options: SocketRpcOptions) {
    this.#addresses = addresses
    this.#options = options
  }

  /** Once, before the first call. */
  setListener(hearing: SocketListener): void {
    this.#hearing = hearing
  }

  call(method: string, params: object, { token, ms, signal }: RpcCallOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const { clock } = this.#options
      const given = new AbortController()
      const wire = this.#connected()
      const end = (reason: unknown) => {
        finish()
        given.abort()
        reject(reason)
      }
      const abort = () => end(signal?.reason)
      const late = () => {
        const { isOpen } = wire
        // Whoever does not let one in is not asked again by the same socket.
        if (!isOpen || method === 'join' || method === 'resume') this.#drop(wire)
        end(new NoResponseError({ reason: `no answer came within ${ms / 1000} seconds`, doubtful: isOpen }))
      }
      const cancel = clock.after(ms, late)
      const finish = () => {
        cancel()
        signal?.removeEventListener('abort', abort)
      }
      signal?.addEventListener('abort', abort)
      this.#exchange(wire, method, params, token, given.signal)
        .then(resolve, cause => reject(cause instanceof Error ? cause : connectionFailed(cause)))
        .finally(finish)
    })
  }

  /** Is there an open socket that is bound by this token? */
  isBoundTo(token: string): boolean {
    return this.#wire?.isOpen === true && this.#wire.token === token
  }

  /** To the socket there is: what is said while there is none is lost. */
  async notify(method: string, params: object, { token }: RpcCallOptions): Promise<void> {
    const wire = this.#wire
    if (token !== undefined && this.isBoundTo(token))
      wire!.notify(method, method === 'resume' ? this.#resuming(token) : params)
  }

  /** Gives up the socket there is, as if it had broken. */
  fail(loss: SocketLoss): void {
    const wire = this.#wire
    this.#wire = undefined
    wire?.fail(loss)
  }

  close(): void {
    if (this.#wire) this.#drop(this.#wire)
  }

  #drop(wire: SocketConnection): void {
    if (this.#wire === wire) this.#wire = undefined
    wire.close()
  }

  #connected(): SocketConnection {
    if (this.#wire) return this.#wire
    const { open, clock, silenceMs } = this.#options
    const wire: SocketConnection = new SocketConnection({
      url: `${this.#addresses.url}/ws`,
      open,
      clock,
      silenceMs,
      onNotification: (method, params) => {
        if (this.#wire === wire) this.#hearing?.onNotification(method, params)
      },
      onLost: loss => {
        if (this.#wire === wire) this.#wire = undefined
        this.#hearing?.onLost(loss)
      },
    })
    this.#wire = wire
    wire.ready.catch(() => {
      if (this.#wire === wire) this.#wire = undefined
    })
    return wire
  }

  async #exchange(
    wire: SocketConnection,
    method: string,
    params: object,
    token: string | undefined,
    signal: AbortSignal,
  ) {
    await wire.ready
    const nothing = () => {}
    const enter = (by: 'join' | 'resume') => (result: unknown) => {
      wire.token = tokenIn(result)
      if (this.#wire === wire) this.#hearing?.onBound(by)
    }
    const resume = () => wire.call('resume', this.#resuming(token), signal, enter('resume'))
    if (method === 'resume') return resume()
    if (method === 'join') return wire.call(method, params, signal, enter(method))
    if (token !== undefined && wire.token !== token) await resume()
    return wire.call(method, params, signal, nothing)
  }

  #resuming(token: string | undefined): object {
    const after = this.#hearing?.resumeAfter()
    return { token, ...(after !== undefined && { after }) }
  }
}

const tokenIn = (result: unknown): string | undefined => {
  const { token } = Object(result) as { readonly token?: unknown }
  return typeof token === 'string' ? token : undefined
}
