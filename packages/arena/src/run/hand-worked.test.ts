import { describe, expect, test } from 'vitest'
import { measure } from '../measures/measure.ts'
import { policies } from '../policies/policies.ts'
import { PERSON, type Scenario, type TaskMessage } from '../scenarios/scenario.ts'
import type { WriterProfile } from '../writers/writer.ts'
import { run } from './run.ts'

/**
 * A call of the model takes 400 ms, and 10 ms for each new token. Writing takes 20 ms a token. Each way to the room takes 20 ms, so a
 * call of the room 40. Authors notice and repair everything and keep what is right.
 */
const profile: WriterProfile = {
  first_token_ms: [400, 400],
  input_tokens_per_s: [100, 100],
  output_tokens_per_s: [50, 50],
  notices: [1, 1],
  repairs: [1, 1],
  keeps: [1, 1],
}

/** 16 characters each: 4 tokens, 80 ms to write, 40 ms to read. */
const [first, second, other, last] = ['One half is this', ', and the other.', ', now that I see', 'Then we are done']
/** 9 tokens: 180 ms to write, 90 ms to read. */
const long = 'x'.repeat(36)

const by = (author: string, messages: readonly TaskMessage[]) => messages.filter(each => each.sender_id === author)

const scenarioOf = (plan: (author: string, own: number, others: number) => string[] | undefined): Scenario => ({
  name: 'hand-worked',
  about: 'Three messages of two authors.',
  resembles: 'Nothing.',
  deal: () => ({
    plan: (author, messages) =>
      plan(author, by(author, messages).length, messages.length - by(author, messages).length),
    result: messages => messages.map(({ sender_id, content }) => [sender_id, content]),
  }),
})

const play = (scenario: Scenario, name: (typeof policies)[number]['name']) =>
  run({
    scenario,
    policy: policies.find(each => each.name === name)!,
    seed: 1,
    participants: 2,
    lineup: 'even',
    profile,
  })

/** Ada begins, Ben answers, Ada ends. Nothing can cross. */
const oneAfterAnother = scenarioOf((author, own, others) => {
  if (author === 'Ada') return own === 0 ? [first!, second!] : own === 1 && others === 1 ? [last!] : undefined
  return own === 0 && others > 0 ? [other!] : undefined
})

describe('one after another', () => {
  // Ada: check 40, call 400: wants at 440. Writes 80, appends 40, writes 80, appends 40: 680. The push is at the room at 700.
  // Ben: has nothing to say at 480, and waits. It has the message at 720: check 40, call 400 + 80, wants at 1240; writes 80,
  // appends 40, pushes: at the room at 1380.
  // Ada: had nothing to say at 1200, and waits. It has the answer at 1400: check 40, call 400 + 40, wants at 1880; writes 80,
  // appends 40, pushes: at the room at 2020.
  test.each(['hold', 'annotate', 'blind-send'] as const)('%s takes the times that were worked out', async name => {
    const result = await play(oneAfterAnother, name)
    expect(result.log.map(({ sender_id, at }) => [sender_id, at])).toEqual([
      ['Ada', 700],
      ['Ben', 1380],
      ['Ada', 2020],
    ])
    expect(measure(result, { input: 3, cached: 0.3, output: 15 })).toEqual({
      finished: 1,
      solved: 1,
      messages: 3,
      crossings: 0,
      stale: 0,
      overlooked: 0,
      repeated: 0,
      written: 64,
      discarded: 0,
      // Ada's calls: to begin (0 tokens known), after its message (8), for Ben's (8), after its last (8 + 4 + 4 = 16). Ben's: to
      // begin (0), for Ada's (0), after its own (8 + 4 = 12), for Ada's last (12). Together 56 tokens of 4 characters.
      calls: 8,
      readAgain: 224,
      attemptsMean: 1,
      attemptsMost: 1,
      // 700 − 0, 1380 − 700, 2020 − 1380.
      delayMedian: 680,
      delayP95: 700,
      delayMost: 700,
      // 48 and 16 characters: (48 − 16) / (2 · 64).
      unevenness: 0.25,
      time: 2020,
      // Ada read Ben's 4 tokens, Ben Ada's 8 and 4: 16 · 3 + 56 · 0.3 + 16 · 15 millionths.
      cost: expect.closeTo(304.8e-6, 12),
    })
  })
})

/** Both begin at once. Ben's second part depends on whether it has read Ada's message. Ada answers Ben's. */
const atOnce = (opening: string) =>
  scenarioOf((author, own, others) => {
    if (author === 'Ada') return own === 0 ? [opening] : own === 1 && others === 1 ? [last!] : undefined
    return own > 0 ? undefined : [first!, others > 0 ? other! : second!]
  })

describe('both at once', () => {
  // Without turns Ada wants at 440, writes 80, appends 40: its push is at the room at 580. Ben wants at 440 too, writes 80 and appends
  // (at the room at 540, which gives nothing), writes 80 and appends (at the room at 660, which gives Ada's): 680.
  // Ada answers 600 ms after Ben's message is at the room: has it after 20, check 40, call 400 + 80, writes 80, appends 40, push 20:
  // 680 in all, if it waits by then. Both have something to say from 0 on, and Ada again from Ben's message on.
  test.each([
    // Pushes at 680: 700. Ada's call since 600 ends at 1040, nothing 40, waits at the room at 1100, has it at 1120, and takes 660.
    ['blind-send', 700, 1780, { crossings: 1, stale: 1, solved: 0, discarded: 0, delayMost: 1780 - 700 }],
    // Is interrupted at 680: call 400 + 40, undo 40, writes 80, appends 40, push: 1300.
    ['hold', 1300, 1980, { discarded: 16, delayMost: 1300 }],
    ['annotate', 1300, 1980, { discarded: 16, delayMost: 1300 }],
    // Checks 40 first. So does Ada before both of its pushes: 620, and 720 after Ben's.
    ['check-then-send', 1340, 2060, { discarded: 16, delayMost: 1340 }],
    // Checks 40, call 440, undoes both parts 80, writes and appends both 240, checks 40, push: 1540. Ada checks too.
    ['regenerate', 1540, 2260, { discarded: 32, delayMost: 1540 }],
    // Ada has the lock at 440, checks and calls again until 880: at the room at 1020, answered at 1040. Then Ben: check 40, call 440,
    // both parts 240, push: 1780. It wanted at 440. Ada: 20, check 40, call 480, lock, check 40, call 400, 120, push 20.
    ['lock', 1780, 2900, { discarded: 0, delayMost: 1780 }],
    // Ada's turn ends at 600. Ben: check 40, call 440, wants at 1080, both parts 240, push: 1340. Its turn ends at 1360.
    // Ada: check 40, call 480, writes 80, appends 40, push 20. It wants at 1880.
    ['turns', 1340, 2020, { discarded: 0, delayMost: 1340 }],
  ] as const)('%s takes the times that were worked out', async (name, ben, ada, expected) => {
    const result = await play(atOnce(first!), name)
    expect(result.log.map(({ sender_id, at }) => [sender_id, at])).toEqual([
      ['Ada', { lock: 1020, 'check-then-send': 620, regenerate: 620 }[name as string] ?? 580],
      ['Ben', ben],
      ['Ada', ada],
    ])
    expect(measure(result)).toMatchObject({
      finished: 1,
      messages: 3,
      crossings: 0,
      stale: 0,
      overlooked: 0,
      attemptsMost: 1,
      time: ada,
      ...expected,
    })
  })

  test('a push is held if a message came between the last append and the push', async () => {
    // Ada writes 180 ms: at the room at 680, between Ben's append (660) and its push (700). Ben is answered at 720: call 400 + 90,
    // undo 40, writes 80, appends 40, push 20: 1390. Ada answers 680 later.
    const result = await play(atOnce(long), 'hold')
    expect(result.log.map(({ at }) => at)).toEqual([680, 1390, 2070])
    expect(measure(result)).toMatchObject({
      crossings: 0,
      stale: 0,
      attemptsMost: 2,
      attemptsMean: 4 / 3,
      discarded: 16,
    })
    const annotated = await play(atOnce(long), 'annotate')
    expect(annotated.log.map(({ at }) => at).slice(0, 2)).toEqual([680, 700])
    expect(measure(annotated)).toMatchObject({ crossings: 1, stale: 1, attemptsMost: 1, discarded: 0 })
  })

  test('an author that notices nothing sends what it had; one that repairs wrongly keeps the wrong part', async () => {
    const playWith = (change: Partial<WriterProfile>) =>
      run({
        scenario: atOnce(first!),
        policy: policies[0],
        seed: 1,
        participants: 2,
        lineup: 'even',
        profile: { ...profile, ...change },
      })
    const blind = await playWith({ notices: [0, 0] })
    // Is interrupted at 680: call 440, says in 2 tokens that all stays as it is, push 20.
    expect(blind.log[1]).toMatchObject({ at: 1180, content: first! + second! })
    expect(measure(blind)).toMatchObject({ crossings: 0, stale: 0, overlooked: 1, discarded: 0 })
    const wrong = await playWith({ repairs: [0, 0] })
    // The call alone: it has both parts, and leaves them.
    expect(wrong.log[1]).toMatchObject({ at: 1140, content: first! + second! })
    expect(measure(wrong)).toMatchObject({ crossings: 0, stale: 0, overlooked: 1, discarded: 0 })
    const careless = await playWith({ keeps: [0, 0] })
    // Undoes both parts 80, writes and appends both 240.
    expect(careless.log[1]).toMatchObject({ at: 680 + 440 + 80 + 240 + 20, content: first! + other! })
    expect(measure(careless)).toMatchObject({ crossings: 0, overlooked: 0, discarded: 32 })
  })
})

test('news are in the room when they are due, also in a room that holds', async () => {
  const withNews: Scenario = {
    ...oneAfterAnother,
    deal: (...dealt) => ({
      ...oneAfterAnother.deal(...dealt),
      news: [
        { at_ms: 690, content: 'Early.' },
        { at_ms: 1500, content: 'Late.' },
        { at_ms: 1500, content: 'Later.' },
      ],
    }),
  }
  for (const name of ['hold', 'annotate'] as const) {
    const { log, isFinished } = await play(withNews, name)
    const news = log.filter(({ sender_id }) => sender_id === PERSON)
    expect(news.map(({ at, content }) => [at, content])).toEqual([
      [690, 'Early.'],
      [1500, 'Late.'],
      [1500, 'Later.'],
    ])
    expect(isFinished).toBe(true)
  }
})
