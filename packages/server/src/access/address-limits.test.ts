import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import { expect, test } from 'vitest'
import { AddressLimits, defaultAddressRate } from './address-limits.ts'

/** Creates the part of a socket that `limitConnections` uses. */
function connection(remoteAddress: string) {
  const socket = new EventEmitter() as EventEmitter & { remoteAddress: string; destroyed: boolean; destroy(): void }
  return Object.assign(socket, {
    remoteAddress,
    destroyed: false,
    destroy() {
      socket.destroyed = true
    },
  })
}

test('connections above the limit of their address are destroyed, except from proxies and loopback', () => {
  const server = new EventEmitter()
  const refused: string[] = []
  const limits = new AddressLimits({ ...defaultAddressRate, connections: 2 })
  limits.limitConnections(server as Server, ['10.0.0.1'], address => void refused.push(address))
  const open = (address: string) => {
    const socket = connection(address)
    server.emit('connection', socket)
    return socket
  }
  const [first, , third] = ['192.0.2.1', '::ffff:192.0.2.1', '192.0.2.1'].map(open)
  expect([first!.destroyed, third!.destroyed, refused]).toEqual([false, true, ['192.0.2.1']])
  first!.emit('close')
  expect(open('192.0.2.1').destroyed).toBe(false)
  for (const address of ['10.0.0.1', '127.0.0.1', '::1']) {
    const sockets = Array.from({ length: 5 }, () => open(address))
    expect(sockets.filter(({ destroyed }) => destroyed)).toEqual([])
  }
  const network = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map(open)
  expect(network.map(({ destroyed }) => destroyed)).toEqual([false, false, true])
})

test('after 20 refusals in a second, the answers to an address are held back; loopback is spared', () => {
  const limits = new AddressLimits(defaultAddressRate)
  const holds = (address: string) => Array.from({ length: 30 }, () => limits.refuse(address) > 0)
  expect(holds('192.0.2.1').indexOf(true)).toBe(20)
  expect(holds('192.0.2.2').indexOf(true)).toBe(20)
  expect(holds('127.0.0.1')).not.toContain(true)
})

const codeOf = (guess: Promise<void>) =>
  guess.then(
    () => 'asked',
    error => error.code,
  )

test.each([
  [2, ['asked', 'asked', 'asked', 'rate-limited']],
  [4, ['asked', 'asked', 'asked', 'asked']],
])('with %d addresses counted apart, the wrong guesses of more count together: %j', async (maxNetworks, expected) => {
  const limits = new AddressLimits({ ...defaultAddressRate, guesses: 1 }, maxNetworks)
  for (let last = 0; last < 10; last++) await limits.guess(`198.51.100.${last}`, async () => true)
  const codes: string[] = []
  for (const last of [1, 2, 3, 4]) codes.push(await codeOf(limits.guess(`192.0.2.${last}`, async () => false)))
  expect(codes).toEqual(expected)
})
