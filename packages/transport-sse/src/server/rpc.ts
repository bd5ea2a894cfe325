import { rpcNumbers } from '@midsentence/core'
import type { Hub } from '@midsentence/core/hub'
import { answerCost, type CallBudget, callCosts, type RpcCaller, type RpcDispatcher } from '@midsentence/core/wire'
import { bodyTaken, wrongMethod } from './error-response.ts'
import type { ErrorResponse, HttpExchange } from './http-exchange.ts'
import { bearerOf } from './request-target.ts'
import { utf8TextOf } from './utf8.ts'

/** Bytes a request may have, with and without a token. */
export interface BodyLimits {
  readonly withToken: number
  readonly without: number
}

/** Dispatches a JSON-RPC request: 200 with the answer, 204 for notifications. Never throws. */
export function serveRpc(
  hub: Hub,
  dispatcher: RpcDispatcher,
  limits: BodyLimits,
  exchange: HttpExchange,
  fault: (cause: unknown, what: string) => void,
): void {
  const rejection = rejectionOf(exchange)
  if (rejection) return exchange.sendError(rejection)
  const token = bearerOf(exchange)
  const limit = token === undefined ? limits.without : limits.withToken
  // Callbacks, since a promise per step would cost as much as an append.
  exchange.readBody(limit, body => {
    if (body === 'broken') return exchange.sendError(broken)
    if (body === 'too-long') {
      exchange.budget?.charge(limit / callCosts.charactersIn)
      return exchange.sendError(tooLong(limit, token))
    }
    if (body === 'taken') {
      fault(new Error(bodyTaken.error), 'rpc')
      return exchange.sendError(bodyTaken)
    }
    const text = utf8TextOf(body)
    if (text === undefined) return exchange.send(notUtf8)
    const caller = new HttpCaller(exchange, token)
    const { budget } = exchange
    if (budget) void dispatchWithin(budget, hub, dispatcher, text, caller, exchange)
    else void dispatcher.dispatch(text, caller).then(answer => exchange.send(answer))
  })
}

/** Dispatches if the budget has the points of the calls, else answers 429: none of them has run. */
async function dispatchWithin(
  budget: CallBudget,
  hub: Hub,
  dispatcher: RpcDispatcher,
  text: string,
  caller: HttpCaller,
  exchange: HttpExchange,
): Promise<void> {
  const calls = dispatcher.prepare(text)
  // The host took the first point with the request.
  const points = calls.cost - callCosts.call
  const wait = await budget.take(points, !isKnown(hub, caller.token))
  if (wait > 0) return exchange.sendError(overBudget(wait))
  const answer = await calls.run(caller)
  if (answer !== undefined) budget.charge(answerCost(answer.length))
  exchange.send(answer)
}

/** A made-up token counts like none. */
function isKnown(hub: Hub, token: string | undefined): boolean {
  try {
    return token !== undefined && hub.enter(token) !== undefined
  } catch {
    return false
  }
}

const overBudget = (ms: number): ErrorResponse => {
  const seconds = Math.ceil(ms / 1000)
  return {
    status: 429,
    error: `These calls cost more than your address may spend now: wait ${seconds} seconds. None of them was run.`,
    headers: { 'retry-after': `${seconds}` },
  }
}

function rejectionOf(exchange: HttpExchange): ErrorResponse | undefined {
  if (exchange.method !== 'POST') return wrongMethod('POST', 'JSON-RPC')
  if (!/^\s*application\/json\s*(;|$)/i.test(exchange.header('content-type') ?? '')) {
    return { status: 415, error: 'Send JSON with "content-type: application/json".' }
  }
  if ((exchange.header('content-encoding') ?? 'identity').trim().toLowerCase() === 'identity') return undefined
  return { status: 415, error: 'Send the body as it is, without a content-encoding.' }
}

const broken: ErrorResponse = { status: 400, error: 'The request ended before its body did. Send it again.' }

const tooLong = (limit: number, token: string | undefined): ErrorResponse => ({
  status: 413,
  error: `Send at most ${limit} bytes at a time${token === undefined ? ', or join first and send your token' : ''}.`,
})

/** The caller of one HTTP request. */
class HttpCaller implements RpcCaller {
  readonly token: string | undefined
  readonly #exchange: HttpExchange

  constructor(exchange: HttpExchange, token: string | undefined) {
    this.#exchange = exchange
    this.token = token
  }

  get address(): string | undefined {
    return this.#exchange.address
  }

  get signal(): AbortSignal {
    return this.#exchange.signal
  }
}

const notUtf8 = JSON.stringify({
  jsonrpc: '2.0',
  id: null,
  error: { code: rpcNumbers['parse-error'], message: 'The request is not UTF-8. Send JSON in UTF-8.' },
})
