import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { expect, onTestFinished, test } from 'vitest'
import { linkProxy } from '../cluster/link-proxy.ts'
import { midsentence } from '../midsentence.ts'

interface LogLine {
  readonly level: string
  readonly msg: string
  readonly rooms?: number
  readonly server?: string
  readonly evicted?: boolean
}

test.skipIf(skipsNats)(
  '[G14] servers log that NATS went away, that it came back, and which one was evicted; admin refuses meanwhile',
  async () => {
    const nats = await startNats()
    onTestFinished(() => nats.close())
    const tokenFile = join(freshFolder(), 'token')
    writeFileSync(tokenFile, 'an-admin-token-for-tests')
    const start = async (name: string) => {
      const link = await linkProxy(nats.urls[0]!)
      const args = ['--nats', link.url, '--server-name', name, '--admin-token-file', tokenFile, '--log-level', 'info']
      const process = midsentence('serve', '--port', '0', '--no-page', ...args)
      const [, url] = await process.says(/midsentence serves at (\S+)\. Ctrl-C ends it\.\n/)
      /** Returns the lines of the log about the cluster since the last call. */
      let read = 0
      const lines = (): LogLine[] => {
        const text = process.log.slice(read)
        const whole = text.slice(0, text.lastIndexOf('\n') + 1)
        read += whole.length
        const all = whole.split('\n').filter(line => line.startsWith('{'))
        return all.map(line => JSON.parse(line) as LogLine).filter(({ msg }) => /lease|evicted/.test(msg))
      }
      const status = async () => (await fetch(`${url}/readyz`)).status
      const admin = (...args: string[]) => midsentence('admin', url!, ...args, '--token-file', tokenFile).ended
      return { url: url!, link, lines, status, admin }
    }
    const [one, two] = [await start('one'), await start('two')]
    const join_ = { jsonrpc: '2.0', id: 1, method: 'join', params: { username: 'Ada', room: 'a' } }
    const headers = { 'content-type': 'application/json' }
    await fetch(`${one.url}/rpc`, { method: 'POST', headers, body: JSON.stringify(join_) })
    const listed = await one.admin('rooms')
    expect(listed).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^a: 1 present, 0 messages, at (one|two)\n$/),
    })
    const [owner, other] = listed.stdout.includes('at one') ? [one, two] : [two, one]
    const ownerName = owner === one ? 'one' : 'two'

    // NATS is away for all servers: no one is evicted.
    await nats.servers[0]!.kill()
    const slow = { timeout: 20_000, interval: 100 }
    await expect.poll(async () => [await one.status(), await two.status()], slow).toEqual([503, 503])
    const cannot =
      'midsentence: This server cannot reach NATS at the moment, so that it does not know the rooms. Nothing was done: try again, at another server if you have its address.\n'
    const actions = [
      ['rooms'],
      ['participants', 'a'],
      ['remove', 'a', 'Ada'],
      ['close', 'a'],
      ['open', 'a'],
      ['hush', 'a'],
      ['unhush', 'a'],
      ['erase', 'a'],
    ]
    for (const action of actions)
      expect([action, await owner.admin(...action)]).toEqual([
        action,
        expect.objectContaining({ code: 1, stdout: '', stderr: cannot }),
      ])
    await nats.servers[0]!.restart()
    await expect.poll(async () => [await one.status(), await two.status()], slow).toEqual([200, 200])
    for (const server of [one, two])
      expect(server.lines()).toMatchObject([
        { level: 'warn', evicted: false, msg: expect.stringMatching(/^this server cannot renew its lease in NATS/) },
        { level: 'warn', evicted: false, msg: expect.stringMatching(/^this server confirmed its lease in NATS/) },
      ])
    expect((await owner.admin('rooms')).stdout).toBe(`a: 1 present, 0 messages, at ${ownerName}\n`)

    // NATS is away for one server: the other one evicts it.
    owner.link.cut()
    await expect.poll(() => owner.status(), slow).toBe(503)
    const evictions: LogLine[] = []
    await expect.poll(() => evictions.push(...other.lines()), slow).toBe(1)
    expect(evictions).toMatchObject([{ level: 'info', server: ownerName }])
    owner.link.heal()
    await expect.poll(() => owner.status(), slow).toBe(200)
    expect(owner.lines()).toMatchObject([
      { level: 'warn', rooms: 1, evicted: false },
      { level: 'warn', evicted: true },
    ])
  },
)
