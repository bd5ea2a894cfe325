import fc from 'fast-check'
import type { SharedCases } from '../kit/shared-run.ts'
import type { ToolsSetup } from './tools-harness.ts'
import { type CodeChoice, ToolsRun } from './tools-run.ts'

/** A turn that a model writes before it reads the first result of it. */
interface BlindTurn {
  readonly tools: readonly string[]
  readonly read: CodeChoice
  /** How many messages come before each call. */
  readonly says: readonly number[]
  /** Whether the host gets the calls together; the messages then come before them. */
  readonly together: boolean
  /** Whether the model gets the results. */
  readonly lost: boolean
  /** A check at the end of the turn that is cancelled, also at the moment when a message comes. */
  readonly cancelled: 'no' | 'waiting' | 'late'
}

const shapes = [
  ['append', 'check', 'push'],
  ['append', 'check', 'push'],
  ['append', 'push'],
  ['append', 'push'],
  ['push'],
  ['push', 'push'],
  ['check'],
  ['check', 'check'],
  ['append', 'preview', 'push'],
]

const turns: fc.Arbitrary<BlindTurn> = fc.record({
  tools: fc.constantFrom(...shapes),
  read: fc.constantFrom<CodeChoice[]>('none', 'none', 'newest', 'newest', 'newest', 'older', 'unknown'),
  says: fc.array(fc.constantFrom(0, 0, 0, 1, 1, 2), { minLength: 3, maxLength: 3 }),
  together: fc.constantFrom(false, false, true),
  lost: fc.constantFrom(false, false, true),
  cancelled: fc.constantFrom('no' as const, 'no' as const, 'waiting' as const, 'late' as const),
})

/** Plays random turns, with messages before, between and after their calls, and results that are lost or cancelled. */
export const toolsCases: SharedCases<ToolsSetup, readonly BlindTurn[]> = {
  cases: () => fc.array(turns, { minLength: 1, maxLength: 6 }),
  play: (setup, played) => withTools(setup, run => playTurns(run, played)),
}

/** Runs one case with new tools, which have joined their room. */
export async function withTools(setup: ToolsSetup, run: (run: ToolsRun) => Promise<void>): Promise<void> {
  const harness = await setup()
  try {
    const made = new ToolsRun(harness)
    await made.join()
    await run(made)
  } finally {
    await harness.close()
  }
}

async function playTurns(run: ToolsRun, played: readonly BlindTurn[]): Promise<void> {
  for (const { tools, read, says, together, lost, cancelled } of played) {
    await run.nextTurn()
    const code = run.choose(read)
    if (together) await run.say(says.reduce((sum, count) => sum + count, 0))
    const found = together ? await run.together(withDraft(tools), code) : await run.inSequence(tools, code, says)
    if (cancelled !== 'no') found.push(...(await run.cancelCheck(code, cancelled === 'late')))
    if (!lost) run.learn(found)
  }
  await run.finish()
}

/** A push of a draft that may be empty says nothing about what is read. */
const withDraft = (tools: readonly string[]): readonly string[] =>
  tools.includes('push') && tools[0] !== 'append' ? ['append', ...tools] : tools
