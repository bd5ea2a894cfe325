import fc from 'fast-check'
import { must, same } from '../../kit/assertions.ts'
import { type Answer, type Caller, within } from '../caller.ts'
import type { ServerHarness } from '../server-harness.ts'
import { type Scene, type ServerRule, serverProperty, serverRule } from '../server-rule.ts'

interface Floor {
  readonly name: string
  readonly for_ms: number
}

const floorOf = (answer: Answer): Floor | undefined => answer.floor as Floor | undefined
const nameOf = ({ entrance }: Caller): string => String(entrance.sender_id)
const upToDate = (caller: Caller): Promise<Answer> => caller.call('check', { timeout_ms: 0 })

/** `other` speaks before each of three pushes of `caller`: the answer to the last. */
async function heldThrice(caller: Caller, other: Caller): Promise<Answer> {
  await caller.call('append', { text: 'what I wanted to say' })
  let answer = caller.entrance
  for (const text of ['first', 'second', 'third']) {
    await other.say(text)
    answer = await caller.call('push', { timeout_ms: 0 })
    must(answer.held === true, 'a push over an unseen message was not held', answer)
  }
  return answer
}

/** Has `caller` earn the floor by what `other` says. */
export async function holdFloor(caller: Caller, other: Caller): Promise<void> {
  const floor = floorOf(await heldThrice(caller, other))
  same(floor?.name, nameOf(caller), 'three counted holds did not earn the floor, or its holder was not told')
}

/** A push of `other` must wait for the floor of `holder`. */
async function waitsFor(other: Caller, holder: Caller): Promise<void> {
  const answer = await other.call('push', { timeout_ms: 0 })
  same(
    [answer.status, answer.held, floorOf(answer)?.name],
    [0, true, nameOf(holder)],
    'a push did not wait for the floor of another, or was not told whose it is',
  )
}

async function earned({ join }: Scene): Promise<void> {
  const [ada, ben, cy] = [await join('Ada'), await join('Ben'), await join('Cy')]
  // The same message again, asked for by `after`, is nothing newer: it holds, and does not count.
  await ben.say('news')
  await cy.call('append', { text: 'mine' })
  for (let again = 0; again < 4; again++) {
    const held = await cy.call('push', { after: cy.entrance.cursor, timeout_ms: 0 })
    same([held.held, held.floor], [true, undefined], 'holds by one and the same message earned the floor')
  }
  await upToDate(ada)
  await holdFloor(ada, ben)
  await ben.call('append', { text: 'too late' })
  await waitsFor(ben, ada)
  same(floorOf(await cy.call('who'))?.name, nameOf(ada), 'who does not tell whose floor it is')
  must((await ada.call('push')).status === 1, 'who has the floor was not sent')
  same(floorOf(await cy.call('who')), undefined, 'a floor did not end with the push of its holder')
}

async function ends(scene: Scene): Promise<void> {
  const { bench, join } = scene
  const ben = await join('Ben')
  const over = async (how: string) => {
    await upToDate(ben)
    const { status } = await ben.call('push', { timeout_ms: 0 })
    same(status, 1, `a floor went on behind ${how}`)
  }
  const ada = await join('Ada')
  await holdFloor(ada, ben)
  await ben.call('append', { text: 'yielded' })
  await waitsFor(ben, ada)
  const who = floorOf(await ben.call('who'))
  must(who !== undefined && who.for_ms > 0 && who.for_ms <= 60_000, 'a floor lasts not a minute at most', who)
  same((await ada.call('yield')).status, 1, 'who had the floor could not give it up')
  same((await ada.call('yield')).status, 0, 'who does not have the floor gave it up')
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
  if (!bench.pass) return
  const eve = await join('Eve')
  await holdFloor(eve, ben)
  await ben.call('append', { text: 'over' })
  await bench.pass(59_000)
  await waitsFor(ben, eve)
  await bench.pass(1_500)
  await over('its minute')
}

/** So long has somebody the floor who says nothing. It rests ten times as long: within that three holds must fit. */
const SILENT_MS = 500

async function rests({ bench, join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await holdFloor(ada, ben)
  await goBy(bench, SILENT_MS)
  await ada.call('yield')
  const begun = performance.now()
  await ada.call('reset')
  const held = await heldThrice(ada, ben)
  // Who is that slow is not known to rest still.
  if (performance.now() - begun < SILENT_MS * 8)
    same(held.floor, undefined, 'who had the floor and said nothing earned it again at once')
  if (!bench.pass) return
  await bench.pass(SILENT_MS * 11)
  await ben.say('afterwards')
  const again = await ada.call('push', { timeout_ms: 0 })
  same(floorOf(again)?.name, nameOf(ada), 'who had rested long enough did not earn the floor')
}

async function oneAtATime(scene: Scene): Promise<void> {
  const { bench, join } = scene
  const [ada, ben, cy, dee] = [await join('Ada'), await join('Ben'), await join('Cy'), await join('Dee')]
  await holdFloor(ada, dee)
  const waiting: Promise<Answer>[] = []
  for (const caller of [ben, cy]) {
    await caller.call('append', { text: `by ${nameOf(caller)}` })
    await upToDate(caller)
    waiting.push(caller.begin('push', { timeout_ms: 20_000 }))
    await bench.settle()
  }
  await ada.call('yield')
  const [first, second] = await within(bench, Promise.all(waiting), 'pushes that waited for a floor')
  same(
    [first!.status, second!.status, second!.messages.map(({ content }) => content)],
    [1, 0, [`by ${nameOf(ben)}`]],
    'pushes that waited were not judged one at a time in the order they came',
  )
}

async function waitingCounts({ join }: Scene): Promise<void> {
  const [ada, ben, cy] = [await join('Ada'), await join('Ben'), await join('Cy')]
  await holdFloor(ada, cy)
  await ben.call('append', { text: 'patient' })
  await upToDate(ben)
  for (let waits = 0; waits < 3; waits++) await waitsFor(ben, ada)
  same(floorOf(await cy.call('who'))?.name, nameOf(ada), 'two had the floor at a time, or it was taken away')
  await ada.call('yield')
  same(floorOf(await cy.call('who'))?.name, nameOf(ben), 'who waited in vain three times did not get the floor next')
  await cy.call('append', { text: 'later' })
  await waitsFor(cy, ben)
  must((await ben.call('push')).status === 1, 'who has the floor was not sent')
}

/** Before each push of one, some of the others speak, who read before they do. */
async function notForEver({ join }: Scene, rounds: readonly (readonly number[])[]): Promise<void> {
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
    // It only waited: whoever has the floor uses it.
    if (other) await speak(other)
    else judged++
    if (answer.status === 1) break
    must(judged < 5, 'somebody pushed five times, and was held each time', answer)
  }
  must(judged > 0 && judged <= 5, 'somebody waited for floors, and was never judged')
}

/** Time goes by: on the bench's clock where it has one, else in earnest. */
const goBy = (bench: ServerHarness, ms: number): Promise<void> =>
  bench.pass?.(ms) ?? new Promise(resolve => setTimeout(resolve, ms))

const others = fc.array(fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 }), { minLength: 4, maxLength: 6 })

/** Who may speak alone, when, and for how long. */
export const floorRules: readonly ServerRule[] = [
  serverProperty('P6', others, notForEver, 0.2),
  serverRule('F1', [], earned),
  serverRule('F2', [], ends),
  serverRule('F3', [], rests),
  serverRule('F4', [], oneAtATime),
  serverRule('F5', [], waitingCounts),
]
