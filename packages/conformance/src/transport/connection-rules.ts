import { isMidsentenceError, type Link } from '@midsentence/core'
import { must, same } from '../kit/assertions.ts'
import { lineLives } from './lifecycle-cases.ts'
import type { Stage } from './scenario.ts'
import { defaultRuns, type TransportRule, transportRule } from './transport-rule.ts'

async function definedOutcomes(stage: Stage): Promise<void> {
  const { room } = stage.bench
  const username = stage.name('Ada')
  const request = { content: 'hello', base: 0, key: 'key', isRetry: false }

  // Closed while it opens: either way it ends, and nobody stays behind.
  const hasty = stage.peer()
  const opening = Promise.allSettled([hasty.open({ room, username })])
  await stage.within(hasty.close(), 'close while opening')
  const [outcome] = await stage.within(opening, 'open of what was closed')
  must(
    outcome?.status === 'fulfilled' || isMidsentenceError(outcome?.reason),
    'open failed with an error of another kind',
    outcome,
  )

  const peer = stage.peer()
  const { session } = await stage.within(peer.open({ room, username }), 'open')
  same([session.room, session.sender_id], [room, username], 'open welcomed somebody else')
  const taken = await stage.failure(stage.peer().open({ room, username }), 'open under a taken name')
  must(isMidsentenceError(taken) && taken.code === 'name-taken', 'a taken name was not refused as such', String(taken))

  const under = Promise.allSettled([peer.publish(request)])
  const closing = peer.close()
  const [published] = await stage.within(under, 'a publish under way at close')
  const ended = published?.status === 'fulfilled' || isMidsentenceError(published?.reason)
  must(ended, 'a publish under way at close failed with an error of another kind', published)
  await stage.within(closing, 'close')
  await stage.within(peer.close(), 'close of what is closed')
  const late = await stage.failure(peer.publish({ ...request, key: 'late' }), 'a publish on what is closed')
  must(isMidsentenceError(late), 'a publish on what is closed failed with an error of another kind', String(late))
  peer.resume(0)
  peer.yield()
  const reopened = await stage.failure(peer.open({ room, username }), 'open of what is closed')
  must(isMidsentenceError(reopened), 'open of what is closed failed with an error of another kind', String(reopened))
  await stage.settle()

  const next = stage.peer()
  await stage.within(next.open({ room, username }), 'open under a name that was given up')
}

async function lossIsAValue(stage: Stage): Promise<void> {
  const { room, faults } = stage.bench
  const peer = stage.peer()
  const now = () => {
    const told: Link[] = []
    peer.link$.subscribe({ next: link => void told.push(link), error: () => {} }).unsubscribe()
    return told.at(-1)?.state
  }
  const ended: string[] = []
  const watch = (name: string) => ({
    complete: () => void ended.push(name),
    error: () => void ended.push(`${name} failed`),
  })
  peer.inbound$.subscribe(watch('inbound$'))
  peer.link$.subscribe(watch('link$'))
  same(now(), 'down', 'link$ does not begin with down')
  await stage.within(peer.open({ room, username: stage.name('Ada') }), 'open')
  await stage.settle()
  same(now(), 'up', 'link$ does not say up to one who asks later')
  if (faults) {
    faults.cut(peer)
    // A broken connection is known once its end is read.
    await stage.settle()
    same(now(), 'down', 'link$ does not say that the line is down')
    faults.heal(peer)
    await stage.settle()
    same(now(), 'up', 'link$ does not say that the line is back')
  }
  same(ended, [], 'a stream ended while the line was open')
  await stage.within(peer.close(), 'close')
  same(ended.toSorted(), ['inbound$', 'link$'], 'a stream did not complete after close')
}

/** However early it is closed, and to whoever asks later. */
async function closedStreamsEnd(stage: Stage): Promise<void> {
  for (const [username, when] of [
    ['', 'that was never opened'],
    [stage.name('Ben'), 'closed while it opened'],
  ] as const) {
    const peer = stage.peer()
    const ended: string[] = []
    const watch = (name: string) => ({ complete: () => void ended.push(name), error: () => void ended.push('failed') })
    peer.inbound$.subscribe(watch('inbound$'))
    peer.link$.subscribe(watch('link$'))
    if (username !== '') peer.open({ room: stage.bench.room, username }).catch(() => {})
    await stage.within(peer.close(), 'close')
    same(ended.toSorted(), ['inbound$', 'link$'], `a stream of a transport ${when} did not complete after close`)
    peer.inbound$.subscribe(watch('late inbound$'))
    peer.link$.subscribe(watch('late link$'))
    same(ended.slice(2), ['late inbound$', 'late link$'], 'a stream did not complete for one who came after close')
  }
}

async function keptForTheFirst(stage: Stage): Promise<void> {
  const ben = await stage.join('Ben')
  const peer = stage.peer()
  await stage.within(peer.open({ room: stage.bench.room, username: stage.name('Ada') }), 'open')
  await stage.say(ben, 'before anybody listens')
  await stage.settle()
  const heard: string[] = []
  peer.inbound$.subscribe(item => void (item.type === 'message' && heard.push(item.message.content)))
  await stage.settle()
  same([...new Set(heard)], ['before anybody listens'], 'what came before the first subscriber was not kept')
}

export const lineRules: readonly TransportRule[] = [
  transportRule('O1', [], definedOutcomes, (setup, { runs = defaultRuns() }) => lineLives(setup, runs)),
  transportRule('O2', [], async stage => {
    await lossIsAValue(stage)
    await closedStreamsEnd(stage)
  }),
  transportRule('O3', [], keptForTheFirst),
]
