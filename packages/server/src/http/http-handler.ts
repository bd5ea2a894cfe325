import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** Answers some paths of the server. */
export interface HttpHandler {
  /** Answers the request. Returns false, and touches nothing, if the path is not its own. Must neither throw nor reject. */
  handle(req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean>
  /** Takes over the connection of a WebSocket upgrade. Returns false like `handle`. Absent: no WebSockets. */
  upgrade?(req: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Ends open streams and sockets within a second. Idempotent; never rejects. */
  close(): Promise<void>
}
