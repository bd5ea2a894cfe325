import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Clock, defaultLimits, systemClock } from '@midsentence/core'
import { Heartbeats, type Hub, targetBelow } from '@midsentence/core/hub'
import { type CallBudget, callCosts, type ReaderBacklog, rpcDispatcher } from '@midsentence/core/wire'
import { WebSocketServer } from 'ws'
import {
  closing,
  invalidCursor,
  invalidPosition,
  rejectionOf,
  rejectUpgrade,
  tooManyWatches,
  type UpgradeRejection,
  upgradeRequired,
} from './reject-upgrade.ts'
import { credentialOf, isCallsOnly, isSocketPath, resumeOf, scoreRoomOf, tokenOf } from './request-target.ts'
import { WatchConnection } from './watch-connection.ts'
import { WsConnection } from './ws-connection.ts'

export interface WsUpgradeOptions {
  /** Default: the system clock. */
  readonly clock?: Clock
  /** The longest draft of the hub, in code points: sets the frame limit. Default 20,000. */
  readonly maxDraft?: number
  /** The path under which the host serves `/ws`, such as `/chat`. An upgrade always comes with it. Default: none. */
  readonly prefix?: string
  /** Returns the address of the client, for admission. Default: none is passed on. */
  addressOf?(req: IncomingMessage): string
  /** Returns what the frames of a socket are paid from, besides the rate of their session. Default: nothing. */
  budgetOf?(req: IncomingMessage): CallBudget | undefined
  /** Bounds what waits for the readers of all sockets. Default: only each socket has its bound. */
  readonly backlog?: ReaderBacklog
  /** Called with each internal error and the method it failed in, for a log. Must not throw. */
  fault?(cause: unknown, what: string): void
}

/** Handlers for `/ws` and the scores of rooms below the prefix of your own `node:http` server. None of them throws. */
export interface WsUpgrade {
  /** Handles an `upgrade` event. Returns false, and does nothing, for any path but `/ws` and `/rooms/{room}/score`. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /**
   * Handles a `request` event: answers `/ws` without an upgrade with 426. For any other path it returns false, and calls
   * `next` if there is one.
   */
  handle(req: IncomingMessage, res: ServerResponse, next?: () => void): boolean
  /** Closes all sockets within a second and answers later upgrades with 503. Idempotent. */
  close(): Promise<void>
}

const CLOSE_MS = 900

/** Limits on the pieces of one message: more of them only make the server keep many small buffers. */
const MAX_FRAGMENTS = 256
const MAX_CHUNKS = 4096

/**
 * Serves a hub over WebSockets: calls and messages by JSON-RPC 2.0. Identifies callers by the token of the upgrade, of
 * `join` or of `resume`. Check Host, Origin and request rates before it. Throws `TypeError` if `prefix` is not a path.
 */
export function wsUpgrade(hub: Hub, options: WsUpgradeOptions = {}): WsUpgrade {
  const {
    clock = systemClock(),
    maxDraft = defaultLimits.draft,
    fault = () => {},
    addressOf,
    budgetOf,
    backlog,
  } = options
  const limits = { withSession: 16 * maxDraft + 64 * 1024, without: 8 * 1024 }
  const deps = { hub, dispatcher: rpcDispatcher(hub, { fault }), limits, clock, backlog }
  const connections = new Heartbeats(clock)
  const targetOf = targetBelow(options.prefix)
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: limits.withSession,
    ...{ maxFragments: MAX_FRAGMENTS, maxBufferedChunks: MAX_CHUNKS, closeTimeout: CLOSE_MS },
  })
  let closed: Promise<void> | undefined

  /** Binds before the upgrade is answered, so that a wrong token gets 401. */
  const bind = async (connection: WsConnection, token: string, after: number | undefined): Promise<void> => {
    await hub.loadRoomOf?.(token)
    return connection.joined(hub.enter(token), after)
  }

  const watch = async (
    connection: WatchConnection,
    room: string,
    from: number | undefined,
    req: IncomingMessage,
    target: string,
  ): Promise<UpgradeRejection | undefined> => {
    // A watcher costs what a join does. The host took the first point with the request.
    const wait = (await budgetOf?.(req)?.take(callCosts.join - callCosts.call, true)) ?? 0
    if (wait > 0) return tooManyWatches(wait)
    if (!hub.watch) return upgradeRequired
    const credential = credentialOf(req, target)
    const request = {
      room,
      ...(from !== undefined && { from }),
      ...(credential !== undefined && { credential }),
      ...(addressOf && { address: addressOf(req) }),
    }
    connection.attach(await hub.watch(request, connection))
    return undefined
  }

  const openWatch = (room: string, target: string, req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const from = resumeOf(target, 'from')
    if (closed) return rejectUpgrade(socket, closing)
    if (Number.isNaN(from)) return rejectUpgrade(socket, invalidPosition)
    const connection = new WatchConnection(socket, hub.log, clock)
    const reject = (rejection: UpgradeRejection) => {
      connection.drop()
      rejectUpgrade(socket, rejection)
    }
    watch(connection, room, from, req, target).then(
      rejection => (rejection ? reject(rejection) : open(connection, req, socket, head)),
      error => {
        const rejection = rejectionOf(error)
        if (rejection.status === 500) fault(error, 'score')
        reject(rejection)
      },
    )
  }

  const open = (
    connection: WsConnection | WatchConnection,
    req: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): void => {
    if (closed) {
      connection.drop()
      return rejectUpgrade(socket, closing)
    }
    let opened = false
    sockets.handleUpgrade(req, socket, head, ws => {
      opened = true
      connection.open(ws)
      connections.add(connection)
    })
    if (!opened) connection.drop()
  }

  return {
    upgrade(req, socket, head) {
      const target = targetOf(req)
      const room = scoreRoomOf(target)
      if (room === undefined && !isSocketPath(target)) return false
      socket.on('error', () => {})
      if (room !== undefined) {
        openWatch(room, target!, req, socket, head)
        return true
      }
      const [token, after] = [tokenOf(req, target!), resumeOf(target!, 'after')]
      if (closed) rejectUpgrade(socket, closing)
      else if (Number.isNaN(after) || (after !== undefined && token === undefined)) rejectUpgrade(socket, invalidCursor)
      else {
        const connection = new WsConnection(socket, isCallsOnly(target!), {
          ...deps,
          ...(addressOf && { address: addressOf(req) }),
          budget: budgetOf?.(req),
        })
        if (token === undefined) open(connection, req, socket, head)
        else {
          bind(connection, token, after).then(
            () => open(connection, req, socket, head),
            error => {
              const refusal = rejectionOf(error)
              if (refusal.status === 500) fault(error, 'ws')
              rejectUpgrade(socket, refusal)
            },
          )
        }
      }
      return true
    },
    handle(req, res, next) {
      if (!isSocketPath(targetOf(req))) {
        next?.()
        return false
      }
      const { status, error, headers } = upgradeRequired
      res.writeHead(status, {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        ...headers,
      })
      res.end(req.method === 'HEAD' ? undefined : JSON.stringify({ error }))
      return true
    },
    close() {
      closed ??= connections.close(CLOSE_MS)
      return closed
    },
  }
}
