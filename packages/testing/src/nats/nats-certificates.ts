import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Paths of a certificate and its key. */
export interface CertificateFiles {
  readonly certificate: string
  readonly key: string
}

/** Files for NATS with TLS. Made by openssl. */
export interface NatsCertificates {
  /** The authority of `server` and `client`. */
  readonly ca: string
  /** An authority that signed `stranger`. */
  readonly otherCa: string
  /** Of a server at 127.0.0.1. */
  readonly server: CertificateFiles
  readonly client: CertificateFiles
  readonly stranger: CertificateFiles
}

/** Creates authorities and certificates in `folder`. */
export function natsCertificates(folder: string): NatsCertificates {
  const path = (name: string) => join(folder, name)
  const openssl = (...args: string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`openssl failed: ${stderr}`)
  }
  const request = (name: string) => ['req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`]
  const authority = (name: string): string => {
    openssl(...request(name), '-x509', '-days', '2', '-keyout', `${name}.key`, '-out', `${name}.pem`)
    return path(`${name}.pem`)
  }
  const signed = (name: string, by: string, extension: string): CertificateFiles => {
    openssl(...request(name), '-keyout', `${name}.key`, '-out', `${name}.csr`)
    writeFileSync(path('extension'), extension)
    const signer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial']
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...signer,
      '-days',
      '2',
      '-extfile',
      'extension',
      '-out',
      `${name}.pem`,
    )
    return { certificate: path(`${name}.pem`), key: path(`${name}.key`) }
  }
  return {
    ca: authority('ca'),
    otherCa: authority('other'),
    server: signed('server', 'ca', 'subjectAltName=IP:127.0.0.1'),
    client: signed('client', 'ca', 'extendedKeyUsage=clientAuth'),
    stranger: signed('stranger', 'other', 'extendedKeyUsage=clientAuth'),
  }
}
