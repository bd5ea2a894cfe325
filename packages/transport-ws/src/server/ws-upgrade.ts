import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Clock, defaultLimits, systemClock } from '@midsentence/core'
import { Heartbeats, type Hub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { WebSocketServer } from 'ws'
import { closing, invalidCursor, rejectionOf, rejectUpgrade, upgradeRequired } from './reject-upgrade.ts'
import { afterOf, isCallsOnly, isSocketPath, tokenOf } from './request-target.ts'
import { WsConnection } from './ws-connection.ts'

export interface WsUpgradeOptions {
  /** Default: the machine's own. */
  readonly clock?: Clock
  /** The longest draft of the hub, in code points: frames have to hold one. Default 20,000. */
  readonly maxDraft?: number
  /** Where a request comes from, for whoever decides who may join. Default: nobody is told. */
  addressOf?(req: IncomingMessage): string
  /** Is told what was answered as an error of ours, and at what, to be written into a log. Must not throw. */
  fault?(cause: unknown, what: string): void
}

/** What makes sockets of requests for `/ws`, for a `node:http` server of your own. Nothing of it throws. */
export interface WsUpgrade {
  /** For the server's `upgrade` event. False where the path is another; then nothing was touched. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** For its `request` event: says to who asks for `/ws` without an upgrade what is there. False as above. */
  handle(req: IncomingMessage, res: ServerResponse): boolean
  /** Closes all sockets within a second; who asks for one from then on is answered with 503. Idempotent. */
  close(): Promise<void>
}

const CLOSE_MS = 900

/** Nobody needs more pieces for a message: they are there to hide its length, or to make a server keep many small things. */
const MAX_FRAGMENTS = 256
const MAX_CHUNKS = 4096

/**
 * A hub over WebSockets: calls and messages by JSON-RPC on one wire. It knows the caller by its token, at the upgrade or
 * by join and resume, and nothing else: Host, Origin and rates are checked before.
 */
export function wsUpgrade(hub: Hub, options: WsUpgradeOptions = {}): WsUpgrade {
  const { clock = systemClock(), maxDraft = defaultLimits.draft, fault = () => {}, addressOf } = options
  const limits = { withSession: 16 * maxDraft + 64 * 1024, without: 8 * 1024 }
  const parts = { hub, dispatcher: rpcDispatcher(hub, { fault }), limits, clock }
  const connections = new Heartbeats(clock)
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: limits.withSession,
    ...{ maxFragments: MAX_FRAGMENTS, maxBufferedChunks: MAX_CHUNKS, closeTimeout: CLOSE_MS },
  })
  let closed: Promise<void> | undefined

  /** What the token says is known before the answer is. */
  const bind = async (connection: WsConnection, token: string, after: number | undefined): Promise<void> =>
    connection.joined(hub.enter(token), after)

  const open = (connection: WsConnection, req: IncomingMessage, socket: Duplex, head: Buffer): void => {
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
      if (!isSocketPath(req)) return false
      socket.on('error', () => {})
      const [token, after] = [tokenOf(req), afterOf(req)]
      if (closed) rejectUpgrade(socket, closing)
      else if (Number.isNaN(after) || (after !== undefined && token === undefined)) rejectUpgrade(socket, invalidCursor)
      else {
        const connection = new WsConnection(
          socket,
          isCallsOnly(req),
          addressOf ? { ...parts, address: addressOf(req) } : parts,
        )
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
    handle(req, res) {
      if (!isSocketPath(req)) return false
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
