import type { AttentionPreset } from '@midsentence/agent'
import { credentialOptions, readCredential } from '../credential.ts'
import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { joinWords } from '../join-words.ts'
import { parseAddresses, parseCount, parseJournalPath, parseLast, parseNumber, requireName } from '../parse-values.ts'
import { readTextFile } from '../settings/read-text-file.ts'
import { usageError } from '../usage-error.ts'
import { parseEndpoint, parseHeaders } from './parse-endpoint.ts'

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
  help: `midsentence agent URL --name NAME --model MODEL --base-url URL [--room ROOM] [--last N]
                  [--api-key-env VAR] [--persona FILE] [--attention WHOM] [--begins] [--turns N]
                  [--tokens N] [--respond-to WHOM] [--temperature T] [--max-tokens N]
                  [--first-token S] [--between-tokens S] [--retries N] [--history N]
                  [--context N] [--header 'NAME: VALUE'] [--journal FILE | --no-journal]
                  [--credential-file FILE]

Runs a language model in a room. The model writes its draft sentence by sentence. When somebody
speaks meanwhile, the generation stops at once; the model sees the new messages and decides how much
of its draft to keep. Any endpoint with OpenAI's chat completions API works: Ollama, llama.cpp,
vLLM, LM Studio and many providers.

  URL                The address of a midsentence server, as http://127.0.0.1:8890.
                     Of several that share their rooms: all, with commas, as
                     http://a:8890,http://b:8890. When one is lost, the next one is used.
  --name NAME        The model's name in the room.
  --model MODEL      The model's name at the endpoint.
  --base-url URL     The endpoint, as http://127.0.0.1:11434/v1.
  --api-key-env VAR  The environment variable that holds the API key, if one is needed.
  --header 'NAME: VALUE'
                     A header of each request to the endpoint, as in curl. Give it once per header.
                     Other users of this machine can see it: a key belongs into --api-key-env.
  --room ROOM        Default: lobby.
  --last N           Show the model the last N messages from before it came, where the room shows
                     its history. Default: 20.
  --persona FILE     A text file that tells the model who it is and what it wants.
  --attention WHOM   Messages that interrupt the model. Default: everybody, which ignores an "ok".
                     One of ${presetNames}.
  --respond-to WHOM  Messages that the model answers while it is silent. Default: everybody.
  --begins           Speak first, without waiting for a message.
  --turns N          Leave after N messages. Default: 50.
  --tokens N         Leave after N tokens, reasoning included. Default: 500000.
  --temperature T    Passed to the endpoint, from 0 to 2. Default: the endpoint's own.
  --max-tokens N     Longest answer in tokens, reasoning included. Default: the endpoint's own.
  --history N        Show the model at most N messages of the past. Default: 100.
  --context N        Tokens of the model's context. The past is shortened to fit, by an estimate.
                     Without it, the past is halved when the endpoint refuses a prompt as too long.
                     Ollama cuts long prompts without a word: give --context there.
  --first-token S    Seconds to wait for the first token of an answer, while a local endpoint may
                     load its model. A comment of its stream starts the time again. Default: 300.
  --between-tokens S Longest silence after it, in seconds. Default: 60.
  --retries N        How often a failed call is repeated, with a growing pause. Default: 4.
  --journal FILE     Where the session and the draft are kept: the next start continues them, also
                     after a crash. Default: a file per name, room and server in XDG_STATE_HOME,
                     or ~/.local/state.
  --no-journal       Keep nothing: after a crash the name is taken for a while.
  --credential-file FILE
                     The password or signed token that the server asks for.
                     Default: the environment's MIDSENTENCE_CREDENTIAL.
  --credential TEXT  The same as an argument, which other users of this machine can see.

Ctrl-C stops the model and leaves the room. The last line sums up messages and tokens. Transient
errors of the endpoint are retried; permanent ones end the command with a sentence and exit code 1.
`,
  operands: ['URL'],
  options: {
    name: { type: 'string' },
    model: { type: 'string' },
    'base-url': { type: 'string' },
    room: { type: 'string' },
    last: { type: 'string' },
    'api-key-env': { type: 'string' },
    persona: { type: 'string' },
    attention: { type: 'string' },
    begins: { type: 'boolean' },
    turns: { type: 'string' },
    tokens: { type: 'string' },
    'respond-to': { type: 'string' },
    temperature: { type: 'string' },
    'max-tokens': { type: 'string' },
    'first-token': { type: 'string' },
    'between-tokens': { type: 'string' },
    retries: { type: 'string' },
    history: { type: 'string' },
    context: { type: 'string' },
    header: { type: 'string', multiple: true },
    journal: { type: 'string' },
    'no-journal': { type: 'boolean' },
    ...credentialOptions,
  },
  async run(values, url) {
    const { room = 'lobby', attention = 'everybody', begins = false, turns = '50', tokens = '500000' } = values
    const options = {
      urls: parseAddresses(url!, 'URL'),
      username: requireName(values.name),
      room,
      ...readCredential(values),
      last: parseLast(values.last ?? '20'),
      endpoint: {
        ...parseEndpoint(values['base-url'], values.model, values['api-key-env']),
        headers: parseHeaders(values.header ?? []),
      },
      ...parseJournal(values),
      attention: parsePreset(attention, '--attention'),
      respondTo: parsePreset(values['respond-to'] ?? 'everybody', '--respond-to'),
      first_token_ms: 1000 * parseCount(values['first-token'] ?? '300', '--first-token'),
      stall_ms: 1000 * parseCount(values['between-tokens'] ?? '60', '--between-tokens'),
      retries: parseNumber(values.retries ?? '4', '--retries', 1000),
      settings: {
        ...(values.temperature !== undefined && { temperature: parseNumber(values.temperature, '--temperature', 2) }),
        ...(values['max-tokens'] !== undefined && {
          maxOutputTokens: parseCount(values['max-tokens'], '--max-tokens'),
        }),
      },
      ...(values.history !== undefined && { history: { messages: parseCount(values.history, '--history') } }),
      ...(values.context !== undefined && { context: parseCount(values.context, '--context') }),
      begins,
      budget: { turns: parseCount(turns, '--turns'), tokens: parseCount(tokens, '--tokens') },
      persona: values.persona === undefined ? '' : readPersona(values.persona),
    }
    const { runAgent } = await import('./run-agent.ts')
    return untilInterrupted(signal => runAgent(options, signal), { endless: true })
  },
})

function parsePreset(text: string, source: string): AttentionPreset {
  if (Object.hasOwn(presets, text)) return text as AttentionPreset
  throw usageError(`${source} is one of ${presetNames}, not ${JSON.stringify(text)}.`)
}

function parseJournal(flags: { readonly journal?: string | undefined; readonly 'no-journal'?: boolean | undefined }): {
  readonly journal: string | boolean
} {
  const { journal, 'no-journal': none = false } = flags
  if (none && journal !== undefined) throw usageError('Give --journal or --no-journal, not both.')
  return { journal: parseJournalPath(journal) ?? !none }
}

function readPersona(file: string): string {
  try {
    return readTextFile(file)
  } catch {
    throw usageError(`--persona names a text file, and ${JSON.stringify(file)} cannot be read.`)
  }
}
