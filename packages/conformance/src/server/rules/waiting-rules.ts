import { must, same } from '../../kit/assertions.ts'
import { type Caller, type RpcAnswer, within } from '../caller.ts'
import { type ServerRule, type ServerScenario, serverRule } from '../server-rule.ts'

const floorOf = ({ floor }: RpcAnswer) => (floor as { readonly name: string } | undefined)?.name

/** Has `author` push across a message of `by`, which holds it. */
async function pushAcross(author: Caller, by: Caller): Promise<RpcAnswer> {
  await author.call('append', { text: 'so ' })
  await by.sendMessage('in between')
  const answer = await author.call('push', { timeout_ms: 0 })
  must(answer.held === true, 'a push across an unseen message was not held', answer)
  return answer
}

/** Has `author` earn the floor. */
export async function earnFloor(author: Caller, by: Caller): Promise<void> {
  let answer: RpcAnswer | undefined
  for (let tried = 0; tried < 3; tried++) answer = await pushAcross(author, by)
  same(floorOf(answer!), author.name, 'three holds in a row did not earn the floor')
}

async function countsAcrossEdits({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const first = await pushAcross(ada, ben)
  await ada.call('reset')
  await ada.call('append', { text: 'again' })
  const second = await pushAcross(ada, ben)
  await ada.call('undo')
  await ada.call('check', { timeout_ms: 0 })
  const third = await pushAcross(ada, ben)
  same(
    [first, second, third].map(floorOf),
    [undefined, undefined, ada.name],
    'editing the draft between three holds cost the floor, or it came early',
  )
  const sent = await ada.call('push')
  same(sent.status, 1, 'a push of the floor’s holder was held')
}

async function holderDoesNotWait({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await earnFloor(ada, ben)
  const checking = ada.call('check', { timeout_ms: 240_000 })
  const checked = await within(harness, checking, 'a check of the holder of the floor')
  same([checked.status, floorOf(checked)], [0, ada.name], 'a check of the holder waited, or does not name the floor')
  await ben.call('append', { text: 'me too' })
  let over = false
  const pushing = ben.call('push', { timeout_ms: 200_000 })
  const end = () => {
    over = true
  }
  pushing.then(end, end)
  for (let tried = 0; tried < 20; tried++) await harness.settle()
  must(!over, 'a push did not wait for the floor of another')
  await ada.call('reset')
  must(!over, 'a reset ended the floor')
  await ada.call('check', { timeout_ms: 0 })
  const sent = await within(harness, pushing, 'a push that waits for a floor which a check ends')
  same(sent.status, 1, 'a waiting push with nothing unseen was held')
}

/** Rules of holds across edits, and of the holder of a floor. */
export const waitingRules: readonly ServerRule[] = [
  serverRule('F1', [], countsAcrossEdits),
  serverRule('F2', [], holderDoesNotWait),
]
