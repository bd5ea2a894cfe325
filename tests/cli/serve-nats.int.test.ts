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
    [['--memory', '--replicas', '3'], 2, /^midsentence: --replicas is for rooms in NATS: /],
  ]
  for (const [args, code, sentence] of cases) {
    const ended = await serve(...args)
    expect([args, ended.code, ended.stderr]).toEqual([args, code, expect.stringMatching(sentence)])
    expect(ended.ms).toBeLessThan(15_000)
  }
})
