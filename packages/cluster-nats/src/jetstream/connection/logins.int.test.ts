import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { natsCertificates } from '@midsentence/testing/nats/nats-certificates'
import { natsOperator, natsUserKey } from '@midsentence/testing/nats/nats-logins'
import { skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { expect, onTestFinished, test } from 'vitest'
import { natsCluster } from '../nats-cluster.ts'
import type { NatsAddress } from './connect.ts'

async function serversWith(settings: string): Promise<readonly string[]> {
  const nats = await startNats({ settings })
  onTestFinished(() => nats.close())
  return nats.urls
}

/** Opens a cluster, and closes it. Resolves with "open", or with the sentence of the error. */
const outcomeOf = (address: NatsAddress): Promise<string> =>
  natsCluster({ ...address, partitions: 1 }).then(
    async cluster => {
      await cluster.close()
      return 'open'
    },
    (error: Error) => error.message,
  )

const refused = /^NATS refuses the login at nats:\S+: Authorization Violation\.$/

test.skipIf(skipsNats)('a user with a password, or a token, is let in by NATS; others learn why not', async () => {
  const few = 'permissions: { publish: ["midsentence.>"], subscribe: ["_INBOX.>"] }'
  const users = `{ user: ada, password: right }, { user: ben, password: right, ${few} }`
  const servers = await serversWith(`authorization: { users: [ ${users} ] }`)
  expect(await outcomeOf({ servers, user: 'ada', password: 'right' })).toBe('open')
  expect(await outcomeOf({ servers, user: 'ada', password: 'wrong' })).toMatch(refused)
  expect(await outcomeOf({ servers })).toMatch(refused)
  expect(await outcomeOf({ servers, user: 'ben', password: 'right' })).toBe(
    'NATS gives this user too few rights: Permissions Violation for Publish to "$JS.API.INFO".',
  )
  const secured = await serversWith('authorization: { token: right }')
  expect(await outcomeOf({ servers: secured, token: 'right' })).toBe('open')
  expect(await outcomeOf({ servers: secured, token: 'wrong' })).toMatch(refused)
})

test.skipIf(skipsNats)('an nkey proves a user, and so does a credentials file of an operator', async () => {
  const [known, unknown] = [natsUserKey(), natsUserKey()]
  const servers = await serversWith(`authorization: { users: [ { nkey: ${known.publicKey} } ] }`)
  expect(await outcomeOf({ servers, nkey: known.seed })).toBe('open')
  expect(await outcomeOf({ servers, nkey: unknown.seed })).toMatch(refused)
  expect(await outcomeOf({ servers, nkey: 'SUABC' })).toBe('The nkey for NATS is no seed.')

  const folder = freshFolder(onTestFinished)
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const { settings, credentials, forged } = natsOperator()
  const operated = await serversWith(settings)
  expect(await outcomeOf({ servers: operated, credentials: file('user', credentials) })).toBe('open')
  expect(await outcomeOf({ servers: operated, credentials: file('forged', forged) })).toMatch(refused)
  const half = file('half', credentials.slice(0, credentials.length / 2))
  expect(await outcomeOf({ servers: operated, credentials: half })).toBe(
    `${half} is no credentials file of NATS, which has a JWT and a seed.`,
  )
  expect(await outcomeOf({ servers: operated, credentials: join(folder, 'none') })).toMatch(
    /^The credentials file of NATS cannot be read: ENOENT: [^\n]+\.$/,
  )
})

const lacksTls = skipsNats || (!process.env.CI && spawnSync('openssl', ['version']).status !== 0)

test.skipIf(lacksTls)('TLS proves a NATS server by its address or name, and a client by its certificate', async () => {
  const { ca, otherCa, server, client, stranger } = natsCertificates(freshFolder(onTestFinished))
  const files = `cert_file: "${server.certificate}", key_file: "${server.key}"`
  const servers = await serversWith(`tls: { ${files} }`)
  const secure = servers.map(url => url.replace('nats:', 'tls:'))
  expect(await outcomeOf({ servers, tls: { ca } })).toBe('open')
  expect(await outcomeOf({ servers: secure, tls: { ca } })).toBe('open')
  const untrusted = /^The certificate of NATS at .+ is not trusted: .+ Name the authority that signed it, as --nats-ca /
  expect(await outcomeOf({ servers, tls: { ca: otherCa } })).toMatch(untrusted)
  expect(await outcomeOf({ servers: secure })).toMatch(untrusted)
  expect(await outcomeOf({ servers })).toMatch(untrusted)
  // The certificate has the address of this server, and no name.
  const named = servers.map(url => url.replace('127.0.0.1', 'localhost'))
  expect(await outcomeOf({ servers: named, tls: { ca } })).toMatch(untrusted)
  expect(await outcomeOf({ servers: [...named, 'nats://127.0.0.2:1'], tls: { ca } })).not.toBe('open')
  expect(await outcomeOf({ servers, tls: { ca: `${ca}.none` } })).toMatch(/^A file for TLS with NATS cannot be read: /)

  const known = await serversWith(`tls: { ${files}, ca_file: "${ca}", verify: true }`)
  expect(await outcomeOf({ servers: known, tls: { ca, ...client } })).toBe('open')
  expect(await outcomeOf({ servers: known, tls: { ca, ...client, key: stranger.key } })).toMatch(
    /^NATS at \S+ refuses the TLS connection: .*key values mismatch\.$/,
  )
  const certificateNeeded = /: timeout\. If it takes only clients whose certificate it trusts, give one, /
  const strange = [{ ca }, { ca, ...stranger }].map(tls => outcomeOf({ servers: known, tls }))
  for (const outcome of await Promise.all(strange)) expect(outcome).toMatch(certificateNeeded)

  const plain = await serversWith('')
  expect(await outcomeOf({ servers: plain, tls: { ca } })).toMatch(/server does not support 'tls'\.$/)
})
