import { expect, test } from 'vitest'
import { calling } from '../cli/session-calls.ts'
import { serving } from '../midsentence.ts'
import { httpEndpoint, httpHost, stateFolder, stdioHost } from './hosts.ts'

// A stopped process keeps its connections and accepts new ones, but answers nothing.
test('tools by token and over HTTP answer with a sentence while the server is stopped, and act once', async () => {
  const { url, process } = await serving()
  const tokenOf = async (username: string) =>
    String((await calling(url)('join', { username, secret: 'sixteen bytes at least' })).token)
  const [first, second] = [await tokenOf('Claude'), await tokenOf('GPT')]
  const hosts = [
    await stdioHost('2025-11-25', [url, '--token', first], await stateFolder()),
    await httpHost('2025-11-25', await httpEndpoint(url), second),
  ]
  for (const host of hosts) await host.read('append', { text: 'Before.' })
  process.kill('SIGSTOP')
  const began = performance.now()
  for (const text of await Promise.all(hosts.map(host => host.read('append', { text: ' After.' })))) {
    expect(text).toMatch(/^\* It is not certain yet whether this append took effect\. .* does not answer: /)
  }
  const seconds = (performance.now() - began) / 1000
  expect(seconds).toBeGreaterThan(28)
  expect(seconds).toBeLessThan(45)
  process.kill('SIGCONT')
  for (const host of hosts) {
    expect(await host.read('append', { text: ' After.' })).toBe('* Added to your draft. Go on, or push to send it.')
    expect(await host.read('preview')).toBe('* Your draft so far:\n    Before. After.')
  }
})
