import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { natsCertificates } from '@midsentence/testing/nats/nats-certificates'
import { natsOperator, natsUserKey } from '@midsentence/testing/nats/nats-logins'
import { skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'

test.skipIf(skipsNats)(
  'serve --nats logs in with each kind of credentials, and ends with a sentence with wrong ones',
  async () => {
    const folder = freshFolder(onTestFinished)
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const start = async (settings: string): Promise<string> => {
      const nats = await startNats({ settings })
      onTestFinished(() => nats.close())
      return nats.urls[0]!
    }
    const [right, wrong] = [file('right', 'right\n'), file('wrong', 'wrong\n')]
    const [known, unknown] = [natsUserKey(), natsUserKey()]
    const operator = natsOperator()
    const { ca, otherCa, server, client } = natsCertificates(folder)
    const files = `cert_file: "${server.certificate}", key_file: "${server.key}", ca_file: "${ca}", verify: true`
    const certificate = ['--nats-certificate', client.certificate, '--nats-key', client.key]
    const refused = /^midsentence: NATS refuses the login at [^\n]+\n$/
    /** Settings of NATS, flags that are right, flags that are wrong, and what is said then. */
    const cases: readonly (readonly [string, readonly string[], readonly string[], RegExp])[] = [
      [
        'authorization: { users: [ { user: ada, password: right } ] }',
        ['--nats-user', 'ada', '--nats-password-file', right],
        ['--nats-user', 'ada', '--nats-password-file', wrong],
        refused,
      ],
      ['authorization: { token: right }', ['--nats-token-file', right], ['--nats-token-file', wrong], refused],
      [
        `authorization: { users: [ { nkey: ${known.publicKey} } ] }`,
        ['--nats-nkey-file', file('known', known.seed)],
        ['--nats-nkey-file', file('unknown', unknown.seed)],
        refused,
      ],
      [
        operator.settings,
        ['--nats-credentials', file('user.creds', operator.credentials)],
        ['--nats-credentials', file('forged.creds', operator.forged)],
        refused,
      ],
      [
        `tls: { ${files} }`,
        ['--nats-ca', ca, ...certificate],
        ['--nats-ca', otherCa, ...certificate],
        /^midsentence: The certificate of NATS at [^\n]+ is not trusted: [^\n]+\n$/,
      ],
    ]
    for (const [settings, flags, wrongFlags, sentence] of cases) {
      const url = await start(settings)
      const running = await serving('--nats', url, ...flags)
      const answer = await fetch(`${running.url}/rpc`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"jsonrpc":"2.0","id":1,"method":"join","params":{"username":"Ada"}}',
      })
      expect(await answer.json()).toMatchObject({ result: { room: 'lobby' } })
      running.process.kill('SIGTERM')
      expect(await running.process.ended).toMatchObject({ code: 0 })
      expect((await midsentence('verify', '--nats', url, ...flags).ended).stdout).toContain('in 1 room')
      const began = performance.now()
      expect(await midsentence('serve', '--port', '0', '--nats', url, ...wrongFlags).ended).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(sentence),
      })
      expect(performance.now() - began).toBeLessThan(10_000)
    }
  },
)
