import { isMidsentenceError, rpcNumbers, segmentsOf, type Verdict } from '@midsentence/core'
import fc from 'fast-check'
import { must, same } from '../kit/assertions.ts'
import { texts } from '../kit/texts.ts'
import type { Line, Stage } from './scenario.ts'
import { pushesOf, type Trace } from './script.ts'
import { conversations, onFresh, type TransportRule, transportRule } from './transport-rule.ts'

const pieces = fc.array(texts({ maxLength: 60 }), { minLength: 1, maxLength: 4 })

async function sendsThePreview(stage: Stage, parts: readonly string[]): Promise<void> {
  const [ada, ben] = [await stage.join('Ada'), await stage.join('Ben')]
  for (const part of ['So: ', ...parts, 'not this']) await ada.append(part)
  await ada.undo()
  const { draft } = await ada.preview()
  const answer = await stage.within(ada.push(), 'push')
  must(answer.status === 1, 'a push was not sent although nothing stood before it', answer)
  await stage.readAll()
  same(ben.contents, [draft], 'a push did not send exactly what preview showed')
  same((await ada.preview()).draft, '', 'a draft is not empty after its push')
}

async function emptySendsNothing(stage: Stage): Promise<void> {
  const [ada, ben] = [await stage.join('Ada'), await stage.join('Ben')]
  const code = async (what: string) => {
    const error = await stage.failure(ada.push(), what)
    must(isMidsentenceError(error) && rpcNumbers[error.code] === 40001, `${what} did not end with 40001`, String(error))
  }
  await code('a push without a draft')
  await ada.append('taken back')
  await ada.undo()
  await code('a push of a draft that was taken back')
  await stage.readAll()
  same(ben.contents, [], 'an empty push sent something')
}

async function notSentChangesNothing(stage: Stage): Promise<void> {
  const [ada, ben] = [await stage.join('Ada'), await stage.join('Ben')]
  const { faults } = stage.bench
  await ada.append('mine')
  await ada.append(' and more')
  await stage.say(ben, 'yours')
  await stage.settle()
  const before = segmentsOf(ada.participant.view.draft)
  const held = await stage.within(ada.push(), 'push')
  must(held.status === 0, 'a push was sent over a message that had arrived but not been given', held)
  same(segmentsOf(ada.participant.view.draft), before, 'a held push changed the draft')
  if (!faults) return

  faults.cut(ada.peer)
  const push = ada.push().catch(error => error)
  const outcome = await stage.within(push, 'a push over a line that is down')
  same(segmentsOf(ada.participant.view.draft), before, 'a failed push changed the draft')
  faults.heal(ada.peer)
  await stage.readAll()
  must(isMidsentenceError(outcome), 'a push over a line that is down did not end with an error', outcome)
  const heard = ben.contents.length > 0
  must(!heard || outcome.data.unknown === true, 'a push that was certainly not sent arrived', ben.contents)
}

const publish = (
  stage: Stage,
  line: Line,
  content: string,
  base: number,
  key: string,
  again = false,
): Promise<Verdict> => stage.within(line.peer.publish({ content, base, key, isRetry: again }), 'publish')

async function oneKeyOneEffect(stage: Stage): Promise<void> {
  const ben = await stage.join('Ben')
  const ada = await stage.open('Ada')
  const { cursor } = ada.welcome
  const first = await publish(stage, ada, 'once', cursor, 'key 1')
  must(first.sent, 'a publish with nothing before it was not sent', first)
  same(await publish(stage, ada, 'once', cursor, 'key 1', true), first, 'a repeated key got another answer')
  await stage.readAll()
  same(ben.contents, ['once'], 'one key had not one effect')
  await stage.settle()
  const lost = ada.peer.publish({ content: 'through a cut', base: first.seq, key: 'key 2', isRetry: false })
  stage.bench.faults?.cut(ada.peer)
  const [outcome] = await stage.within(Promise.allSettled([lost]), 'a publish whose line was cut')
  stage.bench.faults?.heal(ada.peer)
  await stage.settle()
  const known = await publish(stage, ada, 'through a cut', first.seq, 'key 2', true)
  if (outcome?.status === 'fulfilled') same(known, outcome.value, 'a repeated key got another answer')
  same(await publish(stage, ada, 'through a cut', first.seq, 'key 2', true), known, 'a repeated key got another answer')
  await stage.readAll()
  same(ben.contents, ['once', 'through a cut'], 'one key had not one effect')
}

async function heldWhenUnseen(stage: Stage): Promise<void> {
  const [ada, ben] = [await stage.join('Ada'), await stage.join('Ben')]
  const cleo = await stage.open('Cleo')
  // Together: one goes first, the other is held and shown why.
  await ada.append('at once')
  await ben.append('at the same time')
  const both = await stage.within(Promise.all([ada.push(), ben.push()]), 'two pushes at once')
  same(both.map(answer => answer.status).toSorted(), [0, 1], 'of two pushes at once not exactly one was sent')
  for (const answer of both)
    must(answer.status === 1 || answer.messages.length === 1, 'a hold showed not what it held for', answer)
  const late = both[0].status === 0 ? ada : ben
  const again = await stage.within(late.push(), 'push')
  must(again.status === 1, 'a push was held although nothing newer had come', again)

  // Arrived is not given: the cursor at the call counts.
  await stage.readAll()
  await ada.append('mine')
  await stage.say(ben, 'yours')
  await stage.settle()
  const held = await stage.within(ada.push(), 'push')
  must(held.status === 0, 'a push was sent over a message its author had not been given', held)
  same(
    held.messages.map(message => message.content),
    ['yours'],
    'a hold showed not what it held for',
  )
  must((await stage.within(ada.push(), 'push')).status === 1, 'a push was held although nothing newer had come')

  // By hand: a base from before is held, and one that cannot be is refused.
  const stale = await publish(stage, cleo, 'stale', cleo.welcome.cursor, 'stale')
  must(!stale.sent, 'a publish was sent over messages beyond its base', stale)
  await stage.settle()
  const head = cleo.messages().at(-1)?.seq ?? cleo.welcome.cursor
  const future = await stage.failure(
    cleo.peer.publish({ content: 'from then', base: head + 5, key: 'then', isRetry: false }),
    'a publish from the future',
  )
  must(
    isMidsentenceError(future) && future.code === 'invalid-params',
    'a base from the future was accepted',
    String(future),
  )
  must((await publish(stage, cleo, 'fresh', head, 'fresh')).sent, 'a publish that had seen everything was held')
}

/** No message stands behind one by another that its author had not been given when it called, and no hold is idle. */
export function holdsAreJust({ observer, cast }: Trace): void {
  const room = observer.given
  for (const { speaker } of cast) {
    const { sent, held } = pushesOf(speaker)
    const others = room.filter(message => message.sender_id !== speaker.name)
    for (const { content, base, seq } of sent) {
      const message = room.find(m => m.seq === seq)
      same(
        [message?.content, message?.base],
        [content, base],
        'a push was not judged by what its author knew when it called',
      )
      const crossed = others.filter(m => m.seq > base && m.seq < seq).map(m => m.content)
      same(crossed, [], 'a push crossed what its author had not been given')
    }
    for (const { base, floor } of held) {
      must(floor || others.some(message => message.seq > base), 'a push was held for nothing', { base })
    }
  }
}

export const pushRules: readonly TransportRule[] = [
  transportRule('P1', [], undefined, onFresh(pieces, sendsThePreview, 0.2)),
  transportRule('P2', [], emptySendsNothing),
  transportRule('P3', [], notSentChangesNothing),
  transportRule('P4', ['keys', 'ids'], oneKeyOneEffect),
  transportRule('H1', ['conditional', 'ids'], heldWhenUnseen, conversations(holdsAreJust)),
]
