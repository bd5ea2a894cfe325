import { statfsSync } from 'node:fs'
import { MidsentenceError } from '@midsentence/core'

/** Network file systems by the type that Linux reports, from `man 2 statfs`. */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
])

/**
 * Throws `unavailable` if `directory` is on a network file system: LMDB does not support them, and no lock there tells
 * whether a process of another machine writes. Other systems than Linux do not say.
 */
export function refuseNetworkFileSystem(directory: string, typeOf = fileSystemType): void {
  const name = process.platform === 'linux' ? networkFileSystems.get(typeOf(directory)) : undefined
  if (name === undefined) return
  throw new MidsentenceError(
    'unavailable',
    `${directory} is on a network file system (${name}), where another machine could write to it: choose a directory on a disk of this machine.`,
  )
}

const fileSystemType = (directory: string): number => statfsSync(directory).type
