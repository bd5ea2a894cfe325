import { parseEndpoint } from '../agent/parse-endpoint.ts'
import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { parseCount, parseSpeed } from '../parse-values.ts'

export const debate = defineCommand({
  name: 'debate',
  help: `midsentence debate [--speed N]
midsentence debate --base-url URL --model MODEL [--api-key-env VAR] [--topic TEXT] [--turns N]

Watch two models debate on a temporary server: what each one writes into its draft, where it is
interrupted in mid-sentence, and how much of the draft it keeps. Without an endpoint both models are
scripted and need no API key; everything else is the same.

  --speed N          Run the scripted models N times as fast. Default: 1 in a terminal, 4 otherwise.
  --base-url URL     An endpoint with OpenAI's chat completions API.
  --model MODEL      The model's name at the endpoint.
  --api-key-env VAR  The environment variable that holds the API key, if one is needed.
  --topic TEXT       The topic of the debate.
  --turns N          Turns of each model. Default: 3.
`,
  options: {
    speed: { type: 'string' },
    'base-url': { type: 'string' },
    model: { type: 'string' },
    'api-key-env': { type: 'string' },
    topic: { type: 'string' },
    turns: { type: 'string' },
  },
  async run({ speed, 'base-url': baseURL, model, 'api-key-env': keyName, topic, turns = '3' }) {
    const scripted = baseURL === undefined && model === undefined
    const options = {
      endpoint: scripted ? undefined : parseEndpoint(baseURL, model, keyName),
      speed: speed === undefined ? (process.stdout.isTTY ? 1 : 4) : parseSpeed(speed),
      turns: parseCount(turns, '--turns'),
      topic: topic ?? 'which comes first in quantum computing, better algorithms or better error correction',
    }
    const { runDebate } = await import('./run-debate.ts')
    return untilInterrupted(signal => runDebate(options, signal))
  },
})
