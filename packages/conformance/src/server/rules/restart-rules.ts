import { must, same } from '../../kit/assertions.ts'
import type { Answer, Caller } from '../caller.ts'
import { type Scene, type ServerRule, serverRule } from '../server-rule.ts'

const secret = 'kept by whoever comes back again'

/** A call that may be repeated: its method, and what goes with it. */
type Keyed = readonly [
  method: 'append' | 'undo' | 'reset' | 'push',
  params: { readonly key: string; readonly text?: string },
]

/** Repeats a call under its key until it is answered: between two tries the server may have been anywhere. */
async function insists(caller: Caller, [method, params]: Keyed): Promise<Answer> {
  for (let tried = 0; ; tried++) {
    const answer = await caller.call(method, params).catch(error => (tried < 10 ? undefined : Promise.reject(error)))
    if (answer) return answer
    await caller.bench.settle()
  }
}

const draftOf = async (caller: Caller) => (await caller.call('preview')).draft

/** What was acknowledged is there, and told again as it was told. */
async function keepsWhatItSaid({ bench, join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada', { secret }), await join('Ben', { secret })]
  await ben.say('before')
  const calls: readonly Keyed[] = [
    ['append', { text: 'one ', key: '1' }],
    ['append', { text: 'two ', key: '2' }],
    ['append', { text: 'gone', key: '3' }],
    ['undo', { key: '4' }],
  ]
  const told: Answer[] = []
  for (const [method, params] of calls) told.push(await ada.call(method, params))
  same(ada.given.length, 1, 'what was said before was not given once')
  await bench.restart!()
  const preview = await ada.call('preview')
  same(preview.draft, 'one two ', 'a draft is not what was acknowledged of it')
  same(preview.messages, [], 'what was given is given again')
  same(preview.cursor, told.at(-1)!.cursor, 'a cursor is not where it was')
  for (const [at, call] of calls.entries()) {
    same(await ada.call(...call), told[at], `${call[0]}, called again, is not told what it was told`)
  }
  same(await draftOf(ada), 'one two ', 'a repeated call has a second effect')

  const push: Keyed = ['push', { key: '5' }]
  const sent = await ada.call(...push)
  same(sent.status, 1, 'a push that crossed nothing was not sent')
  await bench.restart!()
  same(await draftOf(ada), '', 'a draft that was sent is still there')
  same(await ada.call(...push), sent, 'a push, called again, is not told what it was told')
  const heard = await ben.call('preview')
  same(
    heard.messages.map(({ content }) => content),
    ['one two '],
    'what was sent is not there once',
  )
}

/** A call that was under way has one effect, or had none. */
async function finishesWhatItBegan({ bench, join }: Scene): Promise<void> {
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
    await bench.restart!()
    const first = await insists(ada, call)
    must(first.status === 1, `${call[0]} was under way when the server died, and is not done`, first)
    same(
      await draftOf(ada),
      draft,
      `${call[0]} was under way when the server died, and had more or less than its effect`,
    )
  }
  const { messages } = await ben.call('preview')
  same(
    messages.map(({ content }) => content),
    ['one '],
    'a push that was under way was not sent once',
  )
}

export const restartRules: readonly ServerRule[] = [
  serverRule('G1', ['restart'], keepsWhatItSaid),
  serverRule('G1', ['restart'], finishesWhatItBegan),
]
