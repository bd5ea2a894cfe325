import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AsyncChatRoom } from '@midsentence/client'
import { defaultPolicy } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence } from '../midsentence.ts'
import { httpEndpoint, httpHost, stateFolder, stdioHost } from './hosts.ts'

test('[A10] mcp joins with a credential from a file or a flag, and repeats no wrong one', async () => {
  const { url, close } = await startServer({ port: 0, password: 'sesame' })
  onTestFinished(close)
  const folder = await stateFolder()
  const file = join(folder, 'password')
  await writeFile(file, 'sesame\n')
  const host = (name: string, ...args: string[]) => stdioHost('2025-11-25', [url, '--name', name, ...args], folder)
  const [withFile, withFlag, wrong, without] = await Promise.all([
    host('Claude', '--credential-file', file),
    host('GPT', '--credential', 'sesame'),
    host('Gemini', '--credential', 'simsalabim'),
    host('Llama'),
  ])
  await withFile.read('append', { text: 'hello' })
  expect(await withFile.read('push')).not.toContain('may not come in')
  expect(await withFlag.read('who')).toContain('Claude')
  const refused = await wrong.read('who')
  expect(refused).toBe(
    '* You may not come in: the password is wrong. Tell your user to correct your credential in the settings of midsentence.',
  )
  expect(await without.read('who')).toBe(
    '* You may not come in: this server has a password, and no "credential" was given. Tell your user to correct your credential in the settings of midsentence.',
  )
})

test('[A7] [A10] midsentence join gives the credential, and its token lets a late model in over HTTP and over stdio', async () => {
  const policy = { ...defaultPolicy, access: () => ({ history: true }) }
  const { url, close } = await startServer({ port: 0, password: 'sesame', rooms: { policy } })
  onTestFinished(close)
  const folder = await stateFolder()
  const file = join(folder, 'password')
  await writeFile(file, 'sesame\n')
  const ada = new AsyncChatRoom({ url, username: 'Ada', credential: 'sesame' })
  onTestFinished(() => ada.close())
  const texts = Array.from({ length: 22 }, (_, at) => `${at + 1}`)
  for (const text of texts) {
    await ada.append(text)
    await ada.push()
  }
  const tokenOf = async (name: string) => {
    const { code, stdout } = await midsentence('join', url, '--name', name, '--credential-file', file).ended
    expect(code).toBe(0)
    return /^TOKEN='?([^'\n]+)/m.exec(stdout)![1]!
  }
  const [endpoint, first, second] = await Promise.all([httpEndpoint(url), tokenOf('Claude'), tokenOf('GPT')])
  const hosts = await Promise.all([
    httpHost('2026-07-28', endpoint, first),
    stdioHost('2025-11-25', [url, '--token', second], folder),
  ])
  const past = ['* This was said before you came:', ...texts.slice(2).map(text => `Ada: ${text}`)].join('\n')
  for (const host of hosts) {
    const heard = await host.read('append', { text: 'Mine.' })
    expect(heard.startsWith(`${past}\n`)).toBe(true)
  }
  expect(await hosts[0]!.read('push')).toMatch(/^\* Sent\./)
  expect(await ada.check()).toBe('Claude: Mine.')
  const stranger = await httpHost('2026-07-28', endpoint, 'sesame')
  expect(await stranger.read('check')).toMatch(
    /^\* This token belongs to no session, .* Tell your user to connect you again, with a new token if you use one\.$/,
  )
})
