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

  for (const end of [
    (at: RoomScene) => at.push('Ada'),
    (at: RoomScene) => at.push('Ada', { ignoresHolds: true }),
    (at: RoomScene) => at.run({ type: 'leave', session: 'Ada' }),
    (at: RoomScene) => [at.cross('Ada'), at.run({ type: 'yield', session: 'Ada' })],
  ]) {
    const broken = scene()
    for (let tried = 0; tried < 2; tried++) broken.cross('Ada')
    end(broken)
    broken.cross('Ada')
    same(broken.floor, undefined, 'a streak survived a sent push, a leave or a floor')
  }

  const lasting = scene()
  for (let tried = 0; tried < 2; tried++) lasting.cross('Ada')
  lasting.later(36_000_000)
  for (const type of ['tell', 'yield'] as const) lasting.run({ type, session: 'Ada' })
  lasting.push('Ben')
  lasting.run({ type: 'leave', session: 'Ben' })
  lasting.cross('Ada')
  same(lasting.floor, 'Ada', 'time, a yield without a floor or another participant reset a streak')
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
  timed.later(40_000)
  timed.run({ type: 'tell', session: 'Ada' })
  timed.later(19_999)
  same(timed.floor, 'Ada', 'a floor ended before its time')
  timed.later(1)
  same(timed.floor, undefined, 'a floor lasted longer than its time')

  const told = new RoomScene(functions)
  told.earn('Ben')
  told.earn('Ada')
  told.run({ type: 'yield', session: 'Ben' })
  for (const session of ['Ben', 'Ada']) {
    told.later(15_000)
    told.run({ type: 'tell', session })
  }
  told.later(50_000)
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
  const lapsedEarlier = (at: RoomScene) => at.later(150_000)
  for (const [what, end, rest] of [
    ['sent', sends, 10_000],
    ['yielded', sits, 100_000],
    ['left', goes, 100_000],
    ['let time run out', lapses, 600_000],
    ['let time run out 100 s ago', lapsedEarlier, 500_000],
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

  const held = new RoomScene(functions)
  held.earn('Ada')
  held.later(10_000)
  held.push('Ada')
  held.earn('Ada')
  held.later(10_000)
  held.cross('Ada')
  same(held.floor, 'Ada', 'holds during a rest did not count')

  const idle = new RoomScene(functions)
  let had = 0
  for (let passed = 0; passed < 660; passed++) {
    if (idle.floor) had++
    else idle.cross('Ada')
    idle.later(10_000)
  }
  must(had > 0 && had <= 60, 'a name that sends nothing had the floor for more than an eleventh of the time', had)
}

function oneAtATime(functions: RoomFunctions): void {
  const row = new RoomScene(functions)
  row.cross('Cyd')
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

  const granted = new RoomScene(functions)
  for (let tried = 0; tried < 2; tried++) granted.cross('Ben')
  granted.earn('Ada')
  granted.push('Ben', { timeout_ms: 0 })
  const [earlier, own] = [granted.publish('Cyd'), granted.publish('Ben')]
  granted.run({ type: 'yield', session: 'Ada' })
  same(
    [granted.verdict(own), granted.verdict(earlier), granted.floor],
    ['sent', 'held', undefined],
    'the waiting push of a new holder was not judged first',
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
  same(at.push('Eve', { timeout_ms: -1 }), 'timed-out', 'a push with a negative timeout waited')
  const gone = at.publish('Fay')
  at.run({ type: 'leave', session: 'Fay' })
  must(at.floor === 'Ada' && at.verdict(quiet) === 'waiting', 'a wait that timed out ended the floor')
  at.push('Ben', { timeout_ms: 0 })
  at.run({ type: 'yield', session: 'Ada' })
  same(at.floor, 'Ben', 'three waits that timed out did not earn the floor')
  at.later(60_000)
  same(at.verdict(gone), 'waiting', 'a push whose session left has a verdict')

  const both = new RoomScene(functions)
  both.earn('Ada')
  const last = both.publish('Ben', { timeout_ms: 60_000 })
  both.later(60_000)
  same(both.verdict(last), 'sent', 'a push whose wait ended with the floor was not judged')

  const long = new RoomScene(functions, { floor_ms: 1_000_000 })
  long.earn('Ada')
  const endless = long.publish('Ben', { timeout_ms: Number.POSITIVE_INFINITY })
  long.later(239_999)
  same(long.verdict(endless), 'waiting', 'a push waited shorter than the maximum')
  long.later(1)
  same(long.verdict(endless), 'timed-out', 'a push waited longer than the maximum')

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
