import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Requests that may wait on a connection for the answers before theirs. With one more none is run, and it is closed. */
export const MAX_PIPELINED = 32
/**
 * Milliseconds until it is closed; nothing is read meanwhile. A client that is cut at once comes again at once, and the requests of
 * one chunk are all parsed, which costs milliseconds.
 */
const CLOSE_DELAY_MS = 5000
/** Requests at which reading pauses. Below, a client that disconnects is noticed. */
const PAUSE_PIPELINED = 8

/** Requests that wait, by connection. Only connections with pipelined requests are in it. */
const waiting = new WeakMap<Socket, (() => void)[]>()

/** Tells whether an earlier answer on the connection is not taken yet: `node:http` then gives the response no socket. */
export const isEarly = (res: ServerResponse): boolean => res.socket === null

/**
 * Calls `answer` once the answers before it on the connection are taken, so that at most one waits for its reader.
 * `node:http` itself answers pipelined requests ahead and keeps the answers in memory. Reading pauses if many wait. Requests of
 * a connection that closes are not answered.
 */
export function inTurn<Res extends ServerResponse>(
  req: IncomingMessage,
  res: Res,
  answer: (req: IncomingMessage, res: Res) => void,
): void {
  const { socket } = req
  const queue = isEarly(res) ? queueOf(socket) : undefined
  if (!queue) return answer(req, res)
  if (queue.length >= MAX_PIPELINED) return closeLater(socket)
  if (queue.length >= PAUSE_PIPELINED) stopReading(socket)
  queue.push(() => {
    // The next one waits for this answer.
    res.once('close', () => next(socket))
    answer(req, res)
  })
}

/** Sockets that close soon. */
const closing = new WeakSet<Socket>()

function closeLater(socket: Socket & { parser?: { onIncoming?: unknown } | null }): void {
  if (closing.has(socket)) return
  closing.add(socket)
  waiting.get(socket)?.splice(0)
  stopReading(socket)
  // A private field: the result says that the rest of the chunk is no HTTP. Without it the rest is parsed for nothing.
  if (typeof socket.parser?.onIncoming === 'function') socket.parser.onIncoming = () => 2
  const timer = setTimeout(() => socket.destroy(), CLOSE_DELAY_MS).unref()
  socket.once('close', () => clearTimeout(timer))
}

const stopped = new WeakSet<Duplex>()

/** Stops reading from a socket. `node:http` resumes it with each request that it has parsed, so `pause` does not hold. */
export function stopReading(socket: Duplex): void {
  if (!stopped.has(socket)) socket.on('resume', pause)
  stopped.add(socket)
  socket.pause()
}

function goOnReading(socket: Duplex): void {
  if (!stopped.delete(socket)) return
  socket.off('resume', pause)
  socket.resume()
}

function pause(this: Duplex): void {
  this.pause()
}

/** Returns the requests that wait for the response which is written now; undefined if that is not known. */
function queueOf(socket: Socket): (() => void)[] | undefined {
  const known = waiting.get(socket)
  const current = known ? undefined : currentResponse(socket)
  if (!current) return known
  const queue: (() => void)[] = []
  waiting.set(socket, queue)
  current.once('close', () => next(socket))
  return queue
}

function next(socket: Socket): void {
  if (closing.has(socket)) return
  const queue = waiting.get(socket)
  const run = socket.destroyed ? undefined : queue?.shift()
  if (queue?.length === 0) goOnReading(socket)
  if (run) run()
  else waiting.delete(socket)
}

/** Tells whether a response on `socket` is not written and taken yet. */
export const isPending = (socket: Duplex): boolean => currentResponse(socket) !== undefined

/** The response that `node:http` writes now: a private field. Without it requests are answered ahead, as by `node:http`. */
function currentResponse(socket: Duplex): ServerResponse | undefined {
  const { _httpMessage: current } = socket as Duplex & { readonly _httpMessage?: ServerResponse | null }
  return typeof current?.once === 'function' ? current : undefined
}
