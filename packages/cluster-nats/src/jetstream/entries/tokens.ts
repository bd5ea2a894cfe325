import { createHash } from 'node:crypto'

/** Encodes a name of any characters as one token of a NATS subject. No two names have the same token. */
export function encodeToken(name: string): string {
  if (name === '') return '='
  let token = ''
  for (let at = 0; at < name.length; at++) {
    const character = name[at]!
    token += /[\w-]/.test(character) ? character : `=${name.charCodeAt(at).toString(16).padStart(4, '0')}`
  }
  return token
}

/** Returns the name of a token. */
export const decodeToken = (token: string): string =>
  token === '='
    ? ''
    : token.replace(/=([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

/** Returns the partition of a room: the same on every server. */
export const partitionOf = (room: string, partitions: number): number =>
  createHash('sha256').update(encodeToken(room)).digest().readUInt32BE(0) % partitions

/** Returns the room of a subject: its last token. */
export const roomIn = (subject: string): string => decodeToken(subject.slice(subject.lastIndexOf('.') + 1))
