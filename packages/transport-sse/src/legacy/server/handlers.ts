import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, defaultLimits, isMidsentenceError, systemClock } from '@midsentence/core'
import type { Hub } from '@midsentence/core/hub'
import { readBodyAsync } from '../../server/request-body.ts'
import { LegacyStream } from './legacy-stream.ts'
import { LegacyStreams } from './legacy-streams.ts'
import { LegacyUsers } from './legacy-users.ts'
import { readFields, readUsername } from './read-fields.ts'
import { type LegacyResponse, respond, responses, responseTo, tooLong, wrongMethod } from './responses.ts'

export interface LegacyHandlersOptions {
  /** Default: the system clock. */
  readonly clock?: Clock
  /** The longest draft of the hub, in code points: sets the body limit. Default 20,000. */
  readonly maxDraft?: number
  /** Called with each internal error and the path it failed in, for a log. Must not throw. */
  fault?(cause: unknown, what: string): void
}

/** Handlers for your own `node:http` server. None throws; each answers unless the connection breaks. */
export interface LegacyHandlers {
  /** `POST /register`, `/unregister`, `/send` and `GET /events`. Returns false, and does nothing, for other paths. */
  handle(req: IncomingMessage, res: ServerResponse): boolean
  /** Frees every name, ends all streams within a second and rejects later requests. Idempotent. */
  close(): Promise<void>
}

const CLOSE_MS = 900
const NAME_BYTES = 8 * 1024

/**
 * Serves the protocol of the existing Python chat server in the hub's `lobby`. It has no authentication: serve it on
 * loopback only, and check Host and Origin before it. It acts only for names that registered here.
 */
export function legacyHandlers(hub: Hub, options: LegacyHandlersOptions = {}): LegacyHandlers {
  const { clock = systemClock(), maxDraft = defaultLimits.draft, fault = () => {} } = options
  const users = new LegacyUsers(hub)
  const streams = new LegacyStreams(clock)
  let closing: Promise<void> | undefined

  /** Reads the string fields `names` and sends the response of `act`. */
  const post =
    <Name extends string>(
      names: readonly Name[],
      limit: number,
      act: (fields: Readonly<Record<Name, string>>) => Promise<LegacyResponse>,
    ) =>
    async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
      const bytes = await readBodyAsync(req, limit)
      if (bytes === 'broken') return
      if (bytes === 'too-long') return respond(req, res, tooLong(limit))
      const read = readFields(req, bytes, names)
      respond(req, res, 'response' in read ? read.response : await act(read.fields))
    }

  const register = post(['username'], NAME_BYTES, async ({ username }) => {
    if (users.closed) return responses.closing
    await users.register(username)
    return users.closed ? responses.closing : responses.success
  })

  const unregister = post(['username'], NAME_BYTES, async ({ username }) => {
    await users.unregister(username)
    return responses.success
  })

  const send = post(['username', 'message'], 16 * maxDraft + 64 * 1024, async ({ username, message }) => {
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
  })

  const events = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const read = readUsername(req)
    if ('response' in read) return respond(req, res, read.response)
    const user = users.find(read.fields.username)
    if (!user) return respond(req, res, responses.notListening)
    const stream = new LegacyStream(user, res, clock)
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
    handle(req, res) {
      const path = (req.url ?? '').replace(/[?#].*$/s, '')
      const route = routes.get(path)
      if (!route) return false
      // A connection may break at any time; `close` follows and cleans up.
      req.on('error', () => {})
      res.on('error', () => {})
      if (req.method !== route.method) respond(req, res, wrongMethod(route.method))
      else {
        route.run(req, res).catch(error => {
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
