import { backUpStreams, restoreStreams, type StreamBackup } from '@midsentence/testing/nats/nats-backup'
import { skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'

const DIRECTORY = 'KV_midsentence-servers'

async function freshNats(): Promise<string> {
  const nats = await startNats()
  onTestFinished(() => nats.close())
  return nats.urls[0]!
}

const rpcAt =
  (url: string, token = '') =>
  async (method: string, params = {}) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const answer = await (await fetch(`${url}/rpc`, { method: 'POST', headers, body })).json()
    return answer.result ?? answer
  }

/** Has two participants in each of some rooms talk, and leaves a draft of each. Returns their tokens. */
async function talk(url: string, rooms: readonly string[]) {
  const call = rpcAt(url)
  const sessions: { readonly room: string; readonly username: string; readonly token: string }[] = []
  for (const room of rooms) {
    for (const username of ['Ada', 'Ben']) {
      const { token } = await call('join', { username, room })
      const own = rpcAt(url, token)
      for (let nth = 1; nth <= 20; nth++) {
        await own('check', { timeout_ms: 0 })
        await own('append', { text: `${username} ${nth}` })
        expect(await own('push')).toMatchObject({ status: 1 })
      }
      await own('append', { text: `half a sentence of ${username}` })
      sessions.push({ room, username, token })
    }
  }
  return sessions
}

test.skipIf(skipsNats)(
  '[G15] rooms, sessions and drafts are restored into an empty NATS from backups of the streams',
  async () => {
    const first = await freshNats()
    const rooms = ['lobby', 'a', 'b', 'c', 'd', 'e']
    const before = await serving('--nats', first)
    const sessions = await talk(before.url, rooms)
    before.process.kill('SIGTERM')
    expect(await before.process.ended).toMatchObject({ code: 0 })
    const intact = await midsentence('verify', '--nats', first).ended
    expect(intact).toMatchObject({
      code: 0,
      stdout: 'All records are intact: 240 messages in 6 rooms and 12 sessions.\n',
    })

    const backups: readonly StreamBackup[] = await backUpStreams(first, DIRECTORY)
    expect(backups.map(({ name }) => name).sort()).toEqual([
      'midsentence-logs-0',
      'midsentence-logs-1',
      'midsentence-logs-2',
      'midsentence-logs-3',
      'midsentence-scores',
      'midsentence-snapshots',
    ])
    const second = await freshNats()
    await restoreStreams(second, backups)
    expect(await midsentence('verify', '--nats', second).ended).toMatchObject({ code: 0, stdout: intact.stdout })

    const after = await serving('--nats', second)
    for (const { token, username } of sessions) {
      const call = rpcAt(after.url, token)
      expect(await call('preview')).toMatchObject({ draft: `half a sentence of ${username}` })
      await call('check', { timeout_ms: 0 })
      await call('append', { text: ' that goes on' })
      expect(await call('push')).toMatchObject({ status: 1 })
    }
    after.process.kill('SIGTERM')
    expect(await after.process.ended).toMatchObject({ code: 0 })
    expect((await midsentence('verify', '--nats', second).ended).stdout).toBe(
      'All records are intact: 252 messages in 6 rooms and 12 sessions.\n',
    )

    // A restore onto streams that are there is refused.
    await expect(restoreStreams(second, backups.slice(0, 1))).rejects.toThrow(/already in use|exist/)
  },
)
