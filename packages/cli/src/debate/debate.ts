import { type ConverseEvent, converse } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { MidsentenceError } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { modelAt } from '../agent/endpoint.ts'
import { shownEvent } from '../agent/show-event.ts'
import { command } from '../command.ts'
import { palette } from '../demo/palette.ts'
import { untilInterrupted } from '../interrupt.ts'
import { countOf, speedOf } from '../values.ts'
import { parts, scriptedModel } from './script.ts'

/** A debate is over when nothing has happened for so long, in milliseconds. */
const QUIET_MS = 2500

export const debate = command({
  name: 'debate',
  help: `midsentence debate [--speed N]
midsentence debate --base-url URL --model MODEL [--api-key-env VAR] [--topic TEXT] [--turns N]

Watch two models debate on a server of their own, as it happens: what each writes into its draft,
where it is stopped in mid-sentence, and what it stands by then. Without an endpoint both are
scripted and need no key; what they do is the same.

  --speed N          Scripted ones N times as fast. Default: 1 in a terminal, 4 otherwise.
  --base-url URL     An endpoint that speaks as OpenAI's chat completions do.
  --model MODEL      The model, as the endpoint calls it.
  --api-key-env VAR  The variable of the environment that holds the key, where one is needed.
  --topic TEXT       What the models debate.
  --turns N          How often each may speak. Default: 3.
`,
  options: {
    speed: { type: 'string' },
    'base-url': { type: 'string' },
    model: { type: 'string' },
    'api-key-env': { type: 'string' },
    topic: { type: 'string' },
    turns: { type: 'string' },
  },
  run({ speed, 'base-url': baseUrl, model, 'api-key-env': keyName, topic, turns = '3' }) {
    const real = baseUrl !== undefined || model !== undefined
    const pace = speed === undefined ? (process.stdout.isTTY ? 1 : 4) : speedOf(speed)
    const modelFor = real
      ? () => modelAt(baseUrl, model, keyName)
      : (name: keyof typeof parts) => scriptedModel(name, parts[name], pace)
    const limit = countOf(turns, '--turns')
    const subject = topic ?? 'which comes first in quantum computing, better algorithms or better error correction'
    const models = { Claude: modelFor('Claude'), GPT: modelFor('GPT') }
    return untilInterrupted(signal => meet({ models, subject, limit, signal, quiet: real ? 10 * QUIET_MS : QUIET_MS }))
  },
})

interface Meeting {
  readonly models: Readonly<Record<'Claude' | 'GPT', Parameters<typeof converse>[0]['model']>>
  readonly subject: string
  readonly limit: number
  readonly signal: AbortSignal
  readonly quiet: number
}

async function meet({ models, subject, limit, signal, quiet }: Meeting): Promise<void> {
  const paint = palette(process.stdout)
  const server = await startServer({ port: 0, legacyDialect: false })
  const over = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const awake = () => {
    clearTimeout(timer)
    timer = setTimeout(() => over.abort(), quiet)
  }
  const speak = (name: 'Claude' | 'GPT') =>
    converse({
      model: models[name],
      room: new AsyncChatRoom({ url: server.url, username: name }),
      persona: `You debate ${subject} with ${name === 'GPT' ? 'Claude' : 'GPT'}, in two or three sentences at a time. Say what you think, and what changes your mind.`,
      begins: true,
      budget: { turns: limit },
      signal: AbortSignal.any([signal, over.signal]),
      onEvent(event: ConverseEvent) {
        awake()
        // What one hears the other has been seen to write.
        const line = event.type === 'heard' ? undefined : shownEvent(name, event, paint)
        if (line !== undefined) process.stdout.write(`${line}\n`)
      },
    })
  try {
    process.stdout.write(paint.dim(`# Two models debate ${subject}.\n`))
    const ended = await Promise.all([speak('Claude'), speak('GPT')])
    const failed = ended.find(({ reason }) => reason === 'failed')
    if (failed) throw new MidsentenceError('unavailable', failed.sentence)
  } finally {
    clearTimeout(timer)
    await server.close()
  }
}
