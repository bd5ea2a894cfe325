import { nkeys } from '@nats-io/transport-node'

/** A key pair of NATS. */
export interface NatsKey {
  readonly publicKey: string
  /** Text that the private key is made from. */
  readonly seed: string
}

/** What a server needs to know of an operator, an account with JetStream and its users, and the credentials of one of them. */
export interface NatsOperator {
  /** Lines for the settings of a server. */
  readonly settings: string
  /** Text of a credentials file. */
  readonly credentials: string
  /** As `credentials`, signed by an account that no server knows. */
  readonly forged: string
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const keyOf = (pair: ReturnType<typeof nkeys.createUser>): NatsKey => ({
  publicKey: pair.getPublicKey(),
  seed: text(pair.getSeed()),
})

/** Creates the nkey of a user. */
export const natsUserKey = (): NatsKey => keyOf(nkeys.createUser())

/** Creates an operator with an account and a user, as `nsc` does. */
export function natsOperator(): NatsOperator {
  const operator = nkeys.createOperator()
  const [system, account, stranger] = [nkeys.createAccount(), nkeys.createAccount(), nkeys.createAccount()]
  const user = nkeys.createUser()
  const sign = (issuer: typeof operator, subject: typeof operator, name: string, claims: object): string => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const [iss, sub] = [issuer.getPublicKey(), subject.getPublicKey()]
    const body = { jti: name, iat: 1_700_000_000, iss, sub, name, nats: { ...claims, version: 2 } }
    const signed = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(body)}`
    return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`
  }
  const unlimited = { subs: -1, data: -1, payload: -1 }
  const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 }
  const limits = { ...unlimited, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 }
  const operatorJwt = sign(operator, operator, 'operator', { type: 'operator' })
  const listed = (pair: typeof account, name: string, limits: object) =>
    `${pair.getPublicKey()}: ${sign(operator, pair, name, { type: 'account', limits })}`
  const credentialsOf = (issuer: typeof operator) => {
    const jwt = sign(issuer, user, 'user', { type: 'user', pub: {}, sub: {}, ...unlimited })
    return `-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${text(user.getSeed())}
------END USER NKEY SEED------
`
  }
  return {
    settings: `operator: ${operatorJwt}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload: {
  ${listed(system, 'SYS', limits)}
  ${listed(account, 'account', { ...limits, ...storage })}
}`,
    credentials: credentialsOf(account),
    forged: credentialsOf(stranger),
  }
}
