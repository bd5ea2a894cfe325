import { randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { invalid } from '../events/message-event.ts'

/** Checks a signing secret: `whsec_` and the base64 of 24 to 64 bytes. Throws a `ProtocolError`. */
export function readSecret(secret: unknown): string {
  const [, encoded] = typeof secret === 'string' ? (/^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? []) : []
  const bytes = encoded === undefined ? 0 : Buffer.from(encoded, 'base64').length
  if (bytes < 24 || bytes > 64) throw invalid('delivery.secret is whsec_ and the base64 of 24 to 64 random bytes.')
  return secret as string
}

/** Returns the headers of a POST, signed now. With several secrets, as during a change, any of them verifies it. */
export function webhookHeaders(
  subscription: string,
  id: string,
  body: string,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const at = new Date()
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map(secret => new Webhook(secret).sign(id, at, body)).join(' '),
    'x-mcp-subscription-id': subscription,
  }
}

/** Id of a message about the subscription itself. */
export const controlId = (type: string): string => `msg_${type}_${randomUUID()}`
