import { memoryLog, type Seq, virtualClock } from '@midsentence/core'
import { type HubSession, openHub } from '@midsentence/core/hub'
import { prop } from '@midsentence/testing/properties'
import type { HistoryDraft } from '@midsentence/testing/recorded-room'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { RuleId } from '../kit/rules.ts'
import { checkHistory } from './check-history.ts'
import type { Action, Entry } from './history.ts'
import { type Calling, type Recording, recording, type WitnessRecorder } from './recording.ts'

type Doing = Exclude<Action, 'leave'> | 'repeat' | 'lose' | 'speak' | 'settle' | 'pass' | 'return'

interface Step {
  readonly who: number
  readonly does: Doing
  readonly after: 'none' | 'below' | 'shown'
  readonly keyed: boolean
  readonly timeout_ms: number | undefined
  readonly much: number
}

const often = (weight: number, does: Doing) => ({ weight, arbitrary: fc.constant(does) })
const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat(3),
  does: fc.oneof(
    often(5, 'append'),
    often(7, 'push'),
    often(5, 'publish'),
    often(3, 'check'),
    often(1, 'undo'),
    often(1, 'reset'),
    often(2, 'preview'),
    often(1, 'yield'),
    often(3, 'repeat'),
    often(1, 'lose'),
    often(1, 'speak'),
    often(5, 'settle'),
    often(2, 'pass'),
    often(1, 'return'),
  ),
  after: fc.constantFrom('none', 'none', 'none', 'below', 'shown'),
  keyed: fc.boolean(),
  timeout_ms: fc.constantFrom(undefined, 0, 1000, 70_000),
  much: fc.nat(40),
})

/** A caller of the hub who writes down what it sees. */
class Caller {
  readonly #session: HubSession
  readonly #recorder: WitnessRecorder
  readonly #repeatable: (() => void)[] = []
  #keys = 0

  constructor(session: HubSession, recorder: Recording) {
    const { session_id, sender_id, cursor } = session.joinResult
    this.#session = session
    this.#recorder = recorder.witness({ session: session_id, name: sender_id, cursor })
  }

  do({ does, after, keyed, timeout_ms, much }: Step, text: string): void {
    if (does === 'repeat') return this.#repeatable[much % (this.#repeatable.length || 1)]?.()
    const lost = does === 'lose'
    const action = lost ? 'preview' : (does as Action)
    if (action === 'yield') {
      return this.#make({ action }, async () => this.#session.yield())
    }
    const said = this.#said(action === 'publish' && after === 'none' ? 'shown' : after, much)
    const key = (keyed || action === 'publish') && action !== 'check' && action !== 'preview'
    const request = {
      ...(action === 'append' && { text }),
      ...(action === 'publish' && { content: text }),
      ...(said !== undefined && { [action === 'publish' ? 'base' : 'after']: said }),
      ...(key && { key: `${this.#keys++}` }),
      ...((action === 'push' || action === 'publish' || action === 'check') &&
        timeout_ms !== undefined && { timeout_ms }),
    }
    const call = (lost: boolean) => {
      const calling = {
        action,
        ...(action === 'publish' && { content: text }),
        ...(said !== undefined && { after: said }),
        ...(request.key !== undefined && { key: request.key }),
      }
      this.#make(calling, () => {
        const answer = this.#session[action as 'append'](request as never)
        return lost ? answer.then(() => Promise.reject(new Error('The answer was lost.'))) : answer
      })
    }
    if (key) this.#repeatable.push(() => call(much % 7 === 0))
    call(lost || (key && much % 5 === 0))
  }

  speak(text: string): void {
    this.#make({ action: 'push', content: text }, () => this.#session.sendUnconditionally(text))
  }

  async leave(): Promise<void> {
    await this.#recorder.call({ action: 'leave' }, () => this.#session.leave())
  }

  /** What it comes to is written down, whatever it is. */
  #make(calling: Calling, make: () => Promise<unknown>): void {
    this.#recorder.call(calling, make).catch(() => {})
  }

  #said(after: Step['after'], much: number): Seq | undefined {
    const { shown, cursor } = this.#session.snapshotCursor()
    if (after === 'none') return undefined
    return after === 'shown' ? shown : Math.max(0, cursor - (much % 5))
  }
}

const ENOUGH_MS = 10_000_000

/** Plays it in a real hub on a virtual clock: what its callers saw. */
async function play(steps: readonly Step[], policy: 'hold' | 'annotate', withLog: boolean) {
  const clock = virtualClock()
  const log = memoryLog()
  const hub = await openHub({
    clock,
    log,
    policy: { room: () => ({ policy }), limits: () => ({}) },
    times: { lapse_ms: ENOUGH_MS * 100, unused_ms: ENOUGH_MS * 100 },
  })
  const recorder = recording(() => clock.monotonic())
  const enter = async (who: number) => new Caller(await hub.join({ username: `p${who}` }), recorder)
  const callers = [await enter(0), await enter(1), await enter(2), await enter(3)]
  const old = await hub.join({ username: 'old', legacy: true })
  const dialect = new Caller(old, recorder)
  for (const [n, step] of steps.entries()) {
    if (step.does === 'settle') await clock.settle()
    else if (step.does === 'pass') await clock.advance(step.much * 2000)
    else if (step.does === 'speak') dialect.speak(`${n};`)
    else if (step.does === 'return') {
      // Whose a message is that nobody acknowledged, only the log tells where two sessions had one name.
      if (!withLog) continue
      await callers[step.who]!.leave()
      callers[step.who] = await enter(step.who)
    } else callers[step.who]!.do(step, `${n};`)
  }
  for (let more = 0; more < 20; more++) await clock.advance(ENOUGH_MS)
  const entries: Entry[] = []
  for await (const record of log.records('lobby')) {
    if (record.type === 'message') entries.push({ ...record.message, session: record.session })
  }
  await hub.close()
  return recorder.history({
    settings: { policy },
    free: [old.joinResult.session_id],
    ...(withLog && { log: entries }),
  })
}

const steps = fc.array(step, { minLength: 5, maxLength: 60, size: 'max' })
const policies = fc.constantFrom('hold' as const, 'hold' as const, 'hold' as const, 'annotate' as const)

prop(
  '[L1] [L2] [P4] [H1] [H3] [P6] what callers of the hub see breaks no rule, with the log or without',
  [steps, policies, fc.boolean()],
  async (steps, policy, withLog) => {
    const history = await play(steps, policy, withLog)
    expect(checkHistory(JSON.parse(JSON.stringify(history)))).toEqual([])
  },
)

/** Makes one thing of a good history wrong, at the `n`-th place where that can be done: which rule breaks then. */
const harms: Readonly<Record<string, (history: HistoryDraft, n: number) => RuleId | undefined>> = {
  'an acknowledged message is gone': (history, n) => {
    const sent = history.witnesses.flatMap(({ calls }) => calls.flatMap(({ answer }) => answer?.seq ?? []))
    const log = history.log ?? []
    history.log = log.filter(({ seq }) => seq !== sent[n % sent.length])
    return history.log.length < log.length && (history.log[0]?.seq ?? 1) === 1 ? 'G1' : undefined
  },
  'a given message is given twice': (history, n) => {
    const answer = anAnswer(history, n)
    answer?.messages.push(answer.messages.at(-1)!)
    return answer && 'L1'
  },
  'a given message is another': (history, n) => {
    const given = anAnswer(history, n)?.messages[0]
    if (given) given.content += '!'
    return given && 'L2'
  },
  'the cursor stays before what was given': (history, n) => {
    const answer = anAnswer(history, n)
    if (answer) answer.cursor = answer.messages[0]!.seq - 1
    return answer && 'L5'
  },
  'a message says that it crossed itself': (history, n) => {
    const message = history.log?.[n % history.log.length]
    if (message) message.crossed = [message.seq]
    return message && 'H3'
  },
}

/** The first answer with messages, from the `n`-th on, that no repeated call was told as well. */
function anAnswer({ witnesses }: HistoryDraft, n: number) {
  const answers = witnesses.flatMap(({ calls }) =>
    calls.flatMap(({ key, answer }) => (key === undefined && answer?.messages.length ? [answer] : [])),
  )
  return answers[n % answers.length]
}

prop(
  '[G1] [L1] [L2] [L5] [H3] one thing made wrong in what callers of the hub see is found',
  [steps, fc.constantFrom(...Object.keys(harms)), fc.nat(1000)],
  async (steps, harm, n) => {
    const history: HistoryDraft = JSON.parse(JSON.stringify(await play(steps, 'hold', true)))
    const rule = history.log!.length > 0 && harms[harm]!(history, n)
    if (rule) expect(checkHistory(history).map(found => found.rule)).toContain(rule)
  },
)
