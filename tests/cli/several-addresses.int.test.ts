import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { callServer, connect } from '@midsentence/client'
import { fakeEndpoint } from '@midsentence/testing/agent/fake-endpoint'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { byTier } from '@midsentence/testing/tier'
import { expect, onTestFinished, test } from 'vitest'
import { contentsOf, poll, pollUntil } from '../mcp/event-requests.ts'
import { type Host, stdioHost } from '../mcp/hosts.ts'
import { midsentence, type ServeProcess, serving } from '../midsentence.ts'
import { ended } from './session-calls.ts'

const ADMIN_TOKEN = 'an-admin-token-for-tests'

/** Two servers that share their rooms, which are recorded, and a folder for a test. One owns the room lobby. */
async function twoServers() {
  const folder = freshFolder(onTestFinished)
  const nats = await startNats()
  onTestFinished(() => nats.close())
  const [policy, tokenFile] = [join(folder, 'policy.mjs'), join(folder, 'admin.token')]
  writeFileSync(policy, 'export const access = () => ({ observable: true, recorded: true })\n')
  writeFileSync(tokenFile, ADMIN_TOKEN)
  const servers = new Map<string, ServeProcess>()
  // One after the other: the first one makes the streams.
  for (const name of ['one', 'two']) {
    const settings = ['--nats', nats.urls.join(), '--policy', policy, '--admin-token-file', tokenFile]
    servers.set(name, await serving(...settings, '--server-name', name))
  }
  const { url } = servers.get('one')!
  await callServer(url, 'join', { username: 'Dora' })
  const admin = { token: ADMIN_TOKEN, path: '/admin' }
  const { rooms } = (await callServer(url, 'admin.rooms', {}, admin)) as { rooms: readonly { server: string }[] }
  const owner = servers.get(rooms[0]!.server)!
  const other = [...servers.values()].find(server => server !== owner)!
  return { folder, tokenFile, owner, other }
}

/** Calls a tool, and keeps what it answers. */
function recording(host: Host) {
  const answers: string[] = []
  const call = async (tool: string, args: Record<string, unknown> = {}) => {
    const answer = await host.read(tool, args)
    answers.push(answer)
    return answer
  }
  /** Pushes until the draft is sent: a push is held once by messages that no result has shown. */
  const push = async () => {
    const [, read] = /Read code: (\S+)\.$/.exec(answers.at(-1)!) ?? []
    if ((await call('push', { read })).includes('Not sent yet')) await push()
  }
  return { call, push, said: () => answers.join('\n') }
}

const times = (text: string, part: string): number => text.split(part).length - 1

test.skipIf(skipsNats).each(byTier(['another server'], ['another server', 'the owner of their room']))(
  'chat, agent, mcp and watch go on at the next address with their drafts, when %s is killed',
  async killed => {
    const { folder, tokenFile, ...servers } = await twoServers()
    const [lost, kept] = killed === 'another server' ? [servers.other, servers.owner] : [servers.owner, servers.other]
    const addresses = `${lost.url},${kept.url}`
    const ben = await connect(kept.url, { username: 'Ben', person: true })
    onTestFinished(() => ben.close())
    const read: string[] = []
    ben.messages$.subscribe(({ sender_id, content }) => read.push(`${sender_id}: ${content}`))

    const ada = midsentence.typing('chat', addresses, '--name', 'Ada')
    const watching = midsentence('watch', addresses)
    const { stdout: joined } = await midsentence('join', addresses, '--name', 'Gwen').ended
    expect(joined).toContain(`in the room lobby of ${lost.url}, `)
    const [, token] = /^TOKEN='?([^'\n]+)/m.exec(joined)!
    const [named, hosted] = await Promise.all([
      stdioHost('2025-11-25', [addresses, '--name', 'Claude'], folder),
      stdioHost('2025-11-25', [addresses, '--token', token!], folder),
    ])
    const [claude, gwen] = [recording(named), recording(hosted)]
    const endpoint = await fakeEndpoint(({ call, open, bit, finish }) => {
      open()
      if (call === 1) return bit('The draft of Llama. And')
      bit('1\nHere is the rest.')
      finish()
    })
    const model = ['--model', 'llama', '--base-url', endpoint.url, '--no-journal', '--turns', '1']
    const agent = midsentence('agent', addresses, '--name', 'Llama', ...model, '--attention', 'people')
    await ada.says('* You are "Ada" in the room lobby.\n')
    await Promise.all([claude, gwen].map(({ call }) => call('append', { text: 'A draft.' })))
    await expect.poll(() => ben.who().present).toContain('Llama')
    await ben.append('Before.')
    await ben.push()
    await Promise.all([agent.says('Llama  writes  The draft of Llama.'), ada.says('Ben: Before.')])
    const start = await poll(hosted.client, { cursor: null })
    const { cursor } = await pollUntil(hosted.client, { cursor: start.cursor })
    ada.type('The draft of Ada.\n')
    await watching.says(/"Ada" writes: The draft of Ada\.\n/)

    lost.process.kill('SIGKILL')
    await lost.process.ended
    await ben.append('After.')
    await ben.push()
    await Promise.all([
      ada.says('Ben: After.'),
      agent.says('Llama  sends  it as one message'),
      watching.says(/Message 2, "Ben": After\.\n/),
      expect.poll(() => claude.call('check'), { timeout: 20_000 }).toContain('Ben: After.'),
      expect.poll(() => gwen.call('check'), { timeout: 20_000 }).toContain('Ben: After.'),
      expect
        .poll(async () => contentsOf(await poll(hosted.client, { cursor })), { timeout: 20_000 })
        .toContain('After.'),
    ])
    await ada.says('Llama: The draft of Llama. Here is the rest.\n')
    ada.type('\n')
    await ada.says('* Sent.')
    for (const { push } of [claude, gwen]) await push()
    expect(read).toEqual([
      'Ben: Before.',
      'Ben: After.',
      'Llama: The draft of Llama. Here is the rest.',
      'Ada: The draft of Ada.',
      'Claude: A draft.',
      'Gwen: A draft.',
    ])
    for (const said of [claude.said(), gwen.said()])
      expect(['Ben: Before.', 'Ben: After.', 'Llama: The', 'Ada: The'].map(part => times(said, part))).toEqual([
        1, 1, 1, 1,
      ])

    const late = await midsentence('join', addresses, '--name', 'Late').ended
    expect(late.stdout).toContain(`in the room lobby of ${kept.url}, `)
    expect(await midsentence('admin', addresses, 'close', 'lobby', '--token-file', tokenFile).ended).toMatchObject({
      code: 0,
    })
    const positions = [...(await ended(watching, 'SIGINT')).stdout.matchAll(/ \[(\d+)\] /g)].map(([, at]) => Number(at))
    expect(positions).toEqual(positions.map((_, nth) => nth + 1))
    expect(await agent.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Llama sent 1 message') })
  },
)
