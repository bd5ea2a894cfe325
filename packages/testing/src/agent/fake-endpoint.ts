import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** One completion request and functions to answer it. */
export interface Exchange {
  readonly call: number
  /** The model that the caller names. */
  readonly model: string
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  /** Content of the last message. */
  readonly last: string
  readonly headers: IncomingMessage['headers']
  readonly res: ServerResponse
  /** Sends the headers of an event stream. */
  open(): void
  /** Streams some text. */
  bit(text: string): void
  /** Ends the stream with a finish reason. Default: stop. */
  finish(reason?: string): void
}

export interface Endpoint {
  /** Value for `--base-url`. */
  readonly url: string
  readonly calls: number
  /** Connections that the caller closed before the end of the answer. */
  readonly closedEarly: number
  /** Resolves when `closedEarly` reaches `count`. */
  closed(count: number): Promise<void>
}

/** Starts a local endpoint with the API of chat completions. `answer` decides what it sends. */
export async function fakeEndpoint(answer: (exchange: Exchange) => unknown): Promise<Endpoint> {
  let calls = 0
  let closedEarly = 0
  const waiting: (() => void)[] = []
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const { model, messages } = JSON.parse(Buffer.concat(chunks).toString()) as Pick<Exchange, 'model' | 'messages'>
    let finished = false
    res.once('close', () => {
      if (finished) return
      closedEarly++
      for (const look of waiting.splice(0)) look()
    })
    const chunk = (delta: object, finish_reason: string | null) =>
      res.write(
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
      )
    await answer({
      call: ++calls,
      model,
      messages,
      last: messages.at(-1)!.content,
      headers: req.headers,
      res,
      open: () => void res.writeHead(200, { 'content-type': 'text/event-stream' }),
      bit: text => void chunk({ role: 'assistant', content: text }, null),
      finish(reason = 'stop') {
        finished = true
        chunk({}, reason)
        res.end('data: [DONE]\n\n')
      },
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get calls() {
      return calls
    },
    get closedEarly() {
      return closedEarly
    },
    async closed(count) {
      while (closedEarly < count) await new Promise<void>(resolve => waiting.push(resolve))
    },
  }
}
