import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence } from '../midsentence.ts'

const serve = async (...args: string[]) => {
  const started = performance.now()
  const { code, stderr } = await midsentence('serve', '--port', '0', ...args).ended
  return { code, stderr, ms: performance.now() - started }
}

test.skipIf(skipsNats)('serve --nats says in one sentence what is wrong with NATS', async () => {
  const folder = freshFolder()
  const nats = await startNats()
  onTestFinished(() => nats.close())
  const [url] = nats.urls as [string]
  const credentials = join(folder, 'user.creds')
  writeFileSync(credentials, 'no credentials')
  const cases: [string[], number, RegExp][] = [
    [
      ['--nats', 'nats://127.0.0.1:1'],
      1,
      /^midsentence: No NATS server answers at nats:\/\/127.0.0.1:1: connection refused\.\n$/,
    ],
    [['--nats', 'nats:///'], 1, /^midsentence: No NATS server answers at [^\n]*\n$/],
    [
      ['--nats', url, '--nats-credentials', credentials],
      1,
      /^midsentence: \S+user.creds is no credentials file of NATS[^\n]*\n$/,
    ],
    [
      ['--nats', url, '--replicas', '3'],
      1,
      /^midsentence: JetStream did not create the stream [^\n]*replicas[^\n]*\n$/,
    ],
    [['--nats', url, '--replicas', '0'], 2, /^midsentence: --replicas takes a number from 1 to 5, not "0"\.\n/],
    [['--nats', url, '--nats-prefix', 'a.b'], 2, /^midsentence: --nats-prefix has only letters, digits, _ and -\.\n/],
    [['--nats', url, '--keep-bytes', '5MB'], 2, /^midsentence: --nats has no --keep-bytes: /],
    [['--nats', url, '--legacy-dialect-without-authentication'], 2, /^midsentence: --nats does not serve clients /],
    [['--nats', ''], 2, /^midsentence: --nats needs a value\.\n/],
    [['--nats', 'http://127.0.0.1:1'], 2, /^midsentence: --nats names NATS servers, as nats:\S+, not "http:\S+"\.\n/],
    [['--nats', 'nats://a:1;nats://b:1'], 2, /^midsentence: --nats names NATS servers, /],
    [['--nats', 'nats://me:secret@127.0.0.1:1'], 2, /^(?!.*secret)midsentence: --nats takes no login in a URL: /],
    [['--nats', url, '--nats-password-file', credentials], 2, /^midsentence: --nats-password-file needs the name /],
    [['--nats', url, '--nats-certificate', credentials], 2, /^midsentence: --nats-certificate and --nats-key are /],
    ...[['replicas', '3'], ['nats-prefix', 'other'], ['nats-user', 'me'], ['server-name', 's1'], ['nats-flushed']].map(
      ([name, ...value]): [string[], number, RegExp] => [
        ['--memory', `--${name}`, ...value],
        2,
        new RegExp(`^midsentence: --${name} is for rooms in NATS: `),
      ],
    ),
  ]
  for (const [args, code, sentence] of cases) {
    const ended = await serve(...args)
    expect([args, ended.code, ended.stderr]).toEqual([args, code, expect.stringMatching(sentence)])
    expect(ended.ms).toBeLessThan(15_000)
  }
  const verified = await midsentence('verify', '--nats-prefix', 'other').ended
  expect(verified).toMatchObject({ code: 2, stderr: expect.stringContaining('--nats-prefix is for rooms in NATS: ') })
})

test.skipIf(skipsNats)(
  'serve --nats says whether its prefix is new, and that there are too few servers for replicas',
  async () => {
    const nats = await startNats()
    onTestFinished(() => nats.close())
    const args = ['serve', '--port', '0', '--nats', nats.urls.join(), '--nats-prefix', 'first']
    const greeting = async () => {
      const server = midsentence(...args)
      await server.says(/Join the room/)
      server.kill('SIGTERM')
      return (await server.ended).stdout
    }
    const created = 'NATS had no rooms under the prefix first: streams for them were created.'
    expect(await greeting()).toContain(created)
    expect(await greeting()).not.toContain('NATS had no rooms')
    expect((await midsentence(...args, '--replicas', '3').ended).stderr).toMatch(
      /^midsentence: JetStream did not replicate the stream first-logs-0: NATS is no cluster\. 3 replicas need as many NATS servers [^\n]+\n$/,
    )
  },
)
