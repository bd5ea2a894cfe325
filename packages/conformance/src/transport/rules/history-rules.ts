import { must, same } from '../../kit/assertions.ts'
import type { OpenTransport, TransportScenario } from '../scenario.ts'
import { type TransportRule, transportRule } from '../transport-rule.ts'

/** Begins to read before the join: at a seq, and at the last messages. */
async function beginsEarlier(scenario: TransportScenario): Promise<void> {
  const room = scenario.harness.offers!.historic!
  const ben = await scenario.open('Ben', { room })
  const first = ben.opened.cursor
  for (const [at, content] of ['one', 'two', 'three'].entries()) {
    const request = { content, base: first + at, key: `history ${at}`, isRetry: false }
    const verdict = await scenario.within(ben.peer.publish(request), 'publish')
    must(verdict.sent, 'a publish with nothing unseen was not sent', verdict)
  }
  const begins = async (client: OpenTransport, cursor: number, expected: readonly string[]) => {
    await scenario.until(() => client.messages().length >= expected.length)
    const { opened } = client
    same([opened.cursor, opened.head], [cursor, first + 3], 'open does not say where reading begins, and what is read')
    const contents = client.messages().map(({ content }) => content)
    same(contents, expected, 'reading did not begin where it was asked to')
  }
  await begins(await scenario.open('Ada', { room, since: { last: 2 } }), first + 1, ['two', 'three'])
  await begins(await scenario.open('Cy', { room, since: first }), first, ['one', 'two', 'three'])
  const late = await scenario.open('Dan', { room })
  same([late.opened.cursor, late.opened.head], [first + 3, undefined], 'reading did not begin at the newest message')
}

/** Rules of what was said before a join. */
export const historyRules: readonly TransportRule[] = [transportRule('A7', ['ids', 'historic'], beginsEarlier)]
