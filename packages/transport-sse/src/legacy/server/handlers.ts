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
  /** Default: the machine's own. */
  readonly clock?: Clock
  /** The longest draft of the hub, in code points: requests have to hold one. Default 20,000. */
  readonly maxDraft?: number
  /** Is told what was answered as an error of ours, and at what, to be written into a log. Must not throw. */
  fault?(cause: unknown, what: string): void
}

/** Handlers for a `node:http` server of your own. None of them throws; each answers, or lets the connection go. */
export interface LegacyHandlers {
  /** `POST /register`, `/unregister`, `/send` and `GET /events`. False for any other path; then nothing was touched. */
  handle(req: IncomingMessage, res: ServerResponse): boolean
  /** Frees every name, ends all streams within a second; what is asked from then on is refused. Idempotent. */
  close(): Promise<void>
}

const CLOSE_MS = 900
const NAME_BYTES = 8 * 1024

/**
 * The dialect of the existing Python chat server, for clients of it, in the hub's `lobby`. It asks nobody who they are:
 * let it be reached from this machine alone, and check Host and Origin before. It knows the names registered here, and
 * touches no others.
 */
export function legacyHandlers(hub: Hub, options: LegacyHandlersOptions = {}): LegacyHandlers {
  const { clock = systemClock(), maxDraft = defaultLimits.draft, fault = () => {} } = options
  const guests = new LegacyUsers(hub)
  const streams = new LegacyStreams(clock)
  let closing: Promise<void> | undefined

  /** Reads the texts called `names`, and answers with what `act` says. */
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
      respond(req, res, 'refusal' in read ? read.refusal : await act(read.fields))
    }

  const register = post(['username'], NAME_BYTES, async ({ username }) => {
    if (guests.closed) return responses.closing
    await guests.register(username)
    return guests.closed ? responses.closing : responses.success
  })

  const unregister = post(['username'], NAME_BYTES, async ({ username }) => {
    await guests.unregister(username)
    return responses.success
  })

  const send = post(['username', 'message'], 16 * maxDraft + 64 * 1024, async ({ username, message }) => {
    if (guests.closed) return responses.closing
    const guest = guests.find(username)
    if (!guest) return responses.notRegistered
    try {
      await guest.session.sendUnconditionally(message)
      return responses.success
    } catch (error) {
      if (isOver(error)) guests.remove(guest)
      throw error
    }
  })

  const events = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const read = readUsername(req)
    if ('refusal' in read) return respond(req, res, read.refusal)
    const guest = guests.find(read.fields.username)
    if (!guest) return respond(req, res, responses.notListening)
    const stream = new LegacyStream(guest, res, clock)
    try {
      const listening = await guest.session.subscribe(stream, guest.deliveredSeq)
      if (!stream.isClosed) {
        streams.add(stream)
        return stream.open(listening)
      }
      listening.close()
    } catch (error) {
      if (!isOver(error)) throw error
      guests.remove(guest)
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
      // A connection may break at any moment; there is nobody to tell.
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
      closing ??= Promise.all([guests.close(), streams.close(CLOSE_MS)]).then(() => {})
      return closing
    },
  }
}

const isOver = (error: unknown): boolean => isMidsentenceError(error) && error.code === 'session-unknown'
