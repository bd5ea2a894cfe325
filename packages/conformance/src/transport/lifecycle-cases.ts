import { isMidsentenceError, type Transport } from '@midsentence/core'
import { must, same } from '../kit/assertions.ts'
import { turns } from '../stores/pending-calls.ts'
import { Stage } from './scenario.ts'
import type { Setup } from './transport-harness.ts'

/** Where a transport stands when a case makes its calls. */
const stages = ['new', 'opening', 'open', 'down', 'closing', 'closed', 'closed twice', 'open again'] as const
type Standing = (typeof stages)[number]

const acts = ['open', 'publish', 'resume', 'yield', 'show', 'close'] as const
type Act = (typeof acts)[number]

/** Every call, and every two of them in both orders without a wait between. */
const cases: readonly (readonly Act[])[] = [
  ...acts.map((act): Act[] => [act]),
  ...acts.flatMap(one => acts.map((other): Act[] => [one, other])),
]

/** What became of what was published. */
interface Published {
  readonly content: string
  readonly said: boolean | 'perhaps'
}

/**
 * Every call of the port on a transport wherever it stands has an outcome, and the room has what was acknowledged. Each
 * two at each place; where runs are dear, and few are asked for, a third of them at each place, another one at the next.
 */
export async function lineLives(setup: Setup, runs: number): Promise<void> {
  const places = stages.map(async (standing, place) => {
    const tried = cases.filter((calls, nth) => runs >= 1000 || calls.length === 1 || (nth + place) % 3 === 0)
    await Stage.play(setup, stage => livesAt(stage, standing, tried))
  })
  for (const outcome of await Promise.allSettled(places)) if (outcome.status === 'rejected') throw outcome.reason
}

async function livesAt(stage: Stage, standing: Standing, tried: readonly (readonly Act[])[]): Promise<void> {
  if (standing === 'down' && !stage.bench.faults) return
  const observer = await stage.open('Observer')
  const head = () => observer.messages().at(-1)?.seq ?? observer.welcome.cursor
  const lives = tried.map((calls, nth) => new LineLife(stage, calls, nth, head))
  const play = (life: LineLife) =>
    life.play(standing).catch(cause => {
      throw new Error(`${life.calls.join(', then ')} (${standing}): ${cause.message}`, { cause })
    })
  // Where nobody is held they may all be there at once; else each has to know what was said before.
  if (observer.peer.supports.conditional !== true) await Promise.all(lives.map(play))
  else for (const life of lives) await play(life)
  const again = lives.filter(({ freed }) => freed).map(life => life.again())
  await stage.within(Promise.all(again), 'open under a name that was given up')
  await stage.settle()
  const heard = new Map(observer.messages().map(({ seq, content }) => [seq, content]))
  for (const { content, said } of lives.flatMap(({ published }) => published)) {
    const times = [...heard.values()].filter(other => other === content).length
    if (said === 'perhaps') must(times <= 1, 'a publish had two effects', content)
    else same(times, said ? 1 : 0, `the room has not what was acknowledged of ${content}`)
  }
}

/** One transport, and what becomes of it. */
class LineLife {
  readonly calls: readonly Act[]
  readonly published: Published[] = []
  /** Its name must be free behind it. */
  freed = true
  readonly #stage: Stage
  readonly #hello: { readonly room: string; readonly username: string }
  readonly #nth: number
  readonly #head: () => number

  constructor(stage: Stage, calls: readonly Act[], nth: number, head: () => number) {
    this.#stage = stage
    this.calls = calls
    this.#hello = { room: stage.bench.room, username: stage.name(`Ada ${nth}`) }
    this.#nth = nth
    this.#head = head
  }

  async play(standing: Standing): Promise<void> {
    const { calls } = this
    const stage = this.#stage
    const { peer, before } = await this.#bring(standing)
    const under = Promise.allSettled(calls.map((act, nth) => this.#call(peer, act, nth)))
    const outcomes = await stage.within(under, 'one of them')
    for (const outcome of await stage.within(Promise.allSettled(before), 'what was called before')) {
      if (standing === 'opening' && calls.includes('close')) mustEnd(outcome, 'open of what is closed meanwhile')
      else must(outcome.status === 'fulfilled', 'what was called before failed', `${reason(outcome)}`)
    }
    this.#judge(standing, outcomes)
    // What was refused since nobody was there yet might be sent once somebody is.
    if (calls.includes('publish') && (standing === 'new' || standing === 'opening')) await stage.settle()
    if (standing === 'down') {
      // Over a line that is down nobody can say good-bye.
      this.freed = !calls.includes('close')
      stage.bench.faults?.heal(peer)
      await stage.settle()
    }
    await stage.within(peer.close(), 'close')
  }

  /** Somebody comes under that name once more. */
  async again(): Promise<void> {
    const next = this.#stage.peer()
    await next.open(this.#hello)
    await next.close()
  }

  async #bring(standing: Standing): Promise<{ peer: Transport; before: Promise<unknown>[] }> {
    const stage = this.#stage
    const before: Promise<unknown>[] = []
    let peer = stage.peer()
    if (standing === 'new') return { peer, before }
    const opening = peer.open(this.#hello)
    if (standing === 'opening') {
      opening.catch(() => {})
      // Further on its way each time.
      await turns({ short: this.#nth % 7, long: this.#nth % 3 })
      return { peer, before: [opening] }
    }
    await stage.within(opening, 'open')
    if (standing === 'open again') {
      await stage.within(peer.close(), 'close')
      peer = stage.peer()
      await stage.within(peer.open(this.#hello), 'open again')
    } else if (standing === 'down') {
      stage.bench.faults?.cut(peer)
      // A broken connection is known once its end is read.
      await stage.settle()
    } else if (standing !== 'open') {
      const closing = peer.close()
      if (standing === 'closing') before.push(closing)
      else await stage.within(closing, 'close')
      if (standing === 'closed twice') await stage.within(peer.close(), 'close again')
    }
    return { peer, before }
  }

  /** Failure goes to the promise, and the calls that promise nothing never fail. */
  async #call(peer: Transport, act: Act, nth: number): Promise<unknown> {
    if (act === 'open') return peer.open(this.#hello)
    if (act === 'close') return peer.close()
    if (act === 'publish') {
      const content = this.#content(nth)
      return peer.publish({ content, base: this.#head(), key: content, isRetry: false, timeout_ms: 0 })
    }
    if (act === 'show') return peer.showDraft?.([{ type: 'appended', text: 'x', base: 0 }], 1)
    return act === 'resume' ? peer.resume(0) : peer.yield()
  }

  #content(nth: number): string {
    return `${this.#hello.username}, call ${nth}`
  }

  #judge(standing: Standing, outcomes: readonly PromiseSettledResult<unknown>[]): void {
    let closed = standing === 'closing' || standing.startsWith('closed')
    let opened = standing !== 'new'
    const { calls } = this
    for (const [nth, act] of calls.entries()) {
      const outcome = outcomes[nth]!
      const willClose = calls.slice(nth).includes('close')
      if (act === 'open') {
        if (closed) mustFail(outcome, 'open of what is closed')
        // Twice is misuse.
        else if (opened) must(outcome.status === 'rejected', 'open of what is open did not fail')
        else if (willClose) mustEnd(outcome, 'open')
        else must(outcome.status === 'fulfilled', 'open failed', `${reason(outcome)}`)
        opened = true
      } else if (act === 'publish') {
        if (closed || !opened) mustFail(outcome, 'a publish where nobody is')
        // So is a second one, while the first is under way.
        else if (calls[0] !== 'publish' || nth === 0) mustEnd(outcome, 'a publish')
        const open = standing === 'open' || standing === 'open again'
        if (open && nth === 0 && !willClose)
          must(outcome.status === 'fulfilled', 'a publish failed', `${reason(outcome)}`)
        this.published.push({ content: this.#content(nth), said: wasSaid(outcome, opened && !closed && willClose) })
      } else must(outcome.status === 'fulfilled', `${act} failed`, `${reason(outcome)}`)
      if (act === 'close') closed = true
    }
  }
}

const reason = (outcome: PromiseSettledResult<unknown>): unknown =>
  outcome.status === 'rejected' ? outcome.reason : undefined

function mustEnd(outcome: PromiseSettledResult<unknown>, what: string): void {
  const coded = outcome.status === 'fulfilled' || isMidsentenceError(outcome.reason)
  must(coded, `${what} failed with an error of another kind`, `${reason(outcome)}`)
}

function mustFail(outcome: PromiseSettledResult<unknown>, what: string): void {
  must(outcome.status === 'rejected', `${what} did not fail`)
  mustEnd(outcome, what)
}

/** `left`: it was closed meanwhile, and so is not told. */
function wasSaid(outcome: PromiseSettledResult<unknown>, left: boolean): Published['said'] {
  if (outcome.status === 'fulfilled') return (outcome.value as { sent: boolean }).sent
  const { reason } = outcome
  return left || (isMidsentenceError(reason) && reason.data.unknown === true) ? 'perhaps' : false
}
