import type { HubSession } from '@midsentence/core/hub'

/** Texts that break lines, end an event, or look like a field of one. */
export const hostileTexts: readonly string[] = [
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

/** Publishes each hostile text, also in `meta` and as part of the key. Resolves with what was accepted. */
export async function publishHostileTexts(
  session: HubSession,
): Promise<readonly { readonly content: string; readonly meta: object }[]> {
  const published: { content: string; meta: object }[] = []
  for (const text of hostileTexts) {
    const meta = { [text]: [text, { [text]: text }] }
    const { cursor } = session.snapshotCursor()
    const answer = await session.publish({ content: text, base: cursor, key: `k${text}`, meta })
    if (answer.status === 1) published.push({ content: text.toWellFormed(), meta })
  }
  return published
}
