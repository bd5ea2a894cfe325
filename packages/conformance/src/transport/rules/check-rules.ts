import { must, same } from '../../kit/assertions.ts'
import type { TransportScenario } from '../scenario.ts'
import { type TransportRule, transportRule } from '../transport-rule.ts'

async function waitsForMessages(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.join('Ada'), await scenario.join('Ben')]
  const empty = await scenario.within(ada.check({ timeout_ms: 20 }), 'a check with a timeout')
  same([empty.status, empty.messages], [0, []], 'a check without messages did not answer with status 0')
  const waiting = ada.check()
  await scenario.settle()
  must(ada.participant.view.waiting, 'a check did not wait although there was no message')
  await scenario.send(ben, 'here I am')
  const woken = await scenario.within(waiting, 'a check that a message wakes')
  same(
    [woken.status, woken.messages.map(m => m.content)],
    [1, ['here I am']],
    'a check did not return the message that woke it',
  )
  await scenario.send(ben, 'and again')
  await scenario.settle()
  const ready = await scenario.within(ada.check(), 'a check with a message')
  same(
    [ready.status, ready.messages.map(m => m.content)],
    [1, ['and again']],
    'a check did not return the message that had arrived',
  )
}

async function laterTakesOver(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.join('Ada'), await scenario.join('Ben')]
  const [earlier, later] = [ada.check(), ada.check()]
  const ended = await scenario.within(earlier, 'an earlier check')
  same([ended.status, ended.messages], [0, []], 'an earlier check did not end with status 0 and no messages')
  await scenario.send(ben, 'for the later one')
  const answer = await scenario.within(later, 'the later check')
  same(
    [answer.status, answer.messages.map(m => m.content)],
    [1, ['for the later one']],
    'the later check did not return the message',
  )
}

async function cancelledLosesNothing(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.join('Ada'), await scenario.join('Ben')]
  const giveUp = new AbortController()
  const check = ada.check({ signal: giveUp.signal })
  await ben.append('after the cancel')
  const push = ben.push()
  giveUp.abort()
  const error = await scenario.failure(check, 'a cancelled check')
  must((error as Error).name === 'AbortError', 'a cancelled check did not end with AbortError', String(error))
  await scenario.within(push, 'push')
  const next = await scenario.within(ada.check(), 'the next check')
  same(
    next.messages.map(m => m.content),
    ['after the cancel'],
    'a cancelled check lost a message',
  )
}

export const checkRules: readonly TransportRule[] = [
  transportRule('C1', [], waitsForMessages),
  transportRule('C2', [], laterTakesOver),
  transportRule('C3', [], cancelledLosesNothing),
]
