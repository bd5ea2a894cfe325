import { NoResponseError, type Rpc, type RpcCallOptions, resultOf } from '@midsentence/core/rpc-client'
import { LostResponse } from '../network.ts'
import type { NetworkFault } from '../plan.ts'
import type { SimulationContext } from '../simulation-context.ts'
import type { ClientProcess } from './client-process.ts'

/** The calls of a local client over the simulated network. After the end of its process none is answered. */
export class SimulatedRpc implements Rpc {
  readonly #context: SimulationContext
  readonly #client: ClientProcess & { readonly clock: { readonly hasEnded: boolean } }
  readonly #nextFault: (method: string) => NetworkFault

  /** `nextFault` returns the network fault of each call. */
  constructor(
    context: SimulationContext,
    client: ClientProcess & { readonly clock: { readonly hasEnded: boolean } },
    nextFault: (method: string) => NetworkFault,
  ) {
    this.#context = context
    this.#client = client
    this.#nextFault = nextFault
  }

  async call(method: string, params: object, options: RpcCallOptions): Promise<unknown> {
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    this.#trace(`calls ${text}`)
    const { signal } = options
    signal?.throwIfAborted()
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    aborted.catch(() => undefined)
    try {
      const answer = await Promise.race([this.#send(method, text, options), aborted])
      if (this.#client.clock.hasEnded) return await never
      this.#trace(`is answered ${answer}`)
      return resultOf(JSON.parse(answer), 1)
    } catch (error) {
      if (this.#client.clock.hasEnded) return await never
      if (!(error instanceof LostResponse)) throw error
      throw new NoResponseError({ reason: 'the connection broke before the answer', outcomeUnknown: true })
    }
  }

  async notify(method: string, params: object, options: RpcCallOptions): Promise<void> {
    await this.#send(method, JSON.stringify({ jsonrpc: '2.0', method, params }), options).catch(() => undefined)
  }

  #send(method: string, text: string, { token, ms }: RpcCallOptions): Promise<string> {
    const { planned, device } = this.#client
    const fault = this.#nextFault(method)
    return this.#context.network.call({
      client: planned.name,
      device,
      text,
      ...(token !== undefined && { token }),
      fault,
      timeoutMs: ms,
    })
  }

  #trace(what: string): void {
    this.#context.trace.line(this.#client.planned.name, what)
  }
}

const never = new Promise<never>(() => {})
