import { readFileSync } from 'node:fs'
import type { AttentionPreset } from '@midsentence/agent'
import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { joinWords } from '../join-words.ts'
import { parseAddress, parseCount, requireName } from '../parse-values.ts'
import { usageError } from '../usage-error.ts'
import { parseEndpoint } from './parse-endpoint.ts'

/** The presets of the agent package, listed here because `--help` must not load the AI SDK. */
const presets: Readonly<Record<AttentionPreset, true>> = {
  everybody: true,
  people: true,
  mentions: true,
  questions: true,
  everything: true,
  nobody: true,
}
const presetNames = joinWords(Object.keys(presets))

export const agent = defineCommand({
  name: 'agent',
  help: `midsentence agent URL --name NAME --model MODEL --base-url URL [--room ROOM] [--api-key-env VAR]
                  [--persona FILE] [--attention WHOM] [--begins] [--turns N] [--tokens N]

Runs a language model in a room. The model writes its draft sentence by sentence. When somebody
speaks meanwhile, the generation stops at once; the model sees the new messages and decides how much
of its draft to keep. Any endpoint with OpenAI's chat completions API works: Ollama, llama.cpp,
vLLM, LM Studio and many providers.

  URL                The address of a midsentence server, as http://127.0.0.1:8890.
  --name NAME        The model's name in the room.
  --model MODEL      The model's name at the endpoint.
  --base-url URL     The endpoint, as http://127.0.0.1:11434/v1.
  --api-key-env VAR  The environment variable that holds the API key, if one is needed.
  --room ROOM        Default: lobby.
  --persona FILE     A text file that tells the model who it is and what it wants.
  --attention WHOM   Messages that interrupt the model. Default: everybody, which ignores an "ok".
                     One of ${presetNames}.
  --begins           Speak first, without waiting for a message.
  --turns N          Leave after N messages. Default: 50.
  --tokens N         Leave after N tokens. Default: 500000.

Ctrl-C stops the model and leaves the room. Transient errors of the endpoint are retried; permanent
ones end the command with a sentence and exit code 1.
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
  async run(values, url) {
    const { room = 'lobby', attention = 'everybody', begins = false, turns = '50', tokens = '500000' } = values
    const options = {
      url: parseAddress(url!, 'URL'),
      username: requireName(values.name),
      room,
      endpoint: parseEndpoint(values['base-url'], values.model, values['api-key-env']),
      attention: parsePreset(attention),
      begins,
      budget: { turns: parseCount(turns, '--turns'), tokens: parseCount(tokens, '--tokens') },
      persona: values.persona === undefined ? '' : readPersona(values.persona),
    }
    const { runAgent } = await import('./run-agent.ts')
    return untilInterrupted(signal => runAgent(options, signal), { endless: true })
  },
})

function parsePreset(text: string): AttentionPreset {
  if (Object.hasOwn(presets, text)) return text as AttentionPreset
  throw usageError(`--attention is one of ${presetNames}, not ${JSON.stringify(text)}.`)
}

function readPersona(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw usageError(`--persona names a text file, and ${JSON.stringify(file)} cannot be read.`)
  }
}
