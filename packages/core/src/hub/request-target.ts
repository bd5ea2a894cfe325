/** The target of an HTTP request. A framework that removes a mount path keeps the whole one as `originalUrl`. */
export interface RequestUrl {
  readonly url?: string | undefined
  readonly originalUrl?: string | undefined
}

/**
 * Returns a function that reads path and query of a request below the path `prefix`, such as `/chat`. It returns undefined
 * for other paths, and looks into `originalUrl` if a framework has removed the prefix from `url`. A target may be an
 * absolute URL. Throws `TypeError` if `prefix` is not a path.
 */
export function targetBelow(prefix = ''): (request: RequestUrl) => string | undefined {
  const mount = mountPath(prefix)
  if (mount === '') return ({ url = '' }) => targetOf(url)
  return ({ url = '', originalUrl }) => below(mount, url) ?? (originalUrl && below(mount, originalUrl)) ?? undefined
}

/** Returns a path prefix as requests have it, without a trailing slash; empty for the root. Throws `TypeError`. */
export function mountPath(prefix: string): string {
  if (!/^[^?#\s]*$/.test(prefix))
    throw new TypeError(`${JSON.stringify(prefix)} is no path: give a prefix such as /chat.`)
  return new URL(prefix.replace(/^\/*/, '/'), 'http://localhost').pathname.replace(/\/+$/, '')
}

/** Returns path and query of a request's target. */
const targetOf = (url: string): string => (url.charCodeAt(0) === SLASH ? url : url.replace(/^https?:\/\/[^/?]*/i, ''))

const SLASH = 47

function below(mount: string, url: string): string | undefined {
  const target = targetOf(url)
  if (!target.startsWith(mount)) return undefined
  const rest = target.slice(mount.length)
  if (rest === '' || rest.startsWith('?')) return `/${rest}`
  return rest.startsWith('/') ? rest : undefined
}
