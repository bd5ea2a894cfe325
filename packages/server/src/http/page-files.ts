import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { MidsentenceError } from '@midsentence/core'

/** One file of the built page, in memory. */
export interface PageFile {
  readonly type: string
  /** The name contains a hash of the content, so that it may be cached for good. */
  readonly hashed: boolean
  readonly etag: string
  readonly body: Buffer
  /** Compressed forms, by the name of their `Content-Encoding`. */
  readonly encoded: ReadonlyMap<'br' | 'gzip', Buffer>
}

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/** In index.html, and what it becomes on a server that requires a credential. The page then asks for it. */
const [noCredential, credential] = ['name="credential" content=""', 'name="credential" content="required"']

/**
 * Reads the built page in `folder`: `index.html` and what it loads, with `.br` and `.gz` files beside them. Returns the files by
 * URL path. No request reads the disk, so no path can leave the folder. Rejects with `unavailable` without an `index.html`.
 */
export async function readPageFiles(
  folder: string,
  requiresCredential: boolean,
): Promise<ReadonlyMap<string, PageFile>> {
  const names = await readdir(folder, { recursive: true }).catch((): string[] => [])
  const files = new Map<string, PageFile>()
  await Promise.all(
    names.map(async name => {
      const type = types[/\.(\w+)$/.exec(name)?.[1] ?? '']
      if (type === undefined) return
      const path = `/${name.split(sep).join('/')}`
      const read = (suffix: string) =>
        names.includes(name + suffix) ? readFile(join(folder, name + suffix)) : undefined
      const [content, br, gzip] = await Promise.all([readFile(join(folder, name)), read('.br'), read('.gz')])
      const isIndex = path === '/index.html'
      const body =
        isIndex && requiresCredential ? Buffer.from(content.toString().replace(noCredential, credential)) : content
      const encoded = new Map<'br' | 'gzip', Buffer>()
      if (br && !isIndex) encoded.set('br', br)
      if (isIndex) encoded.set('gzip', gzipSync(body))
      else if (gzip) encoded.set('gzip', gzip)
      const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
      files.set(isIndex ? '/' : path, { type, hashed: path.startsWith('/assets/'), etag, body, encoded })
    }),
  )
  if (files.has('/')) return files
  throw new MidsentenceError('unavailable', `There is no page in ${folder}: build it with npm run build.`)
}
