import type { Message } from '@midsentence/core'
import fc from 'fast-check'
import { must, same } from '../../kit/assertions.ts'
import { type Caller, within } from '../caller.ts'
import { type Scene, type ServerRule, serverProperty, serverRule } from '../server-rule.ts'

const actions = ['append', 'undo', 'reset', 'preview', 'check', 'push', 'publish'] as const

interface Step {
  readonly who: number
  readonly action: (typeof actions)[number]
  /** Ask the same once more, as if the answer had been lost. */
  readonly again: boolean
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ who: fc.nat({ max: 2 }), action: fc.constantFrom(...actions), again: fc.boolean() }),
  { maxLength: 25 },
)

const drained = async (caller: Caller, most: number): Promise<void> => {
  for (let left = most + 2; left > 0; left--) {
    if ((await caller.call('check', { timeout_ms: 0 })).messages.length === 0) return
  }
}

/** Everybody reads with whatever it does, and does some of it twice under one key. */
async function everyMessageOnce({ join }: Scene, script: readonly Step[]): Promise<void> {
  const callers = [await join('Ada'), await join('Ben'), await join('Cy')]
  const cursors = callers.map(({ entrance }) => entrance.cursor)
  const said: { readonly by: Caller; readonly seq: number; readonly content: string }[] = []
  for (const [at, { who, action, again }] of script.entries()) {
    const caller = callers[who]!
    const content = `${action} ${at}.`
    if (action === 'push') await caller.call('append', { text: content })
    const key = `${at}`
    const params = {
      append: { text: content, key },
      undo: { key },
      reset: { key },
      preview: {},
      check: { timeout_ms: 0 },
      push: { key, timeout_ms: 0 },
      publish: { content, base: cursors[who], key, timeout_ms: 0 },
    }[action]
    const answer = await caller.call(action, params)
    if (again && 'key' in params) {
      const [repeated] = await caller.send({ jsonrpc: '2.0', id: 'again', method: action, params })
      same(repeated?.result, answer, `${action} repeated under its key was told something else`)
    }
    cursors[who] = answer.cursor
    if (answer.seq !== undefined) said.push({ by: caller, seq: answer.seq, content })
  }
  for (const caller of callers) {
    await drained(caller, said.length)
    same(
      caller.given.map(({ seq }) => seq),
      said.filter(({ by }) => by !== caller).map(({ seq }) => seq),
      'somebody was given something twice, not at all, in another order, or as its own',
    )
  }
}

async function oneOrder({ join }: Scene): Promise<void> {
  const callers = [await join('Ada'), await join('Ben'), await join('Cy')]
  const rounds = 4
  await Promise.all(
    callers.map(async caller => {
      for (let round = 0; round < rounds; round++) await caller.say(`${caller.name} ${round}`)
    }),
  )
  const room = new Map<number, Message>()
  for (const caller of callers) {
    await drained(caller, rounds * 3)
    const seqs = caller.given.map(({ seq }) => seq)
    same(
      seqs,
      seqs.toSorted((a, b) => a - b),
      'somebody was given messages in another order than the room’s',
    )
    for (const message of caller.given) {
      const known = room.get(message.seq) ?? message
      same(
        [message.message_id, message.sender_id, message.content, message.timestamp],
        [known.message_id, known.sender_id, known.content, known.timestamp],
        'one seq was two messages',
      )
      room.set(message.seq, message)
    }
  }
  const seqs = [...room.keys()].sort((a, b) => a - b)
  same(
    seqs,
    seqs.map((_, at) => seqs[0]! + at),
    'the seqs of a room have a gap',
  )
  same(room.size, rounds * callers.length, 'what was sent at the same time is not all there, or is there twice')
  const times = seqs.map(seq => Date.parse(room.get(seq)!.timestamp))
  must(
    times.every((time, at) => at === 0 || time >= times[at - 1]!),
    'a message has a timestamp before the one before it',
    seqs.map(seq => room.get(seq)!.timestamp),
  )
}

async function notOneself({ bench, join }: Scene): Promise<void> {
  const secret = 'a secret of more than sixteen bytes'
  const [ada, ben] = [await join('Ada', { secret }), await join('Ben')]
  const { seq } = await ada.say('mine')
  await ada.call('publish', { content: 'mine too', base: seq!, key: 'k' })
  await ada.notify('append', { text: 'and mine' })
  await ada.notify('push')
  await bench.settle()
  const heard = await ben.call('check', { timeout_ms: 0 })
  same(
    heard.messages.map(({ content }) => content),
    ['mine', 'mine too', 'and mine'],
    'what somebody said was not heard',
  )
  await ben.say('mine')
  // All of it again, as far back as it may read.
  const { messages } = await ada.call('check', { after: ada.entrance.cursor, timeout_ms: 0 })
  same(
    messages.map(({ sender_id, content }) => [sender_id, content]),
    [[ben.entrance.sender_id, 'mine']],
    'somebody heard itself, or did not hear another who said the same',
  )
}

async function laterTakesOver({ bench, join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const checks = []
  for (let called = 0; called < 3; called++) {
    checks.push(ada.call('check', { timeout_ms: 20_000 }))
    await bench.settle()
  }
  const last = checks.pop()!
  for (const earlier of checks) {
    const { status, messages } = await within(bench, earlier, 'a check with another behind it')
    same([status, messages], [0, []], 'an earlier check did not end with nothing')
  }
  await ben.say('for the last')
  const { status, messages } = await within(bench, last, 'a check over which something was said')
  same(
    [status, messages.map(({ content }) => content)],
    [1, ['for the last']],
    'the last check did not get what was said',
  )
}

async function losesNothing({ bench, join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const check = { jsonrpc: '2.0', id: 'abandoned', method: 'check', params: { timeout_ms: 20_000 } }
  const hangUp = bench.abandon!(JSON.stringify(check), ada.token!)
  await bench.settle()
  await hangUp()
  await bench.settle()
  await ben.say('after it hung up')
  const { messages } = await ada.call('preview')
  same(
    messages.map(({ content }) => content),
    ['after it hung up'],
    'what came after a check was given up was given to nobody',
  )
}

/** What participants are given, and how they wait for it. */
export const readingRules: readonly ServerRule[] = [
  serverProperty('L1', steps, everyMessageOnce),
  serverRule('L2', [], oneOrder),
  serverRule('L4', [], notOneself),
  serverRule('C2', [], laterTakesOver),
  serverRule('C3', ['abandon'], losesNothing),
]
