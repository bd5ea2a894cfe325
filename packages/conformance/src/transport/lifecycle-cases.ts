import { isMidsentenceError, type Transport } from '@midsentence/core'
import { must, same } from '../kit/assertions.ts'
import { turns } from '../kit/turns.ts'
import { TransportScenario } from './scenario.ts'
import type { TransportSetup } from './transport-harness.ts'

/** States of a transport in which a case makes its calls. */
const states = ['new', 'opening', 'open', 'down', 'closing', 'closed', 'closed twice', 'open again'] as const
type TransportState = (typeof states)[number]

const portCalls = ['open', 'publish', 'resume', 'yield', 'show', 'close'] as const
type PortCall = (typeof portCalls)[number]

/** Each call, and each ordered pair of calls without a wait between them. */
const cases: readonly (readonly PortCall[])[] = [
  ...portCalls.map((act): PortCall[] => [act]),
  ...portCalls.flatMap(one => portCalls.map((other): PortCall[] => [one, other])),
]

/** A published message and whether it was sent. */
interface TrackedPublish {
  readonly content: string
  readonly sent: boolean | 'perhaps'
}

/**
 * Checks that each call of the port ends in each state of a transport, and that the room has what was acknowledged. Tries
 * each pair of calls in each state; with fewer than 1,000 `runs` a third of the pairs, another third in the next state; with
 * fewer than 10 a ninth.
 */
export async function checkLifecycles(setup: TransportSetup, runs: number): Promise<void> {
  const part = runs >= 1000 ? 1 : runs >= 10 ? 3 : 9
  const runs_ = states.map(async (state, at) => {
    const tried = cases.filter((calls, nth) => calls.length === 1 || (nth + at) % part === 0)
    await TransportScenario.run(setup, scenario => runCases(scenario, state, tried))
  })
  for (const outcome of await Promise.allSettled(runs_)) if (outcome.status === 'rejected') throw outcome.reason
}

async function runCases(
  scenario: TransportScenario,
  state: TransportState,
  tried: readonly (readonly PortCall[])[],
): Promise<void> {
  if (state === 'down' && !scenario.harness.faults) return
  const observer = await scenario.open('Observer')
  const head = () => observer.messages().at(-1)?.seq ?? observer.opened.cursor
  const tests = tried.map((calls, nth) => new LifecycleCase(scenario, calls, nth, head))
  const run = (one: LifecycleCase) =>
    one.run(state).catch(cause => {
      throw new Error(`${one.calls.join(', then ')} (${state}): ${cause.message}`, { cause })
    })
  // A room that holds needs each to know the messages before its own, one case after another.
  if (observer.peer.supports.conditional !== true) await Promise.all(tests.map(run))
  else for (const one of tests) await run(one)
  const again = tests.filter(({ freed }) => freed).map(one => one.again())
  await scenario.within(Promise.all(again), 'open under a name that was given up')
  await scenario.settle()
  const received = new Map(observer.messages().map(({ seq, content }) => [seq, content]))
  for (const { content, sent } of tests.flatMap(({ published }) => published)) {
    const times = [...received.values()].filter(other => other === content).length
    if (sent === 'perhaps') must(times <= 1, 'a publish had two effects', content)
    else same(times, sent ? 1 : 0, `the room does not match the answer to ${content}`)
  }
}

/** One transport in one state, and one or two calls. */
class LifecycleCase {
  readonly calls: readonly PortCall[]
  readonly published: TrackedPublish[] = []
  /** Whether its name must be free afterwards. */
  freed = true
  readonly #scenario: TransportScenario
  readonly #hello: { readonly room: string; readonly username: string }
  readonly #nth: number
  readonly #head: () => number

  constructor(scenario: TransportScenario, calls: readonly PortCall[], nth: number, head: () => number) {
    this.#scenario = scenario
    this.calls = calls
    this.#hello = { room: scenario.harness.room, username: scenario.name(`Ada ${nth}`) }
    this.#nth = nth
    this.#head = head
  }

  async run(state: TransportState): Promise<void> {
    const { calls } = this
    const scenario = this.#scenario
    const { peer, before } = await this.#reach(state)
    const ending = Promise.allSettled(calls.map((act, nth) => this.#call(peer, act, nth)))
    const outcomes = await scenario.within(ending, 'a call')
    for (const outcome of await scenario.within(Promise.allSettled(before), 'an earlier call')) {
      if (state === 'opening' && calls.includes('close')) mustEnd(outcome, 'an open that a close overtakes')
      else must(outcome.status === 'fulfilled', 'an earlier call failed', `${reason(outcome)}`)
    }
    this.#check(state, outcomes)
    // A publish that was refused before the open must not be sent after it.
    if (calls.includes('publish') && (state === 'new' || state === 'opening')) await scenario.settle()
    if (state === 'down') {
      // Over a lost connection a close cannot reach the server.
      this.freed = !calls.includes('close')
      scenario.harness.faults?.heal(peer)
      await scenario.settle()
    }
    await scenario.within(peer.close(), 'close')
  }

  /** Joins under the same name again. */
  async again(): Promise<void> {
    const next = this.#scenario.peer()
    await next.open(this.#hello)
    await this.#scenario.within(next.close(), 'close')
  }

  async #reach(state: TransportState): Promise<{ peer: Transport; before: Promise<unknown>[] }> {
    const scenario = this.#scenario
    const before: Promise<unknown>[] = []
    let peer = scenario.peer()
    if (state === 'new') return { peer, before }
    const opening = peer.open(this.#hello)
    if (state === 'opening') {
      opening.catch(() => {})
      // Each case interrupts the opening at another point.
      await turns({ short: this.#nth % 7, long: this.#nth % 3 })
      return { peer, before: [opening] }
    }
    await scenario.within(opening, 'open')
    if (state === 'open again') {
      await scenario.within(peer.close(), 'close')
      peer = scenario.peer()
      await scenario.within(peer.open(this.#hello), 'open again')
    } else if (state === 'down') {
      scenario.harness.faults?.cut(peer)
      // A lost connection is noticed when its end is read.
      await scenario.settle()
    } else if (state !== 'open') {
      const closing = peer.close()
      if (state === 'closing') before.push(closing)
      else await scenario.within(closing, 'close')
      if (state === 'closed twice') await scenario.within(peer.close(), 'close again')
    }
    return { peer, before }
  }

  /** Makes a call. Failure goes to the promise; calls without a promise never fail. */
  async #call(peer: Transport, act: PortCall, nth: number): Promise<unknown> {
    if (act === 'open') return peer.open(this.#hello)
    if (act === 'close') return peer.close()
    if (act === 'publish') {
      const content = this.#content(nth)
      return peer.publish({ content, base: this.#head(), key: content, isRetry: false, timeout_ms: 0 })
    }
    if (act === 'show') {
      peer.showWriting?.(true)
      return peer.showDraft?.([{ type: 'appended', text: 'x', base: 0 }], 1)
    }
    return act === 'resume' ? peer.resume(0) : peer.yield()
  }

  #content(nth: number): string {
    return `${this.#hello.username}, call ${nth}`
  }

  #check(state: TransportState, outcomes: readonly PromiseSettledResult<unknown>[]): void {
    let closed = state === 'closing' || state.startsWith('closed')
    let opened = state !== 'new'
    const { calls } = this
    for (const [nth, act] of calls.entries()) {
      const outcome = outcomes[nth]!
      const willClose = calls.slice(nth).includes('close')
      if (act === 'open') {
        if (closed) mustFail(outcome, 'open of a closed transport')
        // A second open is misuse.
        else if (opened) must(outcome.status === 'rejected', 'a second open did not fail')
        else if (willClose) mustEnd(outcome, 'open')
        else must(outcome.status === 'fulfilled', 'open failed', `${reason(outcome)}`)
        opened = true
      } else if (act === 'publish') {
        if (closed || !opened) mustFail(outcome, 'a publish without a session')
        // A second publish is misuse while the first is in flight.
        else if (calls[0] !== 'publish' || nth === 0) mustEnd(outcome, 'a publish')
        const open = state === 'open' || state === 'open again'
        if (open && nth === 0 && !willClose)
          must(outcome.status === 'fulfilled', 'a publish failed', `${reason(outcome)}`)
        this.published.push({ content: this.#content(nth), sent: wasSent(outcome, opened && !closed && willClose) })
      } else must(outcome.status === 'fulfilled', `${act} failed`, `${reason(outcome)}`)
      if (act === 'close') closed = true
    }
  }
}

const reason = (outcome: PromiseSettledResult<unknown>): unknown =>
  outcome.status === 'rejected' ? outcome.reason : undefined

function mustEnd(outcome: PromiseSettledResult<unknown>, what: string): void {
  const coded = outcome.status === 'fulfilled' || isMidsentenceError(outcome.reason)
  must(coded, `${what} failed without an error code`, `${reason(outcome)}`)
}

function mustFail(outcome: PromiseSettledResult<unknown>, what: string): void {
  must(outcome.status === 'rejected', `${what} did not fail`)
  mustEnd(outcome, what)
}

/** `left`: the transport was closed before the answer came. */
function wasSent(outcome: PromiseSettledResult<unknown>, left: boolean): TrackedPublish['sent'] {
  if (outcome.status === 'fulfilled') return (outcome.value as { sent: boolean }).sent
  const { reason } = outcome
  return left || (isMidsentenceError(reason) && reason.data.unknown === true) ? 'perhaps' : false
}
