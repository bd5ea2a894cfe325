import { isMidsentenceError, type Link } from '@midsentence/core'
import { must, same } from '../../kit/assertions.ts'
import { defaultRuns } from '../../kit/run-options.ts'
import { checkLifecycles } from '../lifecycle-cases.ts'
import type { TransportScenario } from '../scenario.ts'
import { type TransportRule, transportRule } from '../transport-rule.ts'

async function definedOutcomes(scenario: TransportScenario): Promise<void> {
  const { room } = scenario.harness
  const username = scenario.name('Ada')
  const request = { content: 'hello', base: 0, key: 'key', isRetry: false }

  // A close during open: the open ends, and no session is left.
  const hasty = scenario.peer()
  const opening = Promise.allSettled([hasty.open({ room, username })])
  await scenario.within(hasty.close(), 'close while opening')
  const [outcome] = await scenario.within(opening, 'an open that a close overtakes')
  must(
    outcome?.status === 'fulfilled' || isMidsentenceError(outcome?.reason),
    'open failed without an error code',
    outcome,
  )

  const peer = scenario.peer()
  const { session } = await scenario.within(peer.open({ room, username }), 'open')
  same([session.room, session.sender_id], [room, username], 'open answered with another room or name')
  const taken = await scenario.failure(scenario.peer().open({ room, username }), 'open under a taken name')
  must(
    isMidsentenceError(taken) && taken.code === 'name-taken',
    'a taken name was not rejected with name-taken',
    String(taken),
  )

  const publishing = Promise.allSettled([peer.publish(request)])
  const closing = peer.close()
  const [published] = await scenario.within(publishing, 'a publish in flight at close')
  const ended = published?.status === 'fulfilled' || isMidsentenceError(published?.reason)
  must(ended, 'a publish in flight at close failed without an error code', published)
  await scenario.within(closing, 'close')
  await scenario.within(peer.close(), 'a second close')
  const late = await scenario.failure(peer.publish({ ...request, key: 'late' }), 'a publish after close')
  must(isMidsentenceError(late), 'a publish after close failed without an error code', String(late))
  peer.resume(0)
  peer.yield()
  const reopened = await scenario.failure(peer.open({ room, username }), 'open after close')
  must(isMidsentenceError(reopened), 'open after close failed without an error code', String(reopened))
  await scenario.settle()

  const next = scenario.peer()
  await scenario.within(next.open({ room, username }), 'open under a name that is free again')
}

async function reportsLoss(scenario: TransportScenario): Promise<void> {
  const { room, faults } = scenario.harness
  const peer = scenario.peer()
  const now = () => {
    const links: Link[] = []
    peer.link$.subscribe({ next: link => void links.push(link), error: () => {} }).unsubscribe()
    const last = links.at(-1)
    const sentence = last?.state === 'up' ? last.notice : last?.reason
    must(sentence === undefined || sentence.trim() !== '', 'a reason or notice of link$ is empty', last)
    must(last?.state === 'up' || sentence !== undefined, 'link$ gives no reason for a lost connection', last)
    return last?.state
  }
  const ended: string[] = []
  const watch = (name: string) => ({
    complete: () => void ended.push(name),
    error: () => void ended.push(`${name} failed`),
  })
  peer.inbound$.subscribe(watch('inbound$'))
  peer.link$.subscribe(watch('link$'))
  same(now(), 'down', 'link$ does not start with down')
  await scenario.within(peer.open({ room, username: scenario.name('Ada') }), 'open')
  await scenario.settle()
  same(now(), 'up', 'link$ does not emit up to a late subscriber')
  if (faults) {
    faults.cut(peer)
    // A lost connection is noticed when its end is read.
    await scenario.settle()
    same(now(), 'down', 'link$ does not emit down when the connection is lost')
    faults.heal(peer)
    await scenario.settle()
    same(now(), 'up', 'link$ does not emit up when the connection is back')
  }
  same(ended, [], 'a stream ended before close')
  await scenario.within(peer.close(), 'close')
  same(ended.toSorted(), ['inbound$', 'link$'], 'a stream did not complete after close')
}

/** Streams complete after an early close too, and for late subscribers. */
async function closedStreamsEnd(scenario: TransportScenario): Promise<void> {
  for (const [username, when] of [
    ['', 'that was never opened'],
    [scenario.name('Ben'), 'closed while it opened'],
  ] as const) {
    const peer = scenario.peer()
    const ended: string[] = []
    const watch = (name: string) => ({ complete: () => void ended.push(name), error: () => void ended.push('failed') })
    peer.inbound$.subscribe(watch('inbound$'))
    peer.link$.subscribe(watch('link$'))
    if (username !== '') peer.open({ room: scenario.harness.room, username }).catch(() => {})
    await scenario.within(peer.close(), 'close')
    same(ended.toSorted(), ['inbound$', 'link$'], `a stream of a transport ${when} did not complete after close`)
    peer.inbound$.subscribe(watch('late inbound$'))
    peer.link$.subscribe(watch('late link$'))
    same(ended.slice(2), ['late inbound$', 'late link$'], 'a stream did not complete for a subscriber after close')
  }
}

async function buffersForTheFirst(scenario: TransportScenario): Promise<void> {
  const ben = await scenario.join('Ben')
  const peer = scenario.peer()
  await scenario.within(peer.open({ room: scenario.harness.room, username: scenario.name('Ada') }), 'open')
  await scenario.send(ben, 'before the first subscriber')
  await scenario.settle()
  const received: string[] = []
  peer.inbound$.subscribe(item => void (item.type === 'message' && received.push(item.message.content)))
  await scenario.settle()
  same(
    [...new Set(received)],
    ['before the first subscriber'],
    'a message that arrived before the first subscriber is lost',
  )
}

export const connectionRules: readonly TransportRule[] = [
  transportRule('O1', [], definedOutcomes, (setup, { runs = defaultRuns() }) => checkLifecycles(setup, runs)),
  transportRule('O2', [], async scenario => {
    await reportsLoss(scenario)
    await closedStreamsEnd(scenario)
  }),
  transportRule('O3', [], buffersForTheFirst),
]
