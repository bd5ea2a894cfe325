import fc from 'fast-check'
import { must, same } from '../../kit/assertions.ts'
import { type Caller, type RpcAnswer, within } from '../caller.ts'
import type { ServerHarness } from '../server-harness.ts'
import { type ServerRule, type ServerScenario, serverProperty, serverRule } from '../server-rule.ts'

interface RpcFloor {
  readonly name: string
  readonly for_ms: number
}

const floorOf = (answer: RpcAnswer): RpcFloor | undefined => answer.floor as RpcFloor | undefined
const nameOf = ({ joinResult }: Caller): string => String(joinResult.sender_id)
const upToDate = (caller: Caller): Promise<RpcAnswer> => caller.call('check', { timeout_ms: 0 })

/** Has `other` send a message before each of three pushes of `caller`. Returns the answer to the last push. */
async function holdThreeTimes(caller: Caller, other: Caller): Promise<RpcAnswer> {
  await caller.call('append', { text: 'what I wanted to say' })
  let answer = caller.joinResult
  for (const text of ['first', 'second', 'third']) {
    await other.sendMessage(text)
    answer = await caller.call('push', { timeout_ms: 0 })
    must(answer.held === true, 'a push across an unseen message was not held', answer)
  }
  return answer
}

/** Has `caller` earn the floor through messages of `other`. */
export async function holdFloor(caller: Caller, other: Caller): Promise<void> {
  const floor = floorOf(await holdThreeTimes(caller, other))
  same(
    floor?.name,
    nameOf(caller),
    'three counted holds did not earn the floor, or the answer does not name the holder',
  )
}

/** Checks that a push of `other` waits for the floor of `holder`. */
async function waitsFor(other: Caller, holder: Caller): Promise<void> {
  const answer = await other.call('push', { timeout_ms: 0 })
  same(
    [answer.status, answer.held, floorOf(answer)?.name],
    [0, true, nameOf(holder)],
    'a push did not wait for the floor of another, or the answer does not name the holder',
  )
}

async function earnsFloor({ join }: ServerScenario): Promise<void> {
  const [ada, ben, cy] = [await join('Ada'), await join('Ben'), await join('Cy')]
  // The same message, requested again by `after`, is not newer: it holds without counting.
  await ben.sendMessage('news')
  await cy.call('append', { text: 'mine' })
  for (let again = 0; again < 4; again++) {
    const held = await cy.call('push', { after: cy.joinResult.cursor, timeout_ms: 0 })
    same([held.held, held.floor], [true, undefined], 'repeated holds by one message earned the floor')
  }
  await upToDate(ada)
  await holdFloor(ada, ben)
  await ben.call('append', { text: 'too late' })
  await waitsFor(ben, ada)
  same(floorOf(await cy.call('who'))?.name, nameOf(ada), 'who does not name the holder of the floor')
  must((await ada.call('push')).status === 1, 'a push of the floor’s holder was not sent')
  same(floorOf(await cy.call('who')), undefined, 'a floor did not end with the push of its holder')
}

async function endsFloor(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  const ben = await join('Ben')
  const over = async (how: string) => {
    await upToDate(ben)
    const { status } = await ben.call('push', { timeout_ms: 0 })
    same(status, 1, `a floor continued after ${how}`)
  }
  const ada = await join('Ada')
  await holdFloor(ada, ben)
  await ben.call('append', { text: 'yielded' })
  await waitsFor(ben, ada)
  const who = floorOf(await ben.call('who'))
  must(
    who !== undefined && who.for_ms > 0 && who.for_ms <= 60_000,
    'a floor lasts longer than a minute, or no time',
    who,
  )
  same((await ada.call('yield')).status, 1, 'the holder of the floor could not yield it')
  same((await ada.call('yield')).status, 0, 'a participant without the floor yielded it')
  await over('a yield')
  const cy = await join('Cy')
  await holdFloor(cy, ben)
  await ben.call('append', { text: 'left' })
  await waitsFor(ben, cy)
  await cy.call('leave')
  await over('the leave of its holder')
  const dee = await join('Dee')
  await holdFloor(dee, ben)
  await dee.call('reset')
  await ben.call('append', { text: 'read' })
  await waitsFor(ben, dee)
  await upToDate(dee)
  await over('a check of its holder with nothing left to say')
  if (!harness.pass) return
  const eve = await join('Eve')
  await holdFloor(eve, ben)
  await ben.call('append', { text: 'over' })
  await harness.pass(59_000)
  await waitsFor(ben, eve)
  await harness.pass(1_500)
  await over('its minute')
}

/** How long a silent holder keeps the floor. Its rest is ten times as long, so that three holds fit in. */
const SILENT_MS = 500

async function restsAfterFloor({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await holdFloor(ada, ben)
  await passTime(harness, SILENT_MS)
  await ada.call('yield')
  const begun = performance.now()
  await ada.call('reset')
  const held = await holdThreeTimes(ada, ben)
  // On a slow machine the rest may be over.
  if (performance.now() - begun < SILENT_MS * 8)
    same(held.floor, undefined, 'a holder that sent nothing earned the floor again at once')
  if (!harness.pass) return
  await harness.pass(SILENT_MS * 11)
  await ben.sendMessage('afterwards')
  const again = await ada.call('push', { timeout_ms: 0 })
  same(floorOf(again)?.name, nameOf(ada), 'a participant did not earn the floor after its rest')
}

async function oneAtATime(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  const [ada, ben, cy, dee] = [await join('Ada'), await join('Ben'), await join('Cy'), await join('Dee')]
  await holdFloor(ada, dee)
  const waiting: Promise<RpcAnswer>[] = []
  for (const caller of [ben, cy]) {
    await caller.call('append', { text: `by ${nameOf(caller)}` })
    await upToDate(caller)
    waiting.push(caller.begin('push', { timeout_ms: 20_000 }))
    await harness.settle()
  }
  await ada.call('yield')
  const [first, second] = await within(harness, Promise.all(waiting), 'pushes that waited for a floor')
  same(
    [first!.status, second!.status, second!.messages.map(({ content }) => content)],
    [1, 0, [`by ${nameOf(ben)}`]],
    'waiting pushes were not judged one at a time in the order of their calls',
  )
}

async function countsWaits({ join }: ServerScenario): Promise<void> {
  const [ada, ben, cy] = [await join('Ada'), await join('Ben'), await join('Cy')]
  await holdFloor(ada, cy)
  await ben.call('append', { text: 'waits' })
  await upToDate(ben)
  for (let waits = 0; waits < 3; waits++) await waitsFor(ben, ada)
  same(floorOf(await cy.call('who'))?.name, nameOf(ada), 'the floor changed while its holder kept it')
  await ada.call('yield')
  same(floorOf(await cy.call('who'))?.name, nameOf(ben), 'three waits that timed out did not earn the next floor')
  await cy.call('append', { text: 'later' })
  await waitsFor(cy, ben)
  must((await ben.call('push')).status === 1, 'a push of the floor’s holder was not sent')
}

/** Has some of the others send a message, up to date, before each push of one participant. */
async function sentByFifthPush({ join }: ServerScenario, rounds: readonly (readonly number[])[]): Promise<void> {
  const ada = await join('Ada')
  const others: Caller[] = []
  for (const name of ['Ben', 'Cy', 'Dee', 'Eve', 'Flo']) others.push(await join(name))
  const speak = async (other: Caller) => {
    await upToDate(other)
    await other.call('append', { text: 'again. ' })
    await other.call('push', { timeout_ms: 0 })
  }
  await ada.call('append', { text: 'at last' })
  let judged = 0
  for (let tried = 0; tried < 40; tried++) {
    for (const who of rounds[judged] ?? []) await speak(others[who]!)
    const answer = await ada.call('push', { timeout_ms: 0 })
    const floor = floorOf(answer)
    const other = floor && others.find(other => nameOf(other) === floor.name)
    // The push only waited: the holder of the floor uses it.
    if (other) await speak(other)
    else judged++
    if (answer.status === 1) break
    must(judged < 5, 'five judged pushes in a row were held', answer)
  }
  must(judged > 0 && judged <= 5, 'no push was judged')
}

/** Lets time pass on the harness's clock, or on the real one. */
const passTime = (harness: ServerHarness, ms: number): Promise<void> =>
  harness.pass?.(ms) ?? new Promise(resolve => setTimeout(resolve, ms))

const others = fc.array(fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 }), { minLength: 4, maxLength: 6 })

/** Rules of the floor. */
export const floorRules: readonly ServerRule[] = [
  serverProperty('P6', others, sentByFifthPush, 0.2),
  serverRule('F1', [], earnsFloor),
  serverRule('F2', [], endsFloor),
  serverRule('F3', [], restsAfterFloor),
  serverRule('F4', [], oneAtATime),
  serverRule('F5', [], countsWaits),
]
