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
  // Some proxies add the port.
  ['127.0.0.1', '198.51.100.7:4711', ['127.0.0.1'], '198.51.100.7'],
  ['127.0.0.1', '[2001:db8::1]:4711', ['127.0.0.1'], '2001:db8::1'],
  ['127.0.0.1', '2001:db8::1', ['127.0.0.1'], '2001:db8::1'],
  ['127.0.0.1', undefined, ['127.0.0.1'], '127.0.0.1'],
  ['127.0.0.1', ' , ', ['127.0.0.1'], '127.0.0.1'],
  ['127.0.0.1', '::ffff:c633:6407', ['127.0.0.1'], '198.51.100.7'],
  ['127.0.0.1', '::FFFF:198.51.100.7', ['127.0.0.1'], '198.51.100.7'],
  ['127.0.0.1', '[::ffff:c633:6407]:80', ['127.0.0.1'], '198.51.100.7'],
  ['127.0.0.1', '2001:DB8:0:0:0:0:0:1%eth0', ['127.0.0.1'], '2001:db8::1'],
  ['127.0.0.1', 'fe80::1%25en0', ['127.0.0.1'], 'fe80::1'],
  ['::ffff:7f00:1', '198.51.100.7', ['127.0.0.1'], '198.51.100.7'],
  // What is no address is the work of a client: the nearest known address counts, and a client cannot make up many.
  ['127.0.0.1', 'unknown', ['127.0.0.1'], '127.0.0.1'],
  ['127.0.0.1', '203.0.113.9, 0x7f.1, 10.0.0.2', ['127.0.0.1', '10.0.0.2'], '10.0.0.2'],
  ['127.0.0.1', '198.51.100.7.evil', ['127.0.0.1'], '127.0.0.1'],
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
  ['2001:db8::9', '2001:db8::/64'],
  ['::1', '::/64'],
  ['no address: at all', 'no address: at all'],
])('%s counts as %s', (address, counted) => expect(networkOf(address)).toBe(counted))
