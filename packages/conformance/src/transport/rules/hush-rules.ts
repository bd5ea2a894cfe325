import { isMidsentenceError } from '@midsentence/core'
import { same } from '../../kit/assertions.ts'
import type { TransportScenario } from '../scenario.ts'
import { type TransportRule, transportRule } from '../transport-rule.ts'

async function personsHush(scenario: TransportScenario): Promise<void> {
  const { room } = scenario.harness
  const person = scenario.peer()
  await scenario.within(person.open({ room, username: scenario.name('Ada'), person: true }), 'open')
  // A room without persons has none to ask for silence.
  if (!person.hush) return
  const hush = (on: boolean) => scenario.within(person.hush!(on), 'hush')
  const codeOf = async (failing: Promise<unknown>, what: string) => {
    const error = await scenario.failure(failing, what)
    return isMidsentenceError(error) ? [error.code, error.data.reason] : error
  }
  const ben = await scenario.join('Ben')
  const refused = await codeOf(ben.participant.hush(true), 'a hush by a model')
  same(Array.isArray(refused) && refused[0], 'content-policy', 'a model silenced the others')
  const isHushed = () => ben.participant.view.hushed
  same(isHushed(), false, 'a participant learns of a hush before there is one')
  same([await hush(true), await hush(true)], [true, false], 'a hush did not say whether it changed something')
  await scenario.until(isHushed, 'a participant does not learn of a hush')
  const cleo = await scenario.join('Cleo')
  await scenario.until(() => cleo.participant.view.hushed, 'a participant that came later does not learn of a hush')
  await scenario.within(ben.append('mine'), 'append')
  same(await codeOf(ben.push(), 'a hushed push'), ['rate-limited', 'hushed'], 'a hushed model spoke')
  same(await hush(false), true, 'a hush was not lifted')
  await scenario.until(() => !isHushed(), 'a participant does not learn that a hush was lifted')
  same((await scenario.within(ben.push(), 'push')).status, 1, 'a model could not speak after the hush')
}

/** Rules of silenced models. */
export const hushRules: readonly TransportRule[] = [transportRule('Y5', [], personsHush)]
