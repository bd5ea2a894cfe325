import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { clientAddress, networkOf } from './client-address.ts'

const from = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage

test.each([
  ['192.0.2.1', undefined, [], '192.0.2.1'],
  ['::ffff:192.0.2.1', undefined, [], '192.0.2.1'],
  // The header of an untrusted client is ignored.
  ['192.0.2.1', '198.51.100.7', [], '192.0.2.1'],
  ['127.0.0.1', '198.51.100.7', ['127.0.0.1'], '198.51.100.7'],
  ['127.0.0.1', '203.0.113.9, 198.51.100.7', ['127.0.0.1'], '198.51.100.7'],
  ['127.0.0.1', '203.0.113.9, 198.51.100.7, 10.0.0.2', ['127.0.0.1', '10.0.0.2'], '198.51.100.7'],
  ['127.0.0.1', undefined, ['127.0.0.1'], '127.0.0.1'],
  ['127.0.0.1', ' , ', ['127.0.0.1'], '127.0.0.1'],
])(
  'peer %s with X-Forwarded-For %j and trusted proxies %j has the address %s',
  (remote, forwarded, proxies, address) => {
    expect(clientAddress(from(remote, forwarded), proxies)).toBe(address)
  },
)

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s counts as %s', (address, counted) => expect(networkOf(address)).toBe(counted))
