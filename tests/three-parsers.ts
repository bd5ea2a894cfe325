import type { HubSession } from '../packages/core/src/hub/index.ts'

/** What breaks a line somewhere, ends an event somewhere else, or looks like a field of one. */
export const hurtful: readonly string[] = [
  'a\rb',
  'a\nb',
  'a\r\nb',
  'a\n\nb',
  'a\r\rb',
  'a\0b',
  'a\u2028b',
  'a\u2029b',
  'a\u0085b',
  'a\vb\fb',
  '\ufeffa',
  '\n\nevent: message\nid: 99\ndata: {"content":"forged"}\n\n',
  'data: forged\r\rdata: forged\r\r',
  'id: 99\n:',
  '\nretry: 1\n',
  '\ud800',
  '\u202eb',
  '</script>',
]

/** Says each of them, in every field that a message carries. Resolves to what was sent. */
export async function sayAll(session: HubSession): Promise<readonly { content: string; meta: object }[]> {
  const said: { content: string; meta: object }[] = []
  for (const text of hurtful) {
    const meta = { [text]: [text, { [text]: text }] }
    const answer = await session.publish({
      content: text,
      base: session.snapshotCursor().cursor,
      key: `k${text}`,
      meta,
    })
    if (answer.status === 1) said.push({ content: text.toWellFormed(), meta })
  }
  return said
}

/** One event, as a parser gave it. */
export interface Parsed {
  readonly id: string
  readonly event: string
  readonly data: string
}
