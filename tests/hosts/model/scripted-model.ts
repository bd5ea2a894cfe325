import { createServer, type IncomingMessage } from 'node:http'
import { onTestFinished } from 'vitest'
import { listenOnLoopback } from '../loopback.ts'
import type { ModelAnswer, ModelApi, ModelCall, ShownRequest } from './model-api.ts'

/** A call of one of our tools, under the tool's own name. */
export type ToolCall = readonly [tool: string, args?: Readonly<Record<string, unknown>>]

export interface ScriptedModel {
  readonly port: number
  /** What the host last asked its model. */
  readonly shown: ShownRequest
  /** Resolves when the host has asked for the first answer. */
  readonly started: Promise<void>
  /** Makes these calls in one turn. Resolves with their results as the host shows them, once it asks for the next turn. */
  calls(...calls: readonly ToolCall[]): Promise<readonly string[]>
  /** Ends the conversation. */
  says(text: string): void
}

/** A model with a real API on loopback. A test says what it answers. */
export async function scriptedModel(api: ModelApi): Promise<ScriptedModel> {
  let shown: ShownRequest | undefined
  let asked = deferred<ShownRequest>()
  let answer = deferred<ModelAnswer>()
  let ids = 0
  const server = createServer(async (req, res) => {
    const body = await jsonBody(req)
    const request = req.method === 'POST' ? api.read(req.url!, body) : undefined
    if (!request) return void res.writeHead(404, { 'content-type': 'application/json' }).end('{}')
    // Hosts also ask for titles and summaries, without tools.
    const aside = request.tools.length === 0
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    if (!aside) asked.resolve(request)
    for (const { event, data } of api.write(aside ? { text: 'A chat' } : await answer.promise))
      res.write(`${event ? `event: ${event}\n` : ''}data: ${JSON.stringify(data)}\n\n`)
    res.end()
  })
  const port = await listenOnLoopback(server)
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const give = (to: ModelAnswer) => {
    const { resolve } = answer
    answer = deferred()
    asked = deferred()
    resolve(to)
  }
  const call = ([tool, args = {}]: ToolCall): ModelCall => ({
    id: `call_${++ids}`,
    name: shown!.tools.find(({ name }) => name.endsWith(tool))?.name ?? tool,
    args,
  })
  return {
    port,
    get shown() {
      return shown!
    },
    started: asked.promise.then(request => {
      shown = request
    }),
    async calls(...calls) {
      give({ calls: calls.map(call) })
      shown = await asked.promise
      return shown.results
    },
    says: text => give({ text }),
  }
}

async function jsonBody(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    return undefined
  }
}

function deferred<T>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>(done => {
    resolve = done
  })
  return { promise, resolve }
}
