import type { FetchLikeResponse } from 'eventsource'

/** Returns the address that a response redirects to. A browser follows redirects itself, and only says where it arrived. */
export function redirectOf({ status, headers, redirected, url }: FetchLikeResponse): string | null {
  if (status >= 300 && status < 400) return headers.get('location')
  return redirected ? url : null
}
