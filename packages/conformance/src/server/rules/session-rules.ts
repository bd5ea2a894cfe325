import { must, same } from '../../kit/assertions.ts'
import { type Answer, Caller, refused, within } from '../caller.ts'
import type { ServerHarness } from '../server-harness.ts'
import { type Scene, type ServerRule, serverRule } from '../server-rule.ts'

const secret = 'a secret of more than sixteen bytes'

async function onlyByToken({ bench, join }: Scene): Promise<void> {
  const ada = await join('Ada')
  const [one] = await ada.send({ jsonrpc: '2.0', id: 1, method: 'append', params: { text: 'x', sender_id: 'Ben' } })
  must(one?.result?.status === 1, 'a field that means nothing was not ignored', one)
  const sent = await ada.call('push')
  const ben = await join('Ben')
  const ask = async (token: string | undefined) => {
    const text = await bench.send('{"jsonrpc":"2.0","id":1,"method":"preview"}', token)
    return (JSON.parse(text ?? '{}') as { error?: { code: number; message: string } }).error
  }
  for (const token of [undefined, 'nobody', `${ada.token}0`, ada.token!.slice(1)]) {
    const error = await ask(token)
    same(error?.code, 40010, 'somebody without a token of here was let in')
    must(!token || !error!.message.includes(token), 'a refusal repeats the token')
  }
  must(ben.token !== ada.token && ada.token!.length >= 40, 'tokens can be guessed')
  const seen = await ben.call('who')
  must(JSON.stringify(seen).includes(ada.name) && !JSON.stringify(seen).includes(ada.token!), 'who is not who', seen)
  same(typeof sent.seq, 'number', 'a push has no place in its room')
}

async function uniqueAndPlain({ bench, join }: Scene): Promise<void> {
  const ada = await join('Ada')
  for (const name of [ada.name, ada.name.toUpperCase(), ada.name.toLowerCase()]) {
    const error = await Caller.join(bench, name).catch(error => error)
    same(error.code, 40011, 'a taken name was given away')
  }
  const strange = [
    '',
    ' x',
    'x ',
    'x  y',
    'a:b',
    '*x',
    'x\ny',
    'x\u202ey',
    'x\u0000',
    'Server',
    'SYSTEM',
    'x'.repeat(65),
  ]
  for (const name of strange) {
    const error = await Caller.join(bench, name).catch(error => error)
    same(error.code, 40011, `a name that forges lines was taken: ${JSON.stringify(name)}`)
  }
  for (const room of ['', '../x', 'a b', 'x'.repeat(65), 'ä']) {
    const error = await Caller.join(bench, 'x', { room }).catch(error => error)
    same(error.code, 40012, `a room that is none was opened: ${JSON.stringify(room)}`)
  }
  const wide = await Caller.join(bench, `\uff21 ${ada.name.slice(4)}`)
  must(String(wide.entrance.sender_id).startsWith('A '), 'a name does not stand in NFKC', wide.entrance.sender_id)
}

async function outlivesConnections(scene: Scene): Promise<void> {
  const { bench, join } = scene
  const ada = await join('Ada', { secret })
  await ada.call('append', { text: 'mid-sentence' })
  const again = await Caller.join(bench, ada.name, { secret })
  const { draft } = await again.call('preview')
  same(draft, 'mid-sentence', 'a name that was reached again by its secret has not its draft')
  const other = await Caller.join(bench, ada.name, { secret: `${secret}, another` }).catch(error => error)
  same(other.code, 40011, 'a name was reached by another secret')
  const resumed = await ada.call('resume')
  same(
    [resumed.sender_id, resumed.room, resumed.suffix, resumed.token, resumed.log],
    [ada.name, bench.room, 'mid-sentence', ada.token, ada.entrance.log],
    'a session was resumed as something else',
  )
}

async function lapses(scene: Scene): Promise<void> {
  const { bench, join } = scene
  const [kept, lost, watcher] = [await join('Kept', { secret }), await join('Lost'), await join('Watcher')]
  for (const caller of [kept, lost]) await caller.call('append', { text: 'x' })
  const away = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10_000) {
      await watcher.call('preview')
      await bench.pass!(Math.min(left, 10_000))
    }
  }
  await away(31_000)
  const { participants } = (await watcher.call('who')) as unknown as { participants: object[] }
  const flags = participants.map(one => JSON.stringify(one)).filter(one => one.includes('"away":true'))
  same(flags.length, 2, 'who says nothing for half a minute does not show as away')
  await away(60_000)
  same((await lost.refusal('undo')).code, 40010, 'a session that went away kept its name')
  same((await kept.call('preview')).draft, 'x', 'a session with a secret was lost')
}

/** One who left, and how the check ended that waited then. The call to leave may have overtaken it, however seldom: one tries again. */
async function leftWhileWaiting(bench: ServerHarness, join: Scene['join']): Promise<[Caller, Answer]> {
  for (let pause = 1; ; pause *= 4) {
    const ada = await join('Ada')
    const check = ada.call('check', { timeout_ms: 20_000 })
    for (let settled = 0; settled < pause; settled++) await bench.settle()
    await ada.call('leave')
    const [ended] = await Promise.allSettled([within(bench, check, 'a check whose session left')])
    if (ended.status === 'fulfilled') return [ada, ended.value]
    if (pause > 1000 || !refused(ended.reason) || ended.reason.code !== 40010) throw ended.reason
  }
}

async function leavingFrees({ bench, join }: Scene): Promise<void> {
  const ben = await join('Ben')
  const [ada, ended] = await leftWhileWaiting(bench, join)
  same([ended.status, ended.messages], [0, []], 'a check that waited when its session left did not end with nothing')
  same((await ada.refusal('append', { text: 'x' })).code, 40010, 'a session that left may still write')
  const next = await Caller.join(bench, ada.name)
  must(next.token !== ada.token, 'a new session has the token of an old one')
  must(JSON.stringify(await ben.call('who')).includes(ada.name), 'who came back is not here')
}

/** Tokens, names and what becomes of them. */
export const sessionRules: readonly ServerRule[] = [
  serverRule('A1', [], onlyByToken),
  serverRule('A2', [], uniqueAndPlain),
  serverRule('A3', [], outlivesConnections),
  serverRule('A4', ['pass'], lapses),
  serverRule('A5', [], leavingFrees),
]
