import { must, same } from '../kit/assertions.ts'
import { type RoomFunctions, type RoomRule, RoomScene } from './room-functions.ts'

const sceneWith = (room: RoomFunctions) => () => new RoomScene(room)

/** Checks that three holds by newer messages, with answers that contain every message, earn the floor. */
function earnsFloor(functions: RoomFunctions): void {
  const scene = sceneWith(functions)
  const at = scene()
  for (let tried = 1; tried <= 3; tried++) {
    same(at.floor, undefined, `the floor was granted after ${tried - 1} holds`)
    at.cross('Ada')
  }
  same(at.floor, 'Ada', 'three holds in a row did not earn the floor')

  const again = scene()
  again.push('Ben')
  for (let tried = 0; tried < 3; tried++) again.push('Ada', { base: 0 })
  same(again.floor, undefined, 'a repeated hold by the same message counted')

  const paged = scene()
  const page = () => {
    paged.overflowing.add('Ada')
    paged.cross('Ada')
    paged.overflowing.clear()
    same(paged.floor, undefined, 'a hold counted although its answer had more pages')
  }
  paged.cross('Ada')
  page()
  paged.cross('Ada')
  page()
  paged.cross('Ada')
  same(paged.floor, 'Ada', 'a hold whose answer had more pages reset the streak')

  const unheard = scene()
  for (let tried = 0; tried < 3; tried++) unheard.cross('Ada', { uncounted: true })
  same(unheard.floor, undefined, 'an uncounted hold counted')

  for (const end of ['sent', 'left'] as const) {
    const broken = scene()
    for (let tried = 0; tried < 2; tried++) broken.cross('Ada')
    if (end === 'sent') broken.push('Ada')
    else broken.run({ type: 'leave', session: 'Ada' })
    broken.cross('Ada')
    same(broken.floor, undefined, 'a streak survived a sent push or a leave')
  }
}

function endsFloor(functions: RoomFunctions): void {
  const scene = () => {
    const at = new RoomScene(functions)
    at.earn('Ada')
    return at
  }
  const held = scene()
  same([held.cross('Ada', { base: 0 }), held.floor], ['held', 'Ada'], 'a held push of the holder ended its floor')
  same([held.push('Ada'), held.floor], ['sent', undefined], 'a sent push of the holder did not end its floor')

  for (const [type, session, floor] of [
    ['yield', 'Ada', undefined],
    ['leave', 'Ada', undefined],
    ['yield', 'Ben', 'Ada'],
    ['leave', 'Ben', 'Ada'],
  ] as const) {
    const at = scene()
    at.run({ type, session })
    same(at.floor, floor, `after a ${type} of ${session} the floor has a wrong holder`)
  }

  const timed = scene()
  timed.later(59_999)
  same(timed.floor, 'Ada', 'a floor ended before its time')
  timed.later(1)
  same(timed.floor, undefined, 'a floor lasted longer than its time')

  const told = new RoomScene(functions)
  told.earn('Ben')
  told.earn('Ada')
  told.run({ type: 'yield', session: 'Ben' })
  told.later(30_000)
  told.run({ type: 'tell', session: 'Ada' })
  told.later(40_000)
  same(told.floor, 'Ada', 'the first answer that names the floor did not restart its time')
  told.run({ type: 'tell', session: 'Ada' })
  told.later(20_000)
  same(told.floor, undefined, 'the time of a floor restarted more than once')
}

function restsAfterFloor(functions: RoomFunctions): void {
  const after = (end: (at: RoomScene) => void, session = 'Ada') => {
    const at = new RoomScene(functions)
    at.earn('Ada')
    at.later(10_000)
    end(at)
    return (ms: number, name = 'Ada') => {
      at.later(ms)
      at.earn(name, { session })
      return at.floor
    }
  }
  const sends = (at: RoomScene) => void at.push('Ada')
  const sits = (at: RoomScene) => void at.run({ type: 'yield', session: 'Ada' })
  const goes = (at: RoomScene) => void at.run({ type: 'leave', session: 'Ada' })
  const lapses = (at: RoomScene) => at.later(50_000)
  for (const [what, end, rest] of [
    ['sent', sends, 10_000],
    ['yielded', sits, 100_000],
    ['left', goes, 100_000],
    ['let time run out', lapses, 600_000],
  ] as const) {
    same(after(end)(rest - 1), undefined, `a holder that ${what} rests too short`)
    same(after(end)(rest), 'Ada', `a holder that ${what} rests too long`)
  }
  same(
    after(goes, 'another session')(0, 'ADA'),
    undefined,
    'a rest does not apply to the name in another session or case',
  )
  same(after(sits, 'Ben')(0, 'Ben'), 'Ben', 'a rest applies to another name')
}

function oneAtATime(functions: RoomFunctions): void {
  const row = new RoomScene(functions)
  for (const name of ['Ada', 'Ben', 'Cyd']) row.earn(name)
  same(row.floor, 'Ada', 'the floor is not with the first who earned it')
  const waiting = row.publish('Dan')
  same(row.verdict(waiting), 'waiting', 'a push did not wait for the floor of another')
  same([row.push('Ada'), row.floor], ['sent', 'Ben'], 'the floor did not pass to the next who earned it')
  row.run({ type: 'leave', session: 'Cyd' })
  row.run({ type: 'yield', session: 'Ben' })
  same(row.floor, undefined, 'a session that left has the floor')
  same(row.verdict(waiting), 'held', 'a waiting push was not judged when the floor ended')

  const line = new RoomScene(functions)
  line.earn('Ada')
  const pushes = ['Ben', 'Cyd', 'Dan'].map(name => line.publish(name))
  line.run({ type: 'yield', session: 'Ada' })
  same(
    pushes.map(push => line.verdict(push)),
    ['sent', 'held', 'held'],
    'waiting pushes were not judged one at a time, in order',
  )

  const stops = new RoomScene(functions)
  for (let tried = 0; tried < 2; tried++) stops.cross('Cyd')
  stops.earn('Ada')
  const three = ['Ben', 'Cyd', 'Dan'].map(name => stops.publish(name))
  stops.run({ type: 'yield', session: 'Ada' })
  same(
    [stops.floor, ...three.map(push => stops.verdict(push))],
    ['Cyd', 'sent', 'held', 'waiting'],
    'pushes were judged after one that took the floor',
  )

  const old = new RoomScene(functions)
  old.earn('Ada')
  const base = old.head
  same([old.push('Old', { ignoresHolds: true }), old.floor], ['sent', 'Ada'], 'a push without holds waited for a floor')
  same(old.push('Ada', { base }), 'sent', 'the holder was held by a push without holds')
}

function limitsWaits(functions: RoomFunctions): void {
  const at = new RoomScene(functions)
  at.earn('Ada')
  const [short, usual, quiet] = [
    at.publish('Ben', { timeout_ms: 5000 }),
    at.publish('Cyd'),
    at.publish('Dan', { timeout_ms: 1e9 }),
  ]
  at.later(4999)
  same(at.verdict(short), 'waiting', 'a push waited shorter than its timeout')
  at.later(1)
  same([at.verdict(short), at.verdict(usual)], ['timed-out', 'waiting'], 'a push waited longer than its timeout')
  at.later(20_000)
  same(at.verdict(usual), 'timed-out', 'a push waited longer than 25 s')
  same(at.push('Ben', { timeout_ms: 0 }), 'timed-out', 'a push with timeout 0 waited')
  must(at.floor === 'Ada' && at.verdict(quiet) === 'waiting', 'a wait that timed out ended the floor')
  at.push('Ben', { timeout_ms: 0 })
  at.run({ type: 'yield', session: 'Ada' })
  same(at.floor, 'Ben', 'three waits that timed out did not earn the floor')

  const unheard = new RoomScene(functions)
  unheard.earn('Ada')
  for (let tried = 0; tried < 4; tried++) unheard.push('Ben', { timeout_ms: 0, uncounted: true })
  unheard.run({ type: 'yield', session: 'Ada' })
  same(unheard.floor, undefined, 'an uncounted wait counted')
}

/** Checks that a participant that keeps pushing is sent by its fifth judged push, however others push. */
function sentByFifthPush(functions: RoomFunctions): void {
  const at = new RoomScene(functions)
  for (let message = 0; message < 4; message++) {
    let judgesPushes = 0
    let verdict: string = 'held'
    while (verdict !== 'sent' && judgesPushes <= 5) {
      verdict = at.cross('Ada')
      judgesPushes++
    }
    must(judgesPushes <= 5, 'a participant was held six times in a row')
    at.later(60_000)
  }
}

/** The rules of the floor. */
export const floorRules: readonly RoomRule[] = [
  { id: 'F1', run: earnsFloor },
  { id: 'F2', run: endsFloor },
  { id: 'F3', run: restsAfterFloor },
  { id: 'F4', run: oneAtATime },
  { id: 'F5', run: limitsWaits },
  { id: 'P6', run: sentByFifthPush },
]
