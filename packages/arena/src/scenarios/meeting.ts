import { findFacts, plain } from './facts.ts'
import { type News, PERSON, type Scenario, type TaskMessage } from './scenario.ts'

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']
const HOURS = [9, 11, 14, 16]
/** All slots, the earliest first. */
const SLOTS = DAYS.flatMap(day => HOURS.map(hour => `${day} at ${hour}:00`))

/** Slots that an author has besides the four that all have at first. */
const EXTRA = 2
/** Time before each news: authors need about 2 s for their slots, and 1 s for a proposal. */
const BETWEEN_NEWS_MS = [1_000, 4_000] as const

const proposal = /\bI propose\b(.*)/is
const statement = /\bfree\b(.*)/is
const addition = /^One more thing: the room is taken on (.+)\.$/
const correction = /^Correction: (.+) is not free on (.+) but on (.+)\.$/
const retraction = /^Forget that the room is taken on (.+): it is free\.$/

/** Returns the slots that a text names, in the words of `SLOTS`. */
function slotsIn(text: string): string[] {
  const found = text.matchAll(new RegExp(`(${DAYS.join('|')})s?,? (?:at )?0?(\\d{1,2}):00`, 'gi'))
  const named = new Set([...found].map(([, day, hour]) => `${day} at ${hour}:00`.toLowerCase()))
  return SLOTS.filter(slot => named.has(slot.toLowerCase()))
}

/** Returns the slots that each author said last. */
const statedIn = (messages: readonly TaskMessage[]) =>
  new Map(
    findFacts(messages, statement)
      .filter(({ sender_id, content }) => sender_id !== PERSON && !proposal.test(plain(content)))
      .map(({ sender_id, found }) => [sender_id, slotsIn(found[0]!)]),
  )

const proposalsIn = (messages: readonly TaskMessage[]) =>
  findFacts(messages, proposal).flatMap(({ found }) => slotsIn(found[0]!).slice(0, 1))

const isSame = (a: readonly string[] | undefined, b: readonly string[]) => a?.join() === b.join()

/** Authors say when they are free and agree on a slot, while a person adds to the request, corrects it and retracts a part. */
export const meeting: Scenario = {
  name: 'meeting',
  about: 'Each author says its free slots, one proposes the earliest that all have; the request changes three times.',
  resembles: 'InterruptBench: an addition, a revision and a retraction in the middle of the work.',
  deal(authors, random, prose) {
    const [instead, ...drawn] = random.shuffle(SLOTS)
    const common = SLOTS.filter(slot => drawn.slice(0, 4).includes(slot))
    const others = drawn.slice(4)
    // The last of the common slots stays free, whichever news an author knows.
    const [retracted, added, corrected] = random.shuffle(common.slice(0, 3))
    const corrects = random.pick(authors)
    // No author shares those of the first one: all have the common slots alone.
    const slotsAtFirst = new Map(
      authors.map((author, index) => {
        const extra = index === 0 ? others : random.shuffle(others.slice(EXTRA))
        return [author, [...common, ...extra.slice(0, EXTRA)]] as const
      }),
    )
    const newsOf = (messages: readonly TaskMessage[], pattern: RegExp) =>
      findFacts(
        messages.filter(({ sender_id }) => sender_id === PERSON),
        pattern,
      ).map(({ found }) => found)
    const slotsOf = (author: string, messages: readonly TaskMessage[]) => {
      const slots = new Set(slotsAtFirst.get(author))
      for (const [name, before, after] of newsOf(messages, correction)) {
        if (name === author && slots.delete(before!)) slots.add(after!)
      }
      return SLOTS.filter(slot => slots.has(slot))
    }
    const isRoomTaken = (slot: string, messages: readonly TaskMessage[]) =>
      [[retracted], ...newsOf(messages, addition)].some(([taken]) => taken === slot) &&
      !newsOf(messages, retraction).some(([free]) => free === slot)

    const said = random.shuffle([
      `One more thing: the room is taken on ${added}.`,
      `Correction: ${corrects} is not free on ${corrected} but on ${instead}.`,
      `Forget that the room is taken on ${retracted}: it is free.`,
    ])
    const news: News[] = []
    for (const content of said)
      news.push({ at_ms: (news.at(-1)?.at_ms ?? 0) + random.whole(...BETWEEN_NEWS_MS), content })
    return {
      news,
      plan(author, messages) {
        const stated = statedIn(messages)
        const own = slotsOf(author, messages)
        if (!isSame(stated.get(author), own)) {
          return [
            `I am free on ${own[0]}.`,
            ...own.slice(1).map(slot => ` I could also make it on ${slot}.`),
            ...prose.sentences(`slots ${author}`, 1),
          ]
        }
        if (authors.some(name => !isSame(stated.get(name), slotsOf(name, messages)))) return undefined
        const best = own.find(
          slot => !isRoomTaken(slot, messages) && authors.every(name => stated.get(name)!.includes(slot)),
        )!
        const proposals = proposalsIn(messages)
        if (proposals.at(-1) === best) return undefined
        const [before, after] = prose.sentences(`proposal ${author} ${proposals.length}`, 2)
        return [before!.trim(), ` I propose ${best}.`, after!]
      },
      result(messages) {
        const proposals = proposalsIn(messages)
        const other = proposals.findLastIndex(slot => slot !== proposals.at(-1))
        return { stated: Object.fromEntries([...statedIn(messages)].sort()), proposals: proposals.slice(other + 1) }
      },
      brief: author =>
        `You arrange a meeting of ${authors.join(', ')}. You are free on ${slotsOf(author, []).join(', ')}. The room is taken on ` +
        `${retracted}. First say your slots, in one message of the form "I am free on Monday at 9:00, Tuesday at 14:00." Once all have, ` +
        'one of you, and only one, proposes the earliest slot at which all are free and the room is: "I propose Monday at 9:00." ' +
        `${PERSON} may correct this meanwhile: if your slots change, say all of them again; if the newest proposal is no longer right, ` +
        'one of you makes another.',
    }
  },
}
