import { must, same } from '../../kit/assertions.ts'
import type { Caller, RpcAnswer } from '../caller.ts'
import { type ServerRule, type ServerScenario, serverRule } from '../server-rule.ts'

const secret = 'a secret for all sessions'

/** A call with a key, which may be repeated. */
type Keyed = readonly [
  method: 'append' | 'undo' | 'reset' | 'push',
  params: { readonly key: string; readonly text?: string },
]

/** Repeats a call under its key until the restarted server answers it. */
async function repeatUntilAnswered(caller: Caller, [method, params]: Keyed): Promise<RpcAnswer> {
  for (let tried = 0; ; tried++) {
    const answer = await caller.call(method, params).catch(error => (tried < 10 ? undefined : Promise.reject(error)))
    if (answer) return answer
    await caller.harness.settle()
  }
}

const draftOf = async (caller: Caller) => (await caller.call('preview')).draft

/** Checks that acknowledged calls survive a restart and repeat their answers. */
async function keepsAcknowledged({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada', { secret }), await join('Ben', { secret })]
  await ben.sendMessage('before')
  const calls: readonly Keyed[] = [
    ['append', { text: 'one ', key: '1' }],
    ['append', { text: 'two ', key: '2' }],
    ['append', { text: 'gone', key: '3' }],
    ['undo', { key: '4' }],
  ]
  const answers: RpcAnswer[] = []
  for (const [method, params] of calls) answers.push(await ada.call(method, params))
  same(ada.received.length, 1, 'an earlier message was not returned exactly once')
  await harness.restart!()
  const preview = await ada.call('preview')
  same(preview.draft, 'one two ', 'the draft does not match the acknowledged calls')
  same(preview.messages, [], 'a message was returned again')
  same(preview.cursor, answers.at(-1)!.cursor, 'the cursor changed')
  for (const [at, call] of calls.entries()) {
    same(await ada.call(...call), answers[at], `${call[0]}, repeated, has another answer`)
  }
  same(await draftOf(ada), 'one two ', 'a repeated call had a second effect')

  const push: Keyed = ['push', { key: '5' }]
  const sent = await ada.call(...push)
  same(sent.status, 1, 'a push with nothing unseen was not sent')
  await harness.restart!()
  same(await draftOf(ada), '', 'a sent draft is not empty')
  same(await ada.call(...push), sent, 'a push, repeated, has another answer')
  const roomOfBen = await ben.call('preview')
  same(
    roomOfBen.messages.map(({ content }) => content),
    ['one two '],
    'a sent message is not in the room exactly once',
  )
}

/** Checks that a call in flight at a kill, once repeated, has exactly one effect. */
async function finishesCalls({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada', { secret }), await join('Ben', { secret })]
  const expected: readonly (readonly [Keyed, draft: string])[] = [
    [['append', { text: 'one ', key: 'a' }], 'one '],
    [['append', { text: 'two ', key: 'b' }], 'one two '],
    [['undo', { key: 'c' }], 'one '],
    [['push', { key: 'd' }], ''],
    [['append', { text: 'three', key: 'e' }], 'three'],
    [['reset', { key: 'f' }], ''],
  ]
  for (const [call, draft] of expected) {
    void ada.begin(...call)
    await harness.restart!()
    const first = await repeatUntilAnswered(ada, call)
    must(first.status === 1, `${call[0]} was in flight at the kill and has not succeeded`, first)
    same(await draftOf(ada), draft, `${call[0]} was in flight at the kill and did not have exactly one effect`)
  }
  const { messages } = await ben.call('preview')
  same(
    messages.map(({ content }) => content),
    ['one '],
    'a push in flight at the kill was not sent exactly once',
  )
}

export const restartRules: readonly ServerRule[] = [
  serverRule('G1', ['restart'], keepsAcknowledged),
  serverRule('G1', ['restart'], finishesCalls),
]
