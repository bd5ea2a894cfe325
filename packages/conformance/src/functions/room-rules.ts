import type { Seq } from '@midsentence/core'
import fc from 'fast-check'
import { weighted } from '../kit/actions.ts'
import { must, same } from '../kit/assertions.ts'
import { floorRules } from './floor-rules.ts'
import { type RoomFunctions, type RoomRule, RoomScene } from './room-functions.ts'

const names = ['Ada', 'Ben', 'Cyd']

const steps = fc.record({
  who: fc.nat(names.length - 1),
  does: weighted({ publish: 3, read: 1, leave: 1, later: 1 }),
  /** How far the base is below the author's cursor, or how many seconds pass. */
  much: fc.constantFrom(0, 0, 0, 1, 2, 70),
})

/** Checks that each push is held exactly if the log has a message of another above its base. */
function judgesPushes(functions: RoomFunctions, steps: readonly { who: number; does: string; much: number }[]): void {
  const at = new RoomScene(functions)
  const log: string[] = []
  const people = names.map(name => ({ name, session: name, read: 0, lives: 0 }))
  const bases = new Map<string, { readonly base: Seq; readonly session: string }>()
  let seen = 0
  for (const { who, does, much } of steps) {
    const person = people[who]!
    if (does === 'read') person.read = at.head
    else if (does === 'later') at.later(much * 1000)
    else if (does === 'leave') {
      at.run({ type: 'leave', session: person.session })
      // The same name, and not the same author.
      person.session = `${person.name} ${++person.lives}`
      person.read = at.head
    } else {
      const base = Math.max(0, person.read - much)
      const push = at.publish(person.name, { base, session: person.session })
      bases.set(push, { base, session: person.session })
      settled()
    }
    settled()
  }

  function settled(): void {
    for (const fact of at.facts.slice(seen)) {
      seen++
      if (fact.type !== 'sent' && fact.type !== 'held') continue
      const known = bases.get(fact.push)
      if (!known) continue
      const { base, session } = known
      const others = log.slice(base).filter(by => by !== session)
      if (fact.type === 'held') must(others.length > 0, 'a push was held without a message of another above its base')
      else {
        same(others, [], 'a push was sent across a message of another')
        log.push(session)
        same(fact.seq, log.length, 'a message has a seq that is not the next')
      }
    }
  }
}

function alwaysSends(functions: RoomFunctions): void {
  const at = new RoomScene(functions, { policy: 'annotate' })
  for (let said = 0; said < 8; said++)
    same(at.push(names[said % 3]!, { base: 0 }), 'sent', 'an annotating room held a push')
  must(!at.facts.some(({ type }) => type.startsWith('floor')), 'an annotating room granted a floor')
}

function crossed(functions: RoomFunctions, others: readonly Seq[], base: Seq, seq: Seq): void {
  const between = others.filter(other => other > base && other < seq)
  const { crossed = [], crossed_more = 0 } = functions.crossedBetween(others, base, seq)
  same(crossed, between.slice(-100), 'crossed is not the newest hundred messages')
  same(crossed_more, Math.max(0, between.length - 100), 'a message does not count what it crossed besides')
}

const seqs = fc
  .tuple(fc.constantFrom(3, 20, 300), fc.infiniteStream(fc.boolean()))
  .map(([length, coins]) => Array.from({ length }, (_, at) => at + 1).filter(() => coins.next().value))

/** All rules for how a room judges pushes, as functions. */
export const roomRules: readonly RoomRule[] = [
  {
    id: 'H1',
    run: (room, { runs = 1000, seed, shrink = true } = {}) =>
      fc.assert(
        fc.property(fc.array(steps, { maxLength: 60, size: 'max' }), steps => judgesPushes(room, steps)),
        { numRuns: runs, endOnFailure: !shrink, ...(seed !== undefined && { seed }) },
      ),
  },
  { id: 'H2', run: alwaysSends },
  {
    id: 'H3',
    run: (room, { runs = 1000, seed, shrink = true } = {}) =>
      fc.assert(
        fc.property(seqs, fc.nat(310), fc.nat(310), (others, one, other) =>
          crossed(room, others, Math.min(one, other), Math.max(one, other)),
        ),
        { numRuns: runs, endOnFailure: !shrink, ...(seed !== undefined && { seed }) },
      ),
  },
  ...floorRules,
]
