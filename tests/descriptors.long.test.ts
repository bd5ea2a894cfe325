import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { verifyStore } from '@midsentence/store-lmdb'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { type NodeProcess, spawnProcess } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'
import { bin } from './built-command.ts'

const journalModule = fileURLToPath(new URL('../packages/client/dist/node/index.js', import.meta.url))

/** Runs Node.js with at most `limit` open descriptors. */
const limited = (limit: number, ...args: string[]): NodeProcess =>
  spawnProcess('sh', ['-c', `ulimit -n ${limit}; exec "$0" "$@"`, process.execPath, ...args])

/** Calls `method` on a connection of `agent`. Rejects if the connection is refused. */
function call(url: string, agent: Agent, method: string, params: object, token?: string): Promise<CallResult> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  return new Promise((resolve, reject) => {
    const req = request(`${url}/rpc`, { method: 'POST', agent, headers }, res => {
      let text = ''
      res.setEncoding('utf8').on('data', chunk => {
        text += chunk
      })
      res.on('error', reject).on('end', () => resolve(JSON.parse(text).result))
    })
    req.on('error', reject).end(body)
  })
}

interface CallResult {
  readonly status?: number
  readonly token?: string
}

/** An agent with one connection, kept open or used once. */
function agentOf(keepAlive: boolean): Agent {
  const agent = new Agent({ keepAlive, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  return agent
}

/** Opens connections without a request until the server at `url` refuses one. Resolves with all of them. */
async function takeDescriptors(url: string): Promise<Socket[]> {
  const { hostname, port } = new URL(url)
  let refused = 0
  const sockets = Array.from({ length: 100 }, () =>
    connect(Number(port), hostname)
      .on('error', () => {})
      .on('close', () => refused++),
  )
  onTestFinished(() => sockets.forEach(socket => void socket.destroy()))
  await expect.poll(() => refused).toBeGreaterThan(0)
  return sockets
}

test.skipIf(process.platform === 'win32')(
  'a server without a free descriptor answers its connections, loses nothing, and accepts new ones when some are free',
  async () => {
    const directory = join(freshFolder(onTestFinished), 'data')
    const server = limited(64, bin, 'serve', '--port', '0', '--data', directory)
    const [, url = ''] = await server.says(/midsentence serves at (\S+)\. Ctrl-C ends it\.\n/)
    const own = agentOf(true)
    const { token } = await call(url, own, 'join', { room: 'lobby', username: 'Ada' })
    const sockets = await takeDescriptors(url)
    await expect(call(url, agentOf(false), 'join', { room: 'lobby', username: 'Eve' })).rejects.toThrow()
    const statuses: unknown[] = []
    for (let n = 0; n < 20; n++) {
      statuses.push((await call(url, own, 'append', { text: `message ${n}.` }, token)).status)
      statuses.push((await call(url, own, 'push', {}, token)).status)
    }
    expect(statuses).toEqual(statuses.map(() => 1))
    // Also rooms and sessions need none.
    expect(await call(url, own, 'join', { room: 'other', username: 'Ada' })).toHaveProperty('token')
    for (const socket of sockets) socket.destroy()
    const joinAgain = () => call(url, agentOf(false), 'join', { room: 'lobby', username: 'Eve' }).catch(() => undefined)
    await expect.poll(joinAgain).toHaveProperty('token')
    server.kill('SIGKILL')
    await server.ended
    expect(await verifyStore(directory)).toMatchObject({ messages: 20, problems: [] })
  },
)

test.skipIf(process.platform === 'win32')(
  'a file journal without a free descriptor is unavailable, loses nothing, and works when some are free',
  async () => {
    const path = join(freshFolder(onTestFinished), 'draft.journal')
    const script = `
      import { closeSync, existsSync, openSync } from 'node:fs'
      import { fileJournal } from ${JSON.stringify(journalModule)}
      const fact = text => ({ type: 'appended', text, base: 0 })
      const path = ${JSON.stringify(path)}
      const outcome = call => call.then(() => 'done', error => error.code + ': ' + error.message)
      await outcome(fileJournal(path + '.other').read())
      const report = []
      for (const flush of [false, true]) for (let free = 0; free < 5; free++) {
        const held = []
        for (;;) try { held.push(openSync('/dev/null')) } catch { break }
        for (let n = 0; n < free; n++) closeSync(held.pop())
        const name = path + flush + free
        const journal = fileJournal(name, { flush })
        const opened = await outcome(journal.append([fact('a')]))
        const isLocked = existsSync(name + '.lock')
        for (const descriptor of held.splice(0)) closeSync(descriptor)
        const later = await outcome(journal.append([fact('b')]))
        for (;;) try { held.push(openSync('/dev/null')) } catch { break }
        const appended = await outcome(journal.append([fact('c')]))
        const replaced = await outcome(journal.replace([fact('d')]))
        for (const descriptor of held) closeSync(descriptor)
        const texts = (await journal.read()).map(({ text }) => text)
        await journal.close()
        report.push({ opened, isLocked, later, appended, replaced, texts })
      }
      console.log(JSON.stringify(report) + '.')
    `
    const [, text = ''] = await limited(256, '--input-type=module', '-e', script).says(/^(\[.*\])\.\n/)
    const report: readonly Record<string, unknown>[] = JSON.parse(text)
    expect(report).toHaveLength(10)
    const unavailable = expect.stringMatching(/^unavailable: The journal .* too many files are open\. .*ulimit -n.*\.$/)
    for (const { opened, isLocked, texts, ...rest } of report) {
      const isOpen = opened === 'done'
      if (!isOpen) expect(opened).toEqual(unavailable)
      expect(isLocked).toBe(isOpen)
      expect(texts).toEqual(isOpen ? ['a', 'b', 'c'] : ['b', 'c'])
      expect(rest).toEqual({ later: 'done', appended: 'done', replaced: unavailable })
    }
    expect([report[0]!.opened, report.at(-1)!.opened]).toEqual([unavailable, 'done'])
  },
)
