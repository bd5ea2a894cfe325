import { type ConverseEvent, converse } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { linkSignals, MidsentenceError } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { budgetText } from '../agent/budget-text.ts'
import { formatEvent } from '../agent/format-event.ts'
import type { EndpointOptions } from '../agent/parse-endpoint.ts'
import { palette } from '../palette.ts'
import { debateScripts, scriptedModel } from './scripted-model.ts'

/** The debate ends after this time without an event, in milliseconds. Models at an endpoint get ten times as long. */
const QUIET_MS = 2500

type Debater = keyof typeof debateScripts
const debaters: readonly Debater[] = ['Claude', 'GPT']

export interface DebateOptions {
  /** Endpoint of both models. Undefined runs scripted models. */
  readonly endpoint: EndpointOptions | undefined
  readonly speed: number
  /** Turns of each model. */
  readonly turns: number
  readonly topic: string
}

/** Runs a debate between two models on a temporary server. Rejects with a sentence when a model fails. */
export async function runDebate({ endpoint, speed, turns, topic }: DebateOptions, signal: AbortSignal): Promise<void> {
  const paint = palette(process.stdout)
  const createModel = await modelFactory(endpoint, speed)
  const server = await startServer({ port: 0, legacyDialect: false })
  const stopped = linkSignals([signal])
  let timer: NodeJS.Timeout | undefined
  const restartTimer = () => {
    clearTimeout(timer)
    timer = setTimeout(stopped.abort, endpoint ? 10 * QUIET_MS : QUIET_MS)
  }
  const run = (name: Debater) =>
    converse({
      model: createModel(name),
      room: new AsyncChatRoom({ url: server.url, username: name }),
      persona: `You debate ${topic} with ${name === 'GPT' ? 'Claude' : 'GPT'}, in two or three sentences at a time. Say what you think, and what changes your mind.`,
      begins: true,
      budget: { turns },
      signal: stopped.signal,
      onEvent(event: ConverseEvent) {
        restartTimer()
        // A received message was already shown while its author wrote it.
        const line = event.type === 'heard' ? undefined : formatEvent(name, event, paint)
        if (line !== undefined) process.stdout.write(`${line}\n`)
      },
    })
  try {
    process.stdout.write(paint.dim(`# Two models debate ${topic}.\n`))
    const results = await Promise.all(debaters.map(run))
    const used = results.map((result, at) => budgetText({ name: debaters[at]!, ...result }))
    process.stdout.write(`${paint.dim(`# ${used.join(' ')}`)}\n`)
    const failed = results.find(({ reason }) => reason === 'failed')
    if (failed) throw new MidsentenceError('unavailable', failed.sentence)
  } finally {
    clearTimeout(timer)
    stopped.unlink()
    await server.close()
  }
}

/** Loads the endpoint's SDK only when an endpoint is given. */
async function modelFactory(endpoint: EndpointOptions | undefined, speed: number) {
  if (!endpoint) return (name: Debater) => scriptedModel(name, debateScripts[name], speed)
  const { endpointModel } = await import('../agent/endpoint-model.ts')
  return () => endpointModel(endpoint)
}
