import { must } from '../kit/assertions.ts'
import type { RuleId } from '../kit/rules.ts'
import type { RunOptions } from '../kit/run-options.ts'
import { SharedRun } from '../kit/shared-run.ts'
import { codeOf, noteOf, suggestedWaitOf } from './tool-texts.ts'
import { toolsCases, withTools } from './tools-cases.ts'
import type { ToolsHarness, ToolsSetup } from './tools-harness.ts'

/** A rule of the tools of a participant as a function: rejects if the tools break it. */
export interface ToolsRule {
  readonly id: RuleId
  run(setup: ToolsSetup, options?: RunOptions): Promise<void>
}

const turns = new SharedRun(toolsCases)

/** How often letters of another participant may be the same by chance. */
const MAX_TRIES = 4
/** The wait of a check that says none, in milliseconds. */
const DEFAULT_WAIT_MS = 25_000

/** Gives tools `count` messages, and resolves with the code of the result that shows them. */
async function codeAfter(harness: ToolsHarness, count: number): Promise<string> {
  await harness.call('who', {})
  for (let at = 0; at < count; at++) await harness.say(noteOf(at))
  await harness.settle()
  const code = codeOf(await harness.call('check', { timeout_ms: 2000 }))
  must(code !== undefined, 'the result of a check that showed messages ends with no code')
  return code
}

/** Resolves with whether a push with a code of another participant was sent; undefined if that has the same letters. */
async function acceptsForeignCode(setup: ToolsSetup): Promise<boolean | undefined> {
  const other = await setup()
  const foreign = await codeAfter(other, 2).finally(() => other.close())
  const harness = await setup()
  try {
    const own = await codeAfter(harness, 2)
    if (own === foreign) return undefined
    await harness.call('append', { text: 'Mine.' })
    await harness.call('push', { read: foreign })
    return (await harness.sent()).length > 0
  } finally {
    await harness.close()
  }
}

async function refusesForeignCodes(setup: ToolsSetup): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const accepts = await acceptsForeignCode(setup)
    if (accepts === undefined) continue
    return must(!accepts, 'a code of another participant acknowledged messages')
  }
  must(false, `codes of ${MAX_TRIES} participants had the same letters: they can be guessed`)
}

/** A turn written blind is held by a message before, between or after its calls, until a code says that it was read. */
async function holdsBlindTurns(setup: ToolsSetup): Promise<void> {
  for (const tools of [
    ['append', 'check', 'push'],
    ['append', 'push'],
  ]) {
    for (const at of tools.keys()) {
      await withTools(setup, async run => {
        await run.say(1)
        run.learn(await run.call('check', 'none', 2000))
        await run.nextTurn()
        const says = tools.map((_, position) => (position === at ? 1 : 0))
        run.learn(await run.inSequence(tools, run.choose('newest'), says))
        await run.nextTurn()
        await run.inSequence(['push'], run.choose('newest'))
      })
    }
  }
}

async function givesAgainAfterCancel(setup: ToolsSetup): Promise<void> {
  for (const late of [false, true]) {
    await withTools(setup, async run => {
      await run.cancelCheck('none', late)
      await run.say(1)
      await run.finish()
    })
  }
}

/** Pushes without codes: held by what is new, and in the same turn by what it showed; not so in a later turn. */
async function holdsWithoutCodes(setup: ToolsSetup): Promise<void> {
  await withTools(setup, async run => {
    await run.say(1)
    await run.together(['append', 'push', 'push'], 'none')
    await run.nextTurn()
    await run.say(1)
    await run.inSequence(['push'], 'none')
    await run.nextTurn()
    await run.inSequence(['push'], 'none')
  })
}

async function suggestsOtherWaits(setup: ToolsSetup): Promise<void> {
  const harness = await setup()
  try {
    await harness.call('who', {})
    let before: number | undefined
    for (let count = 1; count <= 9; count++) {
      await harness.nextTurn?.()
      const wait = suggestedWaitOf(await harness.call('check', { timeout_ms: 0 }))
      if (count < 3) continue
      must(wait !== undefined, `check ${count} in a row that brought nothing suggested no wait`)
      must(wait > DEFAULT_WAIT_MS, 'a suggested wait is not longer than the one without it', wait)
      must(wait !== before, 'two checks in a row suggested the same wait', wait)
      before = wait
    }
  } finally {
    await harness.close()
  }
}

const toolsRule = (id: RuleId, example: (setup: ToolsSetup) => Promise<void>): ToolsRule => ({
  id,
  async run(setup, options = {}) {
    await example(setup)
    await turns.check([id], setup, options)
  },
})

/** Every rule of the tools of a participant, as functions. `testTools` runs them. */
export const toolsRules: readonly ToolsRule[] = [
  toolsRule('U1', refusesForeignCodes),
  toolsRule('U2', holdsBlindTurns),
  toolsRule('U3', givesAgainAfterCancel),
  toolsRule('U4', holdsWithoutCodes),
  { id: 'U5', run: suggestsOtherWaits },
]
