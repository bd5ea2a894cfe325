import {
  type Answer,
  append,
  cursorOf,
  emptyDraft,
  type Fact,
  type Inbound,
  isFact,
  type Journal,
  join,
  memoryJournal,
  newParticipant,
  type Participant,
  replay,
  reset,
  textOf,
  undo,
  virtualClock,
} from '@midsentence/core'
import { override } from '@midsentence/testing/override'
import { draftText, slowRuns } from '@midsentence/testing/properties'
import { mockRoom } from '@midsentence/transport-mock'
import fc from 'fast-check'
import { Subject } from 'rxjs'
import { expect, test } from 'vitest'

const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('append' as const), text: draftText(6) }) },
  { weight: 3, arbitrary: fc.constant({ type: 'undo' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'reset' as const }) },
  { weight: 2, arbitrary: fc.constant({ type: 'push' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'preview' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'others' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'wait' as const }) },
)
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

async function alone(journal?: Journal) {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 3 })
  const me = await join({ transport: room.peer(), username: 'Claude', clock, ...(journal && { journal }) })
  return { clock, room, me }
}

async function pair(journal?: Journal) {
  const { clock, room, me } = await alone(journal)
  const other = await join({ transport: room.peer(), username: 'GPT', clock })
  await clock.advance(20)
  return { clock, room, me, other }
}

/** Calls everything without awaiting, but where the script says so. */
async function perform(
  script: readonly Action[],
  { clock, me, other }: Awaited<ReturnType<typeof alone>> & { readonly other?: Participant },
) {
  const answers: Promise<Answer | 'refused'>[] = []
  const refused = () => 'refused' as const
  for (const step of script) {
    if (step.type === 'append') answers.push(me.append(step.text))
    else if (step.type === 'undo') answers.push(me.undo())
    else if (step.type === 'reset') answers.push(me.reset())
    else if (step.type === 'preview') answers.push(me.preview())
    else if (step.type === 'push') answers.push(me.push().catch(refused))
    else if (step.type === 'wait') await clock.advance(2)
    else {
      void other?.append('and I')
      void other?.push().catch(refused)
    }
  }
  await clock.advance(200_000)
  return Promise.all(answers)
}

test('[P5] what is called without awaiting gives what the same calls give one after another', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        action.filter(step => step.type !== 'others'),
        { maxLength: 30 },
      ),
      async script => {
        const bench = await alone()
        const answers = await perform(script, bench)
        let draft = emptyDraft
        const sent: string[] = []
        const expected: unknown[] = []
        for (const step of script) {
          if (step.type === 'append') {
            const { draft: next, status, suffix, accepted } = append(draft, step.text)
            draft = next
            expected.push({ status, suffix, accepted })
          } else if (step.type === 'undo' || step.type === 'reset') {
            const { draft: next, status, suffix } = step.type === 'undo' ? undo(draft) : reset(draft)
            draft = next
            expected.push({ status, suffix })
          } else if (step.type === 'preview') expected.push({ status: 1, draft: textOf(draft) })
          else if (step.type === 'push') {
            expected.push(draft.head ? { status: 1, seq: sent.length + 1 } : 'refused')
            if (draft.head) sent.push(textOf(draft))
            draft = emptyDraft
          }
        }
        expect(answers).toMatchObject(expected)
        expect(bench.room.messages.map(message => message.content)).toEqual(sent)
        expect(textOf(bench.me.state.draft)).toBe(textOf(draft))
      },
    ),
    { numRuns: slowRuns },
  )
})

test('[M2] the machine and the plain fold of its facts agree, at every step', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async script => {
      const bench = await pair()
      let folded = bench.me.state
      bench.me.events$.subscribe(event => {
        if (isFact(event)) folded = replay([event], folded)
      })
      const pairs: [machine: unknown, fold: unknown][] = []
      bench.me.state$.subscribe(() => pairs.push([bench.me.state, folded]))
      await perform(script, bench)
      expect(pairs.length).toBeGreaterThan(0)
      expect(pairs.map(([machine]) => machine)).toEqual(pairs.map(([, fold]) => fold))
      const { phase, draft } = bench.me.view
      expect(phase).toBe(draft.head ? 'drafting.open' : 'drafting.empty')
    }),
    { numRuns: slowRuns },
  )
})

test('[E2] the journal replays to the participant, and so does every prefix to a valid one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 20 }), async script => {
      const journal = memoryJournal()
      const bench = await pair(journal)
      await perform(script, bench)
      const facts = JSON.parse(JSON.stringify(journal.facts)) as Fact[]
      expect(replay(facts)).toEqual(bench.me.state)
      let cursor = 0
      for (let length = 0; length <= facts.length; length++) {
        const state = replay(facts.slice(0, length))
        expect(cursorOf(state.inbox)).toBeGreaterThanOrEqual(cursor)
        cursor = cursorOf(state.inbox)
        const { draft } = state
        expect(draft.length).toBe([...textOf(draft)].length)
      }
      expect(replay([])).toBe(newParticipant)
    }),
    { numRuns: slowRuns },
  )
})

test('[P5] many thousand random calls without awaiting: the same as the sequential fold', async () => {
  const clock = virtualClock()
  const room = mockRoom({ clock })
  const me = await join({ transport: room.peer(), username: 'Claude', clock })
  const random = mulberry(20261123)
  let draft = emptyDraft
  const sent: string[] = []
  const answers: Promise<unknown>[] = []
  for (let i = 0; i < 100 * slowRuns; i++) {
    const dice = random()
    if (dice < 0.6) {
      answers.push(me.append(`${i} `))
      draft = append(draft, `${i} `).draft
    } else if (dice < 0.95) {
      answers.push(me.undo())
      draft = undo(draft).draft
    } else if (dice < 0.98) {
      answers.push(me.push().catch(() => undefined))
      if (draft.head) sent.push(textOf(draft))
      draft = emptyDraft
    } else {
      answers.push(me.reset())
      draft = reset(draft).draft
    }
  }
  let done = false
  void Promise.all(answers).then(() => {
    done = true
  })
  while (!done) await clock.advance(1)
  expect(room.messages.map(message => message.content)).toEqual(sent)
  expect(textOf(me.state.draft)).toBe(textOf(draft))
})

test('[N1] append, undo, reset and preview are answered while the line is down and nothing moves', async () => {
  const { me, clock } = await pair()
  const answers = Promise.all([me.append('a'), me.append('b'), me.undo(), me.preview(), me.reset()])
  expect((await answers).map(answer => answer.status)).toEqual([1, 1, 1, 1, 1])
  expect(clock.monotonic()).toBe(20)
})

test('[N1] a waiting check holds up nothing', async () => {
  const { me } = await pair()
  const check = me.check()
  expect(await me.append('a')).toMatchObject({ status: 1, messages: [] })
  await me.close()
  expect(await check).toMatchObject({ status: 0, messages: [] })
})

test('[J1] a participant whose process ended goes on mid-sentence, with what it had not been given', async () => {
  const journal = memoryJournal()
  const { clock, room, me, other } = await pair(journal)
  await me.append('I started ')
  await me.append('using this ')
  await other.append('did anything interesting?')
  void other.push()
  await clock.advance(20)
  // No close: the process is gone, its line with it. The room keeps the session.
  const again = await join({ transport: room.peer(), username: 'Claude', clock, journal })
  await clock.advance(20)
  expect(await again.append('cool app')).toMatchObject({
    suffix: 'I started using this cool app',
    messages: [{ content: 'did anything interesting?' }],
  })
  const push = again.push()
  await clock.advance(20)
  expect(await push).toMatchObject({ status: 1, seq: 2 })
})

test('[J1] killed between the push and its answer: the same push, once', async () => {
  const journal = memoryJournal()
  const { clock, room, me } = await pair(journal)
  await me.append('only once')
  void me.push()
  await clock.advance(4)
  const again = await join({ transport: room.peer(), username: 'Claude', clock, journal })
  await clock.advance(20)
  expect(room.messages.map(message => message.content)).toEqual(['only once'])
  expect(await again.preview()).toMatchObject({ draft: '', cursor: 1 })
})

test('[J1] a journal that fails ends it: what is not kept is not answered', async () => {
  const journal = memoryJournal()
  let full = false
  const failing: Journal = {
    ...journal,
    append: facts => (full ? Promise.reject(new Error('no space left')) : journal.append(facts)),
  }
  const { me } = await pair(failing)
  await me.append('kept')
  full = true
  await expect(me.append('lost')).rejects.toMatchObject({ code: 'internal' })
  await expect(me.append('more')).rejects.toMatchObject({ code: 'internal' })
  expect(textOf(replay(journal.facts).draft)).toBe('kept')
})

test('[C2] a later check ends an earlier one at once, with 0', async () => {
  const { me, clock, other } = await pair()
  const first = me.check()
  const second = me.check()
  expect(await first).toEqual({ status: 0, messages: [], cursor: 0 })
  await other.append('hi')
  void other.push()
  await clock.advance(20)
  expect(await second).toMatchObject({ status: 1, messages: [{ content: 'hi' }] })
})

test('[C3] a cancelled check loses nothing', async () => {
  const { me, clock, other } = await pair()
  const controller = new AbortController()
  const check = me.check({ signal: controller.signal })
  controller.abort()
  await expect(check).rejects.toMatchObject({ name: 'AbortError' })
  await other.append('hi')
  void other.push()
  await clock.advance(20)
  expect((await me.check()).messages).toMatchObject([{ content: 'hi' }])
})

test('[C1] a message that comes with the time-out tick is given by this check or the next', async () => {
  for (let at = 0; at < 10; at++) {
    const { me, clock, other } = await pair()
    const check = me.check({ timeout_ms: at })
    await other.append('hi')
    void other.push()
    await clock.advance(50)
    const answer = await check
    expect(answer.status).toBe(answer.messages.length)
    const rest = await me.append('x')
    expect(answer.messages.length + rest.messages.length).toBe(1)
  }
})

test('[P3] an aborted push stops the waiting, not the push, and says that it is not known yet', async () => {
  const { me, clock, room } = await pair()
  await me.append('on its way')
  const controller = new AbortController()
  const push = me.push({ signal: controller.signal })
  controller.abort()
  await expect(push).rejects.toThrow('not known yet')
  await clock.advance(20)
  expect(room.messages).toHaveLength(1)
  expect(await me.preview()).toMatchObject({ draft: '' })
})

test('[O2] a transport whose streams fail ends the session, not the process', async () => {
  const clock = virtualClock()
  const peer = mockRoom({ clock }).peer()
  const inbound$ = new Subject<Inbound>()
  const failing = override(peer, { inbound$ })
  const me = await join({ transport: failing, username: 'Claude', clock })
  await me.append('kept')
  const check = me.check()
  inbound$.error(new Error('boom'))
  expect(await check).toMatchObject({ status: 0 })
  await expect(me.push()).rejects.toMatchObject({ code: 'session-unknown' })
  expect(await me.preview()).toMatchObject({ draft: 'kept' })
})

test('[L3] more than an inbox holds waits in the room, and is given all the same', async () => {
  const clock = virtualClock()
  const room = mockRoom({ clock })
  const me = await join({ transport: room.peer(), username: 'Claude', clock, inboxLimit: 3 })
  const other = await join({ transport: room.peer(), username: 'GPT', clock })
  for (let i = 1; i <= 10; i++) {
    await other.append(String(i))
    const push = other.push()
    await clock.advance(5)
    await push
  }
  const given: string[] = []
  for (let i = 0; i < 10; i++) {
    const { messages } = await me.undo()
    given.push(...messages.map(message => message.content))
    await clock.advance(5)
  }
  expect(given).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
})

function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
