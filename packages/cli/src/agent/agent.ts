import { readFileSync } from 'node:fs'
import { type AttentionName, attentions, converse } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { MidsentenceError } from '@midsentence/core'
import { defineCommand, joinWords } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { palette } from '../palette.ts'
import { parseAddress, parseCount, requireName } from '../parse-values.ts'
import { usageError } from '../usage-error.ts'
import { openaiCompatibleModel } from './endpoint.ts'
import { formatEvent } from './show-event.ts'

const presetNames = joinWords(Object.keys(attentions))

export const agent = defineCommand({
  name: 'agent',
  help: `midsentence agent URL --name NAME --model MODEL --base-url URL [--room ROOM] [--api-key-env VAR]
                  [--persona FILE] [--attention WHOM] [--begins] [--turns N] [--tokens N]

Lets a model take part in a room by itself. It writes sentence by sentence into a draft; when
somebody speaks meanwhile, it is stopped at once, shown what was said, and asked what it still
stands by. Any endpoint will do that speaks as OpenAI's chat completions do: those of Ollama,
llama.cpp, vLLM or LM Studio, and of many providers.

  URL                The address of a midsentence server, as http://127.0.0.1:8890.
  --name NAME        The model's name in the room.
  --model MODEL      The model, as its endpoint calls it.
  --base-url URL     The endpoint, as http://127.0.0.1:11434/v1.
  --api-key-env VAR  The variable of the environment that holds the key, where one is needed.
  --room ROOM        Default: lobby.
  --persona FILE     A text that says who it is and what it wants.
  --attention WHOM   What stops it while it writes. Default: everybody, which passes over an "ok".
                     One of ${presetNames}.
  --begins           It speaks first, without being spoken to.
  --turns N          Leave after so many messages. Default: 50.
  --tokens N         Leave after so many tokens. Default: 500000.

Ctrl-C stops the model and leaves the room. What an endpoint does wrong is told in a sentence; what
passes is tried again, what does not ends with 1.
`,
  operands: ['URL'],
  options: {
    name: { type: 'string' },
    model: { type: 'string' },
    'base-url': { type: 'string' },
    room: { type: 'string' },
    'api-key-env': { type: 'string' },
    persona: { type: 'string' },
    attention: { type: 'string' },
    begins: { type: 'boolean' },
    turns: { type: 'string' },
    tokens: { type: 'string' },
  },
  run(values, given) {
    const { room = 'lobby', attention = 'everybody', begins = false, turns = '50', tokens = '500000' } = values
    const url = parseAddress(given!, 'URL')
    const username = requireName(values.name)
    const model = openaiCompatibleModel(values['base-url'], values.model, values['api-key-env'])
    if (!Object.hasOwn(attentions, attention))
      throw usageError(`--attention is one of ${presetNames}, not ${JSON.stringify(attention)}.`)
    const budget = { turns: parseCount(turns, '--turns'), tokens: parseCount(tokens, '--tokens') }
    const persona = values.persona === undefined ? '' : readPersona(values.persona)
    const paint = palette(process.stdout)
    return untilInterrupted(
      async signal => {
        const { reason, sentence } = await converse({
          model,
          room: new AsyncChatRoom({ url, username, room }),
          persona,
          attention: attention as AttentionName,
          begins,
          budget,
          signal,
          onEvent(event) {
            const line = formatEvent(username, event, paint)
            if (line !== undefined) process.stdout.write(`${line}\n`)
          },
        })
        if (reason === 'failed' || reason === 'lost') throw new MidsentenceError('unavailable', sentence)
      },
      { endless: true },
    )
  },
})

function readPersona(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw usageError(`--persona names a text file, and ${JSON.stringify(file)} cannot be read.`)
  }
}
