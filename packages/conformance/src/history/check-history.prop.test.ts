import { memoryLog, type Seq, virtualClock } from '@midsentence/core'
import { type HubSession, openHub } from '@midsentence/core/hub'
import { prop, slowRuns } from '@midsentence/testing/properties'
import type { HistoryDraft } from '@midsentence/testing/recorded-room'
import fc from 'fast-check'
import { expect } from 'vitest'
import { actionWeights, weighted } from '../kit/actions.ts'
import type { RuleId } from '../kit/rules.ts'
import { checkHistory } from './check-history.ts'
import type { CallAction, LogEntry } from './history.ts'
import { type CallInput, type CallRecorder, type HistoryRecorder, historyRecorder } from './history-recorder.ts'

type StepKind = Exclude<CallAction, 'leave'> | 'repeat' | 'lose-answer' | 'send' | 'settle' | 'wait' | 'rejoin'

interface Step {
  readonly caller: number
  readonly kind: StepKind
  readonly after: 'none' | 'below' | 'shown'
  readonly keyed: boolean
  readonly timeout_ms: number | undefined
  readonly amount: number
}

const step: fc.Arbitrary<Step> = fc.record({
  caller: fc.nat(3),
  kind: weighted({ ...actionWeights, yield: 1, repeat: 3, 'lose-answer': 1, send: 1, settle: 5, wait: 2, rejoin: 1 }),
  after: fc.constantFrom('none', 'none', 'none', 'below', 'shown'),
  keyed: fc.boolean(),
  timeout_ms: fc.constantFrom(undefined, 0, 1000, 70_000),
  amount: fc.nat(40),
})

/** A caller of the hub that records what it sees. */
class Caller {
  readonly #session: HubSession
  readonly #recorder: CallRecorder
  readonly #repeatable: (() => void)[] = []
  #keys = 0

  constructor(session: HubSession, recorder: HistoryRecorder) {
    const { session_id, sender_id, cursor } = session.joinResult
    this.#session = session
    this.#recorder = recorder.caller({ session: session_id, name: sender_id, cursor })
  }

  perform({ kind, after, keyed, timeout_ms, amount }: Step, text: string): void {
    if (kind === 'repeat') return this.#repeatable[amount % (this.#repeatable.length || 1)]?.()
    const lost = kind === 'lose-answer'
    const action = lost ? 'preview' : (kind as CallAction)
    if (action === 'yield') {
      return this.#make({ action }, async () => this.#session.yield())
    }
    const sent = this.#cursorToSend(action === 'publish' && after === 'none' ? 'shown' : after, amount)
    const key = (keyed || action === 'publish') && action !== 'check' && action !== 'preview'
    const request = {
      ...(action === 'append' && { text }),
      ...(action === 'publish' && { content: text }),
      ...(sent !== undefined && { [action === 'publish' ? 'base' : 'after']: sent }),
      ...(key && { key: `${this.#keys++}` }),
      ...((action === 'push' || action === 'publish' || action === 'check') &&
        timeout_ms !== undefined && { timeout_ms }),
    }
    const call = (lost: boolean) => {
      const input = {
        action,
        ...(action === 'publish' && { content: text }),
        ...(sent !== undefined && { after: sent }),
        ...(request.key !== undefined && { key: request.key }),
      }
      this.#make(input, () => {
        const answer = this.#session[action as 'append'](request as never)
        return lost ? answer.then(() => Promise.reject(new Error('The answer was lost.'))) : answer
      })
    }
    if (key) this.#repeatable.push(() => call(amount % 7 === 0))
    call(lost || (key && amount % 5 === 0))
  }

  send(text: string): void {
    this.#make({ action: 'push', content: text }, () => this.#session.sendUnconditionally(text))
  }

  async leave(): Promise<void> {
    await this.#recorder.call({ action: 'leave' }, () => this.#session.leave())
  }

  /** Makes a call and records its outcome. */
  #make(input: CallInput, make: () => Promise<unknown>): void {
    this.#recorder.call(input, make).catch(() => {})
  }

  #cursorToSend(after: Step['after'], amount: number): Seq | undefined {
    const { shown, cursor } = this.#session.snapshotCursor()
    if (after === 'none') return undefined
    return after === 'shown' ? shown : Math.max(0, cursor - (amount % 5))
  }
}

const LONG_MS = 10_000_000

/** Runs the steps in a real hub on a virtual clock and returns what its callers saw. */
async function recordHistory(steps: readonly Step[], policy: 'hold' | 'annotate', withLog: boolean) {
  const clock = virtualClock()
  const log = memoryLog()
  const hub = await openHub({
    clock,
    log,
    policy: { room: () => ({ policy }), limits: () => ({}) },
    times: { lapse_ms: LONG_MS * 100, unused_ms: LONG_MS * 100 },
  })
  const recorder = historyRecorder(() => clock.monotonic())
  const join = async (caller: number) => new Caller(await hub.join({ username: `p${caller}` }), recorder)
  const callers = [await join(0), await join(1), await join(2), await join(3)]
  const old = await hub.join({ username: 'old', legacy: true })
  const dialect = new Caller(old, recorder)
  for (const [n, step] of steps.entries()) {
    if (step.kind === 'settle') await clock.settle()
    else if (step.kind === 'wait') await clock.advance(step.amount * 2000)
    else if (step.kind === 'send') dialect.send(`${n};`)
    else if (step.kind === 'rejoin') {
      // If two sessions had one name, only the log shows which of them sent an unacknowledged message.
      if (!withLog) continue
      await callers[step.caller]!.leave()
      callers[step.caller] = await join(step.caller)
    } else callers[step.caller]!.perform(step, `${n};`)
  }
  for (let more = 0; more < 20; more++) await clock.advance(LONG_MS)
  const entries: LogEntry[] = []
  for await (const record of log.records('lobby')) {
    if (record.type === 'message') entries.push({ ...record.message, session: record.session })
  }
  await hub.close()
  return recorder.history({
    settings: { policy },
    ignoringHolds: [old.joinResult.session_id],
    ...(withLog && { log: entries }),
  })
}

const steps = fc.array(step, { minLength: 5, maxLength: 60, size: 'max' })
const policies = fc.constantFrom('hold' as const, 'hold' as const, 'hold' as const, 'annotate' as const)

prop(
  '[L1] [L2] [P4] [H1] [H3] [P6] recorded calls of the hub break no rule, with the log or without',
  [steps, policies, fc.boolean()],
  async (steps, policy, withLog) => {
    const history = await recordHistory(steps, policy, withLog)
    expect(checkHistory(JSON.parse(JSON.stringify(history)))).toEqual([])
  },
  slowRuns,
)

/** Makes one part of a correct history wrong, at the `n`-th possible place, and returns the rule that breaks. */
const faults: Readonly<Record<string, (history: HistoryDraft, n: number) => RuleId | undefined>> = {
  'an acknowledged message is missing': (history, n) => {
    const sent = history.callers.flatMap(({ calls }) => calls.flatMap(({ answer }) => answer?.seq ?? []))
    const log = history.log ?? []
    history.log = log.filter(({ seq }) => seq !== sent[n % sent.length])
    return history.log.length < log.length && (history.log[0]?.seq ?? 1) === 1 ? 'G1' : undefined
  },
  'a message is delivered twice': (history, n) => {
    const answer = answerAt(history, n)
    answer?.messages.push(answer.messages.at(-1)!)
    return answer && 'L1'
  },
  'a delivered message has another content': (history, n) => {
    const given = answerAt(history, n)?.messages[0]
    if (given) given.content += '!'
    return given && 'L2'
  },
  'the cursor stays below the delivered messages': (history, n) => {
    const answer = answerAt(history, n)
    if (answer) answer.cursor = answer.messages[0]!.seq - 1
    return answer && 'L5'
  },
  'a message lists itself as crossed': (history, n) => {
    const message = history.log?.[n % history.log.length]
    if (message) message.crossed = [message.seq]
    return message && 'H3'
  },
}

/** Returns the `n`-th answer that has messages and belongs to a call without a key. */
function answerAt({ callers }: HistoryDraft, n: number) {
  const answers = callers.flatMap(({ calls }) =>
    calls.flatMap(({ key, answer }) => (key === undefined && answer?.messages.length ? [answer] : [])),
  )
  return answers[n % answers.length]
}

prop(
  '[G1] [L1] [L2] [L5] [H3] one wrong part in recorded calls of the hub is found',
  [steps, fc.constantFrom(...Object.keys(faults)), fc.nat(1000)],
  async (steps, fault, n) => {
    const history: HistoryDraft = JSON.parse(JSON.stringify(await recordHistory(steps, 'hold', true)))
    const rule = history.log!.length > 0 && faults[fault]!(history, n)
    if (rule) expect(checkHistory(history).map(found => found.rule)).toContain(rule)
  },
  slowRuns,
)
