import {
  type ActionAnswer,
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

async function joinAlone(journal?: Journal) {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 3 })
  const me = await join({ transport: room.peer(), username: 'Claude', clock, ...(journal && { journal }) })
  return { clock, room, me }
}

async function joinTwo(journal?: Journal) {
  const { clock, room, me } = await joinAlone(journal)
  const other = await join({ transport: room.peer(), username: 'GPT', clock })
  await clock.advance(20)
  return { clock, room, me, other }
}

/** Makes the calls of a script without awaiting them. Resolves with all answers. */
async function runScript(
  script: readonly Action[],
  { clock, me, other }: Awaited<ReturnType<typeof joinAlone>> & { readonly other?: Participant },
) {
  const answers: Promise<ActionAnswer | 'refused'>[] = []
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

test('[P5] calls without awaiting give the same answers as sequential calls', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        action.filter(step => step.type !== 'others'),
        { maxLength: 30 },
      ),
      async script => {
        const setup = await joinAlone()
        const answers = await runScript(script, setup)
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
        expect(setup.room.messages.map(message => message.content)).toEqual(sent)
        expect(textOf(setup.me.state.draft)).toBe(textOf(draft))
      },
    ),
    { numRuns: slowRuns },
  )
})

test('[M2] the machine agrees with the fold of its facts at every step', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async script => {
      const setup = await joinTwo()
      let folded = setup.me.state
      setup.me.events$.subscribe(event => {
        if (isFact(event)) folded = replay([event], folded)
      })
      const states: [machine: unknown, fold: unknown][] = []
      setup.me.state$.subscribe(() => states.push([setup.me.state, folded]))
      await runScript(script, setup)
      expect(states.length).toBeGreaterThan(0)
      expect(states.map(([machine]) => machine)).toEqual(states.map(([, fold]) => fold))
      const { phase, draft } = setup.me.view
      expect(phase).toBe(draft.head ? 'drafting.open' : 'drafting.empty')
    }),
    { numRuns: slowRuns },
  )
})

test('[E2] the journal replays to the state of the participant, and each prefix to a valid state', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 20 }), async script => {
      const journal = memoryJournal()
      const setup = await joinTwo(journal)
      await runScript(script, setup)
      const facts = JSON.parse(JSON.stringify(journal.facts)) as Fact[]
      expect(replay(facts)).toEqual(setup.me.state)
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

test('[P5] many random calls without awaiting give the draft and messages of the sequential fold', async () => {
  const clock = virtualClock()
  const room = mockRoom({ clock })
  const me = await join({ transport: room.peer(), username: 'Claude', clock })
  const random = seededRandom(20261123)
  let draft = emptyDraft
  const sent: string[] = []
  const answers: Promise<unknown>[] = []
  for (let i = 0; i < 100 * slowRuns; i++) {
    const choice = random()
    if (choice < 0.6) {
      answers.push(me.append(`${i} `))
      draft = append(draft, `${i} `).draft
    } else if (choice < 0.95) {
      answers.push(me.undo())
      draft = undo(draft).draft
    } else if (choice < 0.98) {
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

test('[N1] append, undo, reset and preview answer without waiting for the network', async () => {
  const { me, clock } = await joinTwo()
  const answers = Promise.all([me.append('a'), me.append('b'), me.undo(), me.preview(), me.reset()])
  expect((await answers).map(answer => answer.status)).toEqual([1, 1, 1, 1, 1])
  expect(clock.monotonic()).toBe(20)
})

test('[N1] a waiting check blocks no other call', async () => {
  const { me } = await joinTwo()
  const check = me.check()
  expect(await me.append('a')).toMatchObject({ status: 1, messages: [] })
  await me.close()
  expect(await check).toMatchObject({ status: 0, messages: [] })
})

test('[J1] a participant whose process ended continues its draft, and receives the messages it missed', async () => {
  const journal = memoryJournal()
  const { clock, room, me, other } = await joinTwo(journal)
  await me.append('I started ')
  await me.append('using this ')
  await other.append('did anything interesting?')
  void other.push()
  await clock.advance(20)
  // Without `close`, as after a crash: the room keeps the session.
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

test('[J1] a participant killed between a push and its answer sends that push once', async () => {
  const journal = memoryJournal()
  const { clock, room, me } = await joinTwo(journal)
  await me.append('only once')
  void me.push()
  await clock.advance(4)
  const again = await join({ transport: room.peer(), username: 'Claude', clock, journal })
  await clock.advance(20)
  expect(room.messages.map(message => message.content)).toEqual(['only once'])
  expect(await again.preview()).toMatchObject({ draft: '', cursor: 1 })
})

test('[J1] a failing journal rejects the call and ends the participant', async () => {
  const journal = memoryJournal()
  let diskFull = false
  const failing: Journal = {
    ...journal,
    append: facts => (diskFull ? Promise.reject(new Error('no space left')) : journal.append(facts)),
  }
  const { me } = await joinTwo(failing)
  await me.append('kept')
  diskFull = true
  await expect(me.append('lost')).rejects.toMatchObject({ code: 'internal' })
  await expect(me.append('more')).rejects.toMatchObject({ code: 'internal' })
  expect(textOf(replay(journal.facts).draft)).toBe('kept')
})

test('[C2] a later check ends an earlier one at once, with status 0', async () => {
  const { me, clock, other } = await joinTwo()
  const first = me.check()
  const second = me.check()
  expect(await first).toEqual({ status: 0, messages: [], cursor: 0 })
  await other.append('hi')
  void other.push()
  await clock.advance(20)
  expect(await second).toMatchObject({ status: 1, messages: [{ content: 'hi' }] })
})

test('[C3] a cancelled check loses no message', async () => {
  const { me, clock, other } = await joinTwo()
  const controller = new AbortController()
  const check = me.check({ signal: controller.signal })
  controller.abort()
  await expect(check).rejects.toMatchObject({ name: 'AbortError' })
  await other.append('hi')
  void other.push()
  await clock.advance(20)
  expect((await me.check()).messages).toMatchObject([{ content: 'hi' }])
})

test('[C1] a message that arrives at the time-out is in the answer of this call or the next', async () => {
  for (let at = 0; at < 10; at++) {
    const { me, clock, other } = await joinTwo()
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

test('[P3] an aborted push rejects as not known yet, and is sent all the same', async () => {
  const { me, clock, room } = await joinTwo()
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

test('[L3] messages beyond the inbox limit wait in the room and arrive later', async () => {
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
  const received: string[] = []
  for (let i = 0; i < 10; i++) {
    const { messages } = await me.undo()
    received.push(...messages.map(message => message.content))
    await clock.advance(5)
  }
  expect(received).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
})

/** Creates the generator Mulberry32. Returns numbers from 0 to 1, exclusive. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
