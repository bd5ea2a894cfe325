import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, defaultLimits, isMidsentenceError, systemClock } from '@midsentence/core'
import { callCosts, type Hub, targetBelow } from '@midsentence/core/hub'
import { bodyTaken } from '../../server/error-response.ts'
import { type NodeHost, reportUnread } from '../../server/node/node-exchange.ts'
import { readBodyAsync } from '../../server/node/request-body.ts'
import { LegacyStream } from './legacy-stream.ts'
import { LegacyStreams } from './legacy-streams.ts'
import { LegacyUsers } from './legacy-users.ts'
import { readFields, readUsername } from './read-fields.ts'
import {
  type LegacyResponse,
  overBudget,
  responses,
  responseTo,
  sendResponse,
  tooLong,
  wrongMethod,
} from './responses.ts'

export interface LegacyHandlersOptions extends NodeHost {
  /** Default: the system clock. */
  readonly clock?: Clock
  /** The longest draft of the hub, in code points: sets the body limit. Default 20,000. */
  readonly maxDraft?: number
  /** The path under which the host serves the handlers, such as `/chat`, if requests come with it. Default: none. */
  readonly prefix?: string
  /** Called with each internal error and the path it failed in, for a log. Must not throw. */
  fault?(cause: unknown, what: string): void
}

/**
 * Handlers for your own `node:http` server. None throws; each answers unless the connection breaks. If a body parser has
 * read a request, they use its `req.body`.
 */
export interface LegacyHandlers {
  /**
   * `POST /register`, `/unregister`, `/send` and `GET /events`. For any other path it returns false, and calls `next` if
   * there is one.
   */
  handle(req: IncomingMessage, res: ServerResponse, next?: () => void): boolean
  /** Frees every name, ends all streams within a second and rejects later requests. Idempotent. */
  close(): Promise<void>
}

const CLOSE_MS = 900
const NAME_BYTES = 8 * 1024

/**
 * Serves the protocol of the existing Python chat server in the hub's `lobby`. It has no authentication: serve it on
 * loopback only, and check Host and Origin before it. It acts only for names that registered here. Throws `TypeError` if
 * `prefix` is not a path.
 */
export function legacyHandlers(hub: Hub, options: LegacyHandlersOptions = {}): LegacyHandlers {
  const { clock = systemClock(), maxDraft = defaultLimits.draft, fault = () => {} } = options
  const users = new LegacyUsers(hub)
  const streams = new LegacyStreams(clock)
  const targetOf = targetBelow(options.prefix)
  let closing: Promise<void> | undefined

  const respond = (req: IncomingMessage, res: ServerResponse, response: LegacyResponse): void => {
    sendResponse(req, res, response)
    reportUnread(req, res, options)
  }

  /** Takes what a request costs besides the point that the host took for it. Resolves with the milliseconds to wait. */
  const pay = (req: IncomingMessage, bytes: Buffer, cost: number, isKnown: boolean): Promise<number> | 0 =>
    options.budgetOf?.(req)?.take(bytes.length / callCosts.charactersIn + cost - callCosts.call, !isKnown) ?? 0

  /** Reads the string fields `names` and sends the response of `act`. */
  const post =
    <Name extends string>(
      names: readonly Name[],
      limit: number,
      cost: number,
      act: (fields: Readonly<Record<Name, string>>) => Promise<LegacyResponse>,
    ) =>
    async (req: IncomingMessage, res: ServerResponse, target: string): Promise<void> => {
      const bytes = await readBodyAsync(req, limit)
      if (bytes === 'broken') return
      if (bytes === 'too-long') {
        options.budgetOf?.(req)?.charge(limit / callCosts.charactersIn)
        return respond(req, res, tooLong(limit))
      }
      if (bytes === 'taken') {
        fault(new Error(bodyTaken.error), target.slice(1))
        return respond(req, res, { status: bodyTaken.status, body: { detail: bodyTaken.error } })
      }
      const read = readFields(req, bytes, names)
      const isKnown = 'fields' in read && users.find(read.fields[names[0]!]) !== undefined
      const wait = await pay(req, bytes, cost, isKnown)
      if (wait > 0) return respond(req, res, overBudget(wait))
      respond(req, res, 'response' in read ? read.response : await act(read.fields))
    }

  const register = post(['username'], NAME_BYTES, callCosts.join, async ({ username }) => {
    if (users.closed) return responses.closing
    await users.register(username)
    return users.closed ? responses.closing : responses.success
  })

  const unregister = post(['username'], NAME_BYTES, callCosts.call, async ({ username }) => {
    await users.unregister(username)
    return responses.success
  })

  const send = post(
    ['username', 'message'],
    16 * maxDraft + 64 * 1024,
    callCosts.call,
    async ({ username, message }) => {
      if (users.closed) return responses.closing
      const user = users.find(username)
      if (!user) return responses.notRegistered
      try {
        await user.session.sendUnconditionally(message)
        return responses.success
      } catch (error) {
        if (isOver(error)) users.remove(user)
        throw error
      }
    },
  )

  const events = async (req: IncomingMessage, res: ServerResponse, target: string): Promise<void> => {
    const read = readUsername(target)
    if ('response' in read) return respond(req, res, read.response)
    const user = users.find(read.fields.username)
    if (!user) return respond(req, res, responses.notListening)
    const stream = new LegacyStream(user, res, clock, (bytes: number) =>
      options.backlog?.report(req.socket, bytes, options.addressOf?.(req)),
    )
    try {
      const subscription = await user.session.subscribe(stream, user.deliveredSeq)
      if (!stream.isClosed) {
        streams.add(stream)
        return stream.open(subscription)
      }
      subscription.close()
    } catch (error) {
      if (!isOver(error)) throw error
      users.remove(user)
    }
    if (!res.destroyed) respond(req, res, responses.notListening)
  }

  const routes = new Map([
    ['/register', { method: 'POST', run: register }],
    ['/unregister', { method: 'POST', run: unregister }],
    ['/send', { method: 'POST', run: send }],
    ['/events', { method: 'GET', run: events }],
  ])

  return {
    handle(req, res, next) {
      const target = targetOf(req)
      const path = target?.replace(/[?#].*$/s, '') ?? ''
      const route = routes.get(path)
      if (!route) {
        next?.()
        return false
      }
      // A connection may break at any time; `close` follows and cleans up.
      req.on('error', () => {})
      res.on('error', () => {})
      if (req.method !== route.method) respond(req, res, wrongMethod(route.method))
      else {
        route.run(req, res, target!).catch(error => {
          const answer = responseTo(error)
          if (answer.status === 500) fault(error, path.slice(1))
          respond(req, res, answer)
        })
      }
      return true
    },
    close() {
      closing ??= Promise.all([users.close(), streams.close(CLOSE_MS)]).then(() => {})
      return closing
    },
  }
}

const isOver = (error: unknown): boolean => isMidsentenceError(error) && error.code === 'session-unknown'
