import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '@midsentence/server'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { journalPath } from './journal-path.ts'
import { NumberedRoom } from './numbered-room.ts'

async function setUp() {
  const { url, hub, close } = await startServer({ port: 0, limits: false })
  onTestFinished(close)
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-rooms-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const journalOf = (workspace: string) => (name: string) =>
    journalPath({ urls: [url], room: 'lobby', name, workspace }, { XDG_STATE_HOME: folder })
  const window = ({ username = 'Claude', workspace = 'a', numbered = true } = {}) => {
    const room = new NumberedRoom({
      ...{ urls: [url], username, room: 'lobby', last: 0, numbered },
      journalOf: journalOf(workspace),
    })
    onTestFinished(() => room.close())
    return room
  }
  const journals = () => readdirSync(join(folder, 'midsentence'))
  return { url, hub, window, journals, journalOf }
}

const nameOf = async (room: NumberedRoom) => (await room.participant()).name

test('a journal belongs to a set of addresses, in any order', () => {
  const of = (...urls: string[]) => journalPath({ urls, room: 'lobby', name: 'Claude', workspace: 'a' }, {})
  expect(of('http://b', 'http://a')).toBe(of('http://a', 'http://b'))
  expect(of('http://a')).not.toBe(of('http://a', 'http://b'))
})

test('a window takes the lowest number whose journal no other one holds, and leaves it for the next one', async () => {
  const { window } = await setUp()
  const [first, second, third] = [window(), window(), window()]
  expect([await nameOf(first), await nameOf(second), await nameOf(third)]).toEqual(['Claude', 'Claude-2', 'Claude-3'])
  await (await second.participant()).append('Mine.')
  await second.release()
  await first.close()
  const again = [window(), window()]
  expect([await nameOf(again[0]!), await nameOf(again[1]!)]).toEqual(['Claude', 'Claude-2'])
  expect((await again[1]!.participant()).view.draft.segments).toBe(1)
})

test('a name of another participant, also in another spelling, leads to the next number and leaves no journal', async () => {
  const { hub, window, journals } = await setUp()
  await hub.join({ username: 'CLAUDE' })
  await hub.join({ username: 'Claude-2' })
  expect(await nameOf(window())).toBe('Claude-3')
  expect(journals().filter(file => file.endsWith('.journal'))).toEqual([expect.stringMatching(/^Claude-3-lobby-/)])
  const fixed = window({ workspace: 'b', numbered: false })
  await expect(fixed.participant()).rejects.toMatchObject({ code: 'name-taken', data: { reason: 'occupied' } })
  expect(journals().length).toBe(2)
})

test('a journal in use, without numbers, is an error until it is free', async () => {
  const { window } = await setUp()
  const [first, second] = [window(), window({ numbered: false })]
  await first.participant()
  await expect(second.participant()).rejects.toMatchObject({ code: 'unavailable', data: { reason: 'locked' } })
  await first.close()
  expect(await nameOf(second)).toBe('Claude')
})

test('a name that cannot be used, or that an admin removed, is refused as it is', async () => {
  const { hub, window, journals } = await setUp()
  const wrong = await window({ username: 'a:b' })
    .participant()
    .catch(error => error)
  expect(wrong).toMatchObject({ code: 'name-taken', message: expect.stringContaining('cannot be used') })
  const removed = window()
  await removed.participant()
  await hub.admin!.remove('lobby', 'Claude')
  await removed.release()
  const back = await window()
    .participant()
    .catch(error => error)
  expect(back).toMatchObject({ code: 'name-taken', message: expect.stringContaining('an admin removed it') })
  expect(journals().filter(file => /Claude-2|a_b/.test(file))).toEqual([])
})

test('a journal whose session is over and that holds no draft is not preferred', async () => {
  const { hub, window, journalOf } = await setUp()
  const holder = await hub.join({ username: 'Claude' })
  const before = window()
  expect(await nameOf(before)).toBe('Claude-2')
  await before.close()
  await holder.leave()
  utimesSync(journalOf('a')('Claude-2'), 0, 0)
  expect(await nameOf(window())).toBe('Claude')
})

test('numbers end at 20, and a damaged journal is reported', async () => {
  const { hub, window, journalOf } = await setUp()
  await hub.join({ username: 'Claude' })
  for (let number = 2; number <= 20; number++) await hub.join({ username: `Claude-${number}` })
  const full = window()
  await expect(full.participant()).rejects.toMatchObject({ data: { reason: 'occupied' } })
  await hub.admin!.remove('lobby', 'Claude-20')
  writeFileSync(journalOf('a')('Claude-20'), 'dear diary\n')
  await expect(full.participant()).rejects.toMatchObject({ code: 'internal' })
})

const numberOf = (name: string) => Number(/-(\d+)$/.exec(name)?.[1] ?? 1)

test('windows that open and end in any order never share a name, and each folder goes on where it was', async () => {
  const { window } = await setUp()
  let run = 0
  const action = fc.record({ folder: fc.constantFrom('a', 'b'), end: fc.option(fc.nat(), { nil: undefined }) })
  const property = fc.asyncProperty(fc.array(action, { maxLength: 8 }), async actions => {
    run++
    const rooms: NumberedRoom[] = []
    const open: { readonly folder: string; readonly name: string; readonly room: NumberedRoom }[] = []
    const ended: { readonly folder: string; readonly number: number }[] = []
    for (const { folder, end } of actions) {
      if (end !== undefined) {
        const [one] = open.splice(end % Math.max(open.length, 1), 1)
        await one?.room.release()
        if (one) ended.push({ folder: one.folder, number: numberOf(one.name) })
        continue
      }
      const room = window({ workspace: `${folder}${run}` })
      rooms.push(room)
      const participant = await room.participant()
      const { name } = participant
      expect(open.map(other => other.name)).not.toContain(name)
      const own = ended.filter(each => each.folder === folder).map(({ number }) => number)
      if (own.length > 0) {
        expect(numberOf(name)).toBe(Math.min(...own))
        expect(participant.view.draft.segments).toBeGreaterThan(0)
        ended.splice(
          ended.findIndex(each => each.folder === folder && each.number === numberOf(name)),
          1,
        )
      }
      await participant.append('x')
      open.push({ folder, name, room })
    }
    await Promise.all(rooms.map(room => room.close()))
  })
  await fc.assert(property, { numRuns: 20 })
})
