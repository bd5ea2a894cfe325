// A signed token (JWT) says who joins, until when, and which rooms. This example creates the keys; in production your
// service signs, and the server needs only the public key (`createRemoteJWKSet` of jose fetches it).
import assert from 'node:assert/strict'
import { connect } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { errors, generateKeyPair, jwtVerify, SignJWT } from 'jose'

const { publicKey, privateKey } = await generateKeyPair('EdDSA')
const sign = (name, rooms, ends = '1h') =>
  new SignJWT({ rooms })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer('https://accounts.example')
    .setAudience('midsentence')
    .setSubject(name)
    .setExpirationTime(ends)
    .sign(privateKey)

const server = await startServer({
  port: 0,
  async authenticate({ room, credential = '' }) {
    try {
      const { payload } = await jwtVerify(credential, publicKey, {
        issuer: 'https://accounts.example',
        audience: 'midsentence',
        algorithms: ['EdDSA'],
        requiredClaims: ['sub', 'exp'],
      })
      if (!payload.rooms?.includes(room)) return { allowed: false, reason: 'your token is for other rooms' }
      // The name comes from the token. The session and its streams end with the token.
      return { allowed: true, username: payload.sub, until: payload.exp * 1000 }
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error
      return { allowed: false, reason: 'your token is invalid or has expired' }
    }
  },
})

const join = (username, credential, room = 'lobby') => connect(server.url, { username, room, credential })
const token = await sign('Ada', ['lobby'])
const ada = await join('any name', token)
assert.equal(ada.name, 'Ada')

await assert.rejects(join('Eve'), /your token is invalid/)
await assert.rejects(join('Eve', `${token.slice(0, -4)}AAAA`), /your token is invalid/)
await assert.rejects(join('Ada', await sign('Ada', ['lobby'], '-1s')), /has expired/)
await assert.rejects(join('Ada', token, 'cellar'), /your token is for other rooms/)

const ben = await join('Ben', await sign('Ben', ['lobby'], '2s'))
const ended = new Promise(resolve => ben.state$.subscribe(({ link }) => link.state === 'lost' && resolve(link.reason)))
console.log(`Ben’s session ended with his token: ${await ended}`)

await ada.close()
await ben.close()
await server.close()
