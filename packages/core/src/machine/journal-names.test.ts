import { BehaviorSubject, NEVER, Subject } from 'rxjs'
import { expect, test } from 'vitest'
import { memoryJournal } from '../memory/memory-journal.ts'
import type { Inbound, Link, Transport } from '../ports/transport.ts'
import { join } from './join.ts'

/** A transport whose server gives everybody the name `sender_id`. */
function transportOf(sender_id: string, inbound$: Transport['inbound$'] = NEVER): Transport {
  const session = { session_id: 's-1', token: 't', room: 'lobby', sender_id, log: 'log' }
  return {
    supports: { ids: true, resume: true, echo: true, conditional: true, keys: true },
    inbound$,
    link$: new BehaviorSubject<Link>({ state: 'up' }),
    open: async ({ resume }) => ({ session, cursor: 0, policy: 'hold', resumed: resume !== undefined }),
    publish: () => Promise.reject(new Error('unused')),
    resume: () => {},
    yield: () => {},
    close: async () => {},
  }
}

test.each([
  ['by admission', 'ada@example.org', 'Ada Lovelace'],
  ['to NFKC', 'Ａｄａ', 'Ada'],
  ['to a number, and shortened for it', 'x'.repeat(64), `${'x'.repeat(62)}-2`],
])(
  '[J1] a journal continues under the name that was asked for, and under the given one: changed %s',
  async (_, username, given) => {
    const journal = memoryJournal()
    await join({ transport: transportOf(given), username, journal })
    await join({ transport: transportOf(given), username, journal })
    await join({ transport: transportOf(given), username: given, journal })
    await join({ transport: transportOf(given), username, journal })
    for (const other of ['Eve', `${username}-2`, given.replace(/-2$/, '-3').replace('Ada', 'Eva')]) {
      const joined = join({ transport: transportOf(other), username: other, journal })
      await expect(joined).rejects.toMatchObject({ code: 'invalid-params' })
    }
  },
)

test('[J1] a journal continues under its name after a numbered one replaced it', async () => {
  const inbound$ = new Subject<Inbound>()
  const journal = memoryJournal()
  const ada = await join({ transport: transportOf('Ada', inbound$), username: 'Ada', journal })
  const session = { session_id: 's-1', token: 't', room: 'lobby', sender_id: 'Ada-2', log: 'log' }
  inbound$.next({ type: 'rejoined', welcome: { session, cursor: 0, policy: 'hold', resumed: true } })
  expect(await ada.append('mine')).toMatchObject({ renamed: 'Ada-2' })
  await join({ transport: transportOf('Ada-2'), username: 'Ada', journal })
})

test('[J1] a numbered name is another participant, if that is the one that was asked for', async () => {
  const journal = memoryJournal()
  await join({ transport: transportOf('Ada-2'), username: 'Ada-2', journal })
  const joined = join({ transport: transportOf('Ada'), username: 'Ada', journal })
  await expect(joined).rejects.toThrow('This journal belongs to "Ada-2" in lobby, not to "Ada" in lobby')
})
