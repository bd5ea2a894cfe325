import { must, same } from '../kit/assertions.ts'
import type { Stage } from './scenario.ts'
import { type TransportRule, transportRule } from './transport-rule.ts'

async function checksAreTrue(stage: Stage): Promise<void> {
  const [ada, ben] = [await stage.join('Ada'), await stage.join('Ben')]
  const empty = await stage.within(ada.check({ timeout_ms: 20 }), 'a check with a time-out')
  same([empty.status, empty.messages], [0, []], 'a check with nothing to give did not say so')
  const waiting = ada.check()
  await stage.settle()
  must(ada.participant.view.waiting, 'a check did not wait although nothing was there')
  await stage.say(ben, 'here I am')
  const woken = await stage.within(waiting, 'a check over which something was said')
  same([woken.status, woken.messages.map(m => m.content)], [1, ['here I am']], 'a check gave not what was said')
  await stage.say(ben, 'and again')
  await stage.settle()
  const ready = await stage.within(ada.check(), 'a check with something to give')
  same([ready.status, ready.messages.map(m => m.content)], [1, ['and again']], 'a check gave not what was there')
}

async function laterTakesOver(stage: Stage): Promise<void> {
  const [ada, ben] = [await stage.join('Ada'), await stage.join('Ben')]
  const [earlier, later] = [ada.check(), ada.check()]
  const ended = await stage.within(earlier, 'a check with another behind it')
  same([ended.status, ended.messages], [0, []], 'an earlier check did not end with nothing')
  await stage.say(ben, 'to the later one')
  const answer = await stage.within(later, 'the later check')
  same(
    [answer.status, answer.messages.map(m => m.content)],
    [1, ['to the later one']],
    'the later check got not what was said',
  )
}

async function cancelledLosesNothing(stage: Stage): Promise<void> {
  const [ada, ben] = [await stage.join('Ada'), await stage.join('Ben')]
  const giveUp = new AbortController()
  const check = ada.check({ signal: giveUp.signal })
  await ben.append('while nobody waits')
  const push = ben.push()
  giveUp.abort()
  const error = await stage.failure(check, 'a cancelled check')
  must((error as Error).name === 'AbortError', 'a cancelled check did not end with AbortError', String(error))
  await stage.within(push, 'push')
  const next = await stage.within(ada.check(), 'the next check')
  same(
    next.messages.map(m => m.content),
    ['while nobody waits'],
    'a cancelled check lost something',
  )
}

export const checkRules: readonly TransportRule[] = [
  transportRule('C1', [], checksAreTrue),
  transportRule('C2', [], laterTakesOver),
  transportRule('C3', [], cancelledLosesNothing),
]
