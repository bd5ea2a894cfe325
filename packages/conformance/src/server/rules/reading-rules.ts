import type { Message } from '@midsentence/core'
import fc from 'fast-check'
import { type ActionName, actionWeights, weighted } from '../../kit/actions.ts'
import { must, same } from '../../kit/assertions.ts'
import { type Caller, within } from '../caller.ts'
import { type ServerRule, type ServerScenario, serverProperty, serverRule } from '../server-rule.ts'

interface ReadingStep {
  readonly who: number
  readonly action: ActionName
  /** Repeats the call, as after a lost answer. */
  readonly again: boolean
}

const steps: fc.Arbitrary<readonly ReadingStep[]> = fc.array(
  fc.record({ who: fc.nat({ max: 2 }), action: weighted(actionWeights), again: fc.boolean() }),
  { maxLength: 25 },
)

const drained = async (caller: Caller, most: number): Promise<void> => {
  for (let left = most + 2; left > 0; left--) {
    if ((await caller.call('check', { timeout_ms: 0 })).messages.length === 0) return
  }
}

/** Checks that each message is delivered once, whichever call returns it, and that repeated calls repeat their answer. */
async function deliversOnce({ join }: ServerScenario, script: readonly ReadingStep[]): Promise<void> {
  const callers = [await join('Ada'), await join('Ben'), await join('Cy')]
  const cursors = callers.map(({ joinResult }) => joinResult.cursor)
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
      same(repeated?.result, answer, `${action} repeated under its key has another answer`)
    }
    cursors[who] = answer.cursor
    if (answer.seq !== undefined) said.push({ by: caller, seq: answer.seq, content })
  }
  for (const caller of callers) {
    await drained(caller, said.length)
    same(
      caller.received.map(({ seq }) => seq),
      said.filter(({ by }) => by !== caller).map(({ seq }) => seq),
      'a caller received a message twice, never, out of order, or its own',
    )
  }
}

async function oneOrder({ join }: ServerScenario): Promise<void> {
  const callers = [await join('Ada'), await join('Ben'), await join('Cy')]
  const rounds = 4
  await Promise.all(
    callers.map(async caller => {
      for (let round = 0; round < rounds; round++) await caller.sendMessage(`${caller.name} ${round}`)
    }),
  )
  const room = new Map<number, Message>()
  for (const caller of callers) {
    await drained(caller, rounds * 3)
    const seqs = caller.received.map(({ seq }) => seq)
    same(
      seqs,
      seqs.toSorted((a, b) => a - b),
      'a caller received messages in another order than the room’s',
    )
    for (const message of caller.received) {
      const known = room.get(message.seq) ?? message
      same(
        [message.message_id, message.sender_id, message.content, message.timestamp],
        [known.message_id, known.sender_id, known.content, known.timestamp],
        'two messages have one seq',
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
  same(room.size, rounds * callers.length, 'simultaneous messages are missing or doubled')
  const times = seqs.map(seq => Date.parse(room.get(seq)!.timestamp))
  must(
    times.every((time, at) => at === 0 || time >= times[at - 1]!),
    'a message has an earlier timestamp than the one before it',
    seqs.map(seq => room.get(seq)!.timestamp),
  )
}

async function omitsOwnMessages({ harness, join }: ServerScenario): Promise<void> {
  const secret = 'a secret of more than sixteen bytes'
  const [ada, ben] = [await join('Ada', { secret }), await join('Ben')]
  const { seq } = await ada.sendMessage('mine')
  await ada.call('publish', { content: 'mine too', base: seq!, key: 'k' })
  await ada.notify('append', { text: 'and mine' })
  await ada.notify('push')
  await harness.settle()
  const heard = await ben.call('check', { timeout_ms: 0 })
  same(
    heard.messages.map(({ content }) => content),
    ['mine', 'mine too', 'and mine'],
    'messages of another did not arrive',
  )
  await ben.sendMessage('mine')
  // Requests everything again from the join on.
  const { messages } = await ada.call('check', { after: ada.joinResult.cursor, timeout_ms: 0 })
  same(
    messages.map(({ sender_id, content }) => [sender_id, content]),
    [[ben.joinResult.sender_id, 'mine']],
    'a caller received its own message, or missed an equal one of another',
  )
}

async function laterCheckWins({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const checks = []
  for (let called = 0; called < 3; called++) {
    checks.push(ada.call('check', { timeout_ms: 20_000 }))
    await harness.settle()
  }
  const last = checks.pop()!
  for (const earlier of checks) {
    const { status, messages } = await within(harness, earlier, 'an earlier check')
    same([status, messages], [0, []], 'an earlier check did not end with status 0 and no messages')
  }
  await ben.sendMessage('for the last')
  const { status, messages } = await within(harness, last, 'a check that a message wakes')
  same(
    [status, messages.map(({ content }) => content)],
    [1, ['for the last']],
    'the last check did not return the message',
  )
}

async function keepsAfterAbandon({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const check = { jsonrpc: '2.0', id: 'abandoned', method: 'check', params: { timeout_ms: 20_000 } }
  const hangUp = harness.abandon!(JSON.stringify(check), ada.token!)
  await harness.settle()
  await hangUp()
  await harness.settle()
  await ben.sendMessage('after the abort')
  const { messages } = await ada.call('preview')
  same(
    messages.map(({ content }) => content),
    ['after the abort'],
    'a message after an aborted check was lost',
  )
}

/** Rules of reading and waiting. */
export const readingRules: readonly ServerRule[] = [
  serverProperty('L1', steps, deliversOnce),
  serverRule('L2', [], oneOrder),
  serverRule('L4', [], omitsOwnMessages),
  serverRule('C2', [], laterCheckWins),
  serverRule('C3', ['abandon'], keepsAfterAbandon),
]
