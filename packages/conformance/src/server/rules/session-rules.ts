import { must, same } from '../../kit/assertions.ts'
import { Caller, isRefusal, type RpcAnswer, within } from '../caller.ts'
import type { ServerHarness } from '../server-harness.ts'
import { type ServerRule, type ServerScenario, serverRule } from '../server-rule.ts'

const secret = 'a secret of more than sixteen bytes'

async function requiresToken({ harness, join }: ServerScenario): Promise<void> {
  const ada = await join('Ada')
  const [one] = await ada.send({ jsonrpc: '2.0', id: 1, method: 'append', params: { text: 'x', sender_id: 'Ben' } })
  must(one?.result?.status === 1, 'an unknown field was not ignored', one)
  const sent = await ada.call('push')
  const ben = await join('Ben')
  const ask = async (token: string | undefined) => {
    const text = await harness.send('{"jsonrpc":"2.0","id":1,"method":"preview"}', token)
    return (JSON.parse(text ?? '{}') as { error?: { code: number; message: string } }).error
  }
  for (const token of [undefined, 'unknown', `${ada.token}0`, ada.token!.slice(1)]) {
    const error = await ask(token)
    same(error?.code, 40010, 'an unknown token was accepted')
    must(!token || !error!.message.includes(token), 'an error contains the token')
  }
  must(ben.token !== ada.token && ada.token!.length >= 40, 'tokens are equal or short')
  const seen = await ben.call('who')
  must(
    JSON.stringify(seen).includes(ada.name) && !JSON.stringify(seen).includes(ada.token!),
    'who does not list the participants, or contains a token',
    seen,
  )
  same(typeof sent.seq, 'number', 'the answer to a push has no seq')
}

async function checksNames({ harness, join }: ServerScenario): Promise<void> {
  const ada = await join('Ada')
  for (const name of [ada.name, ada.name.toUpperCase(), ada.name.toLowerCase()]) {
    const error = await Caller.join(harness, name).catch(error => error)
    same(error.code, 40011, 'a taken name was not rejected with 40011')
    same(error.data?.reason, 'occupied', 'the refusal of a taken name does not say that it is occupied')
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
    'x\ty',
    'x\u3164',
    '\u115f',
    'x\u2800',
    'x\ufe0f',
    'x\u034f',
    '\u0301x',
    'x\ua789y',
    'Server',
    'SYSTEM',
    'x'.repeat(65),
  ]
  for (const name of strange) {
    const error = await Caller.join(harness, name).catch(error => error)
    same(error.code, 40011, `an invalid name was accepted: ${JSON.stringify(name)}`)
    must(error.data?.reason !== 'occupied', `an invalid name was called occupied: ${JSON.stringify(name)}`)
  }
  for (const room of ['', '.', '..', '../x', '%2e', 'a b', 'x'.repeat(65), 'ä']) {
    const error = await Caller.join(harness, 'x', { room }).catch(error => error)
    same(error.code, 40012, `an invalid room was accepted: ${JSON.stringify(room)}`)
  }
  const wide = await Caller.join(harness, `\uff21 ${ada.name.slice(4)}`)
  must(
    String(wide.joinResult.sender_id).startsWith('A '),
    'a name is not normalised to NFKC',
    wide.joinResult.sender_id,
  )
}

async function outlivesConnections(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  const ada = await join('Ada', { secret })
  await ada.call('append', { text: 'mid-sentence' })
  const again = await Caller.join(harness, ada.name, { secret })
  const { draft } = await again.call('preview')
  same(draft, 'mid-sentence', 'a join with the secret did not return to the draft')
  const other = await Caller.join(harness, ada.name, { secret: `${secret}, another` }).catch(error => error)
  same(other.code, 40011, 'a taken name was joined with another secret')
  const resumed = await ada.call('resume')
  same(
    [resumed.sender_id, resumed.room, resumed.suffix, resumed.token, resumed.log],
    [ada.name, harness.room, 'mid-sentence', ada.token, ada.joinResult.log],
    'resume has another session than join',
  )
}

/** A call of each action, for a participant with a draft. */
const actions: readonly (readonly [method: string, params?: object])[] = [
  ['preview'],
  ['check', { timeout_ms: 0 }],
  ['append', { text: 'y' }],
  ['undo'],
  ['reset'],
  ['push', { timeout_ms: 0 }],
  ['publish', { content: 'z', base: 0, key: 'z', timeout_ms: 0 }],
]

/** Every answer tells a new name, whichever action is the first after it. */
async function tellsNewNames({ harness, join }: ServerScenario): Promise<void> {
  const lost = await Promise.all(actions.map(([method]) => join(method)))
  for (const caller of lost) await caller.call('append', { text: 'x' })
  await harness.pass!(91_000)
  for (const caller of lost) await Caller.join(harness, caller.name)
  for (const [at, [method, params]] of actions.entries()) {
    const { name, joinResult } = lost[at]!
    const own = method === 'publish' ? { ...params, base: joinResult.cursor } : params
    const { renamed } = await lost[at]!.call(method, own)
    same(renamed, `${name}-2`, `${method} does not tell a new name`)
  }
}

async function lapses(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  const [kept, lost, watcher] = [await join('Kept', { secret }), await join('Lost'), await join('Watcher')]
  for (const caller of [kept, lost]) await caller.call('append', { text: 'x' })
  const names = async () => {
    const { participants } = (await watcher.call('who')) as unknown as { participants: { sender_id: string }[] }
    return participants.map(({ sender_id }) => sender_id)
  }
  const away = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10_000) {
      await watcher.call('preview')
      await harness.pass!(Math.min(left, 10_000))
    }
  }
  await away(31_000)
  const { participants } = (await watcher.call('who')) as unknown as { participants: object[] }
  const flags = participants.map(one => JSON.stringify(one)).filter(one => one.includes('"away":true'))
  same(flags.length, 2, 'a participant silent for half a minute is not shown as away')
  const early = await Caller.join(harness, lost.name).catch(error => error)
  same(early.code, 40011, 'the name of a participant that is only away was given to another')
  await away(60_000)
  same(await names(), [watcher.name], 'who lists a participant that was away for 90 s')
  const taker = await Caller.join(harness, lost.name).catch(error => error)
  must(taker instanceof Caller, 'the name of a participant that was away for 90 s is not free', taker)
  const back = await kept.call('preview')
  same([back.draft, back.renamed], ['x', undefined], 'a session lost its draft or its name while it was away')
  const renamed = await lost.call('preview')
  same(renamed.draft, 'x', 'a session whose name was taken lost its draft')
  same(renamed.renamed, `${lost.name}-2`, 'a session whose name was taken is not told its new name')
  same((await lost.call('preview')).renamed, undefined, 'a new name is reported twice')
  same(
    (await lost.call('resume')).sender_id,
    `${lost.name}-2`,
    'a session whose name was taken has not the numbered one',
  )
  must((await names()).includes(`${lost.name}-2`), 'who does not list the new name')
}

/** Leaves while a check waits. Resolves with the caller and the check's answer. Tries again if the leave overtakes the check. */
async function leaveWhileWaiting(harness: ServerHarness, join: ServerScenario['join']): Promise<[Caller, RpcAnswer]> {
  for (let pause = 1; ; pause *= 4) {
    const ada = await join('Ada')
    const check = ada.call('check', { timeout_ms: 20_000 })
    for (let settled = 0; settled < pause; settled++) await harness.settle()
    await ada.call('leave')
    const [ended] = await Promise.allSettled([within(harness, check, 'a check of a session that leaves')])
    if (ended.status === 'fulfilled') return [ada, ended.value]
    if (pause > 1000 || !isRefusal(ended.reason) || ended.reason.code !== 40010) throw ended.reason
  }
}

async function leaveFreesName({ harness, join }: ServerScenario): Promise<void> {
  const ben = await join('Ben')
  const [ada, ended] = await leaveWhileWaiting(harness, join)
  same([ended.status, ended.messages], [0, []], 'a check did not end with status 0 when its session left')
  same((await ada.refusal('append', { text: 'x' })).code, 40010, 'a session can write after it left')
  const next = await Caller.join(harness, ada.name)
  must(next.token !== ada.token, 'a new session has the token of the old one')
  must(JSON.stringify(await ben.call('who')).includes(ada.name), 'a participant that returned is not listed')
}

/** Rules of sessions, names and tokens. */
export const sessionRules: readonly ServerRule[] = [
  serverRule('A1', [], requiresToken),
  serverRule('A2', [], checksNames),
  serverRule('A3', [], outlivesConnections),
  serverRule('A4', ['pass'], lapses),
  serverRule('A4', ['pass'], tellsNewNames),
  serverRule('A5', [], leaveFreesName),
]
