import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net'
import { type Hub, type HubOptions, openHub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { sseHandlers } from '@midsentence/transport-sse/server'
import { onTestFinished } from 'vitest'

/** A server on a free port. It closes when its test ends. */
export interface FaultyServer {
  readonly url: string
  readonly hub: Hub
  /** The tokens of all joins. */
  readonly tokens: readonly string[]
}

/** Handles a call wrongly. `answer` returns the correct answer. Returns true if it handled the call. */
export type FaultHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  call: { readonly text: string; readonly answer: () => Promise<string | undefined> },
) => boolean | Promise<boolean>

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export const answered = (res: ServerResponse, text: string | undefined, type = 'application/json'): true => {
  if (text === undefined) res.writeHead(204).end()
  else res.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text)
  return true
}

/** Starts a correct hub over HTTP. Each call goes to `fault` first. */
export async function faultyServer(fault: FaultHandler = () => false, options: HubOptions = {}): Promise<FaultyServer> {
  const hub = await openHub(options)
  const tokens: string[] = []
  const join = hub.join.bind(hub)
  Object.defineProperty(hub, 'join', {
    value: async (request: Parameters<Hub['join']>[0]) => {
      const session = await join(request)
      tokens.push(session.joinResult.token)
      return session
    },
  })
  const dispatcher = rpcDispatcher(hub)
  const handlers = sseHandlers(hub)
  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (req.url !== '/rpc') return void ((await handlers.handle(req, res)) || res.writeHead(404).end())
    let text = ''
    for await (const chunk of req.setEncoding('utf8')) text += chunk
    const token = req.headers.authorization?.replace('Bearer ', '')
    const gone = new AbortController()
    res.once('close', () => res.writableFinished || gone.abort())
    const caller = { ...(token !== undefined && { token }), signal: gone.signal }
    const answer = () => dispatcher.dispatch(text, caller)
    if (await fault(req, res, { text, answer })) return
    answered(res, await answer())
  }
  const server = createServer((req, res) => void serve(req, res).catch(() => res.destroy()))
  const url = await listening(server)
  onTestFinished(async () => {
    await handlers.close()
    await hub.close()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return { url, hub, tokens }
}

/** Starts a TCP server that answers every connection with `bytes`, and returns its URL. */
export async function garbageServer(bytes: string): Promise<string> {
  const server = createSocketServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(bytes))
  })
  onTestFinished(() => void server.close())
  return listening(server)
}

/** Returns the tokens of sessions that have not left. */
export const openSessions = ({ hub, tokens }: FaultyServer): readonly string[] =>
  tokens.filter(token => {
    try {
      hub.enter(token)
      return true
    } catch {
      return false
    }
  })
