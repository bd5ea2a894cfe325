import { must, same } from '../../kit/assertions.ts'
import { type Answer, type Caller, within } from '../caller.ts'
import { type Scene, type ServerRule, serverRule } from '../server-rule.ts'

const floorOf = ({ floor }: Answer) => (floor as { readonly name: string } | undefined)?.name

/** `author` writes, is crossed by `by`, and pushes: held. */
async function crossed(author: Caller, by: Caller): Promise<Answer> {
  await author.call('append', { text: 'so ' })
  await by.say('in between')
  const answer = await author.call('push', { timeout_ms: 0 })
  must(answer.held === true, 'a push over an unseen message was not held', answer)
  return answer
}

/** `author` tries until it has the floor. */
export async function withFloor(author: Caller, by: Caller): Promise<void> {
  let answer: Answer | undefined
  for (let tried = 0; tried < 3; tried++) answer = await crossed(author, by)
  same(floorOf(answer!), author.name, 'three holds in a row did not earn the floor')
}

async function earnedWhateverOneWrites({ join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const first = await crossed(ada, ben)
  await ada.call('reset')
  await ada.call('append', { text: 'anew' })
  const second = await crossed(ada, ben)
  await ada.call('undo')
  await ada.call('check', { timeout_ms: 0 })
  const third = await crossed(ada, ben)
  same(
    [first, second, third].map(floorOf),
    [undefined, undefined, ada.name],
    'to rewrite between three holds cost the floor, or it came early',
  )
  const sent = await ada.call('push')
  same(sent.status, 1, 'who has the floor was held')
}

async function itsHolderIsNotKeptWaiting({ bench, join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await withFloor(ada, ben)
  const checking = ada.call('check', { timeout_ms: 240_000 })
  const checked = await within(bench, checking, 'a check of who has the floor')
  same([checked.status, floorOf(checked)], [0, ada.name], 'who has the floor was told something else by its check')
  await ben.call('append', { text: 'me too' })
  let over = false
  const pushing = ben.call('push', { timeout_ms: 200_000 })
  const end = () => {
    over = true
  }
  pushing.then(end, end)
  for (let tried = 0; tried < 20; tried++) await bench.settle()
  must(!over, 'a push did not wait for the floor of another')
  await ada.call('reset')
  must(!over, 'a reset gave the floor up')
  await ada.call('check', { timeout_ms: 0 })
  const sent = await within(bench, pushing, 'a push whose floor was given up by a check with an empty draft')
  same(sent.status, 1, 'a push that waited for a floor was held, though nothing was said meanwhile')
}

/** Rows that outlast what is written, and the holder of a floor that others wait for. */
export const waitingRules: readonly ServerRule[] = [
  serverRule('F1', [], earnedWhateverOneWrites),
  serverRule('F2', [], itsHolderIsNotKeptWaiting),
]
