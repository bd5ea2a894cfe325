import type { ConverseEvent } from '@midsentence/agent'
import type { CoordinationPolicy } from '@midsentence/arena'
import { isMidsentenceError, MidsentenceError } from '@midsentence/core'
import { formatEvent } from '../../agent/format-event.ts'
import { palette } from '../../palette.ts'
import { statusLine } from '../../status-line.ts'
import { wrapText } from '../../wrap-text.ts'
import { formatLive, formatRun, openingOf } from './format-live.ts'
import { createLiveFile, resumeLiveFile } from './live-file.ts'
import type { LiveSettings } from './live-options.ts'
import { headerOf, type LiveRecord, recordOf } from './live-record.ts'
import { playLive } from './play-live.ts'

const WIDTH = 80
const print = (text: string): void => void process.stdout.write(`${text}\n`)
const paragraph = (text: string): string => wrapText(text, WIDTH).join('\n')

/**
 * Plays the runs that the file does not hold yet, every policy with a seed before the next seed, and appends each at once. Prints a
 * table of all runs, also after `signal` aborts or an endpoint fails. Rejects with the sentence of the endpoint then.
 */
export async function runLive(settings: LiveSettings, signal: AbortSignal): Promise<void> {
  const { policies, first, file: name, resume } = settings
  const now = new Date()
  const header = headerOf(settings, now)
  const file = name === undefined ? undefined : resume ? resumeLiveFile(name, header) : createLiveFile(name, header)
  const records: LiveRecord[] = [...(file?.records ?? [])]
  const runs = () => records.filter(record => record.type === 'run')
  const names = policies.map(policy => policy.name)
  const paint = palette(process.stdout)
  print(`${paragraph(openingOf(settings, now))}\n`)
  if (resume) print(`${runs().length} ${runs().length === 1 ? 'run is' : 'runs are'} in ${name}.`)

  const seeds = Array.from({ length: settings.runs }, (_, index) => first + index)
  const wanted = seeds.flatMap(seed => policies.map(policy => ({ policy, seed })))
  const isDone = ({ policy, seed }: (typeof wanted)[number]) =>
    runs().some(run => run.policy === policy.name && run.seed === seed)
  let failure: string | undefined
  for (const next of wanted.filter(each => !isDone(each))) {
    const record = await play(settings, next.policy, next.seed, signal)
    if (!record) break
    file?.append(record)
    records.push(record)
    if (record.type === 'run') print(formatRun(record, paint))
    else failure = record.sentence
    if (failure !== undefined) break
  }

  if (runs().length > 0)
    print(`\n${formatLive(names, runs(), Math.max(process.stdout.columns || WIDTH, WIDTH), paint)}`)
  const failed = records.length - runs().length
  if (failed > 0)
    print(
      paragraph(
        `${failed} ${failed === 1 ? 'run' : 'runs'} failed at an endpoint and ${failed === 1 ? 'is' : 'are'} not counted.`,
      ),
    )
  const missing = wanted.filter(each => !isDone(each)).length
  if (missing > 0)
    print(
      paragraph(`${missing} of ${wanted.length} runs are missing${name === undefined ? '' : ': go on by --resume'}.`),
    )
  if (name !== undefined) print(paragraph(`The runs, with all messages, are in ${name}.`))
  if (failure !== undefined) throw new MidsentenceError('unavailable', failure)
}

/** Plays one run, and prints what goes wrong at the endpoints as `agent` does. Resolves with undefined if `signal` aborted. */
async function play(
  settings: LiveSettings,
  policy: CoordinationPolicy,
  seed: number,
  signal: AbortSignal,
): Promise<LiveRecord | undefined> {
  const { scenario, participants, endpoints, sampling, budget_tokens, minutes, quiet_ms } = settings
  const keys = endpoints.flatMap(({ apiKey }) => apiKey ?? [])
  const withoutKeys = (text: string) => keys.reduce((shown, key) => shown.replaceAll(key, '…'), text)
  const line = statusLine(process.stderr)
  const paint = palette(process.stdout)
  const begun = new Date()
  let [messages, tokens] = [0, 0]
  const onEvent = (author: string, event: ConverseEvent) => {
    if (event.type === 'sent') messages++
    if (event.type === 'spent') tokens += event.input + event.output
    if (event.type === 'trouble') {
      line.clear()
      print(withoutKeys(formatEvent(author, event, paint)!))
    }
    line.show(`${policy.name}, seed ${seed}: ${messages} messages, ${tokens.toLocaleString('en')} tokens`)
  }
  try {
    signal.throwIfAborted()
    const limit_ms = minutes * 60_000
    const played = await playLive(
      {
        ...{ scenario, policy, seed, participants, endpoints, settings: sampling, budget_tokens, limit_ms },
        ...(quiet_ms !== undefined && { quiet_ms }),
      },
      signal,
      onEvent,
    )
    return recordOf(policy.name, seed, begun, played)
  } catch (error) {
    if (signal.aborted) return undefined
    if (!isMidsentenceError(error)) throw error
    const sentence = withoutKeys(error.message)
    return { type: 'failed', policy: policy.name, seed, begun: begun.toISOString(), sentence }
  } finally {
    line.clear()
  }
}
