import { must, same } from '../../kit/assertions.ts'
import type { RuleId } from '../../kit/rules.ts'
import { FormWatch } from '../form-watch.ts'
import type { ServerHarness, StreamEvent } from '../server-harness.ts'
import { type ServerRule, type ServerScenario, scenarioOn, serverRule } from '../server-rule.ts'
import { holdFloor } from './floor-rules.ts'

const secret = 'a secret of more than sixteen bytes'

/** The methods that SPEC.md lists. */
const methodNames = ['append', 'undo', 'reset', 'preview', 'push', 'publish', 'check', 'join', 'resume', 'who'].concat([
  'yield',
  'draft',
  'writing',
  'hush',
  'leave',
])

async function describesItself({ harness, join }: ServerScenario): Promise<void> {
  const { token } = await join('Ada')
  for (const with_ of [undefined, token]) {
    const answer = JSON.parse((await harness.send('{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}', with_)) ?? '{}')
    const { openrpc, methods } = answer.result ?? {}
    must(
      /^1\.\d+\.\d+$/.test(String(openrpc)) && Array.isArray(methods),
      'rpc.discover does not return an OpenRPC document',
      answer,
    )
    const names: unknown[] = methods.map((method: { name?: unknown }) => method?.name)
    const missing = methodNames.filter(name => !names.includes(name))
    same(missing, [], 'the document of rpc.discover lacks methods')
  }
}

/** Passes every answer and event of `harness` to `watch`. */
function watched(harness: ServerHarness, watch: FormWatch): { readonly harness: ServerHarness; look(): void } {
  const looks: (() => void)[] = []
  const { room, bounded } = harness
  return {
    harness: {
      room,
      ...(bounded !== undefined && { bounded }),
      async send(text, token) {
        const answer = await harness.send(text, token)
        watch.answer(text, answer)
        return answer
      },
      ...(harness.stream && {
        async stream(request) {
          const stream = await harness.stream!(request)
          looks.push(() => stream.events.forEach((event: StreamEvent) => void watch.event(event)))
          return stream
        },
      }),
      settle: () => harness.settle(),
      close: async () => {},
    },
    look: () => looks.forEach(look => void look()),
  }
}

/** Makes every call of the protocol, with most of the members that an answer may have. */
async function conversation({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada', { secret }), await join('Ben')]
  const stream = await harness.stream?.({ room: harness.room, token: ada.token! })
  for (const text of ['So', 'x'.repeat(1001), '', 'not this']) await ada.call('append', { text })
  await ada.call('undo')
  await ada.call('preview')
  const { seq } = await ada.call('push', { meta: { a: [1] } })
  await ada.refusal('push')
  await ada.refusal('append', {})
  await ada.call('undo')
  await ada.call('reset')
  await ada.call('publish', { content: 'two', base: seq, key: 'two' })
  await ben.call('publish', { content: 'late', base: ben.joinResult.cursor, key: 'late' })
  await ben.call('check', { timeout_ms: 0 })
  await ben.call('check', { timeout_ms: 0 })
  await ada.call('resume')
  await ada.call('draft', { facts: [], rev: 0 })
  await ada.call('writing', { writing: false })
  await ada.call('yield')
  await holdFloor(ada, ben)
  await ben.call('who')
  await ben.call('append', { text: 'waits' })
  await ben.call('push', { timeout_ms: 0 })
  await ada.call('check', { timeout_ms: 0 })
  await ada.call('yield')
  for (let settled = 0; settled < 3; settled++) await harness.settle()
  await stream?.close()
  await ben.call('leave')
}

/** With fewer answers the conversation ended too early to show anything. */
const LEAST_ANSWERS = 8

/** Checks that a conversation has no problem of form that breaks `id`. Its outcome does not matter: other rules judge it. */
const wellFormed =
  (id: RuleId) =>
  async ({ harness }: ServerScenario): Promise<void> => {
    const problems: string[] = []
    const watch = new FormWatch((broken, problem) => void (broken === id && problems.push(problem)))
    const seen = watched(harness, watch)
    await conversation(scenarioOn(seen.harness)).catch(error => {
      if (watch.answers < LEAST_ANSWERS) throw error
    })
    seen.look()
    must(problems.length === 0, problems[0] ?? '')
  }

/** Rules of the form of answers, messages and events. */
export const formRules: readonly ServerRule[] = [
  serverRule('W8', [], describesItself),
  serverRule('W8', [], wellFormed('W8')),
  serverRule('B1', [], wellFormed('B1')),
  serverRule('P7', [], wellFormed('P7')),
]
