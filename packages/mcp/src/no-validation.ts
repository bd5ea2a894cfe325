import type { fromJsonSchema } from '@modelcontextprotocol/server'

/**
 * Accepts everything, in place of the SDK's validator, which costs time at the start. The tools and the event methods check what
 * they are given, and answer in sentences.
 */
export const noValidation: NonNullable<Parameters<typeof fromJsonSchema>[1]> = {
  getValidator: () => input => ({ valid: true, data: input as never, errorMessage: undefined }),
}
