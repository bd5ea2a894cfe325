import type { Clock, Seq } from '@midsentence/core'
import {
  connectionFailed,
  NoResponseError,
  type Rpc,
  type RpcCallOptions,
  type ServerAddresses,
} from '@midsentence/core/rpc-client'
import type { OpenSocket } from './web-socket-like.ts'
import { type Loss, Wire } from './wire.ts'

/** Who hears what comes besides answers. */
export interface Hearing {
  /** Behind which seq messages are to go on; undefined: where the server believes. */
  place(): Seq | undefined
  /** The server has bound the socket to a session: what came before means nothing any more. */
  entered(by: 'join' | 'resume'): void
  heard(method: string, params: unknown): void
  lost(loss: Loss): void
}

export interface SocketRpcOptions {
  readonly open: OpenSocket
  readonly clock: Clock
  readonly idleTimeoutMs: number
}

/**
 * JSON-RPC 2.0 over a WebSocket: one at a time, opened when something is asked and none is there, to whichever server is
 * in use. A socket needs no token but once: a call by another than the one it is bound to resumes first.
 */
export class SocketRpc implements Rpc {
  readonly #addresses: ServerAddresses
  readonly #options: SocketRpcOptions
  #hearing: Hearing | undefined
  #wire: Wire | undefined

  constructor(addresses: ServerAddresses, options: SocketRpcOptions) {
    this.#addresses = addresses
    this.#options = options
  }

  /** Once, before the first call. */
  heardBy(hearing: Hearing): void {
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
        end(new NoResponseError({ reason: `no answer came within ${ms / 1000} seconds`, outcomeUnknown: isOpen }))
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
  carries(token: string): boolean {
    return this.#wire?.isOpen === true && this.#wire.token === token
  }

  /** To the socket there is: what is said while there is none is lost. */
  async notify(method: string, params: object, { token }: RpcCallOptions): Promise<void> {
    const wire = this.#wire
    if (token !== undefined && this.carries(token))
      wire!.tell(method, method === 'resume' ? this.#resuming(token) : params)
  }

  /** Gives up the socket there is, as if it had broken. */
  abandon(loss: Loss): void {
    const wire = this.#wire
    this.#wire = undefined
    wire?.abandon(loss)
  }

  close(): void {
    if (this.#wire) this.#drop(this.#wire)
  }

  #drop(wire: Wire): void {
    if (this.#wire === wire) this.#wire = undefined
    wire.end()
  }

  #connected(): Wire {
    if (this.#wire) return this.#wire
    const { open, clock, idleTimeoutMs } = this.#options
    const wire: Wire = new Wire({
      url: `${this.#addresses.url}/ws`,
      open,
      clock,
      idleTimeoutMs,
      heard: (method, params) => {
        if (this.#wire === wire) this.#hearing?.heard(method, params)
      },
      lost: loss => {
        if (this.#wire === wire) this.#wire = undefined
        this.#hearing?.lost(loss)
      },
    })
    this.#wire = wire
    wire.ready.catch(() => {
      if (this.#wire === wire) this.#wire = undefined
    })
    return wire
  }

  async #exchange(wire: Wire, method: string, params: object, token: string | undefined, signal: AbortSignal) {
    await wire.ready
    const nothing = () => {}
    const enter = (by: 'join' | 'resume') => (result: unknown) => {
      wire.token = tokenIn(result)
      if (this.#wire === wire) this.#hearing?.entered(by)
    }
    const resume = () => wire.ask('resume', this.#resuming(token), signal, enter('resume'))
    if (method === 'resume') return resume()
    if (method === 'join') return wire.ask(method, params, signal, enter(method))
    if (token !== undefined && wire.token !== token) await resume()
    return wire.ask(method, params, signal, nothing)
  }

  #resuming(token: string | undefined): object {
    const after = this.#hearing?.place()
    return { token, ...(after !== undefined && { after }) }
  }
}

const tokenIn = (result: unknown): string | undefined => {
  const { token } = Object(result) as { readonly token?: unknown }
  return typeof token === 'string' ? token : undefined
}
