import { join } from 'node:path'
import type { RoomRecord } from '@midsentence/core'
import { exportStore, importStore, lmdbStore } from '@midsentence/store-lmdb'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { acted, filled, sentMessage } from '@midsentence/testing/logs/filled-store'
import { describeNats } from '@midsentence/testing/nats/nats-tests'
import { expect, onTestFinished, test } from 'vitest'
import { openCluster } from '../nats-cluster.ts'
import { exportCluster } from './export-cluster.ts'
import { importCluster } from './import-cluster.ts'
import { verifyCluster } from './verify-cluster.ts'

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

const linesOf = async (run: (write: (text: string) => void) => Promise<number>): Promise<string[]> => {
  let text = ''
  await run(more => {
    text += more
  })
  return text.trimEnd().split('\n')
}

describeNats('copies of a cluster', {}, ({ options }) => {
  const setUp = async () => {
    const folder = freshFolder(onTestFinished)
    const store = await lmdbStore(join(folder, 'rooms'))
    await filled(store)
    await store.scores.append('lobby', [
      { type: 'gap', lost: 1, position: 1, at: '2026-01-01T00:00:00.000Z', head: 5 },
      { type: 'stopped', position: 2, at: '2026-01-01T00:00:01.000Z', head: 5 },
    ])
    await store.close()
    return { folder, lines: await linesOf(write => exportStore(join(folder, 'rooms'), write)) }
  }

  test('an embedded store moves in and back', async () => {
    const { folder, lines } = await setUp()
    const cluster = options()
    await importCluster(cluster, lines)
    const opened = await openCluster(cluster)
    onTestFinished(() => opened.close())
    const { log, sessions } = await opened.logs.claim('lobby', 'a')
    expect((await log.messages('lobby', 0, 9)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
    expect(await log.snapshots!.load('lobby')).toEqual({ position: '4', state: 'the newer snapshot' })
    expect(await all(sessions.read('lobby'))).toHaveLength(3)
    expect(await verifyCluster(cluster)).toEqual({
      ...{ rooms: 2, messages: 6, records: 7, sessions: 1 },
      ...{ scoreRecords: 2, problems: [] },
    })

    const back = await linesOf(write => exportCluster(cluster, write))
    await importStore(join(folder, 'back'), back)
    const again = await linesOf(write => exportStore(join(folder, 'back'), write))
    const isOwnedByStore = (line: string) => !/"journal"|"end"|"older snapshot"|"head"/.test(line)
    expect(again.filter(isOwnedByStore)).toEqual(lines.filter(isOwnedByStore))
  })

  test('a long room is imported with a snapshot, which knows the pushes of open sessions', async () => {
    const { lines } = await setUp()
    const [first] = lines
    const count = 10_000
    const message = (seq: number, session: string) => {
      const record = sentMessage(seq) as Extract<RoomRecord, { type: 'message' }>
      return JSON.stringify({ record: { ...record, session, key: `key ${seq}` } })
    }
    const messages = Array.from({ length: count }, (_, at) => message(at + 1, at % 2 === 0 ? 's' : 'ended'))
    const head = { position: count, seq: count, sub: 0 }
    const all = [
      first!,
      JSON.stringify({ room: 'long', first: { position: 1, seq: 1 } }),
      ...messages,
      JSON.stringify({ room: 'long', head, snapshots: [] }),
      JSON.stringify({ session: acted('written '), in: 'long' }),
    ]
    const cluster = options()
    await importCluster(cluster, [...all, JSON.stringify({ end: all.length })])
    const opened = await openCluster(cluster)
    onTestFinished(() => opened.close())
    expect(await opened.logs.ownerOf('long')).toBeUndefined()
    const { log } = await opened.logs.claim('long', 'a')
    const snapshot = await log.snapshots!.load('long')
    expect(snapshot).toMatchObject({ position: `${count}`, state: { sequence: { head: count } } })
    const { sent } = snapshot!.state as { readonly sent: readonly [string, number, number, unknown[]][] }
    expect(sent.map(([session, push, , keys]) => [session, push, keys.length])).toEqual([['s', count - 1, 1000]])
  })

  test('damage of a score is found', async () => {
    const { lines } = await setUp()
    const shared = options()
    await importCluster(shared, lines)
    const cluster = await openCluster(shared)
    onTestFinished(() => cluster.close())
    for (const position of [3, 4, 5]) {
      const at = `2026-01-01T00:00:0${position}.000Z`
      await cluster.logs.scores.append('lobby', [{ type: 'stopped', position, at, head: 5 }])
    }
    await cluster.link.manager.streams.deleteMessage(cluster.names.scores, 3)
    const { problems } = await verifyCluster(shared)
    expect(problems).toEqual([expect.stringMatching(/^Score of lobby: .*damaged/)])
  })

  test('an export that is cut off leaves no streams', async () => {
    const { lines } = await setUp()
    const cluster = options()
    await expect(importCluster(cluster, lines.slice(0, -1))).rejects.toMatchObject({ code: 'invalid-params' })
    await expect(importCluster(cluster, [...lines.slice(0, 3), '{'])).rejects.toThrow('Line 4')
    expect(await importCluster(cluster, lines)).toBe(lines.length)
    await expect(importCluster(cluster, lines)).rejects.toThrow('has streams of')
  })
  test('rooms are opened by nothing else until all are imported: an import may be killed', async () => {
    const { lines } = await setUp()
    const cluster = options()
    async function* pausedAfter(count: number) {
      yield* lines.slice(0, count)
      for (const open of [openCluster, verifyCluster, (options: typeof cluster) => exportCluster(options, () => {})])
        await expect(open(cluster)).rejects.toMatchObject({ code: 'unavailable', remedy: expect.any(String) })
      yield* lines.slice(count)
    }
    expect(await importCluster(cluster, pausedAfter(6))).toBe(lines.length)
    expect((await verifyCluster(cluster)).problems).toEqual([])
  })
})
